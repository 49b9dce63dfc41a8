import { paymentTime } from '../domain/payment.ts';
import { isAsNewAs, readOrder, type Order } from '../domain/order.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { Pipeline } from './context.ts';
import { decideOrders } from './decide.ts';
import { workInbox, type Delivery, type Settled } from './inbox.ts';
import { lockOrders, orderKey, saveOrders, type StoredOrder } from './orders.ts';
import { ensureShops, type ShopFacts } from './shop.ts';

const BATCH = 200;
const ORDER_TOPICS = new Set(['orders/create', 'orders/paid', 'orders/updated', 'orders/cancelled']);

type Incoming = { delivery: Delivery; shop: ShopFacts; order: Order };

/** An order with what this batch of deliveries says about it. */
export type OrderNews = {
  shop: ShopFacts;
  /** The newest body, or null when what is stored is newer. */
  newest: Order | null;
  /** Set when the order is seen paid for the first time: the body that said so is what the buyer agreed to. */
  firstPaid: { order: Order; paidAt: Date } | null;
};

/**
 * Turns order deliveries into orders, their evidence, their explained state and the conversion events to report.
 * Waits for WhatsApp deliveries that came before, so that a click is known before the order that it earned is judged.
 * Returns how many deliveries it took.
 */
export function attributeBatch(pipeline: Pipeline): Promise<number> {
  const topics = Prisma.sql`(topic LIKE 'orders/%' OR topic LIKE 'refunds/%')
    AND id < COALESCE((
      SELECT min(w.id) FROM deliveries w WHERE w.source = 'whatsapp' AND w.state = 'due' AND w.attempts = 0
    ), 9223372036854775807)`;
  return workInbox(pipeline, { source: 'shopify', topics, limit: BATCH }, (tx, deliveries) =>
    attribute(pipeline, tx, deliveries),
  );
}

async function attribute(pipeline: Pipeline, tx: Transaction, deliveries: Delivery[]): Promise<Settled[]> {
  const shops = await ensureShops(
    tx,
    deliveries.map((delivery) => delivery.account),
  );
  const incoming: Incoming[] = [];
  const settled = deliveries.map((delivery): Settled => {
    // A refund's or an edit's body is not the order; the order's own update follows it.
    if (!ORDER_TOPICS.has(delivery.topic)) return { id: delivery.id, state: 'done', reason: null };
    const read = readOrder(delivery.text);
    const shop = shops.get(delivery.account);
    if (read.kind !== 'order' || !shop) {
      const problem = read.kind === 'unreadable' ? read.problem : 'the order could not be read';
      return { id: delivery.id, state: 'flagged', reason: problem };
    }
    incoming.push({ delivery, shop, order: read.order });
    return { id: delivery.id, state: 'done', reason: null };
  });
  if (incoming.length > 0) await carry(pipeline, tx, incoming);
  return settled;
}

async function carry(pipeline: Pipeline, tx: Transaction, incoming: Incoming[]): Promise<void> {
  const stored = await lockOrders(tx, incoming);
  const byOrder = Map.groupBy(incoming, ({ shop, order }) => orderKey(shop.id, order.gid));
  const news = [...byOrder].flatMap(([key, group]) => {
    const row = stored.get(key);
    const [head, ...tail] = group;
    return row && head ? [readNews(row, [head, ...tail])] : [];
  });
  await saveOrders(tx, news);
  const paid = news.flatMap(({ shop, firstPaid }) => (firstPaid ? [{ shop, ...firstPaid }] : []));
  if (paid.length > 0) await decideOrders(pipeline, tx, paid);
}

/**
 * What a group of deliveries adds to a stored order. Shopify promises no order of deliveries, so a body counts by its
 * own time of update, and the earliest payment wins.
 */
function readNews(stored: StoredOrder, group: readonly [Incoming, ...Incoming[]]): OrderNews {
  const [{ shop }] = group;
  const newest = group.map(({ order }) => order).reduce((a, b) => (isAsNewAs(b, a) ? b : a));
  const payments = group
    .filter(({ delivery }) => delivery.topic === 'orders/paid')
    .map(({ delivery, order }) => ({ order, paidAt: paymentTime({ ...delivery, ...order }) }))
    .toSorted((a, b) => a.paidAt.getTime() - b.paidAt.getTime());
  return {
    shop,
    newest: isAsNewAs(newest, stored) ? newest : null,
    firstPaid: stored.paidAt === null ? (payments[0] ?? null) : null,
  };
}
