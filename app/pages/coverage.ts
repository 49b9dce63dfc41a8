import { PAID_STATUSES } from '../domain/order.ts';
import type { OrderState, Reason } from '../domain/reason.ts';
import type { Pipeline } from '../pipeline/context.ts';
import { Prisma } from '../storage/database.ts';
import { ORDERS_WITH_EVENT, readState, type StateColumns } from './order-query.ts';

export type Coverage = {
  since: string;
  counts: { state: OrderState; reason: Reason | null; orders: number }[];
  /** Sum of the counts. */
  total: number;
  /** Paid orders by the count that the states are checked against. */
  paid_orders: number;
  /** Where that count comes from: Shopify, or, without a Shopify session, the payment status on the stored orders. */
  counted_by: 'shopify' | 'stored_orders';
  complete: boolean;
};

/** Every paid order placed since `since` by its state, against the shop's number of paid orders. */
export async function loadCoverage(
  pipeline: Pick<Pipeline, 'db'>,
  shopId: number,
  since: Date,
  shopifyCount: number | null,
): Promise<Coverage> {
  const rows = await pipeline.db.$queryRaw<(StateColumns & { orders: number })[]>(Prisma.sql`
    SELECT o.decision::text AS decision, o.reason, e.state::text AS "eventState", LEAST(e.attempts, 2) AS attempts,
      e.reason AS "eventReason", count(*)::int AS orders
    FROM ${ORDERS_WITH_EVENT}
    WHERE o.shop_id = ${shopId} AND o.placed_at >= ${since} AND o.paid_at IS NOT NULL AND ${PAID}
    GROUP BY 1, 2, 3, 4, 5`);
  const groups = Map.groupBy(
    rows.map((row) => ({ ...readState(row), orders: row.orders })),
    ({ state, reason }) => `${state} ${reason ?? ''}`,
  );
  const counts = [...groups.values()].flatMap(([first, ...more]) =>
    first ? [{ ...first, orders: more.reduce((sum, one) => sum + one.orders, first.orders) }] : [],
  );
  const total = counts.reduce((sum, { orders }) => sum + orders, 0);
  const paid_orders = shopifyCount ?? (await storedPaidOrders(pipeline, shopId, since));
  return {
    since: since.toISOString(),
    counts: counts.toSorted((a, b) => b.orders - a.orders),
    total,
    paid_orders,
    counted_by: shopifyCount === null ? 'stored_orders' : 'shopify',
    complete: total === paid_orders,
  };
}

// As Shopify counts: an order that was edited upwards after its payment is not paid until the rest is.
const PAID = Prisma.sql`COALESCE(o.financial_status, 'paid') = ANY(${[...PAID_STATUSES]})`;

async function storedPaidOrders(
  pipeline: Pick<Pipeline, 'db'>,
  shopId: number,
  since: Date,
): Promise<number> {
  const [row] = await pipeline.db.$queryRaw<{ orders: number }[]>(Prisma.sql`
    SELECT count(*)::int AS orders FROM orders o
    WHERE o.shop_id = ${shopId} AND o.placed_at >= ${since} AND ${PAID}
      AND (o.financial_status IS NOT NULL OR o.paid_at IS NOT NULL)`);
  return row?.orders ?? 0;
}
