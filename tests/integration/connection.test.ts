import { expect, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { connectNumber } from '../../app/pipeline/connect-number.ts';
import { disconnectNumber, saveConnection } from '../../app/pipeline/connection.ts';
import { connectionSecret } from '../../app/pipeline/sealed.ts';
import { shopOf } from '../../app/pipeline/shop.ts';
import { BUSINESS, FORM, idOf, openShop, OTHER_SHOP, OWN_APP } from './connecting.ts';
import { dumpTables } from './database.ts';

test('right values connect the number, find its dataset and subscribe the app', async () => {
  const world = await openShop();
  const outcome = await world.fill();
  expect(outcome).toEqual({
    kind: 'connected',
    connectionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    displayNumber: '+55 11 91234-5678',
    datasetId: BUSINESS.datasetId,
    dataset: 'found_or_created',
    subscribed: true,
    webhookPath: '/webhooks/whatsapp',
    verifyToken: null,
    notes: [],
  });
  expect(await world.stored()).toMatchObject([
    { shopId: world.shop, state: 'active', stateReason: null, stateSince: world.now.at, appSecret: null },
  ]);
  expect(world.meta.requests().map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v26.0/me',
    'GET /v26.0/debug_token',
    `GET /v26.0/${FORM.wabaId}/phone_numbers`,
    `POST /v26.0/${FORM.wabaId}/dataset`,
    `POST /v26.0/${BUSINESS.datasetId}/events`,
    `POST /v26.0/${FORM.wabaId}/subscribed_apps`,
  ]);
  expect(world.meta.requests().every(({ authorization }) => authorization === 'bearer')).toBe(true);
});

test('an account that has no dataset yet gets one', async () => {
  const world = await openShop({ wabaId: '102290129340000', datasetId: undefined });
  const outcome = await world.fill({ wabaId: '102290129340000' });
  expect(outcome).toMatchObject({ kind: 'connected', dataset: 'found_or_created' });
  expect(outcome.kind === 'connected' && outcome.datasetId).toMatch(/^1\d{14}$/);
});

test("token and the own app's secrets are sealed at rest and open only in their own columns", async () => {
  const world = await openShop({ appId: OWN_APP.id });
  const outcome = await world.fill({ appSecret: OWN_APP.secret });
  const [row] = await world.stored();
  expect(outcome).toMatchObject({ kind: 'connected', webhookPath: `/webhooks/whatsapp/${row?.id}` });
  const verifyToken = outcome.kind === 'connected' ? outcome.verifyToken : null;
  expect(verifyToken).toMatch(/^[\w-]{32}$/);
  const text = await dumpTables(world.databaseUrl);
  for (const secret of [BUSINESS.token, OWN_APP.secret, String(verifyToken)])
    expect(text).not.toContain(secret);
  const open = (value: string | null | undefined, column: 'token' | 'app_secret' | 'verify_token') =>
    world.pipeline.vault.open(value ?? '', connectionSecret(world.shop, row?.id ?? '', column));
  expect(open(row?.token, 'token')).toBe(BUSINESS.token);
  expect(open(row?.appSecret, 'app_secret')).toBe(OWN_APP.secret);
  expect(open(row?.verifyToken, 'verify_token')).toBe(verifyToken);
  expect(() => open(row?.token, 'app_secret')).toThrow('belongs to another row');
});

test('the same number connected again keeps its id, and its waiting events are sent', async () => {
  const world = await openShop();
  const first = await world.fill();
  await world.tapAd();
  world.meta.revokeToken(BUSINESS.token);
  await world.pay();
  await world.work();
  expect(await world.stored()).toMatchObject([{ state: 'paused', stateReason: 'wiring_token' }]);
  const token = 'EAAanother-token-of-the-tests';
  world.meta.addBusiness({ ...BUSINESS, token });
  const again = await world.fill({ token });
  expect(again).toMatchObject({ connectionId: first.kind === 'connected' && first.connectionId });
  expect(await world.stored()).toMatchObject([{ state: 'active', stateReason: null }]);
  await world.work();
  expect(world.meta.accepted()).toHaveLength(1);
});

test('a number saved several times at once is one connection whose secrets open', async () => {
  const world = await openShop();
  const [number] = BUSINESS.phoneNumbers;
  const given = { ...FORM, displayNumber: number?.displayNumber ?? '', datasetId: BUSINESS.datasetId };
  const save = () =>
    saveConnection(world.pipeline, world.shop, { ...given, dataset: 'given', subscribed: true });
  const saved = await Promise.all(Array.from({ length: 8 }, save));
  const [row, ...more] = await world.stored();
  expect(more).toEqual([]);
  expect(new Set(saved.map(({ connectionId }) => connectionId))).toEqual(new Set([row?.id]));
  const binding = connectionSecret(world.shop, row?.id ?? '', 'token');
  expect(world.pipeline.vault.open(row?.token ?? '', binding)).toBe(BUSINESS.token);
});

