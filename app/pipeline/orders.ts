import type { ShopId } from '../domain/ids.ts';
import { storedParcels } from '../domain/follow-up.ts';
import type { StaffLink } from '../domain/link.ts';
import type { Order } from '../domain/order.ts';
import { isUnpaid } from '../domain/payment.ts';
import { provenanceOf } from '../domain/provenance.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { OrderNews, Payment } from './apply-orders.ts';
import { IS_DECIDED } from './reconsider-mark.ts';
import type { ShopFacts } from './shop.ts';

export type StoredOrder = Pick<Order, 'gid' | 'updatedAt' | 'cancelledAt' | 'financialStatus'> & {
  shopId: ShopId;
  paidAt: Date | null;
  paidToldBy: Payment['toldBy'] | null;
  /** The earliest telling that showed it unpaid. */
  unpaidAt: Date | null;
  staffLink: StaffLink | null;
  consent: Order['consent'];
  parcels: Order['parcels'];
  returnedAt: Date | null;
  /** The telling that its row was made from just now; null for a row that was there. */
  madeFrom: Order | null;
};

export const orderKey = (shop: ShopId, gid: string): string => `${shop} ${gid}`;

/**
 * Makes sure each order has a row and locks the rows, always in the same sequence, until the transaction ends; with them
 * those `others` that have one.
 */
