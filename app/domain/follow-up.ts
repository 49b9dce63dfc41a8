import { z } from 'zod';
import type { FollowUpEvent } from './event-name.ts';
import type { OrderBody } from './order-body.ts';

/** When each of these first happened to an order; null for what did not. */
export type OrderTimes = { shippedAt: Date | null; deliveredAt: Date | null; returnedAt: Date | null };
/** One shipment of an order, by Shopify's id of it. */
export type Parcel = { id: string; shippedAt: Date | null; deliveredAt: Date | null; cancelled: boolean };

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
}: Pick<OrderBody, 'fulfillments' | 'refunds'>): OrderTimes & { parcels: Parcel[] } {
  const returns = refunds.filter((refund) =>
    // "cancel" is of goods that never left, "no_restock" often of no goods at all.
    refund?.refund_line_items.some((line) => line?.restock_type === 'return'),
  );
  const parcels = readParcels(fulfillments);
  const returnedAt = earliest(returns.map((refund) => refund?.created_at));
  return { parcels, ...parcelTimes(parcels), returnedAt };
}

/**
 * What is told of shipments, as they are in an order and in the webhooks about fulfillments.
 * https://shopify.dev/docs/api/admin-rest/latest/resources/fulfillment
 */
export function readParcels(shipments: OrderBody['fulfillments']): Parcel[] {
  const parcels = shipments.flatMap((shipment): Parcel[] => {
    if (shipment === null) return [];
    const { id, status, shipment_status: stage, created_at: createdAt, updated_at: updatedAt } = shipment;
    const cancelled = status === 'cancelled';
    const shippedAt = status === 'success' ? createdAt : null;
    const deliveredAt = status === 'success' && stage === 'delivered' ? updatedAt : null;
    if (!cancelled && shippedAt === null && deliveredAt === null) return [];
    return [{ id: id ?? createdAt?.toISOString() ?? '', shippedAt, deliveredAt, cancelled }];
  });
  return mergeParcels(parcels);
}

/**
 * All that was told of parcels, one of each, in whatever sequence it was told: a parcel may be told of more than once and
 * with other times, of which the first counts; what is cancelled stays so.
 */
export function mergeParcels(told: readonly Parcel[]): Parcel[] {
  return [...Map.groupBy(told, ({ id }) => id)]
    .map(([id, same]) => ({
      id,
      shippedAt: earliest(same.map(({ shippedAt }) => shippedAt)),
      deliveredAt: earliest(same.map(({ deliveredAt }) => deliveredAt)),
      cancelled: same.some(({ cancelled }) => cancelled),
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** When the first parcel left and the first arrived; one that was cancelled never left. */
export function parcelTimes(parcels: readonly Parcel[]): Omit<OrderTimes, 'returnedAt'> {
  const sent = parcels.filter(({ cancelled }) => !cancelled);
  return {
    shippedAt: earliest(sent.map(({ shippedAt }) => shippedAt)),
    deliveredAt: earliest(sent.map(({ deliveredAt }) => deliveredAt)),
  };
}

const time = z.coerce.date().nullable();
const parcelSchema = z.object({ id: z.string(), shippedAt: time, deliveredAt: time, cancelled: z.boolean() });

/** Parcels as they were stored; throws ZodError for anything else. */
export function storedParcels(json: unknown): Parcel[] {
  return z.array(parcelSchema).parse(json);
}

/** The first of these times; null when there is none. */
export function earliest(times: readonly (Date | null | undefined)[]): Date | null {
  const known = times.flatMap((time) => time?.getTime() ?? []);
  return known.length === 0 ? null : new Date(Math.min(...known));
}
