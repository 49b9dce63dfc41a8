import type { ShopId } from '../domain/ids.ts';
import type { Order } from '../domain/order.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { OrderNews } from './attribute.ts';
import type { ShopFacts } from './shop.ts';

export type StoredOrder = Pick<Order, 'gid' | 'updatedAt' | 'cancelledAt' | 'financialStatus'> & {
  shopId: ShopId;
  paidAt: Date | null;
};

export const orderKey = (shop: ShopId, gid: string): string => `${shop} ${gid}`;

/** Makes sure each order has a row and locks the rows, always in the same sequence, until the transaction ends. */
export async function lockOrders(
  tx: Transaction,
  incoming: readonly { shop: ShopFacts; order: Order }[],
): Promise<Map<string, StoredOrder>> {
  const rows = incoming.map(({ shop, order }) => ({ shopId: shop.id, gid: order.gid, ...columns(order) }));
  await tx.order.createMany({ data: rows.toSorted(bySequence), skipDuplicates: true });
  const locked = await tx.$queryRaw<StoredOrder[]>(Prisma.sql`
    SELECT o.shop_id AS "shopId", o.gid, o.shopify_updated_at AS "updatedAt", o.cancelled_at AS "cancelledAt",
      o.financial_status AS "financialStatus", o.paid_at AS "paidAt"
    FROM orders o JOIN unnest(${rows.map((r) => r.shopId)}::int[], ${rows.map((r) => r.gid)}::text[]) AS asked(shop_id, gid)
      ON o.shop_id = asked.shop_id AND o.gid = asked.gid
    ORDER BY o.shop_id, o.gid FOR UPDATE OF o`);
  return new Map(locked.map((row) => [orderKey(row.shopId, row.gid), row]));
}

/** Writes what the newest bodies say, and the first payment. */
export async function saveOrders(tx: Transaction, news: readonly OrderNews[]): Promise<void> {
  const newer = news.flatMap(({ shop, newest }) =>
    newest ? [{ shopId: shop.id, gid: newest.gid, ...columns(newest) }] : [],
  );
  const column = <T>(read: (row: (typeof newer)[number]) => T): T[] => newer.map(read);
  if (newer.length > 0) {
    await tx.$executeRaw(Prisma.sql`
      UPDATE orders o SET name = n.name, financial_status = n.status, total = n.total, currency = n.currency,
        presentment_total = n.presentment_total, presentment_currency = n.presentment_currency,
        cancelled_at = n.cancelled_at, shopify_updated_at = n.updated_at
      FROM unnest(${column((r) => r.shopId)}::int[], ${column((r) => r.gid)}::text[], ${column((r) => r.name)}::text[],
        ${column((r) => r.financialStatus)}::text[], ${column((r) => r.total)}::numeric[],
        ${column((r) => r.currency)}::text[], ${column((r) => r.presentmentTotal)}::numeric[],
        ${column((r) => r.presentmentCurrency)}::text[], ${column((r) => r.cancelledAt)}::timestamptz[],
        ${column((r) => r.shopifyUpdatedAt)}::timestamptz[])
        AS n(shop_id, gid, name, status, total, currency, presentment_total, presentment_currency, cancelled_at, updated_at)
      WHERE o.shop_id = n.shop_id AND o.gid = n.gid`);
  }
  const paid = news.flatMap(({ shop, firstPaid }) => (firstPaid ? [{ shopId: shop.id, ...firstPaid }] : []));
  if (paid.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET paid_at = p.paid_at, paid_total = p.paid_total
    FROM unnest(${paid.map((p) => p.shopId)}::int[], ${paid.map((p) => p.order.gid)}::text[],
      ${paid.map((p) => p.paidAt)}::timestamptz[], ${paid.map((p) => p.order.total.amount)}::numeric[])
      AS p(shop_id, gid, paid_at, paid_total)
    WHERE o.shop_id = p.shop_id AND o.gid = p.gid`);
}

function columns(order: Order) {
  return {
    name: order.name,
    sourceName: order.sourceName,
    financialStatus: order.financialStatus,
    test: order.test,
    currency: order.total.currency,
    total: order.total.amount,
    presentmentCurrency: order.presentmentTotal.currency,
    presentmentTotal: order.presentmentTotal.amount,
    placedAt: order.placedAt,
    cancelledAt: order.cancelledAt,
    shopifyUpdatedAt: order.updatedAt,
  };
}

function bySequence(a: { shopId: number; gid: string }, b: { shopId: number; gid: string }): number {
  return a.shopId - b.shopId || (a.gid < b.gid ? -1 : a.gid > b.gid ? 1 : 0);
}
