import type { FollowUpEvent } from './event-name.ts';
import type { OrderBody } from './order-body.ts';

/** When each of these first happened to an order; null for what did not. */
export type OrderTimes = { shippedAt: Date | null; deliveredAt: Date | null; returnedAt: Date | null };
type Shipment = NonNullable<OrderBody['fulfillments'][number]>;

/** What became of an order, in the sequence of a sale. */
export function followUpsOf(
  order: OrderTimes & { cancelledAt: Date | null },
): { eventName: FollowUpEvent; at: Date }[] {
  const happened: [FollowUpEvent, Date | null][] = [
    ['OrderShipped', order.shippedAt],
    ['OrderDelivered', order.deliveredAt],
    ['OrderCanceled', order.cancelledAt],
    ['OrderReturned', order.returnedAt],
  ];
  return happened.flatMap(([eventName, at]) => (at === null ? [] : [{ eventName, at }]));
}

/** When an order was shipped, delivered and sent back, by its shipments and refunds. */
export function readTimes({
  fulfillments,
  refunds,
}: Pick<OrderBody, 'fulfillments' | 'refunds'>): OrderTimes {
  const returns = refunds.filter((refund) =>
    // "cancel" is of goods that never left, "no_restock" often of no goods at all.
    refund?.refund_line_items.some((line) => line?.restock_type === 'return'),
  );
  return {
    ...shipmentTimes(fulfillments),
    returnedAt: earliest(returns.map((refund) => refund?.created_at)),
  };
}

/**
 * The same of shipments alone, as they are in an order and in the webhooks about fulfillments. One that was cancelled
 * never left. https://shopify.dev/docs/api/admin-rest/latest/resources/fulfillment
 */
export function shipmentTimes(shipments: readonly (Shipment | null)[]): Omit<OrderTimes, 'returnedAt'> {
  const sent = shipments.filter((shipment) => shipment?.status === 'success');
  const arrived = sent.filter((shipment) => shipment?.shipment_status === 'delivered');
  return {
    shippedAt: earliest(sent.map((shipment) => shipment?.created_at)),
    deliveredAt: earliest(arrived.map((shipment) => shipment?.updated_at)),
  };
}

function earliest(times: readonly (Date | null | undefined)[]): Date | null {
  const known = times.flatMap((time) => time?.getTime() ?? []);
  return known.length === 0 ? null : new Date(Math.min(...known));
}
