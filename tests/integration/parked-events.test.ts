import { expect, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { retryParkedSales, unparkEvent } from '../../app/pipeline/parked-events.ts';
import { automaticEvent } from '../sandbox/pretend-whatsapp.ts';
import { shopifyFulfillment } from '../builders/shopify.ts';
import { acceptedBy, bought, changeSettings, DAY_MS, eventsOf, MINUTE_MS, orderOf, tell } from './linking.ts';
import { addSales, numbered, requestSizes, statesOf } from './sales.ts';
import { CLICK_ID, openTieback, START, type Connection, type Tieback } from './tieback.ts';

const PARKED = { state: 'withheld', reason: 'event_name_parked' } as const;

async function openShop(): Promise<{ tieback: Tieback; connection: Connection }> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd();
  await tieback.work();
  return { tieback, connection };
}

const parkedOf = async ({ pipeline }: Tieback): Promise<string[]> =>
  (await pipeline.db.connection.findFirstOrThrow()).parkedEvents;
const unpark = (
  { pipeline }: Tieback,
  { shopId, connectionId }: Connection,
  name: Parameters<typeof unparkEvent>[3],
) => unparkEvent(pipeline, shopId, connectionId, name);

const placed = (id: number) => ({ ...bought(id), financial_status: 'pending' });

test('a name that Meta refuses is parked: the one event is refused, later ones are withheld, others go on', async () => {
  const { tieback, connection } = await openShop();
  await changeSettings(tieback, connection, { reportOrderCreated: true });
  tieback.meta.refuseEventName('OrderCreated');
  await tell(tieback, 'orders/create', placed(1));
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([
    { state: 'refused', reason: 'refused_event_name', errorCode: '100/2804066' },
  ]);
  expect(await parkedOf(tieback)).toEqual(['OrderCreated']);

  await tell(tieback, 'orders/create', placed(2));
  await tieback.pay(bought(3));
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual(['shopify:order:3:Purchase']);
  expect(await eventsOf(tieback)).toMatchObject([
    { state: 'refused', eventName: 'OrderCreated' },
    { ...PARKED, eventName: 'OrderCreated', attempts: 0 },
    { state: 'accepted', eventName: 'Purchase' },
  ]);
});

test('a refused name raises one alert, which goes when the name is tried again', async () => {
  const { tieback, connection } = await openShop();
  const openAlerts = () => tieback.pipeline.db.alert.findMany({ where: { clearedAt: null } });
  await addSales(tieback, connection, numbered(3));
  tieback.meta.refuseEventName('Purchase');
  await tieback.work();
  expect(await openAlerts()).toMatchObject([
    { subject: connection.connectionId, name: 'Purchase_refused', dismissedAt: null },
  ]);
  tieback.meta.takeEventName('Purchase');
  await unpark(tieback, connection, 'Purchase');
  expect(await openAlerts()).toEqual([]);
});

test('of a thousand events with a name that Meta refuses one stands for all', async () => {
  const { tieback, connection } = await openShop();
  await addSales(tieback, connection, numbered(1_000));
  tieback.meta.refuseEventName('Purchase');
  await tieback.work();
  expect(await statesOf(tieback)).toEqual({ refused: 1, withheld: 999 });
  expect(requestSizes(tieback.meta)).toEqual([1000, 500, 250, 125, 63, 32, 16, 8, 4, 2, 1]);
  expect(await parkedOf(tieback)).toEqual(['Purchase']);
});

test('what was due then or is due later is withheld without a request', async () => {
  const { tieback, connection } = await openShop();
  await addSales(tieback, connection, numbered(2));
  const [, waiting] = await eventsOf(tieback);
  await tieback.pipeline.db.conversionEvent.updateMany({
    where: { id: waiting?.id ?? '' },
    data: { nextAttemptAt: new Date('2026-11-18T14:00:00Z') },
  });
  tieback.meta.refuseEventName('Purchase');
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'refused' }, PARKED]);
  await addSales(tieback, connection, [{ id: 3 }]);
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'refused' }, PARKED, PARKED]);
  expect(requestSizes(tieback.meta)).toEqual([1]);
});

test('whatever waits for its name is told once a person has it tried again, the refused event too', async () => {
  const { tieback, connection } = await openShop();
  tieback.meta.refuseEventName('Purchase');
  for (const id of [1, 2, 3]) {
    await tieback.pay(bought(id));
    await tieback.work();
  }
  expect(await orderOf(tieback, 3)).toMatchObject({ decision: 'report', reason: null });
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'refused', attempts: 1 }, PARKED, PARKED]);

  tieback.meta.takeEventName('Purchase');
  expect(await unpark(tieback, connection, 'Purchase')).toEqual({ kind: 'unparked', events: 3 });
  expect(await parkedOf(tieback)).toEqual([]);
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual([1, 2, 3].map((id) => `shopify:order:${id}:Purchase`));
  expect(await unpark(tieback, connection, 'Purchase')).toEqual({ kind: 'not_parked' });
});

test('nobody unparks the names of another shop’s connection', async () => {
  const { tieback, connection } = await openShop();
  const other = { ...connection, shopId: (connection.shopId + 1) as ShopId };
  expect(await unpark(tieback, other, 'Purchase')).toEqual({ kind: 'not_found' });
  expect(await unpark(tieback, { ...connection, connectionId: 'nonsense' as never }, 'Purchase')).toEqual({
    kind: 'not_found',
  });
});

const later = (minutes: number): string => new Date(START.getTime() + minutes * MINUTE_MS).toISOString();

