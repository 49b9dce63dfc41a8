import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, settingsAsWords } from '../../app/domain/settings.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { changeSettings } from './linking.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { SHOP } from './tieback.ts';

const [PAID, UNKNOWN_BUYER, UNPAID, LATER] = [5512345678901, 5512345678902, 5512345678903, 5512345678904];
const gid = (id: number): string => `gid://shopify/Order/${id}`;
const NOBODY = {
  phone: '+55 21 99999-0000',
  customer: null,
  billing_address: null,
  shipping_address: null,
};

/** Maria's order from the ad, one of a stranger, and one that is not paid yet. */
async function openShop() {
  const world = await openOperated();
  const { tieback } = world;
  const connection = await tieback.connect();
  await tieback.tapAd();
  await tieback.pay({ id: PAID });
  const minuteLater = '2026-11-18T10:23:29-03:00';
  await tieback.pay({ id: UNKNOWN_BUYER, name: '#1043', processed_at: minuteLater, ...NOBODY });
  const unpaid = {
    financial_status: 'pending',
    total_price: '35.00',
    processed_at: '2026-11-18T10:24:29-03:00',
  };
  await tieback.sendShopify('orders/create', shopifyOrder({ id: UNPAID, name: '#1044', ...unpaid }));
  await tieback.work();
  return { ...world, connection };
}

const UUID = /^[0-9a-f-]{36}$/;
const REPORTED = {
  order_id: gid(PAID),
  name: '#1042',
  state: 'reported',
  reason: null,
  evidence: [
    {
      signal: 'customer_phone',
      source: 'shipping_address',
      basis: 'brazil_ninth_digit',
      strength: 'strong',
      masked: '+55 ••••• 4321',
      contact: expect.stringMatching(UUID),
      verdict: 'chosen',
      why: null,
      chosen: true,
    },
  ],
  referral: '120226305854810726',
  value: 214.9,
  currency: 'BRL',
  provenance: 'online_store',
  source_name: 'web',
  signal: 'customer_phone',
  strength: 'strong',
  disagreement: false,
  credits: [{ referral: '120226305854810726', share: 1 }],
  net: 214.9,
};
const NOT_ATTRIBUTED = {
  order_id: gid(UNKNOWN_BUYER),
  name: '#1043',
  state: 'not_attributed',
  reason: 'no_conversation',
  evidence: [],
  referral: null,
  value: 214.9,
  currency: 'BRL',
  provenance: 'online_store',
  source_name: 'web',
  signal: null,
  strength: null,
  disagreement: false,
  credits: [],
  net: 214.9,
};
/** Linked as the paid one is, though nothing is told of it yet. */
const PENDING = { ...REPORTED, order_id: gid(UNPAID), name: '#1044', state: 'unpaid', value: 35, net: 35 };

test('orders gives each order with the keys of the contract and how it was linked, newest first', async () => {
  const { env } = await openShop();
  expect(await jsonOf(['orders', '--shop', SHOP], env)).toEqual([PENDING, NOT_ATTRIBUTED, REPORTED]);
});

test('orders --state gives only the orders in that state, and an empty array when there are none', async () => {
  const { env } = await openShop();
  const inState = (state: string) => jsonOf(['orders', '--shop', SHOP, '--state', state], env);
  const [reported, missed, unpaid, refused] = await Promise.all(
    ['reported', 'not_attributed', 'unpaid', 'refused'].map(inState),
  );
  expect(reported).toEqual([REPORTED]);
  expect(missed).toEqual([NOT_ATTRIBUTED]);
  expect(unpaid).toEqual([PENDING]);
  expect(refused).toEqual([]);
});

test("a shop's orders and events are not seen through another shop", async () => {
  const { tieback, env } = await openShop();
  const other = 'outra-loja.myshopify.com';
  await tieback.pipeline.db.shop.create({ data: { domain: other } });
  const [orders, events] = await Promise.all([
    jsonOf(['orders', '--shop', other], env),
    jsonOf(['events', '--shop', other], env),
  ]);
  expect([orders, events]).toEqual([[], []]);
});

test('events gives each conversion event with what Meta answered', async () => {
  const { tieback, env } = await openShop();
  const [accepted] = tieback.meta.accepted();
  expect(await jsonOf(['events', '--shop', SHOP], env)).toEqual([
    {
      id: expect.stringMatching(UUID),
      event_name: 'Purchase',
      event_id: `shopify:order:${PAID}:Purchase`,
      order_id: gid(PAID),
      subject: gid(PAID),
      channel: 'business_messaging',
      state: 'accepted',
      attempts: 1,
      fbtrace_id: accepted?.fbtraceId,
      error: null,
    },
  ]);
});

test('an event about no order names what it is about, and no order', async () => {
  const { tieback, env } = await openOperated();
  await changeSettings(tieback, await tieback.connect(), { reportLeadSubmitted: true });
  await tieback.tapAd();
  await tieback.work();
  const click = await tieback.pipeline.db.referral.findFirstOrThrow();
  expect(await jsonOf(['events', '--shop', SHOP], env)).toMatchObject([
    { event_name: 'LeadSubmitted', order_id: null, subject: `click:${click.id}` },
  ]);
});

