import { expect, test } from 'vitest';
import type { Model } from '../../app/domain/attribution.ts';
import { loadCoverage } from '../../app/pages/coverage.ts';
import { tidy } from '../../app/pipeline/housekeeping.ts';
import {
  acceptedBy,
  bought,
  changeSettings,
  CHECKOUT,
  DAY_MS,
  decide,
  eventsOf,
  MINUTE_MS,
  orderOf,
  ordersOf,
  tell,
} from './linking.ts';
import { openTieback, SHOP, START, type Connection, type Tieback } from './tieback.ts';

const after = (ms: number): Date => new Date(CHECKOUT.getTime() + ms);
const told = (fields: Record<string, unknown>, at: Date) => ({
  ...bought(1),
  ...fields,
  updated_at: at.toISOString(),
});
const PENDING = { financial_status: 'pending', total_outstanding: '214.90' };
const CREATED = 'shopify:order:1:OrderCreated';
const PURCHASE = 'shopify:order:1:Purchase';

/** A shop that reports both events, with Maria's ad click. */
async function openReporting(): Promise<{ tieback: Tieback; connection: Connection }> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportOrderCreated: true });
  await tieback.tapAd();
  return { tieback, connection };
}

test('cash on delivery: OrderCreated at checkout, Purchase when the money comes, each once', async () => {
  const { tieback } = await openReporting();
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'pending',
    reason: null,
    decidedAt: null,
    contactId: expect.any(String),
  });
  expect(acceptedBy(tieback)).toEqual([CREATED]);

  tieback.now.forward(4 * DAY_MS);
  const paidAt = tieback.now.at;
  const paid = told({ total_price: '200.00' }, paidAt);
  for (let times = 0; times < 2; times += 1) await tell(tieback, 'orders/paid', paid, paidAt);
  await tieback.work();
  expect(await eventsOf(tieback)).toMatchObject([
    { eventName: 'OrderCreated', eventId: CREATED, eventTime: CHECKOUT, state: 'accepted' },
    { eventName: 'Purchase', eventId: PURCHASE, eventTime: paidAt, state: 'accepted' },
  ]);
  expect(tieback.meta.accepted().map(({ event }) => event['custom_data'])).toMatchObject([
    { value: 214.9, currency: 'BRL' },
    { value: 200, currency: 'BRL' },
  ]);
});

test.each<[string, Parameters<typeof changeSettings>[2], string[]]>([
  ['both', { reportOrderCreated: true }, ['OrderCreated', 'Purchase']],
  ['the payment alone', {}, ['Purchase']],
  ['the order alone', { reportOrderCreated: true, reportPurchase: false }, ['OrderCreated']],
])('a shop may tell Meta of %s', async (_, settings, names) => {
  const tieback = await openTieback();
  await changeSettings(tieback, await tieback.connect(), settings);
  await tieback.tapAd();
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tieback.work();
  await tell(tieback, 'orders/paid', told({}, START), START);
  await tieback.work();
  expect((await eventsOf(tieback)).map(({ eventName }) => eventName)).toEqual(names);
});

test('an order that was paid at checkout has no OrderCreated, though it is edited upwards later', async () => {
  const { tieback } = await openReporting();
  await tell(tieback, 'orders/create', told({}, CHECKOUT));
  await tell(tieback, 'orders/paid', told({}, CHECKOUT), CHECKOUT);
  const edited = { financial_status: 'partially_paid', total_price: '250.00', current_total_price: '250.00' };
  await tell(tieback, 'orders/updated', told(edited, after(MINUTE_MS)));
  await tieback.work();
  await tell(
    tieback,
    'orders/paid',
    told({ total_price: '250.00' }, after(2 * MINUTE_MS)),
    after(2 * MINUTE_MS),
  );
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual([PURCHASE]);
  expect(tieback.meta.accepted()).toMatchObject([{ event: { custom_data: { value: 214.9 } } }]);
});

