import type { ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { orderKey } from './orders.ts';
import type { ShopFacts } from './shop.ts';

/** What Shopify said of a customer; `answeredAt` is null while it is being asked, perhaps again. */
export type SaleAnswer = { saleOptOut: boolean | null; answeredAt: Date | null };
/** An event that waits for Shopify's word of its customer. */
export type Ask = { shopId: ShopId; customerGid: string };

/** How long an event waits for Shopify's word; after that it goes, since Meta's time for it runs. */
export const ANSWER_WAIT_MS = 10 * 60_000;
/** An answer this young is believed without asking again. */
const ANSWER_HOLDS_MS = 24 * 60 * 60_000;

type Customer = { shop: Pick<ShopFacts, 'id'>; customerGid: string | null };

/** What is known of the customers of these orders, by `orderKey` with the customer's gid. */
export async function loadAnswers(
  tx: Transaction,
  orders: readonly Customer[],
): Promise<Map<string, SaleAnswer>> {
  const known = orders.flatMap(({ shop, customerGid }) =>
    customerGid === null ? [] : [{ shopId: shop.id, customerGid }],
  );
  if (known.length === 0) return new Map();
  const rows = await tx.$queryRaw<(SaleAnswer & Ask)[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.customer_gid AS "customerGid", c.sale_opt_out AS "saleOptOut",
      c.answered_at AS "answeredAt"
    FROM ${asked(known)} JOIN customer_consents c ON c.shop_id = a.shop_id AND c.customer_gid = a.gid`);
  return new Map(rows.map(({ shopId, customerGid, ...answer }) => [orderKey(shopId, customerGid), answer]));
}

/** Whether the customer opted out of the sale of their data, as far as Shopify said; null when it was not asked. */
export function saleOptOut(
  answers: ReadonlyMap<string, SaleAnswer>,
  { shop, customerGid }: Customer,
): boolean | null {
  return customerGid === null ? null : (answers.get(orderKey(shop.id, customerGid))?.saleOptOut ?? null);
}

/**
 * Whether Shopify is to be asked about a buyer first: one from the United States, where laws give the right to opt out of
 * the sale of data, or one who had opted out, unless its answer is of today.
 * https://shopify.dev/docs/api/admin-graphql/latest/objects/Customer#field-Customer.fields.dataSaleOptOut
 */
export function askFirst(
  answers: ReadonlyMap<string, SaleAnswer>,
  { shop, customerGid }: Customer,
  { country, now }: { country: string | null; now: Date },
): Ask[] {
  if (customerGid === null) return [];
  const answer = answers.get(orderKey(shop.id, customerGid));
  if (country?.toUpperCase() !== 'US' && answer?.saleOptOut !== true) return [];
  const age = now.getTime() - (answer?.answeredAt?.getTime() ?? -Infinity);
  return age < ANSWER_HOLDS_MS ? [] : [{ shopId: shop.id, customerGid }];
}

/**
 * Has Shopify asked about these customers. Who is being asked about already is asked about anew, so that an answer that
 * comes in this moment cannot pass by the event that this is for.
 */
export async function saveAsks(tx: Transaction, asks: readonly Ask[], now: Date): Promise<void> {
  if (asks.length === 0) return;
  const distinct = [...new Map(asks.map((ask) => [orderKey(ask.shopId, ask.customerGid), ask])).values()];
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO customer_consents (shop_id, customer_gid, asked_at)
    SELECT a.shop_id, a.gid, ${now} FROM ${asked(distinct)} ORDER BY a.shop_id, a.gid
    ON CONFLICT (shop_id, customer_gid) DO UPDATE SET asked_at = EXCLUDED.asked_at, answered_at = NULL`);
}

function asked(customers: readonly Ask[]): Prisma.Sql {
  return Prisma.sql`unnest(${customers.map((c) => c.shopId)}::int[], ${customers.map((c) => c.customerGid)}::text[]) AS a(shop_id, gid)`;
}
