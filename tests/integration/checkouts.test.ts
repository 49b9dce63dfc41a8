import { expect, test } from 'vitest';
import type { Settings } from '../../app/domain/settings.ts';
import { CONSENT_ATTRIBUTE } from '../../app/domain/order-buyer.ts';
import { checkoutBatch } from '../../app/pipeline/checkout-batch.ts';
import { completeCheckouts } from '../../app/pipeline/checkouts.ts';
import { holdContacts } from '../../app/pipeline/contacts.ts';
import { tidy } from '../../app/pipeline/housekeeping.ts';
import { shopFacts } from '../../app/pipeline/shop.ts';
import { shopifyCheckout } from '../builders/browsing.ts';
import { dumpTables } from './database.ts';
import { changeSettings } from './linking.ts';
import { untilItWaits } from './locks.ts';
import { CLICK_ID, MARIA, openTieback, START, type Tieback } from './tieback.ts';

const BOTH = { reportInitiateCheckout: true, reportCartAbandoned: true };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TOKEN = 'c0ffee00c0ffee00c0ffee00c0ffee00';
// Of tests/builders/browsing.ts.
const BEGUN = Date.parse('2026-11-18T13:20:00Z') / 1000;
const CHANGED = Date.parse('2026-11-18T13:21:00Z');
const NOBODYS = { shipping_address: null, billing_address: null, customer: null };

async function withShop(settings: Partial<Settings> = BOTH) {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd();
  await tieback.work();
  return { tieback, ...connection };
}

async function send(tieback: Tieback, fields: Record<string, unknown> = {}): Promise<void> {
  expect((await tieback.sendShopify('checkouts/update', shopifyCheckout(fields))).status).toBe(200);
  await tieback.work();
}

async function wait(tieback: Tieback, ms: number): Promise<void> {
  tieback.now.forward(ms);
  await tieback.work();
}

/** Tells that an order was made of the checkout. */
async function complete({ pipeline }: Tieback): Promise<void> {
  await pipeline.db.$transaction(async (tx) => {
    const shop = shopFacts(await tx.shop.findFirstOrThrow());
    await holdContacts(tx, [shop.id], 'shared');
    await completeCheckouts(pipeline, tx, [{ shop, order: { checkoutToken: TOKEN } }]);
  });
}

const told = ({ meta }: Tieback) => meta.accepted().map(({ event }) => event);
const names = (tieback: Tieback) => told(tieback).map(({ event_name }) => event_name);
const rows = ({ pipeline }: Tieback) => pipeline.db.checkout.findMany();

test('a checkout is told as begun five minutes after it was linked, and as left hours after its last change', async () => {
  const { tieback } = await withShop();
  await send(tieback);
  await wait(tieback, 5 * MINUTE_MS - 1);
  expect(told(tieback)).toEqual([]);
  await wait(tieback, 1);
  const [row] = await tieback.pipeline.db.conversionEvent.findMany();
  expect(row).toMatchObject({
    subject: expect.stringMatching(/^checkout:[0-9a-f]{32}$/) as string,
    source: 'checkout',
    currency: 'BRL',
    state: 'accepted',
  });
  expect(Number(row?.value)).toBe(214.9);
  expect(told(tieback)).toMatchObject([
    {
      event_name: 'InitiateCheckout',
      event_id: `tieback:${row?.subject}:InitiateCheckout`,
      event_time: BEGUN,
      user_data: { ctwa_clid: CLICK_ID, ph: [expect.any(String), expect.any(String)] },
      custom_data: { currency: 'BRL', value: 214.9, num_items: 2, content_ids: ['44100000000001'] },
    },
  ]);
  expect(told(tieback)[0]).not.toHaveProperty('custom_data.order_id');

  tieback.now.at = new Date(CHANGED + 4 * HOUR_MS - 1);
  await tieback.work();
  expect(names(tieback)).toEqual(['InitiateCheckout']);
  await wait(tieback, 1);
  expect(told(tieback).slice(1)).toMatchObject([
    { event_name: 'CartAbandoned', event_time: CHANGED / 1000 + 4 * 3600 },
  ]);
  expect(await rows(tieback)).toMatchObject([{ draft: '', beginDueAt: null, leaveDueAt: null }]);
});

