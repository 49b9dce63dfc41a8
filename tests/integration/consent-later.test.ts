import { expect, test } from 'vitest';
import type { Settings } from '../../app/domain/settings.ts';
import { consentBatch } from '../../app/pipeline/consent.ts';
import { tidy } from '../../app/pipeline/housekeeping.ts';
import { reconsiderBatch } from '../../app/pipeline/reconsider.ts';
import { shopifyAddress, shopifyCustomer, shopifyOrder, shopifyRefund } from '../builders/shopify.ts';
import { openInstalled, type Installed } from './installed.ts';
import { bought, changeSettings, CHECKOUT, DAY_MS, eventsOf, MINUTE_MS, orderOf, tell } from './linking.ts';
import { MARIA, SHOP, START, type Connection } from './tieback.ts';

type Json = Record<string, unknown>;
type World = Installed & { connection: Connection; ask(): Promise<number> };

const HOUR_MS = 60 * MINUTE_MS;

/** An order of Maria's that is shipped to California. */
const fromCalifornia = (id: number, customer: Json = {}): Json => {
  const place = { country: 'United States', country_code: 'US', province: 'California', province_code: 'CA' };
  return shopifyOrder({
    ...bought(id),
    customer: shopifyCustomer(customer),
    shipping_address: shopifyAddress({ phone: `+${MARIA.digits}`, ...place }),
  });
};

async function openWorld(settings: Partial<Settings> = {}): Promise<World> {
  const installed = await openInstalled();
  const { tieback, openAdmin } = installed;
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd();
  await tieback.work();
  return { ...installed, connection, ask: () => consentBatch(tieback.pipeline, openAdmin) };
}

async function sell({ tieback, shopify }: World, order: Json): Promise<void> {
  shopify.placeOrder(SHOP, order);
  await tieback.sendShopify('orders/paid', order, { triggeredAt: CHECKOUT });
  await tieback.work();
}

/** Goods of order 1 come back, so many days after the start. */
async function sendBack({ tieback }: World, order: Json, days: number): Promise<void> {
  const at = new Date(START.getTime() + days * DAY_MS);
  const refunds = [shopifyRefund({ created_at: new Date(at.getTime() - HOUR_MS).toISOString() })];
  await tell(tieback, 'orders/updated', { ...order, updated_at: at.toISOString(), refunds });
  await tieback.work();
}

test('somebody who opted out is not told of after any time, by whatever becomes of their order', async () => {
  const world = await openWorld({ reportOrderReturned: true });
  const { tieback } = world;
  const order = fromCalifornia(1, { data_sale_opt_out: true });
  await sell(world, order);
  await world.ask();
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ reason: 'data_sale_opt_out' });
  tieback.now.forward(31 * DAY_MS);
  await tidy(tieback.pipeline);
  await sendBack(world, order, 31);
  expect(await eventsOf(tieback)).toEqual([]);
});

test('where a buyer is stays known after what their events say is gone: limits hold, and Shopify is asked', async () => {
  const world = await openWorld({ reportOrderReturned: true });
  const { tieback, shopify } = world;
  await sell(world, fromCalifornia(1));
  await world.ask();
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ country: 'US', state: 'CA' });
  tieback.now.forward(12 * DAY_MS);
  await tidy(tieback.pipeline);
  const limited = { reportOrderReturned: true, limitedDataUse: 'california' } as const;
  await changeSettings(tieback, world.connection, limited);
  await sendBack(world, fromCalifornia(1), 12);
  expect(tieback.meta.accepted()).toHaveLength(1);
  await world.ask();
  await tieback.work();
  const LDU = { data_processing_options: ['LDU'], data_processing_options_state: 1000 };
  expect(tieback.meta.accepted()[1]).toMatchObject({ event: { event_name: 'OrderReturned', ...LDU } });

  tieback.now.forward(2 * DAY_MS);
  await sell(world, fromCalifornia(2));
  shopify.placeOrder(SHOP, fromCalifornia(1, { data_sale_opt_out: true }));
  shopify.placeOrder(SHOP, fromCalifornia(2, { data_sale_opt_out: true }));
  await world.ask();
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(2);
});

