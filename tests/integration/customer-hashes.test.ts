import { expect, test } from 'vitest';
import { shopifyFulfillment } from '../builders/shopify.ts';
import { bought, changeSettings, decide, eventsOf, orderOf } from './linking.ts';
import { addPixel } from './pixel.ts';
import { openTieback, START, type Connection, type Tieback } from './tieback.ts';

const WITHOUT_HASHES = ['ctwa_clid', 'whatsapp_business_account_id'];
const POS = { source_name: 'pos', landing_site: null, client_details: null, browser_ip: null };

async function openShop(): Promise<{ tieback: Tieback; connection: Connection }> {
  const tieback = await openTieback();
  return { tieback, connection: await tieback.connect() };
}

const pause = ({ pipeline }: Tieback) =>
  pipeline.db.connection.updateMany({ data: { state: 'paused', probeAt: new Date('2027-06-01') } });
const resume = ({ pipeline }: Tieback) =>
  pipeline.db.connection.updateMany({ data: { state: 'active', probeAt: null } });
/** By what Meta was told that each event's person may be known. */
const toldBy = ({ meta }: Tieback) =>
  meta.accepted().map(({ event }) => Object.keys(event['user_data'] as object).toSorted());

test('an order that is linked after customer data was switched off is told without it', async () => {
  const { tieback, connection } = await openShop();
  await tieback.pay(bought(1));
  await decide(tieback);
  await changeSettings(tieback, connection, { sendCustomerHashes: false });
  await tieback.tapAd();
  await tieback.work();
  expect(toldBy(tieback)).toEqual([WITHOUT_HASHES]);
});

test('so is what becomes of an order that was told with it', async () => {
  const { tieback, connection } = await openShop();
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await tieback.work();
  await changeSettings(tieback, connection, { reportOrderShipped: true, sendCustomerHashes: false });
  const shipment = { order_id: 1, created_at: START.toISOString() };
  await tieback.sendShopify('fulfillments/create', shopifyFulfillment(shipment));
  await tieback.work();
  expect(toldBy(tieback)[0]).toContain('em');
  expect(toldBy(tieback)[1]).toEqual(WITHOUT_HASHES);
});

test('and an event that was waiting already, of which nothing else is kept either', async () => {
  const { tieback, connection } = await openShop();
  await tieback.tapAd();
  await pause(tieback);
  await tieback.pay(bought(1));
  await tieback.work();
  const [before] = await eventsOf(tieback);
  await changeSettings(tieback, connection, { sendCustomerHashes: false });
  await resume(tieback);
  await tieback.work();
  expect(toldBy(tieback)).toEqual([WITHOUT_HASHES]);
  const [after] = await eventsOf(tieback);
  expect(after?.payload.length).toBeLessThan(before?.payload.length ?? 0);
});

test('a waiting sale in a store that nobody could be known by then is kept back', async () => {
  const { tieback, connection } = await openShop();
  await addPixel(tieback, connection);
  const settings = { channelPointOfSale: 'physical_store' } as const;
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd();
  await pause(tieback);
  await tieback.pay({ ...bought(1), ...POS });
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'due', channel: 'physical_store' }]);
  await changeSettings(tieback, connection, { ...settings, sendCustomerHashes: false });
  await resume(tieback);
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'withheld', reason: 'no_customer_data' }]);
  expect(tieback.meta.accepted()).toEqual([]);
});

test('an order whose buyer could be known by nothing is withheld, and not reported for ever', async () => {
  const { tieback, connection } = await openShop();
  await addPixel(tieback, connection);
  await changeSettings(tieback, connection, { channelOnlineStore: 'website', sendCustomerHashes: false });
  await tieback.tapAd({ clid: null });
  const browser = { browser_ip: null, client_details: { user_agent: 'Mozilla/5.0', browser_ip: null } };
  await tieback.pay({ ...bought(1), ...browser });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'no_customer_data' });
});
