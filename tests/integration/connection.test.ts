import { expect, onTestFinished, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import {
  connectNumber,
  disconnectNumber,
  saveConnection,
  type ConnectionForm,
} from '../../app/pipeline/connection.ts';
import { connectionSecret } from '../../app/pipeline/sealed.ts';
import { shopOf } from '../../app/pipeline/shop.ts';
import type { Business } from '../sandbox/pretend-meta.ts';
import { graphError } from '../sandbox/graph-error.ts';
import { listenOnLoopback, readBody, sendJson, sendText } from '../sandbox/loopback-server.ts';
import { dumpTables } from './database.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

const BUSINESS = {
  wabaId: '102290129340398',
  phoneNumbers: [
    { id: '106540352242922', displayNumber: '+55 11 91234-5678', verifiedName: 'Loja Exemplo' },
    { id: '106540352242923', displayNumber: '+55 11 93333-4444', verifiedName: 'Loja Exemplo 2' },
  ],
  token: 'EAAtoken-of-the-tests',
  datasetId: '774400112233445',
};
const FORM: ConnectionForm = {
  wabaId: BUSINESS.wabaId,
  phoneNumberId: '106540352242922',
  token: BUSINESS.token,
  datasetId: null,
  appSecret: null,
};
const [APP_SECRET, OTHER_SHOP] = ['secret-of-the-merchants-app', 'outra-loja.myshopify.com'];

type World = Tieback & {
  shop: ShopId;
  fill(change?: Partial<ConnectionForm>): ReturnType<typeof connectNumber>;
};

/** A shop without a number, and a business at Meta that its owner may connect. */
async function openShop(
  business: Partial<Business> = {},
  options?: Parameters<typeof openTieback>[0],
): Promise<World> {
  const tieback = await openTieback(options);
  tieback.meta.addBusiness({ ...BUSINESS, ...business });
  const shop = (await shopOf(tieback.pipeline, SHOP)).id as ShopId;
  const fill = (change: Partial<ConnectionForm> = {}) =>
    connectNumber(tieback.pipeline, shop, { ...FORM, ...change });
  return { ...tieback, shop, fill };
}

const stored = ({ pipeline }: Tieback) => pipeline.db.whatsAppConnection.findMany();

/** The one problem of an invalid form; the test fails for any other outcome, and when anything was saved. */
async function problemOf(world: World, change: Partial<ConnectionForm>) {
  const outcome = await world.fill(change);
  expect(outcome).toMatchObject({ kind: 'invalid', problems: [expect.anything()] });
  expect(await stored(world)).toEqual([]);
  return outcome.kind === 'invalid' ? outcome.problems[0] : undefined;
}

test.each<[string, Partial<ConnectionForm>, keyof ConnectionForm, string]>([
  ['a token cut short', { token: 'EAA' }, 'token', 'This is not an access token.'],
  ['a token with a space', { token: `${BUSINESS.token} x` }, 'token', 'This is not an access token.'],
  ['a name as account ID', { wabaId: 'loja' }, 'wabaId', 'This ID must be digits only.'],
  [
    'a phone number as its ID',
    { phoneNumberId: '+5511912345678' },
    'phoneNumberId',
    'This ID must be digits only.',
  ],
  ['a name as dataset ID', { datasetId: 'dataset' }, 'datasetId', 'This ID must be digits only.'],
  [
    'the account ID as dataset ID',
    { datasetId: FORM.wabaId },
    'datasetId',
    'This is the WhatsApp Business Account ID, not a dataset ID.',
  ],
  [
    'the phone number ID as dataset ID',
    { datasetId: FORM.phoneNumberId },
    'datasetId',
    'This is the phone number ID, not a dataset ID.',
  ],
])('%s is named at its field without asking Meta', async (_mistake, change, field, problem) => {
  const world = await openShop();
  expect(await problemOf(world, change)).toMatchObject({ field, problem });
  expect(world.meta.requests()).toEqual([]);
});

test('several malformed values are named all at once', async () => {
  const world = await openShop();
  const outcome = await world.fill({ token: '', wabaId: '', phoneNumberId: '', datasetId: '' });
  const fields = outcome.kind === 'invalid' ? outcome.problems.map(({ field }) => field) : [];
  expect([...new Set(fields)]).toEqual(['token', 'wabaId', 'phoneNumberId', 'datasetId']);
});

test('a token that Meta does not know, or no longer accepts, is named at the token', async () => {
  const world = await openShop();
  const wrong = { field: 'token', problem: 'Meta does not accept this access token.' };
  const unknown = await problemOf(world, { token: 'EAAnever-issued-by-anybody' });
  expect(unknown).toMatchObject({ ...wrong, fix: expect.stringMatching(/\(Meta's code: 190\.\)$/) });
  world.meta.expireToken(BUSINESS.token);
  expect(await problemOf(world, {})).toMatchObject({ ...wrong, fix: expect.stringContaining('190/463') });
});

test('an account that the token cannot see is named at the account ID', async () => {
  const world = await openShop();
  const problem = await problemOf(world, { wabaId: '999999999999999' });
  expect(problem).toMatchObject({
    field: 'wabaId',
    problem: 'Meta knows no such account, or this token may not see it.',
    fix: expect.stringContaining('100/33'),
  });
});

test('a phone number ID of another account is named, with the ones that are in this account', async () => {
  const world = await openShop();
  expect(await problemOf(world, { phoneNumberId: '106540352249999' })).toEqual({
    field: 'phoneNumberId',
    problem: 'This phone number ID is not in that WhatsApp Business Account.',
    fix: 'In this account, +55 11 91234-5678 is 106540352242922, +55 11 93333-4444 is 106540352242923.',
  });
});

test('an account without any number says so', async () => {
  const world = await openShop({ phoneNumbers: [] });
  expect(await problemOf(world, {})).toMatchObject({
    field: 'phoneNumberId',
    fix: 'This account has no phone number yet. Add one in WhatsApp Manager.',
  });
});

test('a token without any right to manage the account is told so', async () => {
  const world = await openShop({ canManage: false });
  expect(await problemOf(world, {})).toMatchObject({
    field: 'wabaId',
    problem: 'This token lacks the permission to manage this account.',
    fix: expect.stringContaining("(Meta's code: 200.)"),
  });
});

/** Meta as it is for a token that sees the account's numbers but may not call its other edges. */
async function readOnlyMeta(target: () => string): Promise<string> {
  const front = await listenOnLoopback(async (request, response) => {
    const read = await readBody(request, 65_536);
    if (request.method === 'POST' && !request.url?.endsWith('/events')) {
      const refusal = graphError({ status: 403, code: 200, message: '(#200) Permissions error' });
      return sendJson(response, refusal.status, refusal.body);
    }
    const { authorization = '' } = request.headers;
    const answer = await fetch(target() + (request.url ?? ''), {
      method: request.method ?? 'GET',
      headers: { authorization, 'content-type': 'application/json' },
      ...(read.kind === 'body' && read.bytes.length > 0 && { body: new Uint8Array(read.bytes) }),
    });
    sendText(response, answer.status, await answer.text(), { 'content-type': 'application/json' });
  });
  onTestFinished(front.close);
  return front.url;
}

test('a token that may not look up the dataset asks for the dataset ID, and connects with it', async () => {
  let target = '';
  const META_GRAPH_URL = await readOnlyMeta(() => target);
  const world = await openShop({}, { env: { META_GRAPH_URL } });
  target = world.meta.url;
  expect(await problemOf(world, {})).toEqual({
    field: 'datasetId',
    problem: 'This token may not look up the dataset.',
    fix: 'Enter the dataset ID from Events Manager, or use a token with the whatsapp_business_management permission.',
  });
  expect(await world.fill({ datasetId: BUSINESS.datasetId })).toMatchObject({
    kind: 'connected',
    datasetId: BUSINESS.datasetId,
    dataset: 'given',
    subscribed: false,
  });
});

test('while Meta is away nothing is saved and nothing is blamed on the merchant', async () => {
  const world = await openShop();
  await world.meta.close();
  expect(await world.fill()).toEqual({
    kind: 'unreachable',
    problem: 'Meta did not answer, so nothing was saved.',
    fix: 'Try again in a few minutes.',
  });
  expect(await stored(world)).toEqual([]);
});

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
  });
  expect(await stored(world)).toMatchObject([
    { shopId: world.shop, state: 'active', stateReason: null, stateSince: world.now.at, appSecret: null },
  ]);
  expect(world.meta.requests().map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET /v26.0/${FORM.wabaId}/phone_numbers`,
    `POST /v26.0/${FORM.wabaId}/dataset`,
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
  const world = await openShop();
  const outcome = await world.fill({ appSecret: APP_SECRET });
  const [row] = await stored(world);
  expect(outcome).toMatchObject({ kind: 'connected', webhookPath: `/webhooks/whatsapp/${row?.id}` });
  const verifyToken = outcome.kind === 'connected' ? outcome.verifyToken : null;
  expect(verifyToken).toMatch(/^[\w-]{32}$/);
  const text = await dumpTables(world.databaseUrl);
  for (const secret of [BUSINESS.token, APP_SECRET, String(verifyToken)]) expect(text).not.toContain(secret);
  const open = (value: string | null | undefined, column: 'token' | 'app_secret' | 'verify_token') =>
    world.pipeline.vault.open(value ?? '', connectionSecret(world.shop, row?.id ?? '', column));
  expect(open(row?.token, 'token')).toBe(BUSINESS.token);
  expect(open(row?.appSecret, 'app_secret')).toBe(APP_SECRET);
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
  expect(await stored(world)).toMatchObject([{ state: 'paused', stateReason: 'wiring_token' }]);
  const token = 'EAAanother-token-of-the-tests';
  world.meta.addBusiness({ ...BUSINESS, token });
  const again = await world.fill({ token });
  expect(again).toMatchObject({ connectionId: first.kind === 'connected' && first.connectionId });
  expect(await stored(world)).toMatchObject([{ state: 'active', stateReason: null }]);
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
  const [row, ...more] = await stored(world);
  expect(more).toEqual([]);
  expect(new Set(saved.map(({ connectionId }) => connectionId))).toEqual(new Set([row?.id]));
  const binding = connectionSecret(world.shop, row?.id ?? '', 'token');
  expect(world.pipeline.vault.open(row?.token ?? '', binding)).toBe(BUSINESS.token);
});

test('a number taken off keeps its row without any secret', async () => {
  const world = await openShop();
  const connected = await world.fill({ appSecret: APP_SECRET });
  const id = connected.kind === 'connected' ? connected.connectionId : '';
  world.now.forward(60_000);
  expect(await disconnectNumber(world.pipeline, world.shop, id)).toEqual({ kind: 'disconnected' });
  const gone = { id, state: 'disconnected', token: '', appSecret: null, verifyToken: null };
  expect(await stored(world)).toMatchObject([{ ...gone, stateSince: world.now.at }]);
  expect(await disconnectNumber(world.pipeline, world.shop, id)).toEqual({ kind: 'not_found' });
});

test("another shop can neither take the number off nor see it changed, and an id that is none isn't found", async () => {
  const world = await openShop();
  const connected = await world.fill();
  const id = connected.kind === 'connected' ? connected.connectionId : '';
  const other = (await shopOf(world.pipeline, OTHER_SHOP)).id as ShopId;
  expect(await disconnectNumber(world.pipeline, other, id)).toEqual({ kind: 'not_found' });
  expect(await disconnectNumber(world.pipeline, world.shop, 'nonsense')).toEqual({ kind: 'not_found' });
  expect(await stored(world)).toMatchObject([{ state: 'active', shopId: world.shop }]);
});
