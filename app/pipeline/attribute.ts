import { paymentTime } from '../domain/payment.ts';
import { readShipment } from '../domain/fulfillment.ts';
import { readOrder, type Order } from '../domain/order.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { applyOrders, type Payment, type ToldOrder, type ToldShipment } from './apply-orders.ts';
import type { Pipeline } from './context.ts';
import { workInbox, type Delivery, type Settled } from './inbox.ts';
import { ensureShops } from './shop.ts';

/** How many deliveries one transaction carries. */
export const ATTRIBUTE_BATCH = 500;
const ORDER_TOPICS = new Set(['orders/create', 'orders/paid', 'orders/updated', 'orders/cancelled']);
const SHIPMENT_TOPICS = new Set(['fulfillments/create', 'fulfillments/update']);

/**
 * Turns deliveries about orders and their shipments into orders, their evidence, their explained state and the conversion events to report.
 * Waits for WhatsApp deliveries that came before, so that a click is known before the order that it earned is judged.
 * Returns how many deliveries it took.
 */
export function attributeBatch(pipeline: Pipeline): Promise<number> {
  const topics = Prisma.sql`topic ~ '^(orders|refunds|fulfillments)/'
    AND id < COALESCE((
      SELECT min(w.id) FROM deliveries w WHERE w.source = 'whatsapp' AND w.state = 'due' AND w.attempts = 0
    ), 9223372036854775807)`;
  return workInbox(pipeline, { source: 'shopify', topics, limit: ATTRIBUTE_BATCH }, (tx, deliveries) =>
    attribute(pipeline, tx, deliveries),
  );
}

async function attribute(pipeline: Pipeline, tx: Transaction, deliveries: Delivery[]): Promise<Settled[]> {
  const shops = await ensureShops(
    tx,
    deliveries.map((delivery) => delivery.account),
  );
  const told: ToldOrder[] = [];
  const shipped: ToldShipment[] = [];
  const settled = deliveries.map((delivery): Settled => {
    if (SHIPMENT_TOPICS.has(delivery.topic)) {
      const shipment = readShipment(delivery.text);
      const sender = shops.get(delivery.account);
      if (shipment === null || !sender)
        return { id: delivery.id, state: 'flagged', reason: 'the fulfillment names no order' };
      shipped.push({ shop: sender, shipment });
      return { id: delivery.id, state: 'done', reason: null };
    }
    // A refund's or an edit's body is not the order; the order's own update follows it.
    if (!ORDER_TOPICS.has(delivery.topic)) return { id: delivery.id, state: 'done', reason: null };
    const read = readOrder(delivery.text);
    const shop = shops.get(delivery.account);
    if (read.kind !== 'order' || !shop) {
      const problem = read.kind === 'unreadable' ? read.problem : 'the order could not be read';
      return { id: delivery.id, state: 'flagged', reason: problem };
    }
    told.push({ shop, order: read.order, payment: paymentOf(delivery, read.order) });
    return { id: delivery.id, state: 'done', reason: null };
  });
  await applyOrders(pipeline, tx, told, shipped);
  return settled;
}

function paymentOf(delivery: Delivery, order: Order): Payment | null {
  if (delivery.topic !== 'orders/paid') return null;
  return { paidAt: paymentTime({ ...delivery, ...order }), toldBy: 'orders_paid' };
}
