import { expect, test } from 'vitest';
import { signUp, type SignUp } from '../../app/pipeline/embedded-signup.ts';
import { connectionSecret } from '../../app/pipeline/sealed.ts';
import type { Business } from '../sandbox/pretend-meta.ts';
import { BUSINESS, openShop, OWN_APP } from './connecting.ts';
import { dumpTables } from './database.ts';
import { META_APP } from './tieback.ts';

const CODE = 'AQsign-up-code-of-the-tests';
const TOKEN = 'EAAbusiness-token-of-the-sign-up';
const [FIRST, SECOND] = BUSINESS.phoneNumbers.map(({ id }) => id);
const GIVEN: SignUp = {
  code: CODE,
  wabaId: BUSINESS.wabaId,
  phoneNumberId: FIRST ?? '',
  event: 'FINISH',
};

/** A business that has just gone through Embedded Signup; its token comes with the code alone. */
async function openSignUp(
  business: Partial<Business> = {},
  offer: { expiresAt?: Date; scopes?: readonly string[] } = {},
) {
  const world = await openShop(business);
  world.meta.addSignup({ code: CODE, wabaId: BUSINESS.wabaId, token: TOKEN, ...offer });
  const finish = (change: Partial<SignUp> = {}) =>
    signUp(world.pipeline, world.shop, { ...GIVEN, ...change });
  return { ...world, finish };
}

test('a sign-up connects the chosen number, makes its dataset and subscribes the shared app', async () => {
  const ends = new Date('2027-01-17T13:30:00Z');
  const world = await openSignUp({}, { expiresAt: ends });
  expect(await world.finish()).toMatchObject({
    kind: 'signed_up',
    numbers: [
      {
        displayNumber: '+55 11 91234-5678',
        datasetId: BUSINESS.datasetId,
        subscribed: true,
        webhookPath: '/webhooks/whatsapp',
        verifyToken: null,
        notes: [],
      },
    ],
  });
  const [row, ...more] = await world.stored();
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    method: 'embedded_signup',
    state: 'active',
    tokenExpiresAt: ends,
    quality: 'GREEN',
  });
  const binding = connectionSecret(world.shop, row?.id ?? '', 'token');
  expect(world.pipeline.vault.open(row?.token ?? '', binding)).toBe(TOKEN);
  expect(world.meta.subscriptions(BUSINESS.wabaId)).toMatchObject([{ appId: META_APP.id }]);
  expect(await dumpTables(world.databaseUrl)).not.toContain(TOKEN);
});

test('no number is registered: that would take it from whoever runs it now', async () => {
  const world = await openSignUp();
  await world.finish();
  const paths = world.meta.requests().map(({ method, path }) => `${method} ${path}`);
  expect(paths.filter((path) => /register|deregister/.test(path))).toEqual([]);
  expect(paths.filter((path) => path.startsWith('POST '))).toEqual([
    'POST /v26.0/oauth/access_token',
    `POST /v26.0/${BUSINESS.wabaId}/dataset`,
    `POST /v26.0/${BUSINESS.wabaId}/subscribed_apps`,
    `POST /v26.0/${BUSINESS.datasetId}/events`,
  ]);
});

test('when the window said nothing, the account is found by the token, past ids that are none', async () => {
  const world = await openSignUp({ presenceId: '900000000000009' });
  const found = await world.finish({ wabaId: null, phoneNumberId: null, event: null });
  expect(found).toMatchObject({ kind: 'signed_up', numbers: [{}, {}] });
  expect((await world.stored()).map(({ phoneNumberId }) => phoneNumberId)).toEqual([FIRST, SECOND]);
});

test('of a sign-up from the WhatsApp Business app the numbers that are in that app are connected', async () => {
  const [one, two] = BUSINESS.phoneNumbers;
  if (!one || !two) throw new Error('two numbers are needed');
  const world = await openSignUp({ phoneNumbers: [one, { ...two, is_on_biz_app: true }] });
  const event = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING';
  expect(await world.finish({ phoneNumberId: null, event })).toMatchObject({
    kind: 'signed_up',
    numbers: [{ displayNumber: two.displayNumber }],
  });
  expect(await world.stored()).toMatchObject([{ phoneNumberId: SECOND, coexistence: true }]);
});

