import type { ShopId } from '../domain/ids.ts';
import type { Order } from '../domain/order.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { OrderNews, Payment } from './apply-orders.ts';
import type { ShopFacts } from './shop.ts';

export type StoredOrder = Pick<Order, 'gid' | 'updatedAt' | 'cancelledAt' | 'financialStatus'> & {
  shopId: ShopId;
  paidAt: Date | null;
  paidToldBy: Payment['toldBy'] | null;
  /** The telling that its row was made from just now; null for a row that was there. */
  madeFrom: Order | null;
};

export const orderKey = (shop: ShopId, gid: string): string => `${shop} ${gid}`;

/** Makes sure each order has a row and locks the rows, always in the same sequence, until the transaction ends. */
export async function lockOrders(
  tx: Transaction,
  incoming: readonly { shop: ShopFacts; order: Order }[],
): Promise<Map<string, StoredOrder>> {
  const first = new Map(incoming.toReversed().map((one) => [orderKey(one.shop.id, one.order.gid), one]));
  const rows = [...first.values()].toSorted(bySequence);
  const made = await insertOrders(tx, rows);
  const locked = await tx.$queryRaw<Omit<StoredOrder, 'madeFrom'>[]>(Prisma.sql`
    SELECT o.shop_id AS "shopId", o.gid, o.shopify_updated_at AS "updatedAt", o.cancelled_at AS "cancelledAt",
      o.financial_status AS "financialStatus", o.paid_at AS "paidAt",
      o.paid_told_by::text AS "paidToldBy"
    FROM orders o
    JOIN unnest(${rows.map((r) => r.shop.id)}::int[], ${rows.map((r) => r.order.gid)}::text[]) AS asked(shop_id, gid)
      ON o.shop_id = asked.shop_id AND o.gid = asked.gid
    ORDER BY o.shop_id, o.gid FOR UPDATE OF o`);
  return new Map(
    locked.map((row) => {
      const key = orderKey(row.shopId, row.gid);
      return [key, { ...row, madeFrom: made.has(key) ? (first.get(key)?.order ?? null) : null }];
    }),
  );
}

/** Makes the rows that are not there yet; returns the keys of those that it made. */
async function insertOrders(
  tx: Transaction,
  rows: readonly { shop: ShopFacts; order: Order }[],
): Promise<Set<string>> {
  const column = <T>(read: (order: Order) => T): T[] => rows.map(({ order }) => read(order));
  const made = await tx.$queryRaw<{ shopId: ShopId; gid: string }[]>(Prisma.sql`
    INSERT INTO orders (shop_id, gid, name, source_name, financial_status, test, currency, total,
      presentment_currency, presentment_total, placed_at, cancelled_at, shopify_updated_at)
    SELECT * FROM unnest(${rows.map(({ shop }) => shop.id)}::int[], ${column((o) => o.gid)}::text[],
      ${column((o) => o.name)}::text[], ${column((o) => o.sourceName)}::text[],
      ${column((o) => o.financialStatus)}::text[], ${column((o) => o.test)}::boolean[],
      ${column((o) => o.total.currency)}::text[], ${column((o) => o.total.amount)}::numeric[],
      ${column((o) => o.presentmentTotal.currency)}::text[], ${column((o) => o.presentmentTotal.amount)}::numeric[],
      ${column((o) => o.placedAt)}::timestamptz[], ${column((o) => o.cancelledAt)}::timestamptz[],
      ${column((o) => o.updatedAt)}::timestamptz[])
    ON CONFLICT (shop_id, gid) DO NOTHING
    RETURNING shop_id AS "shopId", gid`);
  return new Set(made.map(({ shopId, gid }) => orderKey(shopId, gid)));
}

/** Writes what the newest tellings say. */
export async function saveNewest(tx: Transaction, news: readonly OrderNews[]): Promise<void> {
  const newer = news.flatMap(({ shop, newest }) => (newest ? [{ shop, order: newest }] : []));
  if (newer.length === 0) return;
  const column = <T>(read: (order: Order) => T): T[] => newer.map(({ order }) => read(order));
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET name = n.name, financial_status = n.status, total = n.total, currency = n.currency,
      presentment_total = n.presentment_total, presentment_currency = n.presentment_currency,
      cancelled_at = n.cancelled_at, shopify_updated_at = n.updated_at
    FROM unnest(${newer.map(({ shop }) => shop.id)}::int[], ${column((o) => o.gid)}::text[],
      ${column((o) => o.name)}::text[], ${column((o) => o.financialStatus)}::text[],
      ${column((o) => o.total.amount)}::numeric[], ${column((o) => o.total.currency)}::text[],
      ${column((o) => o.presentmentTotal.amount)}::numeric[], ${column((o) => o.presentmentTotal.currency)}::text[],
      ${column((o) => o.cancelledAt)}::timestamptz[], ${column((o) => o.updatedAt)}::timestamptz[])
      AS n(shop_id, gid, name, status, total, currency, presentment_total, presentment_currency, cancelled_at, updated_at)
    WHERE o.shop_id = n.shop_id AND o.gid = n.gid`);
}

/** Writes the payments that count, of orders whose decision stays. */
export async function savePayments(
  tx: Transaction,
  paid: readonly (Payment & { shop: ShopFacts; order: Order })[],
): Promise<void> {
  if (paid.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET paid_at = p.paid_at, paid_total = p.paid_total, paid_told_by = p.told_by::payment_source
    FROM unnest(${paid.map((p) => p.shop.id)}::int[], ${paid.map((p) => p.order.gid)}::text[],
      ${paid.map((p) => p.paidAt)}::timestamptz[], ${paid.map((p) => p.order.total.amount)}::numeric[],
      ${paid.map((p) => p.toldBy)}::text[])
      AS p(shop_id, gid, paid_at, paid_total, told_by)
    WHERE o.shop_id = p.shop_id AND o.gid = p.gid`);
}

type Placed = { shop: ShopFacts; order: Order };

function bySequence(a: Placed, b: Placed): number {
  return a.shop.id - b.shop.id || (a.order.gid < b.order.gid ? -1 : a.order.gid > b.order.gid ? 1 : 0);
}
