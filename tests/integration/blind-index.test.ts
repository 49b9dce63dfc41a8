import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { openBlindIndex } from '../../app/storage/blind-index.ts';
import { openDatabase, type Database } from '../../app/storage/database.ts';
import { createVault, VaultError } from '../../app/storage/vault.ts';
import { freshDatabase } from './database.ts';

const [ONE, OTHER] = [1 as ShopId, 2 as ShopId];
const PHONE = '5511987654321';

const newKey = (id: string) => ({ id, key: randomBytes(32) });

async function openFresh(): Promise<Database> {
  const db = openDatabase(await freshDatabase());
  onTestFinished(() => db.$disconnect());
  return db;
}

test('a value has one hash in a shop, and others in another shop, of another kind or of another value', async () => {
  const index = await openBlindIndex(await openFresh(), createVault([newKey('k1')]));
  const hash = index(ONE, 'phone', PHONE);
  expect(hash).toHaveLength(16);
  expect(index(ONE, 'phone', PHONE)).toEqual(hash);
  const others = [
    index(OTHER, 'phone', PHONE),
    index(ONE, 'user_id', PHONE),
    index(ONE, 'phone', `${PHONE}0`),
    index(11 as ShopId, 'phone', PHONE.slice(1)),
  ];
  const distinct = new Set([hash, ...others].map((one) => one.toString('hex')));
  expect(distinct.size).toBe(5);
});

test('the index is the same after a restart and after the key ring was rotated', async () => {
  const db = await openFresh();
  const [older, newer] = [newKey('k1'), newKey('k2')];
  const first = await openBlindIndex(db, createVault([older]));
  const again = await openBlindIndex(db, createVault([older]));
  const rotated = await openBlindIndex(db, createVault([newer, older]));
  const hash = first(ONE, 'phone', PHONE);
  expect(again(ONE, 'phone', PHONE)).toEqual(hash);
  expect(rotated(ONE, 'phone', PHONE)).toEqual(hash);
  expect(await db.installationSecret.count()).toBe(1);
});

test('processes that start together on a new database agree on one index', async () => {
  const db = await openFresh();
  const vault = createVault([newKey('k1')]);
  const opened = await Promise.all(Array.from({ length: 8 }, () => openBlindIndex(db, vault)));
  const hashes = new Set(opened.map((index) => index(ONE, 'phone', PHONE).toString('hex')));
  expect(hashes.size).toBe(1);
});

test('two installations give the same number different hashes', async () => {
  const vault = createVault([newKey('k1')]);
  const here = await openBlindIndex(await openFresh(), vault);
  const there = await openBlindIndex(await openFresh(), vault);
  expect(here(ONE, 'phone', PHONE)).not.toEqual(there(ONE, 'phone', PHONE));
});

test('the secret is sealed at rest: without its key there is no index, and it does not open elsewhere', async () => {
  const db = await openFresh();
  const key = newKey('k1');
  await openBlindIndex(db, createVault([key]));
  const [row] = await db.installationSecret.findMany();
  expect(row?.value).toMatch(/^v1\.k1\.[\w-]{96}$/);
  await expect(openBlindIndex(db, createVault([newKey('k2')]))).rejects.toThrow(VaultError);
  const elsewhere = { table: 'sessions', column: 'value', owner: 'installation', row: 'blind-index' };
  expect(() => createVault([key]).open(row?.value ?? '', elsewhere)).toThrow(VaultError);
});