test('of a sign-up from the WhatsApp Business app all numbers are connected while Meta names none as in that app', async () => {
  const event = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING';
  const world = await openSignUp();
  expect(await world.finish({ phoneNumberId: null, event })).toMatchObject({
    kind: 'signed_up',
    numbers: [{}, {}],
  });
  const empty = await openSignUp({ phoneNumbers: [] });
  expect(await empty.finish({ event })).toMatchObject({
    problem: 'Your WhatsApp account has no phone number yet.',
  });
});

test('an account with more numbers than one page has is read whole', async () => {
  const many = Array.from({ length: 130 }, (_, index) => ({
    id: String(206540352242000 + index),
    displayNumber: `+55 11 9${String(10000000 + index)}`,
    verifiedName: 'Loja Exemplo',
  }));
  const world = await openSignUp({ phoneNumbers: many });
  expect(await world.finish({ phoneNumberId: '206540352242129' })).toMatchObject({ kind: 'signed_up' });
});

test('a code works once', async () => {
  const world = await openSignUp();
  await world.finish();
  expect(await world.finish()).toMatchObject({
    kind: 'sign_up_failed',
    problem: 'Meta did not accept the sign-up.',
    fix: expect.stringContaining('(Meta’s code: 100/36009.)'),
  });
});

test.each<[string, Partial<SignUp>]>([
  ['no code', { code: '' }],
  ['a code that Meta never gave', { code: 'AQnever-given' }],
  ['an account that was not shared', { wabaId: '999999999999999' }],
  ['an account ID that is none', { wabaId: '../me' }],
  ['a number of somebody else', { phoneNumberId: '999999999999999' }],
])('a sign-up with %s connects nothing', async (_, change) => {
  const world = await openSignUp();
  expect(await world.finish(change)).toMatchObject({ kind: 'sign_up_failed' });
  expect(await world.stored()).toEqual([]);
});

test('an account without a number is told to get one', async () => {
  const world = await openSignUp({ phoneNumbers: [] });
  const ended = await world.finish({ phoneNumberId: null, event: 'FINISH_ONLY_WABA' });
  expect(ended).toMatchObject({ problem: 'Your WhatsApp account has no phone number yet.' });
});

test('a sign-up that may not report sales yet still captures chats, and reports as soon as it may', async () => {
  const scopes = ['whatsapp_business_management', 'whatsapp_business_messaging'];
  const world = await openSignUp({}, { scopes });
  expect(await world.finish()).toMatchObject({ kind: 'signed_up', numbers: [{ subscribed: true }] });
  expect(await world.stored()).toMatchObject([{ state: 'paused', stateReason: 'wiring_dataset' }]);
  await world.tapAd();
  await world.pay();
  await world.work();
  expect(world.meta.accepted()).toEqual([]);
  world.meta.addBusiness({ ...BUSINESS, token: TOKEN, scopes: ['whatsapp_business_manage_events'] });
  world.now.forward(60 * 60_000);
  await world.work();
  expect(world.meta.accepted()).toHaveLength(1);
});

test('a number that was connected by hand and signs up keeps its id and leaves its own app', async () => {
  const world = await openSignUp({ appId: OWN_APP.id });
  await world.fill({ appSecret: OWN_APP.secret });
  const [before] = await world.stored();
  await world.finish();
  expect(await world.stored()).toMatchObject([
    { id: before?.id, method: 'embedded_signup', appSecret: null, verifyToken: null },
  ]);
});

test('without the shared app there is no sign-up, and Meta is not asked', async () => {
  const world = await openShop({}, { env: { META_APP_SECRET: '' } });
  expect(await signUp(world.pipeline, world.shop, GIVEN)).toMatchObject({ kind: 'sign_up_failed' });
  expect(world.meta.requests()).toEqual([]);
});

test('while Meta is away the sign-up is to be tried again', async () => {
  const world = await openSignUp();
  await world.meta.close();
  expect(await world.finish()).toMatchObject({ kind: 'unreachable' });
});
