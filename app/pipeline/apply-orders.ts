import { isAsNewAs, type Order } from '../domain/order.ts';
import type { Transaction } from '../storage/database.ts';
import type { Pipeline } from './context.ts';
import { decideOrders } from './decide.ts';
import { withdrawUnsent } from './ledger.ts';
import { lockOrders, orderKey, saveNewest, savePayments, type StoredOrder } from './orders.ts';
import type { ShopFacts } from './shop.ts';

/** A payment of an order, and who told of it: a delivery of orders/paid, or Shopify's list of orders. */
export type Payment = { paidAt: Date; toldBy: 'orders_paid' | 'order_list' };
/** One telling of an order, from a delivery or from Shopify's list. */
export type ToldOrder = { shop: ShopFacts; order: Order; payment: Payment | null };
/** A payment with the telling that said so: its total is what the buyer agreed to. */
type ToldPayment = Payment & { order: Order };

/** What a group of tellings adds to a stored order. */
export type OrderNews = {
  shop: ShopFacts;
  /** Whether its row was made just now. */
  made: boolean;
  /** The newest telling, or null when what is stored is as new. */
  newest: Order | null;
  /** The payment that counts from now on, or null when the stored one stays. */
  payment: ToldPayment | null;
  /** Whether a payment was known before, so that there is a decision already. */
  decided: boolean;
};

/**
 * Stores orders as they were told of, and decides those whose payment is new. Whatever is told in whatever sequence,
 * batches and number ends in the same rows. Returns how many orders a telling changed.
 */
export async function applyOrders(
  pipeline: Pipeline,
  tx: Transaction,
  told: readonly ToldOrder[],
): Promise<number> {
  if (told.length === 0) return 0;
  const stored = await lockOrders(tx, told);
  const byOrder = Map.groupBy(told, ({ shop, order }) => orderKey(shop.id, order.gid));
  const news = [...byOrder].flatMap(([key, group]) => {
    const row = stored.get(key);
    const [head, ...tail] = group;
    return row && head ? [readNews(row, [head, ...tail])] : [];
  });
  await saveNewest(tx, news);
  const paid = news.flatMap(({ shop, payment, decided }) => (payment ? [{ shop, ...payment, decided }] : []));
  const again = paid.filter(({ decided }) => decided);
  // What has left, or may have left, stays decided as it was.
  const sent = await withdrawUnsent(
    tx,
    again.map(({ shop, order }) => ({ shopId: shop.id, subject: order.gid })),
  );
  const isOpen = ({ shop, order }: (typeof paid)[number]) => !sent.has(orderKey(shop.id, order.gid));
  await savePayments(
    tx,
    paid.filter((one) => !isOpen(one)),
  );
  await decideOrders(pipeline, tx, paid.filter(isOpen));
  return news.filter(({ made, newest, payment }) => made || newest !== null || payment !== null).length;
}

/** Shopify promises no order of deliveries, so a telling counts by its own time of update. */
function readNews(stored: StoredOrder, group: readonly [ToldOrder, ...ToldOrder[]]): OrderNews {
  const [{ shop }] = group;
  const newest = group.map(({ order }) => order).reduce((a, b) => (isAsNewAs(b, a) ? b : a));
  const [payment] = group
    .flatMap(({ order, payment }) => (payment ? [{ ...payment, order }] : []))
    .toSorted(byPrecedence);
  const known = storedPayment(stored);
  const counts = payment !== undefined && (known === null || comparePayments(payment, known) < 0);
  return {
    shop,
    made: stored.madeFrom !== null,
    newest: newest !== stored.madeFrom && isAsNewAs(newest, stored) ? newest : null,
    payment: counts ? payment : null,
    decided: known !== null,
  };
}

function storedPayment({ paidAt, paidToldBy }: StoredOrder): Payment | null {
  return paidAt === null ? null : { paidAt, toldBy: paidToldBy ?? 'orders_paid' };
}

function byPrecedence(a: ToldPayment, b: ToldPayment): number {
  return comparePayments(a, b) || a.order.updatedAt.getTime() - b.order.updatedAt.getTime();
}

/** The first payment counts; what a delivery says of it counts more than what the list shows of it later. */
function comparePayments(a: Payment, b: Payment): number {
  return (
    Number(a.toldBy === 'order_list') - Number(b.toldBy === 'order_list') ||
    a.paidAt.getTime() - b.paidAt.getTime()
  );
}
