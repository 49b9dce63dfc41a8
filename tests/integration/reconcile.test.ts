import { expect, test } from 'vitest';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { loadCoverage } from '../../app/pages/coverage.ts';
import { reconciledSince, reconcileShop } from '../../app/pipeline/reconcile.ts';
import { countPaidOrders } from '../../app/platforms/shopify/admin.ts';
import { shopifyLineItem } from '../builders/shopify.ts';
import { fetchFrom, openInstalled, type Installed } from './installed.ts';
import { CLICK_ID, SHOP, START } from './tieback.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const at = (time: string): string => `2026-11-18T${time}-03:00`;

const orders = ({ tieback }: Installed) => tieback.pipeline.db.order.findMany({ orderBy: { gid: 'asc' } });
const events = ({ tieback }: Installed) => tieback.pipeline.db.conversionEvent.findMany();

async function openWithClick(): Promise<Installed> {
  const installed = await openInstalled();
  await installed.tieback.connect();
  await installed.tieback.tapAd();
  await installed.tieback.work();
  return installed;
}

async function coverage({ tieback, openAdmin }: Installed) {
  const { pipeline } = tieback;
  const shop = await pipeline.db.shop.findUniqueOrThrow({ where: { domain: SHOP } });
  const since = await reconciledSince(pipeline, shop);
  const access = await openAdmin(SHOP);
  if (access.kind !== 'open') throw new Error(access.problem);
  const count = await countPaidOrders(access.client, since);
  return loadCoverage(pipeline, shop.id, since, count.kind === 'answered' ? count.data : null);
}

test('orders whose webhooks were dropped are found, decided and reported, and the states add up again', async () => {
  const installed = await openWithClick();
  const { tieback, sell } = installed;
  for (let id = 1; id <= 12; id += 1) {
    const order = sell({ id, updated_at: at(`10:22:${40 + id}`) });
    if (id % 3 === 0) await tieback.sendShopify('orders/paid', order);
  }
  await tieback.work();
  expect(await coverage(installed)).toMatchObject({
    total: 4,
    paid_orders: 12,
    counted_by: 'shopify',
    complete: false,
  });

  const cursor = new Date(at('10:22:52'));
  expect(await installed.reconcile()).toEqual({ kind: 'done', lookedAt: 12, healed: 8, cursor });
  await tieback.work();
  expect(await coverage(installed)).toMatchObject({
    counts: [{ state: 'reported', reason: null, orders: 12 }],
    total: 12,
    paid_orders: 12,
    counted_by: 'shopify',
    complete: true,
  });
  const reported = tieback.meta.accepted().map(({ event }) => event['event_id']);
  expect(new Set(reported).size).toBe(12);
  expect(reported).toHaveLength(12);
});

test('a healed order is what its webhook would have made it, at the time of its sale', async () => {
  const installed = await openWithClick();
  installed.sell({
    transactions: [
      { kind: 'authorization', status: 'success', processed_at: at('10:22:30') },
      { kind: 'capture', status: 'failure', processed_at: at('10:24:00') },
      { kind: 'capture', status: 'success', processed_at: at('10:23:15') },
      { kind: 'refund', status: 'success', processed_at: at('10:25:00') },
    ],
  });
  await installed.reconcile();
  await installed.tieback.work();
  const paidAt = new Date(at('10:23:15'));
  const [order] = await orders(installed);
  expect({ ...order, paidTotal: Number(order?.paidTotal) }).toMatchObject({
    name: '#1042',
    sourceName: 'web',
    financialStatus: 'paid',
    paidAt,
    paidToldBy: 'order_list',
    paidTotal: 214.9,
    decision: 'report',
    placedAt: new Date('2026-11-18T13:22:29Z'),
  });
  expect(installed.tieback.meta.accepted().map(({ event }) => event)).toMatchObject([
    {
      event_time: paidAt.getTime() / 1000,
      user_data: { ctwa_clid: CLICK_ID },
      custom_data: {
        value: 214.9,
        currency: 'BRL',
        order_id: '5512345678901',
        contents: [{ id: '44100000000001', quantity: 1, item_price: 209.9 }],
      },
    },
  ]);
});