test('an order that is cancelled before anything left is not reported', async () => {
  const { tieback } = await openReporting();
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tell(tieback, 'orders/paid', told({}, after(MINUTE_MS)), after(MINUTE_MS));
  await decide(tieback);
  expect(await eventsOf(tieback)).toHaveLength(2);
  const cancelled = { financial_status: 'refunded', cancelled_at: after(2 * MINUTE_MS).toISOString() };
  await tell(tieback, 'orders/cancelled', told(cancelled, after(2 * MINUTE_MS)));
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'cancelled', draft: null });
  expect(await eventsOf(tieback)).toEqual([]);
  expect(acceptedBy(tieback)).toEqual([]);
});

test('an order that is cancelled after its events left stays as Meta knows it', async () => {
  const { tieback } = await openReporting();
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tell(tieback, 'orders/paid', told({}, after(MINUTE_MS)), after(MINUTE_MS));
  await tieback.work();
  const cancelled = { financial_status: 'refunded', cancelled_at: after(2 * MINUTE_MS).toISOString() };
  await tell(tieback, 'orders/cancelled', told(cancelled, after(2 * MINUTE_MS)));
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', reason: null });
  expect(acceptedBy(tieback)).toEqual([CREATED, PURCHASE]);
});

test('an unpaid order that is cancelled is pending for ever, and its OrderCreated is taken back', async () => {
  const { tieback } = await openReporting();
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await decide(tieback);
  const cancelled = { ...PENDING, cancelled_at: after(MINUTE_MS).toISOString() };
  await tell(tieback, 'orders/cancelled', told(cancelled, after(MINUTE_MS)));
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'pending', reason: null });
  expect(await eventsOf(tieback)).toEqual([]);
});

test('a test order’s reason is the same whether its payment or its cancellation is told first', async () => {
  const { tieback } = await openReporting();
  const cancelled = { cancelled_at: after(MINUTE_MS).toISOString(), test: true };
  const story: [string, Record<string, unknown>, Date][] = [
    ['orders/paid', { test: true }, CHECKOUT],
    ['orders/cancelled', cancelled, after(MINUTE_MS)],
  ];
  for (const [id, sequence] of [story, story.toReversed()].entries()) {
    for (const [topic, fields, at] of sequence) {
      await tell(tieback, topic, { ...told(fields, at), id: id + 1 }, at);
      await decide(tieback);
    }
  }
  const reason = 'test_order';
  expect(await ordersOf(tieback)).toMatchObject([{ reason }, { reason }]);
});

test('refunds and edits change the net revenue; what was decided and told stays', async () => {
  const { tieback } = await openReporting();
  await tell(tieback, 'orders/paid', told({}, CHECKOUT), CHECKOUT);
  await tieback.work();
  const refunded = {
    financial_status: 'partially_refunded',
    current_total_price: '14.90',
    total_outstanding: '0.00',
  };
  await tell(tieback, 'orders/updated', told(refunded, after(MINUTE_MS)));
  await tieback.work();
  const order = await orderOf(tieback, 1);
  expect([Number(order.paidTotal), Number(order.currentTotal), Number(order.outstanding)]).toEqual([
    214.9, 14.9, 0,
  ]);
  expect(order).toMatchObject({ decision: 'report', financialStatus: 'partially_refunded' });
  expect(acceptedBy(tieback)).toEqual([PURCHASE]);
});

test('a renewal is withheld unless the shop reports renewals', async () => {
  const { tieback, connection } = await openReporting();
  const renewal = { source_name: 'subscription_contract_checkout_one' };
  await tieback.pay({ ...bought(1), ...renewal });
  await decide(tieback);
  await changeSettings(tieback, connection, { channelRenewal: 'business_messaging' });
  await tieback.pay({ ...bought(2), ...renewal });
  await tieback.work();
  expect(await ordersOf(tieback)).toMatchObject([
    { decision: 'withheld', reason: 'renewal', provenance: 'renewal' },
    { decision: 'report', provenance: 'renewal' },
  ]);
});

