import { expect, test } from 'vitest';
import { apiKey } from '../../app/operator/api-key.ts';
import { UsageError } from '../../app/operator/command.ts';
import { actOnApiKeys, loadApiKeys } from '../../app/pages/settings/api-keys.ts';
import { MOST_API_KEYS } from '../../app/pipeline/api-keys.ts';
import { openApi } from './api.ts';
import { dumpTables } from './database.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

const BY = 'Shopify staff member no. 7';
const HOUR_MS = 3_600_000;
const OTHER = 'outra-loja.myshopify.com';

/** A shop and what its settings page does with its keys. */
async function openShop(tieback: Tieback, domain = SHOP) {
  const shop = await tieback.pipeline.db.shop.upsert({
    where: { domain },
    create: { domain, timezone: 'America/Sao_Paulo' },
    update: { timezone: 'America/Sao_Paulo' },
  });
  const act = (fields: Record<string, string>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return actOnApiKeys(tieback.services, { shop, form, by: BY });
  };
  const create = async (name: string) => {
    const outcome = await act({ intent: 'create', name });
    if (outcome.kind !== 'created') throw new Error(outcome.kind);
    return outcome;
  };
  return { act, create, load: () => loadApiKeys(tieback.services, shop) };
}

const run = (tieback: Tieback, ...args: string[]) => apiKey.prepare(args)(tieback.pipeline);

test('a key is shown once; afterwards its name, its end, and who made it when', async () => {
  const tieback = await openTieback();
  const shop = await openShop(tieback);
  const { key, id } = await shop.create(' My  CRM ');
  expect(key).toMatch(/^tieback_[\w-]{43}$/);
  const detail = await shop.load();
  expect(detail).toEqual({
    address: 'https://tieback.example.com/api/v1/events',
    document: 'https://tieback.example.com/api/v1/openapi.json',
    keys: [
      {
        id,
        name: 'My CRM',
        hint: `tieback_…${key.slice(-4)}`,
        words: `Created Nov 18, 2026, 10:30 AM by ${BY}, never used.`,
        revoked: false,
      },
    ],
  });
  const kept = `${JSON.stringify(detail)}${await dumpTables(tieback.databaseUrl)}`;
  expect(kept).not.toContain(key);
  expect(kept).not.toContain(key.slice('tieback_'.length, -4));
});

test('that a key is used is written once an hour', async () => {
  const api = await openApi();
  const { db } = api.tieback.pipeline;
  const used = async () => (await db.apiKey.findFirstOrThrow()).lastUsedAt;
  expect(await used()).toBeNull();
  await api.ask('x');
  const first = api.tieback.now.at;
  expect(await used()).toEqual(first);
  api.tieback.now.forward(HOUR_MS - 1);
  await api.ask('x');
  expect(await used()).toEqual(first);
  api.tieback.now.forward(1);
  await api.ask('x');
  expect(await used()).toEqual(new Date(first.getTime() + HOUR_MS));
  const shop = await openShop(api.tieback);
  expect((await shop.load()).keys[0]?.words).toMatch(/last used about Nov 18, 2026, 11:30 AM\.$/);
});

test('a revoked key stays listed behind those in use, and keeps the time when it was revoked', async () => {
  const tieback = await openTieback();
  const shop = await openShop(tieback);
  const [one, two] = [await shop.create('One'), await shop.create('Two')];
  expect(await shop.act({ intent: 'revoke', id: two.id })).toEqual({ kind: 'revoked' });
  tieback.now.forward(HOUR_MS);
  expect(await shop.act({ intent: 'revoke', id: two.id })).toEqual({ kind: 'revoked' });
  const { keys } = await shop.load();
  expect(keys.map(({ id, revoked }) => [id, revoked])).toEqual([
    [one.id, false],
    [two.id, true],
  ]);
  expect(keys[1]?.words).toContain('revoked Nov 18, 2026, 10:30 AM');
});

test('a shop sees and revokes its own keys alone', async () => {
  const tieback = await openTieback();
  const [mine, theirs] = [await openShop(tieback), await openShop(tieback, OTHER)];
  const { id } = await mine.create('CRM');
  expect(await theirs.act({ intent: 'revoke', id })).toEqual({ kind: 'not_found' });
  expect(await theirs.act({ intent: 'revoke', id: 'x' })).toEqual({ kind: 'not_found' });
  expect((await theirs.load()).keys).toEqual([]);
  expect((await mine.load()).keys).toMatchObject([{ revoked: false }]);
});

test('a name is one line of up to 60 characters, and a shop has twenty keys in use at most', async () => {
  const shop = await openShop(await openTieback());
  for (const name of ['', '  ', 'x'.repeat(61)])
    expect(await shop.act({ intent: 'create', name })).toMatchObject({ kind: 'invalid' });
  const keys = [];
  for (let n = 1; n <= MOST_API_KEYS; n += 1) keys.push(await shop.create(`CRM ${n}`));
  const one = await shop.act({ intent: 'create', name: 'One more' });
  expect(one).toMatchObject({ kind: 'invalid', problem: expect.stringContaining('20 keys') });
  await shop.act({ intent: 'revoke', id: keys[0]?.id ?? '' });
  expect((await shop.create('One more')).key).not.toBe(keys[0]?.key);
  expect(await shop.act({ intent: 'guess' })).toEqual({ kind: 'unknown_intent' });
});

test('the operator makes a key that works, lists it without showing it, and revokes it', async () => {
  const api = await openApi();
  api.tieback.now.forward(1);
  const made = await run(api.tieback, 'create', '--shop', SHOP, '--name', 'Till 1');
  const { id, key } = made.json as { id: string; key: string };
  expect(made.text).toContain(key);
  expect((await api.report({}, { key })).status).toBe(201);
  const listed = await run(api.tieback, 'list', '--shop', SHOP);
  expect(listed.json).toMatchObject([
    {
      id,
      name: 'Till 1',
      ends_in: key.slice(-4),
      created_by: 'operator',
      last_used_at: api.tieback.now.at.toISOString(),
      revoked_at: null,
    },
    { name: 'CRM' },
  ]);
  expect(`${listed.text}${JSON.stringify(listed.json)}`).not.toContain(key);
  expect((await run(api.tieback, 'revoke', '--shop', SHOP, '--id', id)).json).toEqual({ id, revoked: true });
  expect(await api.report({}, { key })).toMatchObject({ status: 401 });
  const shop = await openShop(api.tieback);
  expect((await shop.load()).keys[1]?.words).toContain('by the team that runs Tieback');
});

test('the operator is told what is wrong', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  for (const args of [[], ['make'], ['create', '--shop', SHOP], ['list'], ['revoke', '--shop', SHOP]])
    expect(() => apiKey.prepare(args)).toThrow(UsageError);
  await expect(run(tieback, 'revoke', '--shop', SHOP, '--id', 'x')).rejects.toThrow(
    'the shop has no API key x',
  );
  const name = 'x'.repeat(61);
  await expect(run(tieback, 'create', '--shop', SHOP, '--name', name)).rejects.toThrow('--name must be');
  await expect(run(tieback, 'list', '--shop', OTHER)).rejects.toThrow(`no shop ${OTHER}`);
});
