import { expect, test } from 'vitest';
import type { Settings } from '../../app/domain/settings.ts';
import { checkoutBatch } from '../../app/pipeline/checkout-batch.ts';
import { shopifyCheckout } from '../builders/browsing.ts';
import { shopifyAddress } from '../builders/shopify.ts';
import { changeSettings } from './linking.ts';
import { MARIA, openTieback, START, type Connection, type Tieback } from './tieback.ts';

const MINUTE_MS = 60_000;
const body = shopifyCheckout();
const CUSTOMER = `gid://shopify/Customer/${(body['customer'] as { id: number }).id}`;
const US = shopifyAddress({ country_code: 'US', country: 'United States', province_code: 'CA' });

type Opened = { tieback: Tieback; connection: Connection };

async function openShop(settings: Partial<Settings> = {}): Promise<Opened> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportInitiateCheckout: true, ...settings });
  await tieback.tapAd();
  await tieback.work();
  return { tieback, connection };
}

async function begin(tieback: Tieback, fields: Record<string, unknown> = {}): Promise<void> {
  await tieback.sendShopify('checkouts/update', shopifyCheckout(fields));
  await tieback.work();
  tieback.now.forward(5 * MINUTE_MS);
  await tieback.work();
}

const fromUs = { shipping_address: { ...US, phone: MARIA.order }, billing_address: US };
const told = ({ meta }: Tieback) => meta.accepted().map(({ event }) => event);
const asked = ({ pipeline }: Tieback) => pipeline.db.customerConsent.findMany();

async function say({ tieback, connection: { shopId } }: Opened, saleOptOut: boolean): Promise<void> {
  const answer = { answeredAt: tieback.now.at, saleOptOut };
  await tieback.pipeline.db.customerConsent.upsert({
    where: { shopId_customerGid: { shopId, customerGid: CUSTOMER } },
    create: { shopId, customerGid: CUSTOMER, askedAt: tieback.now.at, ...answer },
    update: answer,
  });
}

test('a checkout of a customer who opted out of the sale of their data is kept back, and that is shown', async () => {
  const shop = await openShop({ dataSaleOptOut: 'withhold' });
  await say(shop, true);
  await begin(shop.tieback);
  expect(told(shop.tieback)).toEqual([]);
  expect(await shop.tieback.pipeline.db.conversionEvent.findMany()).toMatchObject([
    { eventName: 'InitiateCheckout', state: 'withheld', reason: 'data_sale_opt_out' },
  ]);
});

test('or is told with limits, where the shop wants that', async () => {
  const shop = await openShop({ dataSaleOptOut: 'limit' });
  await say(shop, true);
  await begin(shop.tieback);
  expect(told(shop.tieback)).toMatchObject([{ opt_out: true, data_processing_options: ['LDU'] }]);
});

test.each([
  [false, ['InitiateCheckout']],
  [true, []],
])(
  'Shopify is asked about a buyer in the United States first; who opted out (%s) is told of: %j',
  async (no, names) => {
    const shop = await openShop({ dataSaleOptOut: 'withhold' });
    await begin(shop.tieback, fromUs);
    expect(told(shop.tieback)).toEqual([]);
    const { askedAt } = (await asked(shop.tieback))[0] ?? {};
    expect(await asked(shop.tieback)).toMatchObject([{ customerGid: CUSTOMER, answeredAt: null }]);
    shop.tieback.now.forward(MINUTE_MS);
    await shop.tieback.work();
    // One who is being asked about already is not asked about anew.
    expect(await asked(shop.tieback)).toMatchObject([{ askedAt, answeredAt: null }]);
    await say(shop, no);
    shop.tieback.now.forward(MINUTE_MS);
    await shop.tieback.work();
    expect(told(shop.tieback).map(({ event_name }) => event_name)).toEqual(names);
    expect(await checkoutBatch(shop.tieback.pipeline)).toBe(0);
  },
);

test('without an answer it goes after ten minutes, for it cannot wait for ever', async () => {
  const { tieback } = await openShop();
  await begin(tieback, fromUs);
  tieback.now.forward(10 * MINUTE_MS - 1);
  await tieback.work();
  expect(told(tieback)).toEqual([]);
  tieback.now.forward(MINUTE_MS);
  await tieback.work();
  const seconds = Date.parse(String(body['created_at'])) / 1000;
  expect(told(tieback)).toMatchObject([{ event_name: 'InitiateCheckout', event_time: seconds }]);
});

test('hashed customer data that was switched off meanwhile is not told', async () => {
  const { tieback, connection } = await openShop();
  await tieback.sendShopify('checkouts/update', shopifyCheckout());
  await tieback.work();
  await changeSettings(tieback, connection, { reportInitiateCheckout: true, sendCustomerHashes: false });
  tieback.now.at = new Date(START.getTime() + 5 * MINUTE_MS);
  await tieback.work();
  const [event] = told(tieback);
  expect(Object.keys(event?.['user_data'] as object).toSorted()).toEqual([
    'ctwa_clid',
    'whatsapp_business_account_id',
  ]);
});
