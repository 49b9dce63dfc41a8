import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SHOPIFY_SCOPES } from '../../app/platforms/shopify/admin-checks.ts';
import { openDatabase, type Database } from '../../app/storage/database.ts';
import { createSessionStorage } from '../../app/storage/shopify-sessions.ts';
import { createVault, type Vault } from '../../app/storage/vault.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { MERCHANT, raiseStage, type Stage } from '../sandbox/stage.ts';
import { dumpTables, freshDatabase } from './database.ts';

// Every test starts the whole app, and the first one unpacks Shopify's schema.
vi.setConfig({ testTimeout: 90_000 });

const SHOP = MERCHANT.shop.domain;
const SESSION = `offline_${SHOP}`;
const HOUR_MS = 3_600_000;
// Shopify's library turns away what does not look like a browser.
const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
};

type World = Stage & { db: Database; vault: Vault; databaseUrl: string };

/** The built app as a process of its own, on a database and with a key that this test can look into. */
async function openStage(): Promise<World> {
  const databaseUrl = await freshDatabase();
  const key = randomBytes(32);
  const env = { DATABASE_URL: databaseUrl, ENCRYPTION_KEYS: `test:${key.toString('base64')}` };
  const stage = await raiseStage({ log: 'ignore', env });
  onTestFinished(stage.close);
  const db = openDatabase(databaseUrl);
  onTestFinished(() => db.$disconnect());
  return { ...stage, db, vault: createVault([{ id: 'test', key }]), databaseUrl };
}

async function idToken({ shopify }: Stage): Promise<string> {
  const answer = await fetch(`${shopify.url}/store/${SHOP.replace('.myshopify.com', '')}/id_token`);
  return ((await answer.json()) as { id_token: string }).id_token;
}

/** Opens the app as Shopify's admin frames it. */
async function openAdmin(
  world: World,
  token?: string,
): Promise<{ status: number; text: string; to: string }> {
  const host = Buffer.from(`admin.shopify.com/store/${SHOP}`).toString('base64');
  const launch = { shop: SHOP, host, embedded: '1', locale: 'en', id_token: token ?? (await idToken(world)) };
  const url = `${world.appUrl}/app?${new URLSearchParams(launch).toString()}`;
  const answer = await fetch(url, { headers: BROWSER, redirect: 'manual' });
  return { status: answer.status, text: await answer.text(), to: answer.headers.get('location') ?? '' };
}

const paid = (id: number, fields: Record<string, unknown> = {}) =>
  shopifyOrder({ id, processed_at: '2026-11-18T10:22:29-03:00', ...fields });

test('opening the admin stores an expiring session under seal and what Shopify says of the shop', async () => {
  const world = await openStage();
  const { status, text } = await openAdmin(world);
  expect(status).toBe(200);
  expect(text).toContain('<!DOCTYPE html>');
  expect(world.shopify.exchanges()).toMatchObject([{ grant: 'token_exchange', shop: SHOP, status: 200 }]);
  expect(await world.db.shop.findMany()).toMatchObject([
    {
      domain: SHOP,
      gid: expect.stringMatching(/^gid:\/\/shopify\/Shop\/\d+$/),
      name: MERCHANT.shop.name,
      currency: 'BRL',
      country: 'BR',
      timezone: 'America/Sao_Paulo',
      plan: 'Basic',
      uninstalledAt: null,
    },
  ]);
  const session = await createSessionStorage(world.db, world.vault).loadSession(SESSION);
  const scope = SHOPIFY_SCOPES.join(',');
  expect(session).toMatchObject({ shop: SHOP, isOnline: false, scope });
  expect(session?.accessToken).toMatch(/^shpat_/);
  expect(session?.refreshToken).toMatch(/^shprt_/);
  const at = world.shopify.exchanges()[0]?.at.getTime() ?? 0;
  expect(Math.abs((session?.expires?.getTime() ?? 0) - at - HOUR_MS)).toBeLessThan(60_000);
  const days = ((session?.refreshTokenExpires?.getTime() ?? 0) - at) / (24 * HOUR_MS);
  expect(Math.round(days)).toBe(90);
  expect(await dumpTables(world.databaseUrl)).not.toMatch(/shpat_|shprt_/);
});

test('a stored session is used until it expires; then a new one takes its place', async () => {
  const world = await openStage();
  await openAdmin(world);
  expect((await openAdmin(world)).status).toBe(200);
  expect(world.shopify.exchanges()).toHaveLength(1);
  const before = await world.db.session.findMany();
  await world.db.session.updateMany({ data: { expires: new Date(0) } });
  expect((await openAdmin(world)).status).toBe(200);
  expect(world.shopify.exchanges()).toHaveLength(2);
  const after = await world.db.session.findMany();
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(after[0]?.accessToken).not.toBe(before[0]?.accessToken);
});

