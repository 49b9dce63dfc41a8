import { expect, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { reconsiderBatch } from '../../app/pipeline/reconsider.ts';
import { applyRerun, findRerun, RERUN_BATCH, rerunBatch, startRerun } from '../../app/pipeline/rerun.ts';
import { Prisma } from '../../app/storage/database.ts';
import {
  acceptedBy,
  bought,
  changeSettings,
  CHECKOUT,
  contactOf,
  DAY_MS,
  eventsOf,
  JOAO,
  MINUTE_MS,
  orderOf,
  ordersOf,
} from './linking.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { openTieback, SHOP, START, type Tieback } from './tieback.ts';

const before = (ms: number): Date => new Date(CHECKOUT.getTime() - ms);

async function start(tieback: Tieback, shop: ShopId, until = START) {
  const period = { since: before(DAY_MS), until };
  const id = await startRerun(tieback.pipeline, { shop, ...period, by: 'test' });
  return { shopId: shop, id };
}

async function finish({ pipeline }: Tieback): Promise<void> {
  while ((await rerunBatch(pipeline)) + (await reconsiderBatch(pipeline)) > 0);
}

async function compare(tieback: Tieback, shop: ShopId) {
  const run = await start(tieback, shop);
  await finish(tieback);
  const rerun = await findRerun(tieback.pipeline, shop, run.id);
  return { run, rerun };
}

/** Maria clicked 3 days before her order, João an hour before his; Meta was told of both. */
async function withOrders(tieback: Tieback) {
  const connection = await tieback.connect();
  await tieback.tapAd({ adId: 'marias-ad', at: before(3 * DAY_MS) });
  await tieback.tapAd({
    from: JOAO,
    messageId: 'wamid.JOAO',
    clid: 'joao',
    adId: 'joaos-ad',
    at: before(60 * MINUTE_MS),
  });
  await tieback.pay(bought(1));
  await tieback.pay(bought(2, { phone: '(21) 98877-6655', buyer: 2 }));
  await tieback.work();
  return connection;
}

test('a narrower window shows what is lost, changes nothing before it is applied, and sends nothing', async () => {
  const tieback = await openTieback();
  const connection = await withOrders(tieback);
  await changeSettings(tieback, connection, { windowDays: 1 });
  const stood = await ordersOf(tieback);
  const { run, rerun } = await compare(tieback, connection.shopId);
  expect(rerun).toMatchObject({ state: 'compared', lookedAt: 2, finishedAt: START, startedBy: 'test' });
  const side = { decision: 'report', reason: null, contactMask: '+55 ••••• 4321' };
  expect(rerun?.difference).toEqual({
    changed: 1,
    gained: 0,
    lost: 1,
    moved: 0,
    revenue: { BRL: { gained: '0', lost: '214.90' } },
    willReport: 0,
    examples: [
      {
        gid: 'gid://shopify/Order/1',
        name: '#1042',
        before: { ...side, adId: 'marias-ad' },
        after: { ...side, adId: null },
      },
    ],
  });
  expect(await ordersOf(tieback)).toEqual(stood);

  expect(await applyRerun(tieback.pipeline, run)).toEqual({ kind: 'applying' });
  await finish(tieback);
  expect(await findRerun(tieback.pipeline, connection.shopId)).toMatchObject({ state: 'applied' });
  expect(await ordersOf(tieback)).toMatchObject([
    { decision: 'report', referralId: null, windowDays: 1, reconsider: false },
    { decision: 'report', referralId: stood[1]?.referralId, windowDays: 7 },
  ]);
  await tieback.work();
  expect(acceptedBy(tieback)).toHaveLength(2);
  expect(await eventsOf(tieback)).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
});

test('a wider window gains orders, and what Meta would still take is reported once', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { windowDays: 1 });
  await tieback.tapAd({ at: before(3 * DAY_MS) });
  await tieback.pay(bought(1));
  await tieback.pay(bought(2, { at: before(DAY_MS / 2) }), { triggeredAt: before(DAY_MS / 2) });
  await tieback.work();
  tieback.now.forward(7 * DAY_MS - 4 * 60 * MINUTE_MS);
  await changeSettings(tieback, connection, { windowDays: 28 });
  const { run, rerun } = await compare(tieback, connection.shopId);
  expect(rerun?.difference).toMatchObject({
    changed: 2,
    gained: 2,
    revenue: { BRL: { gained: '429.80', lost: '0' } },
    willReport: 1,
  });
  await applyRerun(tieback.pipeline, run);
  await finish(tieback);
  for (let times = 0; times < 2; times += 1) await tieback.work();
  expect(await ordersOf(tieback)).toMatchObject([
    { decision: 'report' },
    { decision: 'withheld', reason: 'too_old' },
  ]);
  expect(acceptedBy(tieback)).toEqual(['shopify:order:1:Purchase']);
});

test('another model moves the credit', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd({ adId: 'first', at: before(2 * DAY_MS) });
  await tieback.tapAd({ adId: 'last', messageId: 'wamid.LAST', clid: 'last' });
  await tieback.pay(bought(1));
  await tieback.work();
  await changeSettings(tieback, connection, { model: 'first_click' });
  const { rerun } = await compare(tieback, connection.shopId);
  expect(rerun?.difference).toMatchObject({
    changed: 1,
    moved: 1,
    examples: [{ before: { adId: 'last' }, after: { adId: 'first' } }],
  });
});

test('when settings changed since the comparison, applying says which and does nothing', async () => {
  const tieback = await openTieback();
  const connection = await withOrders(tieback);
  await changeSettings(tieback, connection, { windowDays: 1 });
  const { run } = await compare(tieback, connection.shopId);
  await changeSettings(tieback, connection, { windowDays: 28, model: 'linear', attributionOnly: true });
  expect(await applyRerun(tieback.pipeline, run)).toEqual({
    kind: 'settings_changed',
    settings: ['windowDays', 'model'],
  });
  expect(await findRerun(tieback.pipeline, connection.shopId, run.id)).toMatchObject({ state: 'compared' });
});

