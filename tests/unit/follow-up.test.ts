import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  followUpsOf,
  mergeParcels,
  parcelTimes,
  storedParcels,
  type Parcel,
} from '../../app/domain/follow-up.ts';
import { readOrder } from '../../app/domain/order.ts';
import { shopifyFulfillment, shopifyOrder, shopifyRefund } from '../builders/shopify.ts';

type Json = Record<string, unknown>;

function read(fields: Json) {
  const result = readOrder(JSON.stringify(shopifyOrder(fields)));
  if (result.kind !== 'order') throw new Error(JSON.stringify(result));
  return result.order;
}

const at = (day: number) => `2026-11-${day}T09:00:00-03:00`;
const when = (day: number) => new Date(at(day));

test('an order is shipped with its first parcel and delivered with the first that arrives', () => {
  const fulfillments = [
    shopifyFulfillment({ created_at: at(21), updated_at: at(24), shipment_status: 'delivered' }),
    shopifyFulfillment({ created_at: at(20), updated_at: at(25), shipment_status: 'delivered' }),
    shopifyFulfillment({ created_at: at(22), updated_at: at(23), shipment_status: 'out_for_delivery' }),
  ];
  expect(read({ fulfillments })).toMatchObject({
    shippedAt: when(20),
    deliveredAt: when(24),
    returnedAt: null,
  });
});

test.each(['cancelled', 'pending', 'open', 'error', 'failure'])(
  'a parcel that is %s never left',
  (status) => {
    const fulfillments = [shopifyFulfillment({ status, shipment_status: 'delivered' })];
    expect(read({ fulfillments })).toMatchObject({ shippedAt: null, deliveredAt: null });
  },
);

test('goods are returned with the first refund that takes them back', () => {
  const line = (restock_type: string) => ({
    refund_line_items: [{ restock_type: 'no_restock' }, { restock_type }],
  });
  const refunds = [
    shopifyRefund({ created_at: at(21), ...line('cancel') }),
    shopifyRefund({ created_at: at(22), ...line('legacy_restock') }),
    shopifyRefund({ created_at: at(24), ...line('return') }),
    shopifyRefund({ created_at: at(23), ...line('return') }),
    shopifyRefund({ created_at: at(20), refund_line_items: [] }),
  ];
  expect(read({ refunds }).returnedAt).toEqual(when(23));
  expect(read({ refunds: refunds.slice(0, 2) }).returnedAt).toBeNull();
});

test('what became of an order is told in the sequence of a sale, each with its own time', () => {
  const time = fc.option(fc.date({ noInvalidDate: true }));
  const order = fc.record({ shippedAt: time, deliveredAt: time, cancelledAt: time, returnedAt: time });
  fc.assert(
    fc.property(order, (times) => {
      const { shippedAt, deliveredAt, cancelledAt, returnedAt } = times;
      const all = [
        { eventName: 'OrderShipped', at: shippedAt },
        { eventName: 'OrderDelivered', at: deliveredAt },
        { eventName: 'OrderCanceled', at: cancelledAt },
        { eventName: 'OrderReturned', at: returnedAt },
      ];
      expect(followUpsOf(times)).toEqual(all.filter((event) => event.at !== null));
    }),
  );
});

test('a parcel that was cancelled never left, the others did', () => {
  const parcel = (id: number, day: number, fields: Json = {}) =>
    shopifyFulfillment({ id, created_at: at(day), updated_at: at(day), ...fields });
  const fulfillments = [parcel(1, 20, { status: 'cancelled' }), parcel(2, 22)];
  expect(read({ fulfillments }).shippedAt).toEqual(when(22));
});

const day = fc.integer({ min: 0, max: 9 }).map((days) => new Date(Date.UTC(2026, 10, 18 + days)));
const parcels: fc.Arbitrary<Parcel[]> = fc.array(
  fc.record({
    id: fc.constantFrom('1', '2', '3'),
    shippedAt: fc.option(day),
    deliveredAt: fc.option(day),
    cancelled: fc.boolean(),
  }),
  { maxLength: 8 },
);

test('what is told of parcels comes to the same in whatever sequence and groups, and stored and read again', () => {
  fc.assert(
    fc.property(parcels, fc.func(fc.integer()), (told, rank) => {
      const known = mergeParcels(told);
      const shuffled = told.toSorted((a, b) => rank(a) - rank(b));
      const oneByOne = shuffled.reduce<Parcel[]>((all, one) => mergeParcels([one, ...all]), []);
      expect(oneByOne).toEqual(known);
      expect(storedParcels(JSON.parse(JSON.stringify(known)))).toEqual(known);
      const sent = told.filter(({ id }) => !told.some((one) => one.id === id && one.cancelled));
      const first = sent.flatMap(({ shippedAt }) => shippedAt?.getTime() ?? []);
      expect(parcelTimes(known).shippedAt?.getTime() ?? Infinity).toBe(Math.min(...first));
    }),
  );
});
