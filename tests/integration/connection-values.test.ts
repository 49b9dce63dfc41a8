import { expect, onTestFinished, test } from 'vitest';
import type { ConnectionForm } from '../../app/pipeline/connect-form.ts';
import { checkValue } from '../../app/pipeline/connect-number.ts';
import { graphError } from '../sandbox/graph-error.ts';
import { listenOnLoopback, readBody, sendJson, sendText } from '../sandbox/loopback-server.ts';
import { BUSINESS, FORM, openShop, OWN_APP, type World } from './connecting.ts';

/** The one problem of an invalid form; the test fails for any other outcome, and when anything was saved. */
async function problemOf(world: World, change: Partial<ConnectionForm>) {
  const outcome = await world.fill(change);
  expect(outcome).toMatchObject({ kind: 'invalid', problems: [expect.anything()] });
  expect(await world.stored()).toEqual([]);
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
  const unknown = await problemOf(world, { token: 'EAAnever-issued-by-anybody' });
  expect(unknown).toMatchObject({
    field: 'token',
    problem: 'Meta does not accept this access token.',
    fix: expect.stringMatching(/\(Meta’s code: 190\.\)$/),
  });
  world.meta.expireToken(BUSINESS.token);
  expect(await problemOf(world, {})).toMatchObject({
    field: 'token',
    problem: 'This access token has expired.',
    fix: expect.stringContaining('190/463'),
  });
});

const OBJECTS = [
  ['a Facebook Page', 'Page'],
  ['an ad account', 'AdAccount'],
  ['a business portfolio', 'Business'],
  ['a Meta app', 'Application'],
  ['a dataset or pixel', 'AdsPixel'],
] as const;

test.each(OBJECTS)('the ID of %s in the account’s field is called by its name', async (words, type) => {
  const world = await openShop();
  world.meta.addObject({ id: '400500600700800', type, token: BUSINESS.token });
  expect(await problemOf(world, { wabaId: '400500600700800' })).toMatchObject({
    field: 'wabaId',
    problem: `This is the ID of ${words}.`,
  });
});

test('IDs that are swapped are each called by their names', async () => {
  const world = await openShop();
  expect(await problemOf(world, { wabaId: FORM.phoneNumberId, phoneNumberId: FORM.wabaId })).toMatchObject({
    field: 'wabaId',
    problem: 'This is the ID of a phone number.',
  });
  world.meta.addObject({ id: '400500600700800', type: 'Page', token: BUSINESS.token });
  expect(await problemOf(world, { phoneNumberId: '400500600700800' })).toMatchObject({
    field: 'phoneNumberId',
    problem: 'This is the ID of a Facebook Page.',
    fix: expect.stringContaining('+55 11 91234-5678 is 106540352242922'),
  });
});

test('a pixel, a Page, another account’s dataset and an unknown ID in the dataset’s field are told apart', async () => {
  const world = await openShop();
  world.meta.addPixel({ datasetId: '300000000000001', token: BUSINESS.token });
  world.meta.addObject({ id: '400500600700800', type: 'Page', token: BUSINESS.token });
  const other = { wabaId: '102290129340777', phoneNumbers: [], datasetId: '774400112239999' };
  world.meta.addBusiness({ ...other, token: BUSINESS.token });
  const right = expect.stringContaining(`The dataset of this WhatsApp account is ${BUSINESS.datasetId}.`);
  for (const [datasetId, problem] of [
    ['300000000000001', 'This is a pixel, or the dataset of another WhatsApp account.'],
    ['774400112239999', 'This is a pixel, or the dataset of another WhatsApp account.'],
    ['400500600700800', 'This is the ID of a Facebook Page.'],
    ['999999999999999', 'This is another dataset than the one of this WhatsApp account.'],
  ] as const) {
    expect(await problemOf(world, { datasetId })).toMatchObject({ field: 'datasetId', problem, fix: right });
  }
});

test('a token that may look at everything but send nothing is told which permission it was made without', async () => {
  const world = await openShop({ scopes: ['whatsapp_business_management'] });
  expect(await problemOf(world, {})).toMatchObject({
    field: 'token',
    problem: 'This token may not send events to the dataset.',
    fix: expect.stringContaining('It was made without the permission whatsapp_business_manage_events.'),
  });
});

