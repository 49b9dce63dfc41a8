import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Settings } from '../../app/domain/settings.ts';
import {
  bought,
  changeSettings,
  CHECKOUT,
  contactOf,
  decide,
  DAY_MS,
  eventsOf,
  gidOf,
  MINUTE_MS,
  orderOf,
  tell,
} from './linking.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { tidy } from '../../app/pipeline/housekeeping.ts';
import { linkByHand } from '../../app/pipeline/staff-link.ts';
import { openInstalled } from './installed.ts';
import { addPixel, PIXEL } from './pixel.ts';
import { CLICK_ID, MARIA, openTieback, SHOP, START, type Connection, type Tieback } from './tieback.ts';

const LANDING = { landing_site: '/products/camiseta?utm_source=x&fbclid=IwAR0abc' };
const POS = { source_name: 'pos', landing_site: null, client_details: null, browser_ip: null };
const WEBSITE: Partial<Settings> = { channelOnlineStore: 'website' };

async function openShop(
  settings: Partial<Settings>,
): Promise<{ tieback: Tieback; connection: Connection; pixel: string }> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const pixel = await addPixel(tieback, connection);
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd();
  return { tieback, connection, pixel };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('an online-store order goes to the pixel as a website event, with the buyer’s browser and the click', async () => {
  const { tieback, pixel } = await openShop(WEBSITE);
  await tieback.pay({ ...bought(1), ...LANDING });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', reason: null });
  expect(await eventsOf(tieback)).toMatchObject([
    {
      state: 'accepted',
      channel: 'website',
      connectionId: pixel,
      datasetId: PIXEL.datasetId,
      source: 'order',
    },
  ]);
  const [{ event, datasetId } = { event: {}, datasetId: '' }] = tieback.meta.accepted();
  expect(datasetId).toBe(PIXEL.datasetId);
  expect(event).toMatchObject({
    event_name: 'Purchase',
    event_id: 'shopify:order:1:Purchase',
    action_source: 'website',
    event_source_url: 'https://loja.example.com/products/camiseta',
    user_data: {
      client_user_agent: 'Mozilla/5.0',
      client_ip_address: '203.0.113.24',
      fbc: `fb.1.${CHECKOUT.getTime()}.IwAR0abc`,
      ctwa_clid: CLICK_ID,
      em: [sha256('maria@example.com')],
    },
  });
  expect(event).not.toHaveProperty('messaging_channel');
});

test('a point-of-sale order goes to the pixel as a sale in a store, without a browser', async () => {
  const { tieback, pixel } = await openShop({ channelPointOfSale: 'physical_store' });
  await tieback.pay({ ...bought(1), ...POS });
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([
    { state: 'accepted', channel: 'physical_store', connectionId: pixel },
  ]);
  const user = tieback.meta.accepted()[0]?.event['user_data'];
  expect(user).toHaveProperty('em');
  expect(user).not.toHaveProperty('client_user_agent');
});

test('a sale in a store may be reported for 62 days, one on the website for 7', async () => {
  const { tieback } = await openShop({ ...WEBSITE, channelPointOfSale: 'physical_store' });
  await tieback.pay({ ...bought(1), ...POS });
  await tieback.pay(bought(2));
  await decide(tieback);
  const deadlines = (await eventsOf(tieback)).map(({ deadline, eventTime }) =>
    Math.round((deadline.getTime() - eventTime.getTime()) / DAY_MS),
  );
  expect(deadlines).toEqual([62, 7]);
});

test.each<[string, Partial<Settings>, Record<string, unknown>]>([
  ['online_store_off', { channelOnlineStore: 'none' }, {}],
  ['point_of_sale_off', { channelPointOfSale: 'none' }, POS],
  ['in_chat_off', { channelInChat: 'none' }, { source_name: 'shopify_draft_order' }],
  ['other_channel_off', { channelOtherChannel: 'none' }, { source_name: '1234567' }],
  ['no_browser', WEBSITE, { client_details: null }],
  ['no_customer_data', { channelPointOfSale: 'physical_store', sendCustomerHashes: false }, POS],
])('an order that cannot be told is withheld and says why: %s', async (reason, settings, fields) => {
  const { tieback } = await openShop(settings);
  await tieback.pay({ ...bought(1), ...fields });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason });
  expect(await eventsOf(tieback)).toEqual([]);
});

test('without a pixel a website order is withheld; once there is one, what waits is told of on the next look', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, WEBSITE);
  await tieback.tapAd();
  await tieback.pay({ ...bought(1), ...LANDING });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'no_pixel' });
  await addPixel(tieback, connection);
  await tieback.pipeline.db.order.updateMany({ data: { reconsider: true } });
  await tieback.work();
  expect(tieback.meta.accepted()).toMatchObject([
    { event: { action_source: 'website', user_data: { fbc: `fb.1.${CHECKOUT.getTime()}.IwAR0abc` } } },
  ]);
});