test('requests that come at once when the token has expired wait for one exchange', async () => {
  const world = await openStage();
  await openAdmin(world);
  await world.db.session.updateMany({ data: { expires: new Date(0) } });
  const opened = await Promise.all(Array.from({ length: 5 }, () => openAdmin(world)));
  expect(opened.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(world.shopify.exchanges()).toHaveLength(2);
  expect(await world.db.lease.count()).toBe(0);
});

test('without an id token that Shopify signed for this app nothing is exchanged and nothing is stored', async () => {
  const world = await openStage();
  const [header = '', claims = ''] = (await idToken(world)).split('.');
  const forged = `${header}.${claims}.${randomBytes(32).toString('base64url')}`;
  for (const token of [forged, 'nonsense', '']) {
    const { status, text } = await openAdmin(world, token);
    expect(status, token).not.toBe(200);
    expect(text, token).not.toContain('Overview');
  }
  expect(world.shopify.exchanges()).toEqual([]);
  const { session, shop, lease } = world.db;
  expect([await session.count(), await shop.count(), await lease.count()]).toEqual([0, 0, 0]);
});

test('while Shopify throttles its Admin API the admin opens all the same, and learns the facts later', async () => {
  const world = await openStage();
  await world.db.shop.create({ data: { domain: SHOP, settings: { windowDays: 14 } } });
  // Asked after the exchange, and by the page once more because the first answer was none.
  world.shopify.faultNext('throttled', 2);
  expect((await openAdmin(world)).status).toBe(200);
  expect(await world.db.shop.findMany()).toMatchObject([{ domain: SHOP, currency: null, timezone: null }]);
  expect(await world.db.session.count()).toBe(1);
  expect((await openAdmin(world)).status).toBe(200);
  expect(await world.db.shop.findMany()).toMatchObject([
    { domain: SHOP, currency: 'BRL', timezone: 'America/Sao_Paulo', settings: { windowDays: 14 } },
  ]);
});

test('a token exchange that fails at Shopify stores nothing, and the next try succeeds', async () => {
  const world = await openStage();
  // The page's two loaders try one after the other.
  world.shopify.faultNext('server_error', 2);
  expect((await openAdmin(world)).status).toBe(500);
  expect(await world.db.session.count()).toBe(0);
  expect((await openAdmin(world)).status).toBe(200);
  expect(await world.db.session.count()).toBe(1);
});

test('a shop that installs again is installed from now on and finds everything as it was', async () => {
  const world = await openStage();
  const long = new Date('2026-01-01T00:00:00Z');
  const settings = { windowDays: 14 };
  const data = { domain: SHOP, installedAt: long, uninstalledAt: new Date('2026-02-01T00:00:00Z'), settings };
  const { id } = await world.db.shop.create({ data });
  await openAdmin(world);
  const [shop] = await world.db.shop.findMany();
  expect(shop).toMatchObject({ id, uninstalledAt: null, settings });
  expect(shop?.installedAt.getTime()).toBeGreaterThan(data.uninstalledAt.getTime());
});

test("coverage is checked against Shopify's own count of paid orders, with an expired token refreshed", async () => {
  const world = await openStage();
  await openAdmin(world);
  for (const order of [
    paid(1),
    paid(2, { financial_status: 'partially_refunded' }),
    paid(3, { financial_status: 'refunded' }),
    paid(4, { financial_status: 'pending' }),
    paid(5, { financial_status: 'partially_paid' }),
    paid(6, { processed_at: '2026-11-17T23:59:59Z' }),
  ])
    world.shopify.placeOrder(SHOP, order);
  const before = await createSessionStorage(world.db, world.vault).loadSession(SESSION);
  await world.db.session.updateMany({ data: { expires: new Date(0) } });
  world.shopify.expireTokens(SHOP);

  const report = await world.operator('coverage', '--shop', SHOP, '--since', '2026-11-18T00:00:00Z');
  expect(report).toMatchObject({ total: 0, paid_orders: 3, counted_by: 'shopify', complete: false });
  expect(world.shopify.refreshes()).toMatchObject([{ grant: 'refresh', shop: SHOP, status: 200 }]);
  const after = await createSessionStorage(world.db, world.vault).loadSession(SESSION);
  expect(after?.accessToken).not.toBe(before?.accessToken);
  expect(after?.refreshToken).not.toBe(before?.refreshToken);
  expect(after?.expires?.getTime()).toBeGreaterThan(before?.expires?.getTime() ?? Infinity);
});

test('when Shopify cannot be asked, coverage counts what is stored and says so', async () => {
  const world = await openStage();
  await openAdmin(world);
  world.shopify.placeOrder(SHOP, paid(1));
  const coverage = () => world.operator('coverage', '--shop', SHOP, '--since', '2026-11-18');
  expect(await coverage()).toMatchObject({ paid_orders: 1, counted_by: 'shopify' });
  const stored = { total: 0, paid_orders: 0, counted_by: 'stored_orders', complete: true };
  world.shopify.faultNext('throttled', 10);
  expect(await coverage()).toMatchObject(stored);
  world.shopify.revoke(SHOP);
  await world.db.session.updateMany({ data: { expires: new Date(0) } });
  expect(await coverage()).toMatchObject(stored);
  expect(world.shopify.refreshes()).toMatchObject([{ status: 400, error: 'invalid_grant' }]);
  await world.db.session.deleteMany();
  expect(await coverage()).toMatchObject(stored);
});
