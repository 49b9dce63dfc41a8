import { z } from 'zod';
import { parseJson } from '../domain/json.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { eraseCustomer, eraseShop } from './forget.ts';
import { workInbox, type Delivery, type Settled } from './inbox.ts';
import { ensureShops, type ShopFacts } from './shop.ts';

const shopUpdateSchema = z.object({
  name: z.string(),
  currency: z.string(),
  country_code: z.string().nullish(),
  iana_timezone: z.string().nullish(),
});
const scopesSchema = z.object({ current: z.array(z.string()) });
// Ids in compliance bodies are plain numbers (https://shopify.dev/docs/apps/build/privacy-law-compliance).
const id = z.union([z.number(), z.bigint(), z.string()]).transform(String);
const redactSchema = z.object({
  customer: z.object({ id: id.nullish(), phone: z.string().nullish() }).nullish(),
  orders_to_redact: z.array(id).nullish(),
});

/** Works what Shopify says about the shop itself: installation, scopes, its data, and requests to forget. */
export function lifecycleBatch(pipeline: Pipeline): Promise<number> {
  const topics = Prisma.sql`topic !~ '^(orders|refunds|carts|checkouts|fulfillments)/'`;
  return workInbox(pipeline, { source: 'shopify', topics, limit: 50 }, async (tx, deliveries) => {
    const shops = await ensureShops(
      tx,
      deliveries.map((delivery) => delivery.account),
    );
    // All at once, and not by each request in turn: that would take them in the sequence of the requests.
    await holdContacts(tx, shopsToForgetIn(deliveries, shops), 'alone');
    const settled: Settled[] = [];
    for (const delivery of deliveries) {
      const shop = shops.get(delivery.account);
      const reason = shop ? await apply(pipeline, tx, shop, delivery) : 'unknown shop';
      settled.push(
        reason === null
          ? { id: delivery.id, state: 'done', reason }
          : { id: delivery.id, state: 'flagged', reason },
      );
    }
    return settled;
  });
}

function shopsToForgetIn(
  deliveries: readonly Delivery[],
  shops: ReadonlyMap<string, ShopFacts>,
): ShopFacts['id'][] {
  return deliveries
    .filter(({ topic }) => topic === 'customers/redact' || topic === 'shop/redact')
    .flatMap(({ account }) => shops.get(account)?.id ?? []);
}

/** Null when all is done, else why the delivery is kept for a person. */
async function apply(
  pipeline: Pipeline,
  tx: Transaction,
  shop: ShopFacts,
  delivery: Delivery,
): Promise<string | null> {
  const parsed = parseJson(delivery.text);
  const body = parsed.kind === 'value' ? parsed.value : null;
  switch (delivery.topic) {
    case 'app/uninstalled':
      return uninstall(tx, shop, delivery);
    case 'shop/redact':
      return redactShop(tx, shop, delivery);
    case 'customers/redact': {
      const request = redactSchema.safeParse(body);
      if (!request.success) return 'a customers/redact body of an unknown shape';
      await eraseCustomer(pipeline, tx, shop, {
        id: request.data.customer?.id ?? null,
        phone: request.data.customer?.phone ?? null,
        orderIds: request.data.orders_to_redact ?? [],
      });
      return null;
    }
    case 'customers/data_request':
      return 'a customer asked for their data: answer the merchant within 30 days';
    case 'shop/update': {
      const facts = shopUpdateSchema.safeParse(body);
      if (!facts.success) return 'a shop/update body of an unknown shape';
      const { name, currency, country_code, iana_timezone } = facts.data;
      await tx.shop.update({
        where: { id: shop.id },
        data: { name, currency, country: country_code ?? null, timezone: iana_timezone ?? null },
      });
      return null;
    }
    case 'app/scopes_update': {
      const scopes = scopesSchema.safeParse(body);
      if (!scopes.success) return 'an app/scopes_update body of an unknown shape';
      await tx.session.updateMany({
        where: { shop: shop.domain },
        data: { scope: scopes.data.current.join(',') },
      });
      return null;
    }
    default:
      return `the topic ${delivery.topic} is not one that Tieback knows`;
  }
}

/** Shopify has revoked the tokens already, so nothing may be asked of it any more; they are deleted at once. */
async function uninstall(tx: Transaction, shop: ShopFacts, delivery: Delivery): Promise<null> {
  const at = delivery.triggeredAt ?? delivery.receivedAt;
  // The event may come late, after a reinstall: a token from after the uninstall proves one.
  const newer = await tx.session.findFirst({
    where: { shop: shop.domain, updatedAt: { gt: at } },
    orderBy: { updatedAt: 'asc' },
  });
  const { count } = await tx.shop.updateMany({
    where: { id: shop.id, installedAt: { lte: at } },
    data: newer === null ? { uninstalledAt: at } : { installedAt: newer.updatedAt, uninstalledAt: null },
  });
  if (count > 0 && newer === null) await tx.session.deleteMany({ where: { shop: shop.domain } });
  return null;
}

// Shopify sends it 48 hours after the uninstall (https://shopify.dev/docs/apps/build/privacy-law-compliance), and
// may be late: a reinstall is looked for from the uninstall on.
const REDACT_AFTER_MS = 72 * 60 * 60_000;

/** A shop that was installed again since the uninstall keeps its data. */
async function redactShop(tx: Transaction, shop: ShopFacts, delivery: Delivery): Promise<null> {
  const at = delivery.triggeredAt ?? delivery.receivedAt;
  const uninstalled = new Date(at.getTime() - REDACT_AFTER_MS);
  const reinstalled = await tx.shop.count({
    where: { id: shop.id, uninstalledAt: null, installedAt: { gt: uninstalled } },
  });
  if (reinstalled === 0) await eraseShop(tx, shop, delivery.id);
  return null;
}