test('a second run finds nothing to heal, and goes on from the latest change with ten minutes of overlap', async () => {
  const installed = await openInstalled();
  await installed.tieback.connect();
  installed.sell({ id: 1, updated_at: at('10:00:00') });
  installed.sell({ id: 2, updated_at: at('10:15:00') });
  expect(await installed.reconcile()).toMatchObject({ lookedAt: 2, healed: 2 });
  expect(await installed.reconcile()).toEqual({
    kind: 'done',
    lookedAt: 1,
    healed: 0,
    cursor: new Date(at('10:15:00')),
  });
  installed.sell({ id: 3, updated_at: at('10:05:01') });
  expect(await installed.reconcile()).toMatchObject({ lookedAt: 2, healed: 1 });
});

test('a webhook that comes after all changes no event and leaves the order as if it had come in time', async () => {
  const installed = await openWithClick();
  const order = installed.sell();
  await installed.reconcile();
  await installed.tieback.work();
  installed.tieback.now.forward(DAY_MS);
  await installed.tieback.sendShopify('orders/paid', order, { triggeredAt: new Date(at('10:22:36')) });
  await installed.tieback.sendShopify('orders/create', order);
  await installed.tieback.work();
  expect(await orders(installed)).toMatchObject([
    { paidAt: new Date(at('10:22:36')), paidToldBy: 'orders_paid', decision: 'report' },
  ]);
  expect(await events(installed)).toHaveLength(1);
  expect(installed.tieback.meta.accepted()).toHaveLength(1);
});

test('webhooks that are worked while the list is read make no second event and stop nobody', async () => {
  const installed = await openWithClick();
  const { tieback } = installed;
  for (let id = 1; id <= 40; id += 1) {
    await tieback.sendShopify('orders/paid', installed.sell({ id }), {
      triggeredAt: new Date(at('10:22:36')),
    });
  }
  const [run] = await Promise.all([
    installed.reconcile(),
    attributeBatch(tieback.pipeline),
    attributeBatch(tieback.pipeline),
  ]);
  expect(run).toMatchObject({ kind: 'done', lookedAt: 40 });
  await tieback.work();
  const ends = (await orders(installed)).map(({ decision, paidToldBy }) => `${decision} ${paidToldBy}`);
  expect(ends).toEqual(Array(40).fill('report orders_paid'));
  expect(await tieback.pipeline.db.delivery.count({ where: { state: { not: 'done' } } })).toBe(0);
  const reported = tieback.meta.accepted().map(({ event }) => event['event_id']);
  expect([reported.length, new Set(reported).size]).toEqual([40, 40]);
});

test('an order that was edited upwards after its payment is counted as Shopify counts it', async () => {
  const installed = await openWithClick();
  await installed.tieback.sendShopify('orders/paid', installed.sell());
  await installed.tieback.work();
  expect(await coverage(installed)).toMatchObject({ total: 1, paid_orders: 1, complete: true });
  installed.sell({ total_price: '250.00', financial_status: 'partially_paid', updated_at: at('10:40:00') });
  await installed.reconcile();
  expect(await coverage(installed)).toMatchObject({ total: 0, paid_orders: 0, complete: true });
  installed.sell({ total_price: '250.00', updated_at: at('10:50:00') });
  await installed.reconcile();
  expect(await coverage(installed)).toMatchObject({ total: 1, paid_orders: 1, complete: true });
  expect(await events(installed)).toHaveLength(1);
});

test('a change that no webhook told is taken over: here a cancellation', async () => {
  const installed = await openWithClick();
  await installed.tieback.pay();
  await installed.tieback.work();
  const cancelled = {
    financial_status: 'refunded',
    cancelled_at: at('10:26:00'),
    updated_at: at('10:26:00'),
  };
  installed.sell(cancelled);
  expect(await installed.reconcile()).toMatchObject({ lookedAt: 1, healed: 1 });
  expect(await orders(installed)).toMatchObject([
    { financialStatus: 'refunded', cancelledAt: new Date(at('10:26:00')), paidAt: START, decision: 'report' },
  ]);
});

