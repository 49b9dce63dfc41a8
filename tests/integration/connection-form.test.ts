import { expect, test } from 'vitest';
import { actOnSettings } from '../../app/pages/settings/act.ts';
import { loadSettings } from '../../app/pages/settings/load.ts';
import { BUSINESS, openShop, OTHER_SHOP, OWN_APP, type World } from './connecting.ts';
import { META_APP } from './tieback.ts';
import { shopOf } from '../../app/pipeline/shop.ts';

const VALUES = { token: BUSINESS.token, wabaId: BUSINESS.wabaId, phoneNumberId: '106540352242922' };
const PIXEL = { datasetId: '300000000000001', token: 'EAApixel-token-of-the-tests' };

function send(world: World, fields: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return actOnSettings(world.services, world.shop, form);
}

async function load(world: World) {
  const row = await world.pipeline.db.shop.findUniqueOrThrow({ where: { id: world.shop } });
  return loadSettings(world.services, row);
}

test('a connected number is shown as it stands, and no secret of it', async () => {
  const world = await openShop({ appId: OWN_APP.id, expiresAt: new Date('2026-11-25T12:00:00Z') });
  const connected = await send(world, { intent: 'connect', ...VALUES, appSecret: OWN_APP.secret });
  const [row] = await world.stored();
  const address = `https://tieback.example.com/webhooks/whatsapp/${row?.id}`;
  expect(connected).toMatchObject({ kind: 'connected', number: { webhookAddress: address } });
  await world.pipeline.db.connection.updateMany({
    data: { lastWebhookAt: new Date('2026-11-18T12:00:00Z') },
  });
  const detail = await load(world);
  expect(detail.numbers).toMatchObject([
    {
      displayNumber: '+55 11 91234-5678',
      method: 'own_app',
      webhookAddress: address,
      quality: 'High',
      lastWebhook: 'Nov 18, 2026, 12:00 PM',
      stopped: null,
      tokenEnds: { at: 'Nov 25, 2026, 12:00 PM', soon: true },
      waiting: 0,
    },
  ]);
  const shown = JSON.stringify([detail, { ...connected, verifyToken: null }]);
  for (const secret of [BUSINESS.token, OWN_APP.secret, row?.token, row?.appSecret, row?.verifyToken])
    expect(shown).not.toContain(secret);
});

test('a lost number says why, and a token that never ends says nothing', async () => {
  const world = await openShop();
  await send(world, { intent: 'connect', ...VALUES });
  const lost = { state: 'lost', stateReason: 'app_uninstalled', parkedEvents: ['QualifiedLead'] } as const;
  await world.pipeline.db.connection.updateMany({ data: { ...lost, parkedEvents: [...lost.parkedEvents] } });
  const { numbers } = await load(world);
  expect(numbers).toMatchObject([
    {
      stopped: { kind: 'lost', sentence: expect.stringMatching(/\S/) },
      tokenEnds: null,
      parked: [{ name: 'QualifiedLead', label: 'Qualified lead' }],
    },
  ]);
});

test('a parked event is tried again, once, and only on a connection of this shop', async () => {
  const world = await openShop();
  await send(world, { intent: 'connect', ...VALUES });
  const [row] = await world.stored();
  await world.pipeline.db.connection.updateMany({ data: { parkedEvents: ['QualifiedLead'] } });
  const unpark = { intent: 'unpark', connectionId: row?.id ?? '', eventName: 'QualifiedLead' };
  expect(await send(world, { ...unpark, eventName: 'Lead' })).toEqual({ kind: 'not_found' });
  expect(await send(world, { ...unpark, connectionId: 'nonsense' })).toEqual({ kind: 'not_found' });
  expect(await send(world, unpark)).toEqual({ kind: 'unparked' });
  expect(await send(world, unpark)).toEqual({ kind: 'unparked' });
  expect(await world.stored()).toMatchObject([{ parkedEvents: [] }]);
});

test('a disconnected number is listed with its ids and comes back with them', async () => {
  const world = await openShop();
  await send(world, { intent: 'connect', ...VALUES });
  const [row] = await world.stored();
  await world.tapAd();
  await world.pay();
  await send(world, { intent: 'disconnect', connectionId: row?.id ?? '' });
  const { numbers, disconnected } = await load(world);
  expect(numbers).toEqual([]);
  expect(disconnected).toMatchObject([
    {
      id: row?.id,
      wabaId: VALUES.wabaId,
      phoneNumberId: VALUES.phoneNumberId,
      datasetId: BUSINESS.datasetId,
    },
  ]);
  await send(world, { intent: 'connect', ...VALUES });
  await world.work();
  expect(await load(world)).toMatchObject({ numbers: [{ id: row?.id }], disconnected: [] });
  expect(world.meta.accepted()).toHaveLength(1);
});