test('the secret of another app is named, with the app that it has to be of', async () => {
  const world = await openShop({ appId: OWN_APP.id });
  expect(await problemOf(world, { appSecret: 'secret-of-quite-another-app' })).toMatchObject({
    field: 'appSecret',
    problem: `This is not the secret of the Meta app “Loja App” (${OWN_APP.id}), which the access token belongs to.`,
  });
  expect(await world.fill({ appSecret: OWN_APP.secret })).toMatchObject({ kind: 'connected', notes: [] });
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

const EVENTS_MANAGER = { canManage: false, scopes: ['whatsapp_business_manage_events'] };

test('a token from Events Manager asks for what it may not look up, and connects with it', async () => {
  const world = await openShop(EVENTS_MANAGER);
  const blind = await world.fill();
  const fields = blind.kind === 'invalid' ? blind.problems.map(({ field }) => field) : [];
  expect(fields).toEqual(['displayNumber', 'datasetId']);
  const typed = { displayNumber: '+55 11 91234-5678', datasetId: BUSINESS.datasetId };
  expect(await world.fill(typed)).toMatchObject({
    kind: 'connected',
    displayNumber: '+55 11 91234-5678',
    dataset: 'given',
    subscribed: false,
    notes: ['number_unproven'],
  });
});

test('what is typed by hand is proven all the same: an account that the dataset is not of is refused', async () => {
  const world = await openShop(EVENTS_MANAGER);
  const typed = { displayNumber: '+55 11 91234-5678', datasetId: BUSINESS.datasetId };
  const problem = await problemOf(world, { ...typed, wabaId: '102290129340111' });
  expect(problem).toMatchObject({
    field: 'datasetId',
    problem: 'This is a pixel, or the dataset of another WhatsApp account.',
    fix: expect.stringContaining('2804132'),
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
  expect(await world.stored()).toEqual([]);
});

test.each<[keyof ConnectionForm, Partial<ConnectionForm>, object]>([
  [
    'token',
    {},
    { kind: 'fine', detail: 'Meta accepts it. It does not expire and belongs to the Meta app “Tieback”.' },
  ],
  ['wabaId', {}, { kind: 'fine', detail: 'It has 2 phone numbers.', byHand: false }],
  ['phoneNumberId', {}, { kind: 'fine', detail: 'It is +55 11 91234-5678.' }],
  [
    'datasetId',
    { datasetId: BUSINESS.datasetId },
    { kind: 'fine', detail: 'Meta takes this account’s events there.' },
  ],
  ['appSecret', { appSecret: 'not-the-secret-of-it' }, { kind: 'wrong', field: 'appSecret' }],
  ['displayNumber', { displayNumber: 'loja' }, { kind: 'wrong', field: 'displayNumber' }],
  ['wabaId', { wabaId: 'act_1234567' }, { kind: 'wrong', problem: 'This is the ID of an ad account.' }],
  ['wabaId', { token: '' }, { kind: 'not_yet' }],
  ['phoneNumberId', { token: 'EAAnever-issued-by-anybody' }, { kind: 'wrong', field: 'token' }],
])('%s is checked by itself while the form is filled in: %j', async (field, change, found) => {
  const world = await openShop();
  const given = { ...FORM, ...change };
  expect(await checkValue(world.pipeline, field, given)).toMatchObject(found);
  expect(await world.stored()).toEqual([]);
});

test('checking a value says when more has to be typed by hand, and when Meta is away', async () => {
  const world = await openShop(EVENTS_MANAGER);
  expect(await checkValue(world.pipeline, 'wabaId', FORM)).toMatchObject({ kind: 'fine', byHand: true });
  await world.meta.close();
  expect(await checkValue(world.pipeline, 'wabaId', FORM)).toEqual({ kind: 'unreachable' });
});

test('a throttled Meta is not the merchant’s mistake', async () => {
  const world = await openShop();
  world.meta.faultNext({ kind: 'status', status: 400, code: 4 }, 1, 'any');
  expect(await world.fill()).toMatchObject({ kind: 'unreachable' });
});