test('an order that is not paid is stored and waits; its payment is healed when it comes', async () => {
  const installed = await openWithClick();
  installed.sell({ financial_status: 'pending' });
  expect(await installed.reconcile()).toMatchObject({ healed: 1 });
  expect(await orders(installed)).toMatchObject([{ decision: 'pending', paidAt: null }]);
  installed.tieback.now.forward(DAY_MS);
  const paidAt = new Date(installed.tieback.now.at.getTime() - MINUTE_MS);
  installed.sell({ updated_at: paidAt.toISOString() });
  expect(await installed.reconcile()).toMatchObject({ healed: 1 });
  expect(await orders(installed)).toMatchObject([{ decision: 'report', paidAt }]);
});

test('a free order, for which no money moved, was paid when it was placed', async () => {
  const installed = await openWithClick();
  installed.sell({ total_price: '0.00', transactions: [] });
  await installed.reconcile();
  expect(await orders(installed)).toMatchObject([
    { decision: 'withheld', reason: 'zero_value', paidAt: new Date('2026-11-18T13:22:29Z') },
  ]);
});

test('a click that still waits in the inbox is known before the order it earned is judged', async () => {
  const installed = await openInstalled();
  await installed.tieback.connect();
  await installed.tieback.tapAd();
  installed.sell();
  await installed.reconcile();
  expect(await orders(installed)).toMatchObject([{ decision: 'report' }]);
});

test('every line of a long order is read', async () => {
  const installed = await openWithClick();
  const lines = Array.from({ length: 173 }, (_, n) => shopifyLineItem({ id: n + 1, variant_id: 1000 + n }));
  installed.sell({ line_items: lines });
  expect(await installed.reconcile()).toMatchObject({ kind: 'done', healed: 1 });
  await installed.tieback.work();
  const [{ event } = { event: {} }] = installed.tieback.meta.accepted();
  expect(event).toMatchObject({
    custom_data: { content_ids: lines.map((line) => String(line['variant_id'])) },
  });
});

test('a long list is read page by page, waiting whenever the bucket is empty, and no question costs too much', async () => {
  const installed = await openInstalled();
  await installed.tieback.connect();
  for (let id = 1; id <= 120; id += 1) {
    installed.sell({ id, updated_at: new Date(START.getTime() - DAY_MS + id * 1000).toISOString() });
  }
  expect(await installed.reconcile()).toMatchObject({ kind: 'done', lookedAt: 120, healed: 120 });
  expect(await orders(installed)).toHaveLength(120);
  const asked = installed.shopify.graphqlCalls().map(({ operation }) => operation);
  expect(asked.filter((name) => name === 'OrdersUpdatedSince')).toHaveLength(3);
  // 50 orders make ten questions of at most five, 20 make four.
  expect(asked.filter((name) => name === 'WholeOrders')).toHaveLength(24);
  expect(installed.waits.length).toBeGreaterThan(10);
  expect(asked).not.toContain('(refused)');
});

test('when Shopify fails on the way, what was compared is kept and the next run goes on from there', async () => {
  const installed = await openInstalled();
  await installed.tieback.connect();
  const updated = (id: number) => new Date(START.getTime() - DAY_MS + id * MINUTE_MS);
  for (let id = 1; id <= 60; id += 1) installed.sell({ id, updated_at: updated(id).toISOString() });
  const { pipeline } = installed.tieback;
  const shop = await pipeline.db.shop.findUniqueOrThrow({ where: { domain: SHOP } });
  // A page of 50 and its orders are eleven questions; from then on Shopify fails on every try.
  let asked = 0;
  const failing = installed.anotherProcess({
    fetch: (input, init) => {
      asked += 1;
      if (asked > 11) installed.shopify.faultNext('server_error');
      return fetchFrom(installed.shopify)(input, init);
    },
  });
  expect(await reconcileShop(pipeline, failing, shop)).toEqual({
    kind: 'stopped',
    problem: 'Shopify answered with HTTP 500',
    lookedAt: 50,
    healed: 50,
    cursor: updated(50),
  });
  expect(await installed.reconcile()).toEqual({
    kind: 'done',
    lookedAt: 21,
    healed: 10,
    cursor: updated(60),
  });
});
