import { expect, test } from 'vitest';
import type { Settings } from '../../app/domain/settings.ts';
import { consentBatch } from '../../app/pipeline/consent.ts';
import { shopifyAddress, shopifyCustomer, shopifyOrder } from '../builders/shopify.ts';
import { openInstalled, type Installed } from './installed.ts';
import { bought, changeSettings, DAY_MS, eventsOf, MINUTE_MS, orderOf, tell } from './linking.ts';
import { MARIA, openTieback, SHOP, START, type Connection } from './tieback.ts';

type Json = Record<string, unknown>;
const SAID = (value: string, name = '__tieback_consent'): Json => ({ note_attributes: [{ name, value }] });

test.each([
  ['__tieback_consent', 'denied'],
  ['_tieback_consent', 'no'],
  ['tieback_consent', 'False'],
])('an order whose cart says %s = %s is withheld', async (name, value) => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay({ ...bought(1), ...SAID(value, name) });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({
    ...{ decision: 'withheld', reason: 'consent_denied', consent: 'denied' },
  });
  expect(tieback.meta.accepted()).toEqual([]);
});

test('who agreed, or said nothing, is told of', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay({ ...bought(1), ...SAID('granted') });
  await tieback.pay(bought(2));
  await tieback.work();
  expect([(await orderOf(tieback, 1)).consent, (await orderOf(tieback, 2)).consent]).toEqual([
    'granted',
    null,
  ]);
  expect(tieback.meta.accepted()).toHaveLength(2);
});

test('a buyer’s word that comes later takes back what has not left', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd();
  await tieback.pipeline.db.connection.updateMany({
    data: { state: 'paused', probeAt: new Date('2027-01-01') },
  });
  await tieback.pay(bought(1));
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'due', connectionId: connection.connectionId }]);
  await tell(tieback, 'orders/updated', {
    ...bought(1),
    ...SAID('denied'),
    updated_at: '2026-11-18T13:29:00Z',
  });
  await tieback.work();
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'consent_denied' });
});

/** An order of Maria's that is shipped to California. */
const fromCalifornia = (id: number, customer: Json = {}): Json =>
  shopifyOrder({
    id,
    customer: shopifyCustomer(customer),
    billing_address: null,
    shipping_address: shopifyAddress({
      ...{
        phone: `+${MARIA.digits}`,
        city: 'Fresno',
        zip: '93650',
        country: 'United States',
        country_code: 'US',
      },
      ...{ province: 'California', province_code: 'CA' },
    }),
  });

type World = Installed & { connection: Connection; ask(): Promise<number> };

async function openWorld(settings: Partial<Settings> = {}): Promise<World> {
  const installed = await openInstalled();
  const { tieback, openAdmin } = installed;
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd();
  return { ...installed, connection, ask: () => consentBatch(tieback.pipeline, openAdmin) };
}

/** Shopify has the order and tells of its payment. */
async function sell({ tieback, shopify }: World, order: Json): Promise<void> {
  shopify.placeOrder(SHOP, order);
  await tieback.sendShopify('orders/paid', order);
}

const consentsOf = ({ tieback }: World) => tieback.pipeline.db.customerConsent.findMany();

test('an event about a buyer from the United States waits for Shopify’s word, and leaves with a “no opt-out” at once', async () => {
  const world = await openWorld();
  const { tieback } = world;
  await sell(world, fromCalifornia(1));
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([
    { state: 'due', attempts: 0, nextAttemptAt: new Date(START.getTime() + 10 * MINUTE_MS) },
  ]);
  expect(await world.ask()).toBe(1);
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
  expect(await consentsOf(world)).toMatchObject([{ saleOptOut: false, answeredAt: START }]);
  expect(await world.ask()).toBe(0);
});

test('an order of somebody who opted out of the sale of their data is withheld', async () => {
  const world = await openWorld();
  await sell(world, fromCalifornia(1, { data_sale_opt_out: true }));
  await world.tieback.work();
  await world.ask();
  await world.tieback.work();
  expect(await orderOf(world.tieback, 1)).toMatchObject({
    decision: 'withheld',
    reason: 'data_sale_opt_out',
  });
  expect(await eventsOf(world.tieback)).toEqual([]);
});