test('a telling that says nothing of a place leaves the one that is known', async () => {
  const world = await openWorld();
  await sell(world, fromCalifornia(1));
  const placeless = { customer: null, shipping_address: null, updated_at: START.toISOString() };
  await tell(world.tieback, 'orders/updated', { ...bought(1), ...placeless });
  await world.tieback.work();
  expect(await orderOf(world.tieback, 1)).toMatchObject({ country: 'US', state: 'CA' });
});

test('an event waits for Shopify’s word no longer than Meta takes it', async () => {
  const world = await openWorld();
  const { tieback } = world;
  const deadline = CHECKOUT.getTime() + 7 * DAY_MS - HOUR_MS;
  tieback.now.forward(deadline - START.getTime() - 5 * MINUTE_MS);
  await sell(world, fromCalifornia(1));
  const [event] = await eventsOf(tieback);
  expect(event).toMatchObject({
    nextAttemptAt: new Date(deadline - MINUTE_MS),
    deadline: new Date(deadline),
  });
  tieback.now.forward(4 * MINUTE_MS);
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test('an event that is written anew waits no longer than before', async () => {
  const world = await openWorld();
  const { tieback } = world;
  await sell(world, fromCalifornia(1));
  const due = new Date(START.getTime() + 10 * MINUTE_MS);
  for (const change of ['granted', null, 'granted']) {
    tieback.now.forward(2 * MINUTE_MS);
    const note_attributes = change === null ? [] : [{ name: '__tieback_consent', value: change }];
    const said = { note_attributes, updated_at: tieback.now.at.toISOString() };
    await tell(tieback, 'orders/updated', { ...fromCalifornia(1), ...said });
    await tieback.work();
    expect(await eventsOf(tieback)).toMatchObject([{ state: 'due', nextAttemptAt: due }]);
  }
});

test('from the moment that Shopify says “opted out” nothing leaves that was decided before', async () => {
  const world = await openWorld({ dataSaleOptOut: 'limit' });
  const { tieback } = world;
  await sell(world, fromCalifornia(1, { data_sale_opt_out: true }));
  await world.ask();
  const [event] = await eventsOf(tieback);
  expect(event).toMatchObject({ state: 'due', nextAttemptAt: event?.deadline });
  await reconsiderBatch(tieback.pipeline);
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'due', nextAttemptAt: START }]);
  await tieback.work();
  expect(tieback.meta.accepted()).toMatchObject([{ event: { opt_out: true } }]);
});

test('Shopify is asked for the shop that has waited longest, so that busy shops hold up nobody', async () => {
  const { tieback } = await openInstalled();
  const { db } = tieback.pipeline;
  const domains = Array.from({ length: 17 }, (_, nth) => `shop-${nth}.myshopify.com`);
  await db.shop.createMany({ data: domains.map((domain) => ({ domain })) });
  const shops = await db.shop.findMany({ where: { domain: { in: domains } }, orderBy: { id: 'asc' } });
  const ask = (shopIds: readonly number[], customerGid: string) =>
    db.customerConsent.createMany({
      data: shopIds.map((shopId) => ({ shopId, customerGid, askedAt: tieback.now.at })),
    });
  const ids = shops.map(({ id }) => id);
  const asked: string[] = [];
  await ask(ids, 'first');
  for (let round = 0; round < 2; round += 1) {
    await consentBatch(tieback.pipeline, (domain) => {
      asked.push(domain);
      return Promise.resolve({
        kind: 'open',
        client: ({ data }) => Promise.resolve({ kind: 'answered', data: data.parse({ nodes: [] }) }),
      });
    });
    tieback.now.forward(1000);
    await ask(ids.slice(0, 16), `round ${round}`);
  }
  expect(asked).toContain(domains[16]);
});