test('an event that Meta refused shows its code, and --state finds it', async () => {
  const { tieback, env } = await openOperated();
  await tieback.connect();
  await tieback.tapAd();
  tieback.meta.faultNext({ kind: 'status', status: 400, code: 100, subcode: 2804087 });
  await tieback.pay({ id: PAID });
  await tieback.work();
  const [refused, accepted, orders] = await Promise.all([
    jsonOf(['events', '--shop', SHOP, '--state', 'refused'], env),
    jsonOf(['events', '--shop', SHOP, '--state', 'accepted'], env),
    jsonOf(['orders', '--shop', SHOP], env),
  ]);
  expect(refused).toMatchObject([{ state: 'refused', error: '100/2804087', attempts: 1 }]);
  expect(accepted).toEqual([]);
  expect(orders).toMatchObject([{ state: 'refused', reason: 'refused_click_id' }]);
});

test('coverage counts paid orders by state and reason and says that they add up', async () => {
  const { env } = await openShop();
  const report = await jsonOf(['coverage', '--shop', SHOP], env);
  expect(report).toEqual({
    since: '2026-11-18T13:22:29.000Z',
    counts: expect.arrayContaining([
      { state: 'reported', reason: null, orders: 1 },
      { state: 'not_attributed', reason: 'no_conversation', orders: 1 },
    ]),
    total: 2,
    paid_orders: 2,
    counted_by: 'stored_orders',
    complete: true,
  });
  expect(report).toHaveProperty('counts.length', 2);
});

test('coverage says so when a paid order has no state, as when its payment was never told', async () => {
  const { tieback, env } = await openShop();
  const paid = shopifyOrder({ id: LATER, name: '#1045', processed_at: '2026-11-18T10:25:29-03:00' });
  await tieback.sendShopify('orders/updated', paid);
  await tieback.work();
  expect(await jsonOf(['coverage', '--shop', SHOP], env)).toMatchObject({
    total: 2,
    paid_orders: 3,
    complete: false,
  });
  const { code, out } = await tiebackCommand(['coverage', '--shop', SHOP], env);
  expect(code).toBe(0);
  expect(out).toContain('2 paid orders have a state, their payment status counts 3');
});

test('coverage --since leaves out what was placed before, and a shop without orders is complete', async () => {
  const { tieback, env } = await openShop();
  const other = 'outra-loja.myshopify.com';
  await tieback.pipeline.db.shop.create({ data: { domain: other } });
  const [late, none] = await Promise.all([
    jsonOf(['coverage', '--shop', SHOP, '--since', '2026-11-18T13:23:00Z'], env),
    jsonOf(['coverage', '--shop', other], env),
  ]);
  expect(late).toMatchObject({ since: '2026-11-18T13:23:00.000Z', total: 1, paid_orders: 1, complete: true });
  expect(none).toMatchObject({ counts: [], total: 0, paid_orders: 0, complete: true });
});

test('settings reads the defaults, and keeps what is changed', async () => {
  const { tieback, env } = await openOperated();
  await tieback.connect();
  const ask = (...changes: string[]) => jsonOf(['settings', '--shop', SHOP, ...changes], env);
  const defaults = settingsAsWords(DEFAULT_SETTINGS);
  expect(defaults).toMatchObject({
    window_days: 7,
    report_purchase: true,
    channel_online_store: 'business_messaging',
  });
  expect(await ask()).toEqual(defaults);
  const changed = { ...defaults, window_days: 14, report_purchase: false };
  expect(await ask('window_days=14', 'report_purchase=off')).toEqual(changed);
  expect(await ask()).toEqual(changed);
  expect(await tieback.pipeline.db.shop.findMany({ select: { settings: true } })).toEqual([
    { settings: { windowDays: 14, reportPurchase: false } },
  ]);
});

test.each([
  ['window_days=0', 'window_days must be a whole number of days from 1 to 90, not 0'],
  ['report_purchase=maybe', 'report_purchase must be on or off, not maybe'],
  [
    'colour=red',
    `no setting "colour"; there is ${Object.keys(settingsAsWords(DEFAULT_SETTINGS)).join(', ')}`,
  ],
  ['window_days', '"window_days" is not key=value'],
])(
  'settings %s is wrong use, and nothing is kept, not even a right change beside it',
  async (change, words) => {
    const { tieback, env } = await openOperated();
    await tieback.connect();
    const ended = await tiebackCommand(['settings', '--shop', SHOP, 'window_days=14', change, '--json'], env);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.words.split('\n')[0]).toBe(words);
    expect(await tieback.pipeline.db.shop.findMany({ select: { settings: true } })).toEqual([
      { settings: {} },
    ]);
  },
);

test('without --json the same is said in aligned columns for people', async () => {
  const { env } = await openShop();
  const [orders, events, settings] = await Promise.all(
    ['orders', 'events', 'settings'].map((name) => tiebackCommand([name, '--shop', SHOP], env)),
  );
  const lines = orders?.out.trimEnd().split('\n') ?? [];
  const heads = ['order_id', 'name', 'state', 'reason', 'provenance', 'source_name', 'signal', 'strength'];
  const more = ['disagreement', 'referral', 'value', 'net', 'currency'];
  expect(lines[0]?.split(/ +/)).toEqual([...heads, ...more]);
  expect(lines[3]?.split(/ +/).slice(1, 7)).toEqual([
    '#1042',
    'reported',
    '-',
    'online_store',
    'web',
    'customer_phone',
  ]);
  expect(lines).toHaveLength(4);
  expect(events?.out).toContain('accepted');
  const words = Object.entries(settingsAsWords(DEFAULT_SETTINGS)).map(([word, value]) => `${word}=${value}`);
  expect(settings?.out).toBe(`${words.join('\n')}\n`);
});
