import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ATTRIBUTE_BATCH, attributeBatch } from '../../app/pipeline/attribute.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { lifecycleBatch } from '../../app/pipeline/lifecycle.ts';
import { deliveryBody } from '../../app/pipeline/sealed.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { openTieback, SHOP, START, type Tieback } from './tieback.ts';

const DAY_MS = 24 * 60 * 60_000;

type Json = Record<string, unknown>;
type News = { topic: string; body: Json; triggeredAt?: Date };

const orders = (tieback: Tieback) => tieback.pipeline.db.order.findMany({ orderBy: { gid: 'asc' } });
const events = (tieback: Tieback) =>
  tieback.pipeline.db.conversionEvent.findMany({ orderBy: { subject: 'asc' } });
const deliveries = (tieback: Tieback) => tieback.pipeline.db.delivery.findMany({ orderBy: { id: 'asc' } });

async function send(tieback: Tieback, id: number, { topic, body, triggeredAt }: News): Promise<void> {
  const time = triggeredAt === undefined ? {} : { triggeredAt };
  expect((await tieback.sendShopify(topic, shopifyOrder({ id, ...body }), time)).status).toBe(200);
}

async function decide({ pipeline }: Tieback): Promise<void> {
  while (
    (await captureBatch(pipeline)) + (await attributeBatch(pipeline)) + (await lifecycleBatch(pipeline)) >
    0
  );
}

const at = (time: string) => `2026-11-18T${time}-03:00`;
const PENDING = { financial_status: 'pending', updated_at: at('10:22:34') };
/** What Shopify tells of one order, in the order in which it happened. */
const STORY: News[] = [
  { topic: 'orders/create', body: PENDING },
  { topic: 'orders/updated', body: { ...PENDING, total_price: '220.00', updated_at: at('10:23:00') } },
  { topic: 'orders/paid', body: { total_price: '220.00', updated_at: at('10:24:00') } },
  { topic: 'orders/updated', body: { name: '#1042-B', total_price: '250.00', updated_at: at('10:25:00') } },
  {
    topic: 'orders/cancelled',
    body: { financial_status: 'refunded', cancelled_at: at('10:26:00'), updated_at: at('10:26:00') },
  },
];

test('in whatever order and batches Shopify tells a story, the order ends the same', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await decide(tieback);
  const shuffled = fc.tuple(
    fc.shuffledSubarray(STORY, { minLength: STORY.length }),
    fc.array(fc.boolean(), { minLength: STORY.length, maxLength: STORY.length }),
  );
  let id = 1000;
  await fc.assert(
    fc.asyncProperty(shuffled, async ([story, pauses]) => {
      id += 1;
      for (const [index, news] of story.entries()) {
        await send(tieback, id, { ...news, triggeredAt: START });
        if (pauses[index]) await decide(tieback);
      }
      await decide(tieback);
      const gid = `gid://shopify/Order/${id}`;
      const [order] = await tieback.pipeline.db.order.findMany({ where: { gid } });
      expect({ ...order, total: Number(order?.total), paidTotal: Number(order?.paidTotal) }).toMatchObject({
        name: '#1042',
        financialStatus: 'refunded',
        total: 214.9,
        paidTotal: 220,
        paidAt: START,
        cancelledAt: new Date(at('10:26:00')),
        shopifyUpdatedAt: new Date(at('10:26:00')),
        decision: 'withheld',
        reason: 'cancelled',
      });
      expect(await tieback.pipeline.db.conversionEvent.findMany({ where: { subject: gid } })).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('what happened in the same second ends paid, whichever is told first', async () => {
  const tieback = await openTieback();
  const created = { topic: 'orders/create', body: PENDING };
  const paid = { topic: 'orders/paid', body: { updated_at: PENDING.updated_at } };
  for (const news of [created, paid]) await send(tieback, 1, news);
  for (const news of [paid, created]) await send(tieback, 2, news);
  await decide(tieback);
  await send(tieback, 3, paid);
  await decide(tieback);
  await send(tieback, 3, created);
  await decide(tieback);
  expect((await orders(tieback)).map((order) => order.financialStatus)).toEqual(['paid', 'paid', 'paid']);
});

test('a new order that is not paid yet is kept, and nothing is decided or reported', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await send(tieback, 1, { topic: 'orders/create', body: PENDING });
  await decide(tieback);
  expect(await orders(tieback)).toMatchObject([
    {
      decision: 'pending',
      reason: null,
      paidAt: null,
      paidTotal: null,
      decidedAt: null,
      financialStatus: 'pending',
    },
  ]);
  expect(await events(tieback)).toEqual([]);
});

test('cash on delivery: the sale is when the money comes, and the window ends at the checkout', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ at: new Date(START.getTime() - 6 * DAY_MS) });
  await send(tieback, 1, { topic: 'orders/create', body: PENDING });
  await decide(tieback);
  tieback.now.forward(5 * DAY_MS);
  const paidAt = new Date(tieback.now.at.getTime() - 1500);
  const paid = { topic: 'orders/paid', body: { updated_at: paidAt.toISOString() }, triggeredAt: paidAt };
  await send(tieback, 1, paid);
  await decide(tieback);
  expect(await orders(tieback)).toMatchObject([{ decision: 'report', paidAt }]);
  const eventTime = new Date(Math.floor(paidAt.getTime() / 1000) * 1000);
  expect(await events(tieback)).toMatchObject([{ eventTime }]);
});

