import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { freshDatabase } from './database.ts';
import { API_KEY, openInstalled, type Installed } from './installed.ts';
import { jsonOf, tiebackCommand } from './operator.ts';
import { SHOP, SHOPIFY_SECRET } from './tieback.ts';

const PRELOAD = fileURLToPath(new URL('../sandbox/shopify-fetch.mjs', import.meta.url));
const SINCE = new Date('2026-11-18T00:00:00Z');

/** A shop of which twelve paid orders are at Shopify and four were told us; its commands reach the pretend Shopify. */
async function openBehind(): Promise<Installed & { env: Record<string, string> }> {
  const ENCRYPTION_KEYS = `test:${randomBytes(32).toString('base64')}`;
  const installed = await openInstalled({ env: { ENCRYPTION_KEYS } });
  const { tieback, shopify, sell } = installed;
  const { shopId } = await tieback.connect();
  await tieback.tapAd();
  for (let id = 1; id <= 12; id += 1) {
    const order = sell({ id });
    if (id % 3 === 0) await tieback.sendShopify('orders/paid', order);
  }
  await tieback.work();
  // The commands have the machine's own clock, which would look back sixty days only.
  await tieback.pipeline.db.reconciliation.create({
    data: { shopId, since: SINCE, cursor: SINCE, ranAt: SINCE },
  });
  const env = {
    ENCRYPTION_KEYS,
    DATABASE_URL: tieback.databaseUrl,
    SHOPIFY_API_KEY: API_KEY,
    SHOPIFY_API_SECRET: SHOPIFY_SECRET,
    PRETEND_SHOPIFY_URL: shopify.url,
    NODE_OPTIONS: `--import=${PRELOAD}`,
  };
  return { ...installed, env };
}

test("coverage says how far the states are from Shopify's count; after reconcile they add up", async () => {
  const { env, tieback } = await openBehind();
  expect(await jsonOf(['coverage', '--shop', SHOP], env)).toMatchObject({
    since: SINCE.toISOString(),
    total: 4,
    paid_orders: 12,
    counted_by: 'shopify',
    complete: false,
  });
  expect(await jsonOf(['reconcile', '--shop', SHOP], env)).toEqual({
    looked_at: 12,
    healed: 8,
    cursor: '2026-11-18T13:22:34.000Z',
    stopped: null,
  });
  expect(await jsonOf(['coverage', '--shop', SHOP], env)).toMatchObject({
    total: 12,
    paid_orders: 12,
    counted_by: 'shopify',
    complete: true,
  });
  expect(await tieback.pipeline.db.conversionEvent.count()).toBe(12);
  const { code, out } = await tiebackCommand(['reconcile', '--shop', SHOP], env);
  expect([code, out]).toEqual([
    0,
    '12 orders looked at, 0 healed, compared until 2026-11-18T13:22:34.000Z\n',
  ]);
});

test('reconcile fails in words when Shopify cannot be asked, and without its variables is wrong use', async () => {
  const { env, shopify, tieback } = await openBehind();
  const run = (change: Record<string, string>) =>
    tiebackCommand(['reconcile', '--shop', SHOP, '--json'], { ...env, ...change });
  const words = (problem: string) => `tieback reconcile: ${problem}\n`;
  expect(await run({ SHOPIFY_API_SECRET: '' })).toEqual({
    code: 2,
    out: '',
    words: words('SHOPIFY_API_SECRET is required beside SHOPIFY_API_KEY'),
  });
  expect(await run({ SHOPIFY_API_KEY: '', SHOPIFY_API_SECRET: '' })).toMatchObject({ code: 2, out: '' });
  shopify.revoke(SHOP);
  await tieback.pipeline.db.session.updateMany({ data: { expires: new Date(0) } });
  expect(await run({})).toEqual({
    code: 1,
    out: '',
    words: words('not reconciled: Shopify refused the refresh token (HTTP 400)'),
  });
  await tieback.pipeline.db.session.deleteMany();
  expect(await run({})).toMatchObject({ code: 1, words: words('not reconciled: no session is stored') });
});

test('reconcile of a shop that Tieback does not know is a failure', async () => {
  const env = {
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    DATABASE_URL: await freshDatabase(),
    SHOPIFY_API_KEY: API_KEY,
    SHOPIFY_API_SECRET: SHOPIFY_SECRET,
  };
  const ended = await tiebackCommand(['reconcile', '--shop', SHOP], env);
  expect(ended).toMatchObject({ code: 1, out: '' });
  expect(ended.words).toContain(`no shop ${SHOP}`);
});