test('only a run that was compared to its end can be applied, and once', async () => {
  const tieback = await openTieback();
  const { shopId } = await withOrders(tieback);
  const run = await start(tieback, shopId);
  expect(await applyRerun(tieback.pipeline, run)).toEqual({ kind: 'not_compared', state: 'comparing' });
  await finish(tieback);
  expect(await applyRerun(tieback.pipeline, run)).toEqual({ kind: 'applying' });
  expect(await applyRerun(tieback.pipeline, run)).toEqual({ kind: 'not_compared', state: 'applying' });
  expect(await applyRerun(tieback.pipeline, { ...run, id: 'no id' })).toEqual({ kind: 'not_found' });
});

test('a run goes on from its cursor, whoever carries it, and counts each order once', async () => {
  const tieback = await openTieback();
  const connection = await withOrders(tieback);
  const { pipeline } = tieback;
  const orders = RERUN_BATCH * 2;
  await pipeline.db.$executeRaw(Prisma.sql`
    INSERT INTO orders (shop_id, gid, name, currency, total, presentment_currency, presentment_total, placed_at, paid_at,
      shopify_updated_at, decision, reason, contact_id, referral_id, phones, evidence)
    SELECT o.shop_id, 'gid://shopify/Order/' || n, o.name, o.currency, 0.1, o.presentment_currency, 0.1, o.placed_at,
      o.paid_at, o.shopify_updated_at, 'report', NULL, o.contact_id, o.referral_id, 'given', o.evidence
    FROM orders o CROSS JOIN generate_series(1001, ${1000 + orders}::int) n WHERE o.gid = 'gid://shopify/Order/1'`);
  await changeSettings(tieback, connection, { windowDays: 1 });
  const run = await start(tieback, connection.shopId);
  expect(await rerunBatch(pipeline)).toBe(RERUN_BATCH);
  const workers = [1, 2, 3].map(async () => {
    while ((await rerunBatch(pipeline)) > 0);
  });
  await Promise.all(workers);
  await finish(tieback);
  const rerun = await findRerun(pipeline, connection.shopId, run.id);
  expect(rerun).toMatchObject({ state: 'compared', lookedAt: orders + 2 });
  expect(rerun?.difference).toMatchObject({
    changed: orders + 1,
    lost: orders + 1,
    revenue: { BRL: { lost: '314.90' } },
  });
  expect(rerun?.difference.examples).toHaveLength(20);
});

test('a run that cannot go on is failed, and holds up no other', async () => {
  const tieback = await openTieback();
  const { shopId } = await withOrders(tieback);
  const { db } = tieback.pipeline;
  const broken = await start(tieback, shopId);
  await db.attributionRerun.updateMany({ data: { cursor: 'no-time gid' } });
  const fine = await start(tieback, shopId);
  await finish(tieback);
  expect(await findRerun(tieback.pipeline, shopId, broken.id)).toMatchObject({ state: 'failed' });
  expect(await findRerun(tieback.pipeline, shopId, fine.id)).toMatchObject({ state: 'compared' });
});

test('orders whose customer was forgotten, and orders outside the period, are left as they are', async () => {
  const tieback = await openTieback();
  const connection = await withOrders(tieback);
  await tieback.sendShopify('customers/redact', {
    shop_domain: SHOP,
    customer: { phone: null },
    orders_to_redact: [1],
  });
  await tieback.pay(bought(3, { at: before(2 * DAY_MS) }));
  await tieback.work();
  await changeSettings(tieback, connection, { windowDays: 1 });
  const { rerun } = await compare(tieback, connection.shopId);
  expect(rerun).toMatchObject({ lookedAt: 2, difference: { changed: 0 } });
});

test('an order from before clues were kept keeps its conversation, and its credit follows the settings', async () => {
  const tieback = await openTieback();
  const connection = await withOrders(tieback);
  await tieback.pipeline.db.orderClue.deleteMany();
  await changeSettings(tieback, connection, { windowDays: 1 });
  const { run, rerun } = await compare(tieback, connection.shopId);
  expect(rerun?.difference).toMatchObject({ changed: 1, lost: 1 });
  await applyRerun(tieback.pipeline, run);
  await finish(tieback);
  expect(await orderOf(tieback, 1)).toMatchObject({
    contactId: await contactOf(tieback, '4321'),
    referralId: null,
  });
});

test('the operator sees the difference first, and applies it when asked to', async () => {
  const { tieback, env } = await openOperated();
  const connection = await withOrders(tieback);
  await changeSettings(tieback, connection, { windowDays: 1 });
  const run = (...args: string[]) =>
    jsonOf(['reattribute', '--shop', SHOP, '--since', '2026-11-17', ...args], env);
  const difference = {
    looked_at: 2,
    changed: 1,
    lost: 1,
    will_report: 0,
    examples: [
      {
        order_id: 'gid://shopify/Order/1',
        before: { decision: 'report', ad: 'marias-ad', contact: '+55 ••••• 4321' },
        after: { ad: null },
      },
    ],
  };
  expect(await run()).toMatchObject({ state: 'compared', ...difference });
  expect((await orderOf(tieback, 1)).referralId).not.toBeNull();
  expect(await run('--apply')).toMatchObject({ state: 'applied', ...difference });
  expect((await orderOf(tieback, 1)).referralId).toBeNull();
  const wrong = ['reattribute', '--shop', SHOP, '--since', 'yesterday'];
  expect(await tiebackCommand(wrong, env)).toMatchObject({ code: 2 });
});
