import { expect, test } from 'vitest';
import type { Settings } from '../../app/domain/settings.ts';
import { shopifyFulfillment, shopifyRefund } from '../builders/shopify.ts';
import {
  acceptedBy,
  bought,
  changeSettings,
  DAY_MS,
  decide,
  eventsOf,
  MINUTE_MS,
  orderOf,
  tell,
  write,
} from './linking.ts';
import { MARIA, openTieback, START, type Connection, type Tieback } from './tieback.ts';

const ALL: Partial<Settings> = {
  reportOrderShipped: true,
  reportOrderDelivered: true,
  reportOrderCanceled: true,
  reportOrderReturned: true,
};
const HOUR_MS = 60 * MINUTE_MS;
const later = (hours: number): string => new Date(START.getTime() + hours * HOUR_MS).toISOString();

async function openShop(
  settings: Partial<Settings> = ALL,
): Promise<{ tieback: Tieback; connection: Connection }> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd();
  return { tieback, connection };
}

async function ship(
  tieback: Tieback,
  topic: 'create' | 'update',
  fields: Record<string, unknown>,
): Promise<void> {
  const { status } = await tieback.sendShopify(
    `fulfillments/${topic}`,
    shopifyFulfillment({ order_id: 1, ...fields }),
  );
  if (status !== 200) throw new Error(`the webhook was answered with ${status}`);
}

const namesOf = async (tieback: Tieback): Promise<string[]> =>
  (await eventsOf(tieback)).map(({ eventName }) => eventName);

test('a shipment, its arrival and its return are told with the order’s click and products, and without a value', async () => {
  const { tieback } = await openShop();
  await tieback.pay(bought(1));
  await tieback.work();
  tieback.now.forward(3 * DAY_MS);
  await ship(tieback, 'create', { created_at: later(2) });
  await ship(tieback, 'update', {
    created_at: later(2),
    shipment_status: 'delivered',
    updated_at: later(30),
  });
  await tell(tieback, 'orders/updated', {
    ...bought(1),
    updated_at: later(60),
    fulfillments: [
      shopifyFulfillment({ created_at: later(2), shipment_status: 'delivered', updated_at: later(30) }),
    ],
    refunds: [shopifyRefund({ created_at: later(59) })],
  });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({
    shippedAt: new Date(later(2)),
    deliveredAt: new Date(later(30)),
    returnedAt: new Date(later(59)),
  });
  expect(acceptedBy(tieback)).toEqual(
    ['OrderDelivered', 'OrderReturned', 'OrderShipped', 'Purchase'].map((name) => `shopify:order:1:${name}`),
  );
  const [purchase, ...others] = tieback.meta.accepted().map(({ event }) => event);
  for (const event of others) {
    expect(event['user_data']).toEqual(purchase?.['user_data']);
    expect(event['custom_data']).toEqual({
      order_id: '1',
      content_type: 'product',
      content_ids: ['44100000000001'],
      contents: [{ id: '44100000000001', quantity: 1 }],
    });
  }
  expect(
    (await eventsOf(tieback)).map(({ eventName, value, currency }) => [eventName, String(value), currency]),
  ).toEqual([
    ['OrderDelivered', 'null', null],
    ['OrderReturned', 'null', null],
    ['OrderShipped', 'null', null],
    ['Purchase', '214.9', 'BRL'],
  ]);
});

test('each is told once, at its first time, however often it is told of', async () => {
  const { tieback } = await openShop();
  await tieback.pay(bought(1));
  await ship(tieback, 'create', { created_at: '2026-11-18T13:29:00Z' });
  await ship(tieback, 'create', { id: 2, created_at: '2026-11-18T13:28:00Z' });
  await tieback.work();
  await ship(tieback, 'update', { created_at: '2026-11-18T13:29:30Z' });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ shippedAt: new Date('2026-11-18T13:28:00Z') });
  const shipped = tieback.meta.accepted().filter(({ event }) => event['event_name'] === 'OrderShipped');
  expect(shipped).toMatchObject([{ event: { event_time: Date.parse('2026-11-18T13:28:00Z') / 1000 } }]);
});

test('nothing of it is told as long as it is switched off', async () => {
  const { tieback } = await openShop({});
  await tieback.pay(bought(1));
  await ship(tieback, 'create', { created_at: '2026-11-18T13:29:00Z', shipment_status: 'delivered' });
  await tieback.work();
  expect(await namesOf(tieback)).toEqual(['Purchase']);
});

test.each<[string, Record<string, unknown>, Partial<Settings>]>([
  ['is a test', { test: true }, {}],
  ['is of a kind that is not reported', {}, { channelOnlineStore: 'none' }],
  ['is of a buyer who said no', { note_attributes: [{ name: '__tieback_consent', value: 'denied' }] }, {}],
  ['is of nobody who wrote', { shipping_address: null, customer: null, phone: '+5521912345678' }, {}],
])('an order that %s has no follow-ups', async (_, fields, settings) => {
  const { tieback } = await openShop({ ...ALL, ...settings });
  await tieback.pay({ ...bought(1), ...fields });
  await ship(tieback, 'create', { created_at: '2026-11-18T13:29:00Z' });
  await tieback.work();
  expect(await eventsOf(tieback)).toEqual([]);
});