test('the first total paid stands when the order is paid again with another one', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay();
  await tieback.work();
  tieback.now.forward(DAY_MS);
  await tieback.pay({ total_price: '300.00', updated_at: '2026-11-19T10:00:00-03:00' });
  await tieback.work();
  const [order] = await orders(tieback);
  expect([Number(order?.paidTotal), Number(order?.total)]).toEqual([214.9, 300]);
  expect(order).toMatchObject({ paidAt: START, decidedAt: START });
  expect(tieback.meta.accepted().map(({ event }) => event['custom_data'])).toMatchObject([{ value: 214.9 }]);
});

test('one payment told under many webhook ids, before and after it was sent, is one event', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  for (let times = 0; times < 3; times += 1) await tieback.pay();
  await tieback.work();
  await tieback.pay();
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'accepted', attempts: 1 }]);
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test('workers that attribute the same orders at once write each order and its event once', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await captureBatch(tieback.pipeline);
  // The second worker gets the same orders from the other end.
  for (let id = 1; id <= ATTRIBUTE_BATCH; id += 1)
    await send(tieback, id, { topic: 'orders/create', body: PENDING });
  for (let id = ATTRIBUTE_BATCH; id >= 1; id -= 1)
    await send(tieback, id, { topic: 'orders/paid', body: {} });
  const workers = [attributeBatch(tieback.pipeline), attributeBatch(tieback.pipeline)];
  expect(await Promise.all(workers)).toEqual([ATTRIBUTE_BATCH, ATTRIBUTE_BATCH]);
  const found = await orders(tieback);
  expect(found).toHaveLength(ATTRIBUTE_BATCH);
  expect(new Set(found.map((order) => `${order.decision} ${order.financialStatus}`))).toEqual(
    new Set(['report paid']),
  );
  expect(await events(tieback)).toHaveLength(ATTRIBUTE_BATCH);
});

test('an order that cannot be read is flagged and kept whole, and the others go on', async () => {
  const tieback = await openTieback();
  await tieback.sendShopify('orders/paid', { id: 1, currency: 'BRL' }, { webhookId: 'odd' });
  await tieback.pay();
  await decide(tieback);
  const [odd, fine] = await deliveries(tieback);
  expect(odd).toMatchObject({
    state: 'flagged',
    reason: "The order's total_price is missing or not readable.",
  });
  const kept = tieback.pipeline.vault.open(odd?.body ?? '', deliveryBody(SHOP, 'odd'));
  expect(JSON.parse(kept)).toEqual({ id: 1, currency: 'BRL' });
  expect(fine).toMatchObject({ state: 'done', body: null });
  expect(await orders(tieback)).toHaveLength(1);
});

test('a delivery whose seal is broken dies alone after its tries', async () => {
  const tieback = await openTieback();
  await tieback.sendShopify('orders/paid', shopifyOrder({ id: 1 }), { webhookId: 'poison' });
  await tieback.pay({ id: 2 });
  const { db } = tieback.pipeline;
  await db.delivery.updateMany({ where: { key: 'poison' }, data: { body: 'v1.test.AAAA' } });
  for (let day = 0; day < 8; day += 1) {
    await decide(tieback);
    tieback.now.forward(DAY_MS);
  }
  expect(await deliveries(tieback)).toMatchObject([{ state: 'dead', attempts: 6 }, { state: 'done' }]);
});

test('a topic that Tieback does not know is flagged; what tells of a part of an order is done', async () => {
  const tieback = await openTieback();
  await tieback.sendShopify('products/update', { id: 1 });
  // Neither body is an order; an orders/updated follows each of them.
  await tieback.sendShopify('refunds/create', { id: 1, order_id: 5512345678901 });
  await tieback.sendShopify('orders/edited', { order_edit: { id: 1, order_id: 5512345678901 } });
  await tieback.sendShopify('orders/fulfilled', { id: 1 });
  // The order of this one is not known here; it tells of its shipments itself.
  await tieback.sendShopify('fulfillments/create', { id: 1, order_id: 5512345678901, status: 'success' });
  await tieback.sendShopify('fulfillments/update', { id: 1 });
  await decide(tieback);
  const done = { state: 'done', body: null };
  expect(await deliveries(tieback)).toMatchObject([
    { state: 'flagged', reason: 'the topic products/update is not one that Tieback knows' },
    done,
    done,
    done,
    done,
    { state: 'flagged', reason: 'the fulfillment names no order' },
  ]);
  expect(await orders(tieback)).toEqual([]);
});