test('of an order told on the website nothing else is: a pixel takes purchases alone', async () => {
  const { tieback } = await openShop({ ...WEBSITE, reportOrderCreated: true, reportOrderShipped: true });
  await tell(tieback, 'orders/create', { ...bought(1), financial_status: 'pending' });
  await tieback.work();
  await tieback.pay({ ...bought(1), updated_at: '2026-11-18T13:25:00Z' });
  await tell(tieback, 'orders/updated', {
    ...bought(1),
    updated_at: '2026-11-18T13:29:00Z',
    fulfillments: [{ status: 'success', created_at: '2026-11-18T13:28:00Z' }],
  });
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([{ eventName: 'Purchase', channel: 'website' }]);
});

test('an event that has not left follows a change of channel with all that the order said', async () => {
  const { tieback, connection, pixel } = await openShop({});
  await tieback.pay({ ...bought(1), ...LANDING });
  await decide(tieback);
  expect(await eventsOf(tieback)).toMatchObject([
    { channel: 'business_messaging', connectionId: connection.connectionId },
  ]);
  await changeSettings(tieback, connection, {
    ...WEBSITE,
    websiteEventId: 'checkout-{checkout_token}',
  });
  await tieback.pipeline.db.order.updateMany({ data: { reconsider: true } });
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([
    { channel: 'website', connectionId: pixel, state: 'accepted' },
  ]);
  expect(tieback.meta.accepted()).toMatchObject([
    {
      event: {
        event_id: 'checkout-0f1e2d3c4b5a69788796a5b4c3d2e1f0',
        user_data: { client_user_agent: 'Mozilla/5.0', fbc: expect.stringMatching(/IwAR0abc$/) },
      },
    },
  ]);
});

test('a pixel that Meta refuses is paused and probed by an event of 8 days ago, and works again by itself', async () => {
  const { tieback, pixel } = await openShop(WEBSITE);
  const state = async () =>
    (await tieback.pipeline.db.connection.findFirstOrThrow({ where: { id: pixel } })).state;
  tieback.meta.faultNext({ kind: 'status', status: 403, code: 200 });
  await tieback.pay(bought(1));
  await tieback.work();
  expect(await state()).toBe('paused');
  tieback.now.forward(MINUTE_MS);
  await tieback.work();
  expect(await state()).toBe('active');
  expect(tieback.meta.accepted()).toMatchObject([{ event: { action_source: 'website' } }]);
});

test('events of a lost number wait and are not tried, and nobody probes it', async () => {
  const { tieback, connection } = await openShop({});
  await tieback.pipeline.db.connection.updateMany({
    where: { id: connection.connectionId },
    data: { state: 'lost', stateReason: 'partner_removed' },
  });
  await tieback.pay(bought(1));
  await tieback.work();
  const before = tieback.meta.requests().length;
  tieback.now.forward(DAY_MS);
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report' });
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'due', attempts: 0 }]);
  expect(tieback.meta.requests().length).toBe(before);
});

test('an order of which the shop’s rule leaves no value is not told', async () => {
  const { tieback } = await openShop({ valueRule: 'subtotal' });
  await tieback.pay({ ...bought(1), total_price: '15.00', subtotal_price: '0.00' });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'zero_value' });
  expect(await eventsOf(tieback)).toEqual([]);
});

test('a sale in a store that staff link weeks later is told by the shop’s rule for values', async () => {
  const { tieback, connection } = await openShop({
    ...{ channelPointOfSale: 'physical_store', valueRule: 'subtotal', windowDays: 30 },
  });
  await tieback.pay({ ...bought(1, { phone: null }), ...POS });
  await tieback.work();
  tieback.now.forward(40 * DAY_MS);
  await tidy(tieback.pipeline);
  const contactId = await contactOf(tieback, MARIA.digits.slice(-4));
  const link = { shopId: connection.shopId, gid: gidOf(1), contactId, rejected: [], by: 'staff' };
  await linkByHand(tieback.pipeline, link);
  await tieback.work();
  expect(tieback.meta.accepted()).toMatchObject([
    { event: { action_source: 'physical_store', custom_data: { value: 199.9 } } },
  ]);
  tieback.now.forward(24 * DAY_MS);
  await tidy(tieback.pipeline);
  expect(await orderOf(tieback, 1)).toMatchObject({ draft: null });
});

test('what a shop does not tell as sales in a store is kept for no longer than the rest', async () => {
  const { tieback } = await openShop({});
  await tieback.pay({ ...bought(1, { phone: null }), ...POS });
  await tieback.work();
  tieback.now.forward(9 * DAY_MS);
  await tidy(tieback.pipeline);
  expect(await orderOf(tieback, 1)).toMatchObject({ provenance: 'point_of_sale', draft: null });
});

test('a payment that only Shopify’s list told of keeps the browser that the checkout was seen with', async () => {
  const { tieback, shopify, reconcile } = await openInstalled();
  const connection = await tieback.connect();
  await addPixel(tieback, connection);
  await changeSettings(tieback, connection, WEBSITE);
  await tieback.tapAd();
  await tell(tieback, 'orders/create', { ...bought(1), financial_status: 'pending' });
  await tieback.work();
  shopify.placeOrder(SHOP, shopifyOrder({ ...bought(1), updated_at: START.toISOString() }));
  tieback.now.forward(60 * MINUTE_MS);
  await reconcile();
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', paidToldBy: 'order_list' });
  expect(tieback.meta.accepted()).toMatchObject([
    { event: { action_source: 'website', user_data: { client_user_agent: 'Mozilla/5.0' } } },
  ]);
});