export async function lockOrders(
  tx: Transaction,
  incoming: readonly { shop: ShopFacts; order: Order }[],
  others: readonly { shop: ShopFacts; gid: string }[] = [],
): Promise<Map<string, StoredOrder>> {
  const first = new Map(incoming.toReversed().map((one) => [orderKey(one.shop.id, one.order.gid), one]));
  const rows = [...first.values()].toSorted(bySequence);
  const made = rows.length === 0 ? new Set<string>() : await insertOrders(tx, rows);
  const keys = [...rows.map(({ shop, order }) => ({ shop, gid: order.gid })), ...others];
  const distinct = [...new Map(keys.map((key) => [orderKey(key.shop.id, key.gid), key])).values()];
  const locked = await tx.$queryRaw<
    (Omit<StoredOrder, 'madeFrom' | 'parcels'> & { parcels: unknown })[]
  >(Prisma.sql`
    SELECT o.shop_id AS "shopId", o.gid, o.shopify_updated_at AS "updatedAt", o.cancelled_at AS "cancelledAt",
      o.financial_status AS "financialStatus", o.paid_at AS "paidAt",
      o.paid_told_by::text AS "paidToldBy", o.unpaid_at AS "unpaidAt", o.staff_link AS "staffLink",
      o.consent::text AS consent, o.parcels, o.returned_at AS "returnedAt"
    FROM orders o
    JOIN unnest(${distinct.map((k) => k.shop.id)}::int[], ${distinct.map((k) => k.gid)}::text[]) AS asked(shop_id, gid)
      ON o.shop_id = asked.shop_id AND o.gid = asked.gid
    ORDER BY o.shop_id, o.gid FOR UPDATE OF o`);
  return new Map(
    locked.map((row) => {
      const key = orderKey(row.shopId, row.gid);
      const madeFrom = made.has(key) ? (first.get(key)?.order ?? null) : null;
      return [key, { ...row, parcels: storedParcels(row.parcels), madeFrom }];
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
      presentment_currency, presentment_total, placed_at, cancelled_at, shopify_updated_at, unpaid_at, customer_gid,
      current_total, outstanding, provenance, consent, country, state, parcels, shipped_at, delivered_at, returned_at)
    SELECT n.shop_id, n.gid, n.name, n.source_name, n.status, n.test, n.currency, n.total, n.presentment_currency,
      n.presentment_total, n.placed_at, n.cancelled_at, n.updated_at, n.unpaid_at, n.customer_gid, n.current_total,
      n.outstanding, n.provenance::provenance, n.consent::order_consent, n.country, n.state,
      n.parcels::jsonb, n.shipped_at, n.delivered_at, n.returned_at
    FROM unnest(${rows.map(({ shop }) => shop.id)}::int[], ${column((o) => o.gid)}::text[],
      ${column((o) => o.name)}::text[], ${column((o) => o.sourceName)}::text[],
      ${column((o) => o.financialStatus)}::text[], ${column((o) => o.test)}::boolean[],
      ${column((o) => o.total.currency)}::text[], ${column((o) => o.total.amount)}::numeric[],
      ${column((o) => o.presentmentTotal.currency)}::text[], ${column((o) => o.presentmentTotal.amount)}::numeric[],
      ${column((o) => o.placedAt)}::timestamptz[], ${column((o) => o.cancelledAt)}::timestamptz[],
      ${column((o) => o.updatedAt)}::timestamptz[], ${column(unpaidSince)}::timestamptz[],
      ${column((o) => o.customerGid)}::text[], ${column((o) => o.currentTotal)}::numeric[],
      ${column((o) => o.outstanding)}::numeric[], ${column(provenance)}::text[], ${column((o) => o.consent)}::text[],
      ${column((o) => o.region.country)}::text[], ${column((o) => o.region.state)}::text[],
      ${column((o) => JSON.stringify(o.parcels))}::text[], ${column((o) => o.shippedAt)}::timestamptz[], ${column((o) => o.deliveredAt)}::timestamptz[],
      ${column((o) => o.returnedAt)}::timestamptz[])
      AS n(shop_id, gid, name, source_name, status, test, currency, total, presentment_currency, presentment_total,
        placed_at, cancelled_at, updated_at, unpaid_at, customer_gid, current_total, outstanding, provenance, consent,
        country, state, parcels, shipped_at, delivered_at, returned_at)
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
      cancelled_at = n.cancelled_at, shopify_updated_at = n.updated_at, current_total = n.current_total,
      outstanding = n.outstanding, customer_gid = COALESCE(n.customer_gid, o.customer_gid),
      consent = n.consent::order_consent,
      country = COALESCE(n.country, o.country), state = CASE WHEN n.country IS NULL THEN o.state ELSE n.state END,
      -- Whoever was told of before the buyer's word changed is decided again.
      reconsider = o.reconsider OR (${IS_DECIDED} AND o.consent IS DISTINCT FROM n.consent::order_consent)
    FROM unnest(${newer.map(({ shop }) => shop.id)}::int[], ${column((o) => o.gid)}::text[],
      ${column((o) => o.name)}::text[], ${column((o) => o.financialStatus)}::text[],
      ${column((o) => o.total.amount)}::numeric[], ${column((o) => o.total.currency)}::text[],
      ${column((o) => o.presentmentTotal.amount)}::numeric[], ${column((o) => o.presentmentTotal.currency)}::text[],
      ${column((o) => o.cancelledAt)}::timestamptz[], ${column((o) => o.updatedAt)}::timestamptz[],
      ${column((o) => o.currentTotal)}::numeric[], ${column((o) => o.outstanding)}::numeric[],
      ${column((o) => o.customerGid)}::text[], ${column((o) => o.consent)}::text[],
      ${column((o) => o.region.country)}::text[], ${column((o) => o.region.state)}::text[])
      AS n(shop_id, gid, name, status, total, currency, presentment_total, presentment_currency, cancelled_at,
        updated_at, current_total, outstanding, customer_gid, consent, country, state)
    WHERE o.shop_id = n.shop_id AND o.gid = n.gid`);
}

/** Writes what is known of orders' parcels, and when they were first shipped, delivered and sent back. */
export async function saveTimes(tx: Transaction, orders: readonly OrderNews[]): Promise<void> {
  if (orders.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET parcels = t.parcels::jsonb, shipped_at = t.shipped_at, delivered_at = t.delivered_at, returned_at = t.returned_at
    FROM unnest(${orders.map(({ shop }) => shop.id)}::int[], ${orders.map(({ stored }) => stored.gid)}::text[],
      ${orders.map(({ parcels }) => JSON.stringify(parcels))}::text[],
      ${orders.map(({ times }) => times.shippedAt)}::timestamptz[],
      ${orders.map(({ times }) => times.deliveredAt)}::timestamptz[],
      ${orders.map(({ times }) => times.returnedAt)}::timestamptz[])
      AS t(shop_id, gid, parcels, shipped_at, delivered_at, returned_at)
    WHERE o.shop_id = t.shop_id AND o.gid = t.gid`);
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

/** Writes when orders were first shown to be unpaid, where an earlier telling of it came later. */
export async function saveUnpaid(
  tx: Transaction,
  orders: readonly { shop: ShopFacts; order: Order }[],
): Promise<void> {
  if (orders.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET unpaid_at = u.unpaid_at
    FROM unnest(${orders.map(({ shop }) => shop.id)}::int[], ${orders.map(({ order }) => order.gid)}::text[],
      ${orders.map(({ order }) => order.updatedAt)}::timestamptz[]) AS u(shop_id, gid, unpaid_at)
    WHERE o.shop_id = u.shop_id AND o.gid = u.gid`);
}

/** Decides that orders whose events were taken back because they were cancelled are not reported. */
export async function saveCancelled(
  tx: Transaction,
  orders: readonly { shopId: ShopId; gid: string }[],
): Promise<void> {
  if (orders.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET decision = 'withheld', reason = ${'cancelled' satisfies WithheldReason}, draft = NULL
    FROM unnest(${orders.map(({ shopId }) => shopId)}::int[], ${orders.map(({ gid }) => gid)}::text[]) AS c(shop_id, gid)
    WHERE o.shop_id = c.shop_id AND o.gid = c.gid
      AND (o.decision = 'report' OR (o.decision = 'withheld' AND o.reason <> ALL(${[...SURER_THAN_CANCELLED]})))`);
}

// As decideReport ranks them, so that it is the same whether the payment or the cancellation is told first.
const SURER_THAN_CANCELLED: readonly WithheldReason[] = ['test_order', 'zero_value'];

function unpaidSince({ financialStatus, updatedAt }: Order): Date | null {
  return isUnpaid(financialStatus) ? updatedAt : null;
}

function provenance(order: Order): string {
  return provenanceOf({ ...order, total: order.total.amount }, null).provenance;
}

type Placed = { shop: ShopFacts; order: Order };

function bySequence(a: Placed, b: Placed): number {
  return a.shop.id - b.shop.id || (a.order.gid < b.order.gid ? -1 : a.order.gid > b.order.gid ? 1 : 0);
}
