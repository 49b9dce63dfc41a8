import { expect, onTestFinished, test } from 'vitest';
import { takeTokenTurn } from '../../app/pipeline/admin-access.ts';
import { readShopInfo } from '../../app/platforms/shopify/admin.ts';
import { openDatabase } from '../../app/storage/database.ts';
import { awaitLease, takeLease } from '../../app/storage/lease.ts';
import { createSessionStorage, offlineSessionId } from '../../app/storage/shopify-sessions.ts';
import { freshDatabase } from './database.ts';
import { fetchFrom, openInstalled, type Installed } from './installed.ts';
import { SHOP } from './tieback.ts';

const HOUR_MS = 3_600_000;
const OTHER = 'outra-loja.myshopify.com';

async function nameOf({ openAdmin }: Pick<Installed, 'openAdmin'>, shop = SHOP): Promise<string> {
  const access = await openAdmin(shop);
  if (access.kind !== 'open') return access.problem;
  return (await readShopInfo(access.client))?.name ?? 'Shopify gave no answer';
}

const stored = ({ tieback }: Installed) =>
  createSessionStorage(tieback.pipeline.db, tieback.pipeline.vault).loadSession(offlineSessionId(SHOP));

test('ten callers in ten processes that find the token expired refresh it once, and all are answered', async () => {
  const installed = await openInstalled();
  installed.tieback.now.forward(HOUR_MS);
  const callers = Array.from({ length: 10 }, () => ({ openAdmin: installed.anotherProcess() }));
  expect(await Promise.all(callers.map((caller) => nameOf(caller)))).toEqual(Array(10).fill('Loja Exemplo'));
  expect(installed.shopify.refreshes()).toMatchObject([{ shop: SHOP, status: 200 }]);
  expect(await installed.tieback.pipeline.db.lease.count()).toBe(0);
});

test('a token is refreshed hour after hour, five minutes before it ends, with the refresh token of the time before', async () => {
  const installed = await openInstalled();
  for (let hour = 1; hour <= 3; hour += 1) {
    installed.tieback.now.forward(HOUR_MS - 5 * 60_000 - 1);
    expect(await nameOf(installed)).toBe('Loja Exemplo');
    expect(installed.shopify.refreshes()).toHaveLength(hour - 1);
    installed.tieback.now.forward(1);
    expect(await nameOf(installed)).toBe('Loja Exemplo');
    expect(installed.shopify.refreshes()).toHaveLength(hour);
  }
  expect(installed.shopify.refreshes().every(({ status }) => status === 200)).toBe(true);
  expect(await stored(installed)).toMatchObject({
    scope: 'read_orders,read_customers',
    expires: new Date(installed.tieback.now.at.getTime() + HOUR_MS),
    refreshTokenExpires: new Date(installed.tieback.now.at.getTime() + 90 * 24 * HOUR_MS),
  });
});

test("one shop's turn does not make another shop wait", async () => {
  const installed = await openInstalled();
  await installed.install(OTHER);
  installed.tieback.now.forward(HOUR_MS);
  const name = await takeTokenTurn(installed.tieback.pipeline.db, SHOP, () => nameOf(installed, OTHER));
  expect(name).toBe('Loja Exemplo');
});

test('a worker waits for the exchange of a merchant who opens the app, and uses its token', async () => {
  const installed = await openInstalled();
  installed.tieback.now.forward(HOUR_MS);
  let waiting: Promise<string> = Promise.resolve('');
  await takeTokenTurn(installed.tieback.pipeline.db, SHOP, async () => {
    waiting = nameOf(installed);
    await installed.install(SHOP);
  });
  expect(await waiting).toBe('Loja Exemplo');
  expect(installed.shopify.refreshes()).toEqual([]);
});

test('a refresh that Shopify refuses, or does not answer, is told, and the next caller may try again', async () => {
  const installed = await openInstalled();
  installed.tieback.now.forward(HOUR_MS);
  installed.shopify.faultNext('server_error');
  expect(await installed.openAdmin(SHOP)).toEqual({
    kind: 'unavailable',
    problem: 'Shopify answered with HTTP 500',
  });
  installed.shopify.faultNext('refresh_400');
  expect(await installed.openAdmin(SHOP)).toEqual({
    kind: 'no_session',
    problem: 'Shopify refused the refresh token (HTTP 400)',
  });
  expect(await nameOf(installed)).toBe('Loja Exemplo');
});

test('a session that an uninstall deletes while its token is being refreshed stays deleted', async () => {
  const installed = await openInstalled();
  const { db } = installed.tieback.pipeline;
  installed.tieback.now.forward(HOUR_MS);
  const openAdmin = installed.anotherProcess({
    async fetch(input, init) {
      const answer = await fetchFrom(installed.shopify)(input, init);
      await db.session.deleteMany();
      return answer;
    },
  });
  expect(await openAdmin(SHOP)).toEqual({
    kind: 'no_session',
    problem: 'the app was uninstalled or opened in this moment',
  });
  expect(await db.session.count()).toBe(0);
});

test('a token that Shopify does not know any more is dropped, and refreshed for the next question', async () => {
  const installed = await openInstalled();
  installed.shopify.expireTokens(SHOP);
  expect(await nameOf(installed)).toBe('Shopify gave no answer');
  expect((await stored(installed))?.accessToken).toBeUndefined();
  expect(await nameOf(installed)).toBe('Loja Exemplo');
  expect(installed.shopify.refreshes()).toHaveLength(1);
});

test('a shop that never installed the app, or whose tokens were revoked, has no usable session', async () => {
  const installed = await openInstalled();
  expect(await nameOf(installed, OTHER)).toBe('no session is stored');
  installed.shopify.revoke(SHOP);
  installed.tieback.now.forward(HOUR_MS);
  expect(await nameOf(installed)).toBe('Shopify refused the refresh token (HTTP 400)');
});

test('a lease is held by one, runs out when its holder died, and is then no longer his to renew or to give up', async () => {
  const db = openDatabase(await freshDatabase());
  onTestFinished(() => db.$disconnect());
  const died = await takeLease(db, 'name', 60_000);
  expect(await takeLease(db, 'name', 60_000)).toBeNull();
  expect(await awaitLease(db, 'name', { holdMs: 60_000, waitMs: 0 })).toBeNull();
  expect(await died?.renew()).toBe(true);
  await db.lease.updateMany({ data: { until: new Date(0) } });
  const next = await takeLease(db, 'name', 60_000);
  expect(next).not.toBeNull();
  expect(await died?.renew()).toBe(false);
  await died?.release();
  expect(await takeLease(db, 'name', 60_000)).toBeNull();
  const waiting = awaitLease(db, 'name', { holdMs: 60_000, waitMs: 10_000 });
  await next?.release();
  expect(await waiting).not.toBeNull();
});
