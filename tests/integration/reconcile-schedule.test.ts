import { expect, test } from 'vitest';
import { reconcileShop } from '../../app/pipeline/reconcile.ts';
import { reconcileAll, reconciliation } from '../../app/pipeline/reconciliation.ts';
import { takeLease } from '../../app/storage/lease.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { openInstalled, type Installed } from './installed.ts';
import { SHOP, START } from './tieback.ts';

const OTHER = 'outra-loja.myshopify.com';
const THIRD = 'terceira-loja.myshopify.com';
const RUNNING = new AbortController().signal;
const DAY_MS = 24 * 60 * 60_000;

/** Three shops, each with an order of which nobody told us. */
async function openThree(): Promise<Installed> {
  const installed = await openInstalled();
  await installed.tieback.connect();
  installed.sell();
  for (const [index, domain] of [OTHER, THIRD].entries()) {
    await installed.install(domain);
    await installed.tieback.connect({ domain, phoneNumberId: `10654035224292${index}` });
    installed.shopify.placeOrder(domain, shopifyOrder());
  }
  return installed;
}

async function shopsWithOrders({ tieback }: Installed): Promise<string[]> {
  const rows = await tieback.pipeline.db.order.findMany({ include: { shop: true } });
  return rows.map((row) => row.shop.domain).toSorted();
}

test('every quarter of an hour each installed shop is reconciled; one that was uninstalled is not', async () => {
  const installed = await openThree();
  const { pipeline } = installed.tieback;
  await pipeline.db.shop.updateMany({ where: { domain: THIRD }, data: { uninstalledAt: START } });
  const job = reconciliation(pipeline, installed.openAdmin, RUNNING);
  expect(job).toMatchObject({ name: 'reconcile', cron: '*/15 * * * *' });
  await job.run();
  expect(await shopsWithOrders(installed)).toEqual([SHOP, OTHER].toSorted());
  expect(await pipeline.db.lease.count()).toBe(0);
});

test('a shop without a usable session, and one that fails, hold up nobody', async () => {
  const installed = await openThree();
  const { pipeline } = installed.tieback;
  installed.shopify.revoke(OTHER);
  await pipeline.db.session.updateMany({ where: { shop: THIRD }, data: { accessToken: 'not a seal' } });
  await reconcileAll(pipeline, installed.openAdmin, RUNNING);
  expect(await shopsWithOrders(installed)).toEqual([SHOP]);
});

test('shops that have waited longest come first, four at a time, and nothing is begun once the worker stops', async () => {
  const installed = await openInstalled();
  await installed.tieback.connect();
  const domains = ['a', 'b', 'c', 'd', 'e'].map((name) => `loja-${name}.myshopify.com`);
  for (const domain of domains) {
    await installed.install(domain);
    await installed.tieback.pipeline.db.shop.create({ data: { domain } });
  }
  await installed.reconcile('loja-b.myshopify.com');
  await installed.reconcile(SHOP);
  const stopping = new AbortController();
  const opened: string[] = [];
  const opening = (domain: string) => {
    opened.push(domain);
    stopping.abort();
    return Promise.resolve({ kind: 'unavailable' as const, problem: 'the worker stops' });
  };
  await reconcileAll(installed.tieback.pipeline, opening, stopping.signal);
  expect(opened.toSorted()).toEqual(domains.filter((domain) => !domain.includes('loja-b')));
  await reconcileAll(installed.tieback.pipeline, opening, stopping.signal);
  expect(opened).toHaveLength(4);
});

test('one run for a shop at a time: the second is told so and asks nothing', async () => {
  const installed = await openInstalled();
  await installed.tieback.connect();
  installed.sell();
  const lease = await takeLease(installed.tieback.pipeline.db, `reconcile:${SHOP}`, 60_000);
  const busy = { kind: 'skipped', problem: 'another run for this shop is under way' };
  expect(await installed.reconcile()).toEqual(busy);
  expect(installed.shopify.graphqlCalls()).toEqual([]);
  await lease?.release();
  expect(await installed.reconcile()).toMatchObject({ kind: 'done', healed: 1 });
});

test('a run that is ended after a page goes on from there the next time', async () => {
  const installed = await openInstalled();
  await installed.tieback.connect();
  const updated = (id: number) => new Date(START.getTime() - DAY_MS + id * 60_000);
  for (let id = 1; id <= 60; id += 1) installed.sell({ id, updated_at: updated(id).toISOString() });
  let looks = 0;
  const after = (pages: number) => () => ++looks > pages;
  const { pipeline } = installed.tieback;
  expect(
    await reconcileShop(pipeline, installed.openAdmin, await shop(installed, SHOP), after(1)),
  ).toMatchObject({
    kind: 'stopped',
    lookedAt: 50,
    cursor: updated(50),
  });
  expect(await installed.reconcile()).toMatchObject({ kind: 'done', healed: 10 });
});

test('the first run looks back to the installation, or to an order known from before, but sixty days at most', async () => {
  const installed = await openInstalled();
  const { db } = installed.tieback.pipeline;
  const before = (days: number) => new Date(START.getTime() - days * DAY_MS);
  const begins = async (): Promise<unknown> => {
    await installed.reconcile();
    const [row] = await db.reconciliation.findMany();
    await db.reconciliation.deleteMany();
    return row?.since;
  };
  await installed.tieback.connect();
  expect(await begins()).toEqual(before(60));
  await db.shop.updateMany({ data: { installedAt: before(1) } });
  expect(await begins()).toEqual(before(1));
  const placed = before(3).toISOString();
  await installed.tieback.sendShopify(
    'orders/create',
    shopifyOrder({ processed_at: placed, updated_at: placed }),
  );
  await installed.tieback.work();
  expect(await begins()).toEqual(before(3));
});

function shop({ tieback }: Installed, domain: string) {
  return tieback.pipeline.db.shop.findUniqueOrThrow({ where: { domain } });
}