const CANCELLED = { updated_at: '2026-11-18T13:29:50Z', cancelled_at: '2026-11-18T13:29:45Z' };

test('a cancellation is told when Meta knows of the order, and of nothing else after it', async () => {
  const { tieback } = await openShop();
  await tieback.pay(bought(1));
  await tieback.work();
  await tell(tieback, 'orders/cancelled', { ...bought(1), ...CANCELLED });
  await ship(tieback, 'create', { created_at: '2026-11-18T13:29:00Z' });
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual(['shopify:order:1:OrderCanceled', 'shopify:order:1:Purchase']);
});

test('an order that was cancelled before Meta heard of it is not told of at all, and a shipment that has not left is taken back', async () => {
  const { tieback } = await openShop();
  await tieback.pay(bought(1));
  await ship(tieback, 'create', { created_at: '2026-11-18T13:29:00Z' });
  await decide(tieback);
  expect(await namesOf(tieback)).toEqual(['OrderShipped', 'Purchase']);
  await tell(tieback, 'orders/cancelled', { ...bought(1), ...CANCELLED });
  await tieback.work();
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'cancelled' });
});

test('an order that is linked later gets those that Meta still takes', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, ALL);
  await tieback.tapAd({ from: null, userId: 'BR.1' });
  await tieback.pay(bought(1));
  await ship(tieback, 'create', { created_at: '2026-11-18T13:29:00Z' });
  await tieback.work();
  expect(await eventsOf(tieback)).toEqual([]);
  tieback.now.forward(2 * DAY_MS);
  await write(tieback, connection, { from: MARIA.whatsapp, userId: 'BR.1', messageId: 'wamid.number' });
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual(['shopify:order:1:OrderShipped', 'shopify:order:1:Purchase']);
});

test('weeks after the sale its words are still known, from the event that told of it', async () => {
  const { tieback } = await openShop();
  await tieback.pay(bought(1));
  await tieback.work();
  tieback.now.forward(20 * DAY_MS);
  await tieback.pipeline.db.order.updateMany({ data: { draft: null } });
  await ship(tieback, 'create', { created_at: later(20 * 24 - 1) });
  await tieback.work();
  const [purchase, shipped] = tieback.meta.accepted().map(({ event }) => event);
  expect(shipped).toMatchObject({
    event_name: 'OrderShipped',
    user_data: purchase?.['user_data'],
    custom_data: { content_ids: ['44100000000001'] },
  });
});

test('what is more than 7 days old is not told', async () => {
  const { tieback } = await openShop();
  await tieback.pay(bought(1));
  await tieback.work();
  tieback.now.forward(9 * DAY_MS);
  await ship(tieback, 'create', { created_at: later(1) });
  await tieback.work();
  expect(await namesOf(tieback)).toEqual(['Purchase']);
});

test.each(['fulfillments/update', 'orders/updated'] as const)(
  'a parcel that %s tells to be cancelled takes its unsent event back, whichever is told first',
  async (topic) => {
    const { tieback } = await openShop();
    await tieback.pay(bought(1));
    await tieback.work();
    await tieback.pipeline.db.connection.updateMany({
      data: { state: 'paused', probeAt: new Date('2027-06-01') },
    });
    const parcel = { id: 7, order_id: 1, created_at: later(0) };
    const cancelled = shopifyFulfillment({ ...parcel, status: 'cancelled', updated_at: later(1) });
    const cancel = () =>
      topic === 'orders/updated'
        ? tell(tieback, topic, { ...bought(1), updated_at: later(1), fulfillments: [cancelled] })
        : ship(tieback, 'update', cancelled);
    await ship(tieback, 'create', parcel);
    await tieback.work();
    expect(await namesOf(tieback)).toEqual(['OrderShipped', 'Purchase'].toSorted());
    await cancel();
    await tieback.work();
    expect(await orderOf(tieback, 1)).toMatchObject({ shippedAt: null });
    await ship(tieback, 'create', { ...parcel, name: 'told again' });
    await tieback.work();
    expect(await orderOf(tieback, 1)).toMatchObject({ shippedAt: null });
    expect(await namesOf(tieback)).toEqual(['Purchase']);
    await ship(tieback, 'create', { id: 8, order_id: 1, created_at: later(2) });
    await tieback.work();
    expect(await orderOf(tieback, 1)).toMatchObject({ shippedAt: new Date(later(2)) });
    expect(await namesOf(tieback)).toEqual(['OrderShipped', 'Purchase'].toSorted());
  },
);