test('each change puts off when a checkout counts as left, and what was told is told once', async () => {
  const { tieback } = await withShop();
  await send(tieback);
  await wait(tieback, HOUR_MS);
  const updated_at = tieback.now.at.toISOString();
  await send(tieback, { updated_at, total_price: '99.90' });
  // Late word of what it was before changes nothing.
  await send(tieback, { total_price: '1.00' });
  tieback.now.at = new Date(START.getTime() + 5 * HOUR_MS - 1);
  await tieback.work();
  expect(names(tieback)).toEqual(['InitiateCheckout']);
  await wait(tieback, 1);
  expect(told(tieback).slice(1)).toMatchObject([
    { event_name: 'CartAbandoned', custom_data: { value: 99.9 } },
  ]);
  await send(tieback, { updated_at: tieback.now.at.toISOString() });
  await wait(tieback, 24 * HOUR_MS);
  expect(names(tieback)).toEqual(['InitiateCheckout', 'CartAbandoned']);
});

test('the phone number may come with a later change', async () => {
  const { tieback } = await withShop();
  await send(tieback, NOBODYS);
  expect(await rows(tieback)).toEqual([]);
  await wait(tieback, HOUR_MS);
  await send(tieback, { ...NOBODYS, phone: MARIA.order, updated_at: '2026-11-18T13:22:00Z' });
  await wait(tieback, 5 * MINUTE_MS);
  expect(told(tieback)).toMatchObject([{ event_name: 'InitiateCheckout', event_time: BEGUN }]);
});

test('a change that names nobody any more keeps the conversation', async () => {
  const { tieback } = await withShop();
  await send(tieback);
  await send(tieback, { ...NOBODYS, updated_at: '2026-11-18T13:25:00Z', total_price: '50.00' });
  await wait(tieback, 5 * MINUTE_MS);
  expect(told(tieback)).toMatchObject([{ event_name: 'InitiateCheckout', custom_data: { value: 50 } }]);
});

test.each([
  [
    'Shopify says that it was completed',
    (tieback: Tieback) =>
      send(tieback, { completed_at: '2026-11-18T13:26:00Z', updated_at: '2026-11-18T13:26:00Z' }),
  ],
  ['its order came', complete],
])('what was begun is told at once, and nothing was left, when %s', async (_, end) => {
  const { tieback } = await withShop();
  await send(tieback);
  await end(tieback);
  await tieback.work();
  expect(names(tieback)).toEqual(['InitiateCheckout']);
  await send(tieback, { updated_at: '2026-11-18T13:27:00Z' });
  await wait(tieback, 24 * HOUR_MS);
  expect(names(tieback)).toEqual(['InitiateCheckout']);
  expect(await rows(tieback)).toMatchObject([{ draft: '', leaveDueAt: null, completedAt: START }]);
});

test('an order that came before its checkout was heard of keeps it from counting as left', async () => {
  const { tieback } = await withShop();
  await complete(tieback);
  await send(tieback);
  expect(names(tieback)).toEqual(['InitiateCheckout']);
  await wait(tieback, 24 * HOUR_MS);
  expect(names(tieback)).toEqual(['InitiateCheckout']);
});

test.each([
  ['begun', { reportInitiateCheckout: true }, ['InitiateCheckout']],
  ['left', { reportCartAbandoned: true }, ['CartAbandoned']],
  ['neither', {}, []],
])('a shop that tells of checkouts as %s tells nothing else', async (_, settings, expected) => {
  const { tieback } = await withShop(settings);
  await send(tieback);
  await complete({
    ...tieback,
    pipeline: { ...tieback.pipeline, index: () => Buffer.from('another checkout') },
  });
  await wait(tieback, 24 * HOUR_MS);
  expect(names(tieback)).toEqual(expected);
  if (expected.length === 0) expect(await rows(tieback)).toEqual([]);
});

