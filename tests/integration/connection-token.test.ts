import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { connectPixel } from '../../app/pipeline/connect-pixel.ts';
import { replaceToken } from '../../app/pipeline/connect-token.ts';
import { disconnectNumber } from '../../app/pipeline/connection.ts';
import { connectionSecret } from '../../app/pipeline/sealed.ts';
import { shopOf } from '../../app/pipeline/shop.ts';
import { BUSINESS, idOf, openShop, OTHER_SHOP, OWN_APP, type World } from './connecting.ts';

const NEW_TOKEN = 'EAAnew-token-of-the-tests';
const replace = (world: World, id: string, token = NEW_TOKEN) =>
  replaceToken(world.pipeline, world.shop, id, token);

async function tokenOf(world: World): Promise<string> {
  const [row] = await world.stored();
  const binding = connectionSecret(world.shop, row?.id ?? '', 'token');
  return world.pipeline.vault.open(row?.token ?? '', binding);
}

test('a paused number with a new token works again, and what waited is sent once', async () => {
  const world = await openShop();
  const id = idOf(await world.fill());
  await world.tapAd();
  world.meta.revokeToken(BUSINESS.token);
  await world.pay();
  await world.work();
  expect(await world.stored()).toMatchObject([{ state: 'paused', stateReason: 'wiring_token' }]);
  const ends = new Date('2027-02-01T00:00:00Z');
  world.meta.addBusiness({ ...BUSINESS, token: NEW_TOKEN, expiresAt: ends });
  expect(await replace(world, id)).toEqual({ kind: 'token_replaced' });
  expect(await world.stored()).toMatchObject([
    { id, state: 'active', stateReason: null, probes: 0, probeAt: null, tokenExpiresAt: ends },
  ]);
  await world.work();
  expect(world.meta.accepted()).toHaveLength(1);
});

test('a lost number works again with a token that reaches it, and its app is subscribed again', async () => {
  const world = await openShop();
  const id = idOf(await world.fill());
  await world.pipeline.db.connection.updateMany({ data: { state: 'lost', stateReason: 'partner_removed' } });
  world.meta.addBusiness({ ...BUSINESS, token: NEW_TOKEN });
  await replace(world, id);
  expect(await world.stored()).toMatchObject([{ state: 'active', stateReason: null }]);
  const last = world.meta.requests().at(-1);
  expect(`${last?.method} ${last?.path}`).toBe(`POST /v26.0/${BUSINESS.wabaId}/subscribed_apps`);
});

test('a connection that was changed while its new token was checked keeps what it was changed to', async () => {
  const world = await openShop();
  const id = idOf(await world.fill());
  world.meta.addBusiness({ ...BUSINESS, token: NEW_TOKEN });
  const { graph, db } = world.pipeline;
  const change: typeof graph = async (request) => {
    if (request.path.endsWith('/subscribed_apps'))
      await db.connection.updateMany({ data: { datasetId: '774400112233999', state: 'paused' } });
    return graph(request);
  };
  const alert = { subject: id, name: 'connection_paused', detail: 'It is refused.' };
  await db.alert.create({
    data: { shopId: world.shop, id: randomUUID(), ...alert, raisedAt: world.now.at },
  });
  const outcome = await replaceToken({ ...world.pipeline, graph: change }, world.shop, id, NEW_TOKEN);
  expect(outcome).toMatchObject({
    kind: 'invalid_token',
    problem: expect.stringContaining('changed') as string,
  });
  expect(await tokenOf(world)).toBe(BUSINESS.token);
  expect(await world.stored()).toMatchObject([{ state: 'paused' }]);
  expect(await db.alert.count({ where: { clearedAt: null } })).toBe(1);
});

test('the own app’s secret, verify token and path stay when the token is replaced', async () => {
  const world = await openShop({ appId: OWN_APP.id });
  const id = idOf(await world.fill({ appSecret: OWN_APP.secret }));
  const [before] = await world.stored();
  world.meta.addBusiness({ ...BUSINESS, token: NEW_TOKEN, appId: OWN_APP.id });
  await replace(world, id);
  const { appSecret, verifyToken, method } = before ?? {};
  expect(await world.stored()).toMatchObject([{ appSecret, verifyToken, method }]);
  expect(method).toBe('own_app');
  expect(await tokenOf(world)).toBe(NEW_TOKEN);
});

test.each<[string, (world: World) => string, string]>([
  ['that is none', () => 'EAA', 'This is not an access token.'],
  ['that Meta does not know', () => 'EAAnever-issued-by-anybody', 'Meta does not accept this access token.'],
  [
    'of another account',
    (world) => {
      const wabaId = '102290129340777';
      world.meta.addBusiness({ wabaId, phoneNumbers: [], token: NEW_TOKEN, datasetId: '774400112239999' });
      return NEW_TOKEN;
    },
    'Meta knows no such dataset, or this token may not see it.',
  ],
])('a token %s changes nothing', async (_, give, problem) => {
  const world = await openShop();
  const id = idOf(await world.fill());
  const before = await world.stored();
  expect(await replace(world, id, give(world))).toMatchObject({ kind: 'invalid_token', problem });
  expect(await world.stored()).toEqual(before);
});

test('only a connection of this shop that is not disconnected gets another token', async () => {
  const world = await openShop();
  const id = idOf(await world.fill());
  const other = (await shopOf(world.pipeline, OTHER_SHOP)).id as ShopId;
  expect(await replaceToken(world.pipeline, other, id, BUSINESS.token)).toEqual({ kind: 'not_found' });
  expect(await replace(world, 'nonsense')).toEqual({ kind: 'not_found' });
  await disconnectNumber(world.pipeline, world.shop, id);
  expect(await replace(world, id, BUSINESS.token)).toEqual({ kind: 'not_found' });
});

test('while Meta is away the old token stays', async () => {
  const world = await openShop();
  const id = idOf(await world.fill());
  await world.meta.close();
  expect(await replace(world, id)).toMatchObject({ kind: 'unreachable' });
  expect(await tokenOf(world)).toBe(BUSINESS.token);
});

test('a pixel gets another token in the same way', async () => {
  const world = await openShop();
  const datasetId = '300000000000001';
  world.meta.addPixel({ datasetId, token: 'EAApixel-token-of-the-tests' });
  const form = { datasetId, token: 'EAApixel-token-of-the-tests' };
  const id = idOf(await connectPixel(world.pipeline, world.shop, form));
  expect(await replace(world, id, BUSINESS.token)).toMatchObject({ kind: 'invalid_token' });
  world.meta.addPixel({ datasetId, token: NEW_TOKEN });
  expect(await replace(world, id)).toEqual({ kind: 'token_replaced' });
  expect(await tokenOf(world)).toBe(NEW_TOKEN);
});