test('the pixel is connected, shown apart from the numbers and taken off', async () => {
  const world = await openShop();
  world.meta.addPixel(PIXEL);
  expect(await send(world, { intent: 'connect_pixel', ...PIXEL, datasetId: '1' })).toMatchObject({
    kind: 'invalid_pixel',
    problems: [{ field: 'datasetId' }],
  });
  expect(await send(world, { intent: 'connect_pixel', ...PIXEL })).toMatchObject({ kind: 'pixel_connected' });
  const { pixel, numbers } = await load(world);
  expect(pixel).toMatchObject({ datasetId: PIXEL.datasetId, stopped: null });
  expect(numbers).toEqual([]);
  expect(await send(world, { intent: 'disconnect', connectionId: pixel?.id ?? '' })).toEqual({
    kind: 'disconnected',
    stillSubscribed: false,
  });
  expect(await load(world)).toMatchObject({ pixel: null, disconnected: [] });
});

test('a number off which Meta’s chats may still come says so', async () => {
  const world = await openShop();
  await send(world, { intent: 'connect', ...VALUES });
  const [row] = await world.stored();
  world.meta.revokeToken(BUSINESS.token);
  expect(await send(world, { intent: 'disconnect', connectionId: row?.id ?? '' })).toEqual({
    kind: 'disconnected',
    stillSubscribed: true,
  });
});

test('the settings go on saying that the token is of an app whose chats do not come here', async () => {
  const world = await openShop({ appId: OWN_APP.id });
  await send(world, { intent: 'connect', ...VALUES });
  expect((await load(world)).numbers).toMatchObject([{ notes: ['foreign_app'] }]);
  await send(world, { intent: 'connect', ...VALUES, appSecret: OWN_APP.secret });
  expect((await load(world)).numbers).toMatchObject([{ notes: [] }]);
});

test('what the browser needs to sign up is there only where the whole of the shared app is', async () => {
  const { id: appId, signupConfigId: configId, secret } = META_APP;
  const sdkUrl = 'https://connect.facebook.net/en_US/sdk.js';
  const detail = await load(await openShop());
  expect(detail.signUp).toEqual({ appId, configId, sdkUrl, version: 'v26.0' });
  expect(JSON.stringify(detail)).not.toContain(secret);
  for (const name of ['META_APP_ID', 'META_APP_SECRET', 'META_SIGNUP_CONFIG_ID']) {
    expect((await load(await openShop({}, { env: { [name]: '' } }))).signUp).toBeNull();
  }
});

test('a sign-up through the form says of each number what came of it', async () => {
  const world = await openShop();
  world.meta.addSignup({ code: 'AQcode', wabaId: BUSINESS.wabaId, token: 'EAAtoken-of-the-sign-up' });
  const done = await send(world, { intent: 'embedded_signup', code: 'AQcode', event: 'FINISH' });
  expect(done).toMatchObject({ kind: 'signed_up', numbers: [{ subscribed: true }, { subscribed: true }] });
  expect(JSON.stringify(done)).not.toContain('EAAtoken-of-the-sign-up');
  const again = await send(world, { intent: 'embedded_signup', code: 'AQcode' });
  expect(again).toMatchObject({ kind: 'sign_up_failed' });
});

test('one value is checked without anything being saved', async () => {
  const world = await openShop();
  expect(await send(world, { intent: 'check_value', field: 'wabaId', ...VALUES })).toEqual({
    kind: 'checked',
    field: 'wabaId',
    check: { kind: 'fine', detail: 'It has 2 phone numbers.', byHand: false },
  });
  expect(await send(world, { intent: 'check_value', field: 'shop', ...VALUES })).toEqual({
    kind: 'unknown_intent',
  });
  expect(await world.stored()).toEqual([]);
});

test('a number that another store shares is shown with that, and without that store’s name', async () => {
  const world = await openShop();
  await send(world, { intent: 'connect', ...VALUES });
  const other = await shopOf(world.pipeline, OTHER_SHOP);
  const form = new FormData();
  for (const [name, value] of Object.entries({ intent: 'connect', ...VALUES })) form.set(name, value);
  await actOnSettings(world.services, other.id, form);
  const detail = await load(world);
  expect(detail.numbers).toMatchObject([{ notes: ['number_shared'] }]);
  expect(JSON.stringify(detail)).not.toContain('outra-loja');
});