test('a number taken off keeps its row without any secret', async () => {
  const world = await openShop({ appId: OWN_APP.id });
  const id = idOf(await world.fill({ appSecret: OWN_APP.secret }));
  world.now.forward(60_000);
  const off = await disconnectNumber(world.pipeline, world.shop, id);
  expect(off).toEqual({ kind: 'disconnected', stillSubscribed: false });
  const gone = { id, state: 'disconnected', token: '', appSecret: null, verifyToken: null };
  expect(await world.stored()).toMatchObject([{ ...gone, stateSince: world.now.at }]);
  expect(await disconnectNumber(world.pipeline, world.shop, id)).toEqual({ kind: 'not_found' });
});

test("another shop can neither take the number off nor see it changed, and an id that is none isn't found", async () => {
  const world = await openShop();
  const id = idOf(await world.fill());
  const other = (await shopOf(world.pipeline, OTHER_SHOP)).id as ShopId;
  expect(await disconnectNumber(world.pipeline, other, id)).toEqual({ kind: 'not_found' });
  expect(await disconnectNumber(world.pipeline, world.shop, 'nonsense')).toEqual({ kind: 'not_found' });
  expect(await world.stored()).toMatchObject([{ state: 'active', shopId: world.shop }]);
});

test('everything that Meta says of a number is kept with it', async () => {
  const ends = new Date('2027-01-15T12:00:00Z');
  const [number] = BUSINESS.phoneNumbers;
  if (!number) throw new Error('no number');
  const phoneNumbers = [{ ...number, quality_rating: 'YELLOW' as const, is_on_biz_app: true }];
  const world = await openShop({ phoneNumbers, expiresAt: ends });
  await world.fill();
  expect(await world.stored()).toMatchObject([
    { kind: 'whatsapp', method: 'token', quality: 'YELLOW', coexistence: true, tokenExpiresAt: ends },
  ]);
});

test('two numbers of one account are two connections with one dataset', async () => {
  const world = await openShop();
  await world.fill();
  await world.fill({ phoneNumberId: '106540352242923' });
  const rows = await world.stored();
  expect(rows.map(({ displayNumber }) => displayNumber)).toEqual(['+55 11 91234-5678', '+55 11 93333-4444']);
  expect(new Set(rows.map(({ datasetId }) => datasetId))).toEqual(new Set([BUSINESS.datasetId]));
});

test('a store that shares an account or a number with another one is told so, and not with which', async () => {
  const world = await openShop();
  await world.fill();
  const other = (await shopOf(world.pipeline, OTHER_SHOP)).id as ShopId;
  const second = { ...FORM, phoneNumberId: '106540352242923' };
  const shared = await connectNumber(world.pipeline, other, second);
  expect(shared).toMatchObject({ kind: 'connected', notes: ['account_shared'] });
  const same = await connectNumber(world.pipeline, other, FORM);
  expect(same).toMatchObject({ kind: 'connected', notes: ['number_shared'] });
  expect(JSON.stringify([shared, same])).not.toContain('loja-exemplo');
  await disconnectNumber(world.pipeline, world.shop, idOf(await world.fill()));
  expect(await connectNumber(world.pipeline, other, FORM)).toMatchObject({ notes: [] });
});

test('a token of the merchant’s own app without that app’s secret connects, and says that no chats come', async () => {
  const world = await openShop({ appId: OWN_APP.id });
  expect(await world.fill()).toMatchObject({ kind: 'connected', subscribed: false, notes: ['foreign_app'] });
  expect(world.meta.subscriptions(FORM.wabaId)).toEqual([]);
});

test('connecting again brings a lost number back and closes what was told of it', async () => {
  const world = await openShop();
  const id = idOf(await world.fill());
  const { db } = world.pipeline;
  await db.connection.updateMany({ data: { state: 'lost', stateReason: 'app_uninstalled' } });
  const alert = {
    shopId: world.shop,
    subject: id,
    name: 'app_uninstalled',
    detail: '',
    raisedAt: world.now.at,
  };
  await db.alert.create({ data: { ...alert, id: '01a1eed9-97c0-7e80-bef7-65ae6fddea76' } });
  await world.fill();
  expect(await world.stored()).toMatchObject([{ id, state: 'active', stateReason: null }]);
  expect(await db.alert.findMany()).toMatchObject([{ clearedAt: world.now.at }]);
});
