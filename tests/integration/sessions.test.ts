import { randomBytes } from 'node:crypto';
import { Session } from '@shopify/shopify-api';
import type { SessionStorage } from '@shopify/shopify-app-session-storage';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase, type Database } from '../../app/storage/database.ts';
import { createSessionStorage } from '../../app/storage/shopify-sessions.ts';
import { createVault, VaultError } from '../../app/storage/vault.ts';
import { freshDatabase } from './database.ts';

const [SHOP, OTHER] = ['loja-exemplo.myshopify.com', 'outra-loja.myshopify.com'];
const ACCESS = 'shpat_of-the-tests';
const REFRESH = 'shprt_of-the-tests';

async function openStorage(): Promise<{ db: Database; storage: SessionStorage }> {
  const db = openDatabase(await freshDatabase());
  onTestFinished(() => db.$disconnect());
  const vault = createVault([{ id: 'k1', key: randomBytes(32) }]);
  return { db, storage: createSessionStorage(db, vault) };
}

function session(shop: string, change: Partial<ConstructorParameters<typeof Session>[0]> = {}): Session {
  return new Session({
    id: `offline_${shop}`,
    shop,
    state: 'nonce',
    isOnline: false,
    scope: 'read_customers,read_orders',
    expires: new Date('2026-11-20T11:00:00.123Z'),
    accessToken: ACCESS,
    refreshToken: REFRESH,
    refreshTokenExpires: new Date('2027-02-18T10:00:00.456Z'),
    ...change,
  });
}

test('a session comes back as it was stored, with its refresh token and to the millisecond', async () => {
  const { storage } = await openStorage();
  const stored = session(SHOP);
  expect(await storage.storeSession(stored)).toBe(true);
  const loaded = await storage.loadSession(stored.id);
  expect(loaded).toBeInstanceOf(Session);
  expect(loaded?.toObject()).toEqual(stored.toObject());
  expect(loaded?.equals(stored)).toBe(true);
});

test('a session without tokens, scope or expiry comes back without them', async () => {
  const { storage } = await openStorage();
  const bare = new Session({ id: 'bare', shop: SHOP, state: '', isOnline: true });
  await storage.storeSession(bare);
  const loaded = await storage.loadSession('bare');
  expect(loaded).toMatchObject({ id: 'bare', shop: SHOP, state: '', isOnline: true });
  for (const key of ['scope', 'expires', 'accessToken', 'refreshToken', 'refreshTokenExpires'] as const)
    expect(loaded?.[key], key).toBeUndefined();
});

test('a session stored again replaces the one before, also what it no longer has', async () => {
  const { db, storage } = await openStorage();
  await storage.storeSession(session(SHOP));
  const later = session(SHOP, { accessToken: 'shpat_later', refreshToken: undefined });
  await storage.storeSession(later);
  expect(await db.session.count()).toBe(1);
  expect((await storage.loadSession(later.id))?.toObject()).toEqual(later.toObject());
});

test('neither token can be read in the table', async () => {
  const { db, storage } = await openStorage();
  await storage.storeSession(session(SHOP));
  const [row] = await db.$queryRaw<{ text: string }[]>`SELECT s::text AS text FROM sessions s`;
  expect(row?.text).toContain(SHOP);
  expect(row?.text).not.toContain(ACCESS);
  expect(row?.text).not.toContain(REFRESH);
});

test("a token put into another shop's row is refused", async () => {
  const { db, storage } = await openStorage();
  await storage.storeSession(session(SHOP));
  await storage.storeSession(session(OTHER, { accessToken: 'shpat_other' }));
  await db.$executeRaw`
    UPDATE sessions s SET access_token = o.access_token FROM sessions o WHERE o.id <> s.id`;
  await expect(storage.loadSession(`offline_${SHOP}`)).rejects.toThrow(VaultError);
  await expect(storage.loadSession(`offline_${OTHER}`)).rejects.toThrow(VaultError);
});

test("a token put into another row of the same shop, or a refresh token into the access token's place, is refused", async () => {
  const { db, storage } = await openStorage();
  await storage.storeSession(session(SHOP));
  await storage.storeSession(session(SHOP, { id: 'second' }));
  await db.$executeRaw`
    UPDATE sessions s SET access_token = o.access_token FROM sessions o WHERE s.id = 'second' AND o.id <> s.id`;
  await db.$executeRaw`UPDATE sessions SET access_token = refresh_token WHERE id <> 'second'`;
  await expect(storage.loadSession('second')).rejects.toThrow(VaultError);
  await expect(storage.loadSession(`offline_${SHOP}`)).rejects.toThrow(VaultError);
});

test("a shop's sessions are found by its domain, and no other shop's", async () => {
  const { storage } = await openStorage();
  await storage.storeSession(session(SHOP));
  await storage.storeSession(session(SHOP, { id: 'second' }));
  await storage.storeSession(session(OTHER));
  const found = await storage.findSessionsByShop?.(SHOP);
  expect(found?.map(({ id }) => id).toSorted()).toEqual([`offline_${SHOP}`, 'second']);
  expect(found?.map(({ accessToken }) => accessToken)).toEqual([ACCESS, ACCESS]);
  expect(await storage.findSessionsByShop?.('nobody.myshopify.com')).toEqual([]);
});

test('deleting takes away the sessions named and leaves the others', async () => {
  const { storage } = await openStorage();
  for (const id of ['a', 'b', 'c', 'd']) await storage.storeSession(session(SHOP, { id }));
  expect(await storage.deleteSession('a')).toBe(true);
  expect(await storage.deleteSessions?.(['b', 'c', 'never-there'])).toBe(true);
  expect(await storage.deleteSession('never-there')).toBe(true);
  const left = await storage.findSessionsByShop?.(SHOP);
  expect(left?.map(({ id }) => id)).toEqual(['d']);
  expect(await storage.loadSession('a')).toBeUndefined();
});