test('a shop may have it told with limited data use instead', async () => {
  const world = await openWorld({ dataSaleOptOut: 'limit' });
  await sell(world, fromCalifornia(1, { data_sale_opt_out: true }));
  await world.tieback.work();
  await world.ask();
  await world.tieback.work();
  expect(world.tieback.meta.accepted()).toMatchObject([
    {
      event: {
        opt_out: true,
        data_processing_options: ['LDU'],
        data_processing_options_country: 1,
        data_processing_options_state: 1000,
      },
    },
  ]);
});

test('an answer of the last day is believed without asking again, an older one is asked for anew', async () => {
  const world = await openWorld();
  const { tieback, shopify } = world;
  await sell(world, fromCalifornia(1));
  await tieback.work();
  await world.ask();
  tieback.now.forward(DAY_MS - MINUTE_MS);
  await sell(world, fromCalifornia(2));
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(2);
  tieback.now.forward(2 * MINUTE_MS);
  shopify.placeOrder(SHOP, fromCalifornia(1, { data_sale_opt_out: true }));
  await sell(world, fromCalifornia(3, { data_sale_opt_out: true }));
  await tieback.work();
  await world.ask();
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(2);
  expect(await orderOf(tieback, 3)).toMatchObject({ decision: 'withheld', reason: 'data_sale_opt_out' });
});

test('who opted in again is told of, also for what was kept back', async () => {
  const world = await openWorld();
  const { tieback, shopify } = world;
  await sell(world, fromCalifornia(1, { data_sale_opt_out: true }));
  await tieback.work();
  await world.ask();
  await tieback.work();
  tieback.now.forward(2 * DAY_MS);
  shopify.placeOrder(SHOP, fromCalifornia(1));
  await sell(world, fromCalifornia(2));
  await tieback.work();
  expect(await orderOf(tieback, 2)).toMatchObject({ reason: 'data_sale_opt_out' });
  await world.ask();
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(2);
});

test('when Shopify cannot be asked the event goes when its wait is over, and Shopify is left alone between tries', async () => {
  const world = await openWorld();
  const { tieback, shopify } = world;
  await tieback.pipeline.db.session.deleteMany();
  await sell(world, fromCalifornia(1));
  await tieback.work();
  expect(await world.ask()).toBe(0);
  expect(await tieback.pipeline.db.lease.count({ where: { name: `consent:${SHOP}` } })).toBe(1);
  await world.install(SHOP);
  const asked = shopify.graphqlCalls().length;
  expect(await world.ask()).toBe(0);
  expect(shopify.graphqlCalls()).toHaveLength(asked);
  tieback.now.forward(10 * MINUTE_MS);
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test.each<[string, Json]>([
  ['from elsewhere', bought(1)],
  ['of no customer', { ...fromCalifornia(1), customer: null }],
])('Shopify is not asked about a buyer %s', async (_, order) => {
  const world = await openWorld();
  await sell(world, shopifyOrder(order));
  await world.tieback.work();
  expect(await consentsOf(world)).toEqual([]);
  expect(world.tieback.meta.accepted()).toHaveLength(1);
});

test('an answer that comes while another order of the buyer is decided does not pass its event by', async () => {
  const world = await openWorld();
  const { tieback } = world;
  await sell(world, fromCalifornia(1, { data_sale_opt_out: true }));
  await tieback.work();
  const { clock } = tieback.pipeline;
  // Shopify's answer about the first order is on its way while the second is written down.
  const slow: typeof world.openAdmin = async (shop) => {
    tieback.now.forward(1);
    await sell(world, fromCalifornia(2, { data_sale_opt_out: true }));
    await tieback.work();
    return world.openAdmin(shop);
  };
  await consentBatch(tieback.pipeline, slow);
  expect(await consentsOf(world)).toMatchObject([{ answeredAt: null, askedAt: clock() }]);
  await world.ask();
  await tieback.work();
  expect(await eventsOf(tieback)).toEqual([]);
});