test.each<[Model, string, [string, number][]]>([
  ['last_click', 'third', [['third', 1]]],
  ['first_click', 'first', [['first', 1]]],
  [
    'linear',
    'second',
    [
      ['first', 1 / 3],
      ['second', 1 / 3],
      ['third', 1 / 3],
    ],
  ],
])(
  'under %s the credit goes to the right clicks, and Meta is told of one it can know',
  async (model, ad, shares) => {
    const tieback = await openTieback();
    await changeSettings(tieback, await tieback.connect(), { model });
    const clicks = [
      { adId: 'first', clid: 'first', at: after(-3 * DAY_MS) },
      { adId: 'second', clid: 'second', at: after(-2 * DAY_MS) },
      // From Status: without a click id.
      { adId: 'third', clid: null, at: after(-DAY_MS) },
    ];
    for (const click of clicks) await tieback.tapAd({ ...click, messageId: `wamid.${click.adId}` });
    await tieback.pay(bought(1));
    await tieback.work();
    const { db } = tieback.pipeline;
    const adOf = new Map((await db.referral.findMany()).map(({ id, sourceId }) => [id, sourceId]));
    const order = await orderOf(tieback, 1);
    const credits = order.credits as { referralId: string; share: number }[];
    expect(credits.map(({ referralId }) => adOf.get(referralId))).toEqual(shares.map(([name]) => name));
    expect(credits.reduce((sum, { share }) => sum + share, 0)).toBe(1);
    for (const [index, [, share]] of shares.entries()) expect(credits[index]?.share).toBeCloseTo(share, 9);
    expect(adOf.get(order.referralId ?? '')).toBe(ad);
    expect(order.model).toBe(model);
    const clickIds = tieback.meta.accepted().map(({ event }) => event['user_data']);
    expect(clickIds).toMatchObject(ad === 'third' ? [] : [{ ctwa_clid: ad }]);
  },
);

test('a Status ad’s click earns the credit, and cannot be reported', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ clid: null });
  await tieback.pay(bought(1));
  await tieback.work();
  const order = await orderOf(tieback, 1);
  expect(order).toMatchObject({ decision: 'withheld', reason: 'no_click_id', credits: [{ share: 1 }] });
  expect(order.referralId).not.toBeNull();
  expect(acceptedBy(tieback)).toEqual([]);
});

test('orders of every kind have one state each, and the states add up', async () => {
  const { tieback, connection } = await openReporting();
  await tieback.pay(bought(1));
  await tieback.pay({ ...bought(2), cancelled_at: START.toISOString() });
  await tieback.pay({ ...bought(3), source_name: 'subscription_contract' });
  await tieback.pay(bought(4, { phone: '+55 11 91234-5678' }));
  await tieback.pay({ ...bought(5), test: true });
  await tell(tieback, 'orders/create', { ...bought(6), ...PENDING });
  await tieback.work();
  const coverage = await loadCoverage(tieback.pipeline, connection.shopId, CHECKOUT, null);
  expect(coverage).toMatchObject({ total: 5, paid_orders: 5, complete: true });
  expect(coverage.counts.map(({ state, reason }) => reason ?? state).toSorted()).toEqual([
    'cancelled',
    'phone_shared',
    'renewal',
    'reported',
    'test_order',
  ]);
});

test('what an event would have said is forgotten when Meta would not take it any more', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.pay(bought(1));
  await decide(tieback);
  tieback.now.forward(8 * DAY_MS - MINUTE_MS);
  await tidy(tieback.pipeline);
  expect((await orderOf(tieback, 1)).draft).not.toBeNull();
  tieback.now.forward(2 * MINUTE_MS);
  await tidy(tieback.pipeline);
  expect((await orderOf(tieback, 1)).draft).toBeNull();
  expect(await tieback.pipeline.db.orderClue.count()).toBeGreaterThan(0);
});

test('the clues of orders go with their shop', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await tieback.pipeline.db.orderClue.count()).toBeGreaterThan(0);
  await tieback.sendShopify('shop/redact', { shop_domain: SHOP });
  await tieback.work();
  expect(await tieback.pipeline.db.orderClue.count()).toBe(0);
});
