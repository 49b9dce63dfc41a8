import { draftOfItems, mayHoldReference, readCart, readCheckout, type Cart } from '../domain/checkout.ts';
import type { ChatLinkKind } from '../domain/chat-link.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { tellSignals, type ChatSignal } from './chat-signal.ts';
import { saveCheckouts, tellsOfCheckouts, type ToldCheckout } from './checkouts.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { workInbox, type Delivery, type Settled } from './inbox.ts';
import { openingBatch } from './link-openings.ts';
import { ensureShops, type ShopFacts } from './shop.ts';

type ToldCart = { shop: ShopFacts; cart: Cart; at: Date };
type Reading =
  | { kind: 'cart'; told: ToldCart }
  | { kind: 'checkout'; told: ToldCheckout }
  | { kind: 'unreadable'; problem: string };

const BATCH = 500;

/** Works what people do in the shop before they order: chat links opened, carts and checkouts. */
export async function browsingBatch(pipeline: Pipeline): Promise<number> {
  const topics = Prisma.sql`topic ~ '^(carts|checkouts)/'`;
  const taken = await workInbox(pipeline, { source: 'shopify', topics, limit: BATCH }, (tx, deliveries) =>
    browse(pipeline, tx, deliveries),
  );
  return taken + (await openingBatch(pipeline));
}

async function browse(pipeline: Pipeline, tx: Transaction, deliveries: Delivery[]): Promise<Settled[]> {
  const shops = await ensureShops(
    tx,
    deliveries.map(({ account }) => account),
  );
  const read = deliveries.map((delivery) => ({ id: delivery.id, reading: readDelivery(delivery, shops) }));
  const readings = read.flatMap(({ reading }) => reading ?? []);
  const carts = readings.flatMap((one) => (one.kind === 'cart' ? [one.told] : []));
  const checkouts = readings.flatMap((one) => (one.kind === 'checkout' ? [one.told] : []));
  if (carts.length > 0 || checkouts.length > 0) {
    await holdContacts(
      tx,
      [...carts, ...checkouts].map(({ shop }) => shop.id),
      'shared',
    );
    await tellSignals(pipeline, tx, await cartSignals(pipeline, tx, carts));
    await saveCheckouts(pipeline, tx, checkouts);
  }
  return read.map(({ id, reading }) =>
    reading?.kind === 'unreadable'
      ? { id, state: 'flagged', reason: reading.problem }
      : { id, state: 'done', reason: null },
  );
}

/** Null for what no event of the shop is made from: it is not even read. */
function readDelivery(delivery: Delivery, shops: ReadonlyMap<string, ShopFacts>): Reading | null {
  const { account, topic, text } = delivery;
  const shop = shops.get(account);
  if (shop === undefined) return null;
  if (topic.startsWith('carts/')) {
    if (!shop.settings.reportAddToCart || !mayHoldReference(text)) return null;
    const reading = readCart(text);
    if (reading.kind === 'unreadable') return reading;
    const at = delivery.triggeredAt ?? delivery.receivedAt;
    return { kind: 'cart', told: { shop, cart: reading.cart, at } };
  }
  if (!tellsOfCheckouts(shop)) return null;
  const reading = readCheckout(text);
  return reading.kind === 'unreadable'
    ? reading
    : { kind: 'checkout', told: { shop, checkout: reading.checkout } };
}

/** Carts that a chat link led to. A cart permalink told of its cart when it was opened. */
async function cartSignals(
  { index }: Pick<Pipeline, 'index'>,
  tx: Transaction,
  carts: readonly ToldCart[],
): Promise<ChatSignal[]> {
  const filled = carts.flatMap(({ shop, cart, at }) =>
    cart.items.length === 0
      ? []
      : cart.references.map(({ token }) => ({ shop, cart, at, hash: index(shop.id, 'reference', token) })),
  );
  if (filled.length === 0) return [];
  const links = await tx.$queryRaw<{ nth: number; contactId: ContactId; kind: ChatLinkKind }[]>(Prisma.sql`
    SELECT n.nth::int AS nth, l.contact_id AS "contactId", l.kind::text AS kind
    FROM unnest(${filled.map(({ shop }) => shop.id as ShopId)}::int[], ${filled.map(({ hash }) => hash)}::bytea[])
      WITH ORDINALITY AS n(shop_id, hash, nth)
    JOIN chat_links l ON l.shop_id = n.shop_id AND l.token_hash = n.hash`);
  return links.flatMap(({ nth, contactId, kind }): ChatSignal[] => {
    const found = filled[nth - 1];
    if (found === undefined || kind === 'cart') return [];
    const { shop, cart, at } = found;
    const subject = `cart:${index(shop.id, 'cart', cart.token).toString('hex')}`;
    const draft = draftOfItems(cart.items, shop.settings);
    return [
      {
        ...{ shop, contactId, eventName: 'AddToCart', source: 'cart', subject, at, draft, value: null },
        eventId: `tieback:${subject}:AddToCart`,
      },
    ];
  });
}