test('an order that is cancelled, or whose buyer says no, while its name is parked is not told any more', async () => {
  const { tieback, connection } = await openShop();
  tieback.meta.refuseEventName('Purchase');
  for (const id of [1, 2, 3]) {
    await tieback.pay(bought(id));
    await tieback.work();
  }
  for (const id of [1, 2])
    await tell(tieback, 'orders/cancelled', { ...bought(id), cancelled_at: later(0), updated_at: later(0) });
  const no = [{ name: '__tieback_consent', value: 'denied' }];
  await tell(tieback, 'orders/updated', { ...bought(3), note_attributes: no, updated_at: later(0) });
  await tieback.work();
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'cancelled' });
  expect(await orderOf(tieback, 3)).toMatchObject({ decision: 'withheld', reason: 'consent_denied' });
  tieback.meta.takeEventName('Purchase');
  expect(await unpark(tieback, connection, 'Purchase')).toEqual({ kind: 'unparked', events: 0 });
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual([]);
});

test('orders are told by the channels of the day on which their name is tried again', async () => {
  const { tieback, connection } = await openShop();
  tieback.meta.refuseEventName('Purchase');
  await tieback.pay(bought(1));
  await tieback.work();
  await changeSettings(tieback, connection, { channelOnlineStore: 'none' });
  await unpark(tieback, connection, 'Purchase');
  await tieback.work();
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'online_store_off' });
});

test('a shipment and a lead whose names are parked are kept whole, and told once they are tried again', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportOrderShipped: true, reportLeadSubmitted: true });
  const names = ['OrderShipped', 'LeadSubmitted'] as const;
  await tieback.pipeline.db.connection.updateMany({ data: { parkedEvents: [...names] } });
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await tieback.sendShopify('fulfillments/create', shopifyFulfillment({ order_id: 1, created_at: later(0) }));
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([
    { ...PARKED, eventName: 'LeadSubmitted', payload: expect.stringMatching(/./) },
    { ...PARKED, eventName: 'OrderShipped', payload: expect.stringMatching(/./) },
    { state: 'accepted', eventName: 'Purchase' },
  ]);
  for (const name of names)
    expect(await unpark(tieback, connection, name)).toEqual({ kind: 'unparked', events: 1 });
  await tieback.work();
  expect((await eventsOf(tieback)).map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
});

test('a lead is not told after its time, nor one that Meta detected by itself meanwhile', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportLeadSubmitted: true });
  const park = () => tieback.pipeline.db.connection.updateMany({ data: { parkedEvents: ['LeadSubmitted'] } });
  await park();
  await tieback.tapAd();
  await tieback.tapAd({ clid: 'AnotherClick_1', messageId: 'wamid.TAP2', at: START });
  await tieback.work();
  const seen = { messageId: 'wamid.auto', at: START, clid: CLICK_ID, eventName: 'LeadSubmitted' as const };
  await tieback.sendWhatsApp(automaticEvent({ ...connection, ...seen }));
  await tieback.work();
  const reasons = async () => (await eventsOf(tieback)).map(({ reason }) => reason).toSorted();
  const kept = ['event_name_parked', 'reported_automatically'];
  expect(await reasons()).toEqual(kept);
  tieback.now.forward(8 * DAY_MS);
  expect(await unpark(tieback, connection, 'LeadSubmitted')).toEqual({ kind: 'unparked', events: 0 });
  expect(await reasons()).toEqual(kept);
  await park();
  tieback.now.forward(-8 * DAY_MS);
  await unpark(tieback, connection, 'LeadSubmitted');
  await tieback.work();
  expect(tieback.meta.accepted()).toMatchObject([{ event: { user_data: { ctwa_clid: 'AnotherClick_1' } } }]);
});

test('sales that are parked for a day are tried again once, and after another refusal a week later', async () => {
  const { tieback } = await openShop();
  const { pipeline, now, meta } = tieback;
  const night = async (hours: number): Promise<number> => {
    now.forward(hours * 60 * MINUTE_MS);
    const before = meta.requests().length;
    await retryParkedSales(pipeline);
    await tieback.work();
    return meta.requests().length - before;
  };
  meta.refuseEventName('Purchase');
  await tieback.pay(bought(1));
  await tieback.work();
  expect(await night(23)).toBe(0);
  expect(await parkedOf(tieback)).toEqual(['Purchase']);
  expect(await night(1)).toBe(1);
  expect(await parkedOf(tieback)).toEqual(['Purchase']);
  expect(await night(25)).toBe(0);

  meta.takeEventName('Purchase');
  expect(await night(4 * 24)).toBe(0);
  await tieback.pay(bought(2, { at: now.at }));
  await tieback.work();
  expect(await night(24)).toBe(1);
  expect(await parkedOf(tieback)).toEqual([]);
  expect(acceptedBy(tieback)).toContain('shopify:order:2:Purchase');
});

test('parked sales are tried again as soon as Meta takes them; other names wait for a person', async () => {
  const { tieback } = await openShop();
  tieback.meta.refuseEventName('Purchase');
  await tieback.pay(bought(1));
  await tieback.work();
  await tieback.pipeline.db.connection.updateMany({ data: { parkedEvents: ['Purchase', 'OrderShipped'] } });
  tieback.meta.takeEventName('Purchase');
  tieback.now.forward(DAY_MS);
  await retryParkedSales(tieback.pipeline);
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual(['shopify:order:1:Purchase']);
  expect(await parkedOf(tieback)).toEqual(['OrderShipped']);
  expect(await tieback.pipeline.db.alert.findMany({ where: { clearedAt: null } })).toEqual([]);
});
