import { expect, test } from 'vitest';
import { automaticEvent } from '../sandbox/pretend-whatsapp.ts';
import {
  bought,
  changeSettings,
  CHECKOUT,
  decide,
  DAY_MS,
  eventsOf,
  gidOf,
  MINUTE_MS,
  orderOf,
  ordersOf,
  tell,
} from './linking.ts';
import { CLICK_ID, openTieback, type Connection, type Tieback } from './tieback.ts';

const HOUR_MS = 60 * MINUTE_MS;
const after = (ms: number): Date => new Date(CHECKOUT.getTime() + ms);

async function openShop(): Promise<{ tieback: Tieback; connection: Connection }> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd();
  await tieback.work();
  return { tieback, connection };
}

async function detect(
  tieback: Tieback,
  connection: Connection,
  at: Date,
  options: { messageId?: string; eventName?: 'Purchase' | 'LeadSubmitted' } = {},
): Promise<void> {
  const { messageId = 'wamid.auto', eventName = 'Purchase' } = options;
  const seen = { messageId, at, clid: CLICK_ID, eventName, currency: 'BRL', value: 214.9 };
  await tieback.sendWhatsApp(automaticEvent({ ...connection, ...seen }));
}

const detectedOf = ({ pipeline }: Tieback) => pipeline.db.automaticEvent.findMany({ orderBy: { at: 'asc' } });

test('an order that Meta detected in the chat by itself is not reported a second time', async () => {
  const { tieback, connection } = await openShop();
  await detect(tieback, connection, after(MINUTE_MS));
  await tieback.pay(bought(1));
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'reported_automatically' });
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await detectedOf(tieback)).toMatchObject([{ orderGid: gidOf(1) }]);
});

test('each detected purchase stands for one order, the first that is decided', async () => {
  const { tieback, connection } = await openShop();
  await detect(tieback, connection, after(MINUTE_MS));
  await tieback.pay(bought(1));
  await tieback.pay(bought(2));
  await tieback.work();
  expect(await ordersOf(tieback)).toMatchObject([
    { decision: 'withheld', reason: 'reported_automatically' },
    { decision: 'report', reason: null },
  ]);
  await tieback.pay(bought(3));
  await tieback.work();
  expect(await orderOf(tieback, 3)).toMatchObject({ decision: 'report' });
});

test('one that is detected after the order takes its event back as long as that has not left', async () => {
  const { tieback, connection } = await openShop();
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'due' }]);
  await detect(tieback, connection, after(MINUTE_MS));
  await tieback.work();
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'reported_automatically' });
});

test('what Meta was told stays told, and the purchase that it detected later is that one and no other', async () => {
  const { tieback, connection } = await openShop();
  await tieback.pay(bought(1));
  await tieback.work();
  await detect(tieback, connection, after(2 * MINUTE_MS));
  await tieback.work();
  await tieback.pay(bought(2, { at: after(5 * MINUTE_MS) }));
  await tieback.work();
  expect(await ordersOf(tieback)).toMatchObject([{ decision: 'report' }, { decision: 'report' }]);
  expect((await eventsOf(tieback)).map(({ state }) => state)).toEqual(['accepted', 'accepted']);
  expect(await detectedOf(tieback)).toMatchObject([{ orderGid: gidOf(1) }]);
});

test.each([
  ['too long after', after(73 * HOUR_MS)],
  ['before the ad was tapped', after(-2 * HOUR_MS)],
])('a purchase that was detected %s is another one', async (_, at) => {
  const { tieback, connection } = await openShop();
  tieback.now.forward(4 * DAY_MS);
  await detect(tieback, connection, at);
  await tieback.pay(bought(1), { triggeredAt: after(MINUTE_MS) });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report' });
});

test('a lead that Meta detected is no purchase', async () => {
  const { tieback, connection } = await openShop();
  await detect(tieback, connection, after(MINUTE_MS), { eventName: 'LeadSubmitted' });
  await tieback.pay(bought(1));
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report' });
});

test('a shop may report all the same, and what it held back is told when it changes its mind', async () => {
  const { tieback, connection } = await openShop();
  await detect(tieback, connection, after(MINUTE_MS));
  await tieback.pay(bought(1));
  await tieback.work();
  await changeSettings(tieback, connection, { automaticEvents: 'report' });
  await tieback.pipeline.db.order.updateMany({ data: { reconsider: true } });
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'accepted' }]);
  expect(await detectedOf(tieback)).toMatchObject([{ orderGid: null }]);
});

test('an order that is told of as unpaid, late, still is the purchase that Meta detected', async () => {
  const { tieback, connection } = await openShop();
  await changeSettings(tieback, connection, { reportOrderCreated: true });
  await detect(tieback, connection, after(MINUTE_MS));
  await tieback.pay({ ...bought(1), updated_at: after(MINUTE_MS).toISOString() });
  await tieback.work();
  await tell(tieback, 'orders/create', { ...bought(1), financial_status: 'pending' });
  await tieback.work();
  expect(await detectedOf(tieback)).toMatchObject([{ orderGid: gidOf(1) }]);
  await tieback.pay(bought(2));
  await tieback.work();
  expect(await orderOf(tieback, 2)).toMatchObject({ decision: 'report' });
});