test('somebody who bought by another checkout has left nothing', async () => {
  const { tieback } = await withShop({ reportCartAbandoned: true });
  await send(tieback);
  await tieback.pay({ checkout_token: 'another checkout’s token' });
  await wait(tieback, 24 * HOUR_MS);
  expect(names(tieback)).toEqual(['Purchase']);
  expect((await rows(tieback)).map(({ draft, leaveDueAt }) => [draft, leaveDueAt])).toEqual([
    ['', null],
    ['', null],
  ]);
});

test('an order from before the checkout says nothing of it', async () => {
  const { tieback } = await withShop({ reportCartAbandoned: true });
  const before = '2026-11-18T13:15:00Z';
  await tieback.pay({ checkout_token: null, created_at: before, processed_at: before });
  await send(tieback);
  await wait(tieback, 24 * HOUR_MS);
  expect(names(tieback)).toEqual(['Purchase', 'CartAbandoned']);
});

test('orders and checkouts of several shops lock their rows in one sequence', async () => {
  const { tieback } = await withShop();
  const { db } = tieback.pipeline;
  const ids = [2, 10] as const;
  await db.shop.createMany({
    data: ids.map((id) => ({ id, domain: `s${id}.myshopify.com`, settings: BOTH })),
  });
  const shops = (await db.shop.findMany({ where: { id: { in: [...ids] } }, orderBy: { id: 'asc' } })).map(
    shopFacts,
  );
  const orders = shops.map((shop) => ({ shop, order: { checkoutToken: `token of ${shop.id}` } }));
  const completeAll = () => db.$transaction((tx) => completeCheckouts(tieback.pipeline, tx, orders));
  await completeAll();
  // By number, not as a text, in which 10 comes before 2.
  let others: Promise<unknown> = Promise.resolve();
  await db.$transaction(async (tx) => {
    const lock = (id: number) =>
      tx.$queryRaw`SELECT 1 FROM checkouts WHERE shop_id = ${id} FOR NO KEY UPDATE`;
    await lock(2);
    others = completeAll();
    await untilItWaits(tieback, others);
    await lock(10);
  });
  await expect(others).resolves.toBeUndefined();
});

test('what is switched off before it is due is not told', async () => {
  const { tieback, ...connection } = await withShop();
  await send(tieback);
  await changeSettings(tieback, { ...connection }, {});
  await wait(tieback, 24 * HOUR_MS);
  expect(await tieback.pipeline.db.conversionEvent.findMany()).toEqual([]);
  expect(await checkoutBatch(tieback.pipeline)).toBe(0);
});

test('a buyer who said no at the shop is not told of, and that is shown', async () => {
  const { tieback } = await withShop();
  await send(tieback, { note_attributes: [{ name: CONSENT_ATTRIBUTE, value: 'denied' }] });
  await wait(tieback, 5 * MINUTE_MS);
  expect(await tieback.pipeline.db.conversionEvent.findMany()).toMatchObject([
    { eventName: 'InitiateCheckout', state: 'withheld', reason: 'consent_denied', payload: '' },
  ]);
});

test('checkouts of people without an ad click, and odd bodies, come to nothing', async () => {
  const { tieback } = await withShop();
  await tieback.pipeline.db.referral.deleteMany();
  await send(tieback);
  await send(tieback, { token: 'another', total_price: 'odd' });
  await wait(tieback, 24 * HOUR_MS);
  expect(await tieback.pipeline.db.conversionEvent.findMany()).toEqual([]);
  const flagged = await tieback.pipeline.db.delivery.findMany({ where: { state: 'flagged' } });
  expect(flagged).toMatchObject([{ topic: 'checkouts/update' }]);
});

test('nothing of a checkout stands in the clear, and after a month nothing of it is left', async () => {
  const { tieback } = await withShop();
  await send(tieback);
  const dump = await dumpTables(tieback.databaseUrl);
  for (const secret of [TOKEN, 'maria@example.com', '86654321', 'Silva']) expect(dump).not.toContain(secret);
  tieback.now.at = new Date(CHANGED + 30 * 24 * HOUR_MS);
  await tidy(tieback.pipeline);
  expect(await rows(tieback)).toHaveLength(1);
  tieback.now.forward(1);
  await tidy(tieback.pipeline);
  expect(await rows(tieback)).toEqual([]);
});
