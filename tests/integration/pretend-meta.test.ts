import { expect, onTestFinished, test } from 'vitest';
import { startPretendMeta } from '../sandbox/pretend-meta.ts';
import type { Business, PretendMeta } from '../sandbox/pretend-meta.ts';

type Json = Record<string, unknown>;
type Answer = { status: number; headers: Headers; body: { error?: Json } & Json };

const NOW = new Date('2026-11-20T10:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const DAY = 86_400;
const CLICK = 'ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0';
const HASH = 'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176';
const BUSINESS: Business = {
  wabaId: '102290129340398',
  phoneNumbers: [{ id: '106540352242922', displayNumber: '+55 11 91234-5678', verifiedName: 'Loja Exemplo' }],
  token: 'EAAtoken',
  datasetId: '774400112233445',
};
const EVENTS = `/v26.0/${BUSINESS.datasetId}/events`;

async function startMeta(
  business: Partial<Business> = {},
  now: () => Date = () => NOW,
): Promise<PretendMeta> {
  const meta = await startPretendMeta({ now });
  onTestFinished(meta.close);
  meta.addBusiness({ ...BUSINESS, ...business });
  meta.addClick({ ctwaClid: CLICK, wabaId: BUSINESS.wabaId });
  return meta;
}

/** Meta's documented WhatsApp sample, with the placeholders filled in; null takes a key out. */
function purchase(change: { event?: Json; user?: Json; sale?: Json } = {}): Json {
  const user = { whatsapp_business_account_id: BUSINESS.wabaId, ctwa_clid: CLICK };
  return without({
    event_name: 'Purchase',
    event_time: SECONDS - 60,
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: without({ ...user, ...change.user }),
    custom_data: without({ currency: 'USD', value: 123, ...change.sale }),
    ...change.event,
  });
}

function without(record: Json): Json {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

async function call(
  meta: PretendMeta,
  path: string,
  options: { method?: string; token?: string | null; body?: unknown } = {},
): Promise<Answer> {
  const { method = 'GET', token = BUSINESS.token, body } = options;
  const response = await fetch(meta.url + path, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

function send(meta: PretendMeta, ...events: Json[]): Promise<Answer> {
  return call(meta, EVENTS, { method: 'POST', body: { data: events, partner_agent: 'tieback' } });
}

function codes({ status, body }: Answer): unknown[] {
  return [status, body.error?.['code'], body.error?.['error_subcode']];
}

test('accepts the WhatsApp sample of Meta’s business messaging page and gives its receipt', async () => {
  const meta = await startMeta();
  const { status, body } = await send(meta, purchase());
  expect([status, body]).toEqual([
    200,
    { events_received: 1, messages: [], fbtrace_id: expect.stringMatching(/^A[\w-]{22}$/) },
  ]);
  expect(meta.accepted()).toEqual([
    { datasetId: BUSINESS.datasetId, event: purchase(), at: NOW, fbtraceId: body['fbtrace_id'] },
  ]);
});

test('accepts the fuller body with hashes and contents, and a currency in lower case', async () => {
  const meta = await startMeta();
  const contents = [{ id: 'sku-1', quantity: 1, item_price: 129.9 }];
  const sale = { currency: 'brl', value: 129.9, order_id: '5678901234', content_type: 'product', contents };
  const { status } = await send(meta, purchase({ user: { ph: [HASH], em: `${HASH}.AQQCAQIB` }, sale }));
  expect(status).toBe(200);
});

test('refuses the Automatic Events sample, which names no account: integrators report 2804116 for it', async () => {
  const meta = await startMeta();
  const event = { messaging_outcome_data: { outcome_type: 'automatic_events' } };
  expect(codes(await send(meta, purchase({ event, user: { whatsapp_business_account_id: null } })))).toEqual([
    400, 100, 2804116,
  ]);
});

test.each<[number | undefined, string, Parameters<typeof purchase>[0]]>([
  [2804066, 'an event name outside the fourteen', { event: { event_name: 'Lead' } }],
  [undefined, 'no event name', { event: { event_name: null } }],
  [2804003, 'an event older than seven days', { event: { event_time: SECONDS - 7 * DAY - 1 } }],
  [2804004, 'an event of the future', { event: { event_time: SECONDS + 1 } }],
  [2804004, 'a time in milliseconds', { event: { event_time: NOW.getTime() } }],
  [undefined, 'a time as text', { event: { event_time: String(SECONDS) } }],
  [undefined, 'a website event', { event: { action_source: 'website' } }],
  [2804063, 'no messaging channel', { event: { messaging_channel: null } }],
  [undefined, 'another messaging channel', { event: { messaging_channel: 'WHATSAPP' } }],
  [2804064, 'an IP address', { user: { client_ip_address: '203.0.113.24' } }],
  [2804064, 'a user agent', { user: { client_user_agent: 'Mozilla/5.0' } }],
  [2804064, 'a browser id', { user: { fbp: 'fb.1.1.1' } }],
  [2804064, 'a browser click id', { user: { fbc: 'fb.1.1.abc' } }],
  [2804116, 'neither account nor page', { user: { whatsapp_business_account_id: null } }],
  [2804131, 'a page id', { user: { page_id: '1234567890' } }],
  [2804132, 'the account of another dataset', { user: { whatsapp_business_account_id: '999' } }],
  [2804071, 'no click id', { user: { ctwa_clid: null } }],
  [2804087, 'an invented click id', { user: { ctwa_clid: 'Affake' } }],
  [2804087, 'a click id in lower case', { user: { ctwa_clid: CLICK.toLowerCase() } }],
  [undefined, 'a phone number that is not hashed', { user: { ph: ['5511987654321'] } }],
  [undefined, 'a hash in upper case', { user: { em: [HASH.toUpperCase()] } }],
  [2804009, 'a purchase without value', { sale: { value: null } }],
  [2804009, 'a purchase without custom data', { event: { custom_data: null } }],
  [2804023, 'a value without currency', { sale: { currency: null } }],
  [undefined, 'a value as text', { sale: { value: '129.90' } }],
  [undefined, 'a currency that is none', { sale: { currency: 'REAIS' } }],
  [undefined, 'an order id as number', { sale: { order_id: 5678901234 } }],
  [2804008, 'contents without an id', { sale: { contents: [{ quantity: 1 }] } }],
])('refuses with 100/%s: %s', async (subcode, _, change) => {
  const meta = await startMeta();
  expect(codes(await send(meta, purchase(change)))).toEqual([400, 100, subcode]);
  expect(meta.accepted()).toEqual([]);
});

test('accepts an event of exactly seven days ago and one of this very second', async () => {
  const meta = await startMeta();
  const times = [SECONDS - 7 * DAY, SECONDS].map((event_time) => purchase({ event: { event_time } }));
  expect((await send(meta, ...times)).body['events_received']).toBe(2);
});

test('refuses the click id of another business', async () => {
  const meta = await startMeta();
  const other = { ...BUSINESS, wabaId: '555', datasetId: '556', token: 'EAAother', phoneNumbers: [] };
  meta.addBusiness(other);
  const event = purchase({ user: { whatsapp_business_account_id: '555' } });
  const body = { data: [event] };
  expect(codes(await call(meta, '/v26.0/556/events', { method: 'POST', token: 'EAAother', body }))).toEqual([
    400, 100, 2804087,
  ]);
});

test('refuses a whole batch for one wrong event, and takes at most 1,000', async () => {
  const meta = await startMeta();
  const old = purchase({ event: { event_time: SECONDS - 8 * DAY } });
  expect(codes(await send(meta, purchase(), old, purchase()))).toEqual([400, 100, 2804003]);
  expect(codes(await send(meta))).toEqual([400, 100, undefined]);
  expect(codes(await send(meta, ...Array.from({ length: 1001 }, () => purchase())))).toEqual([
    400,
    100,
    undefined,
  ]);
  expect(meta.accepted()).toHaveLength(0);
  const { body } = await send(meta, ...Array.from({ length: 1000 }, () => purchase()));
  expect([body['events_received'], meta.accepted().length]).toEqual([1000, 1000]);
});

test('answers in the language of the token’s owner, with the same codes', async () => {
  const meta = await startMeta({ locale: 'fr' });
  const { body } = await send(meta, purchase({ event: { event_time: SECONDS - 8 * DAY } }));
  expect(body.error).toMatchObject({
    message: 'Invalid parameter',
    type: 'OAuthException',
    code: 100,
    error_subcode: 2804003,
    is_transient: false,
    error_user_title: 'Horodatage de l’évènement trop ancien',
  });
});

test('judges the version first, then the token, then the object, then the payload', async () => {
  const meta = await startMeta();
  const wrong = { method: 'POST', body: 'not json' };
  const at = (path: string, token: string | null = BUSINESS.token) => call(meta, path, { ...wrong, token });
  expect(codes(await at('/v20.0/1/events', 'unknown'))).toEqual([400, 2635, undefined]);
  expect(codes(await at('/v99.0/1/events', 'unknown'))).toEqual([400, 2635, undefined]);
  expect(codes(await at('/v26.0/1/events', null))).toEqual([401, 104, undefined]);
  expect(codes(await at('/v26.0/1/events', 'unknown'))).toEqual([401, 190, undefined]);
  expect(codes(await at('/v26.0/1/events'))).toEqual([400, 100, 33]);
  expect(codes(await at(EVENTS))).toEqual([400, 100, undefined]);
});

test('takes a version until its last day and not after', async () => {
  const lastDay = await startMeta({}, () => new Date('2027-01-21T23:59:00Z'));
  const dayAfter = await startMeta({}, () => new Date('2027-01-22T00:00:00Z'));
  const path = `/v21.0/${BUSINESS.wabaId}`;
  expect((await call(lastDay, path)).status).toBe(200);
  expect(codes(await call(dayAfter, path))).toEqual([400, 2635, undefined]);
});

test('refuses an expired and a revoked token, and the dataset of another business', async () => {
  const meta = await startMeta();
  meta.addBusiness({ ...BUSINESS, wabaId: '555', datasetId: '556', token: 'EAAother', phoneNumbers: [] });
  expect(codes(await call(meta, '/v26.0/556/events', { method: 'POST' }))).toEqual([400, 100, 33]);
  meta.expireToken(BUSINESS.token);
  expect(codes(await send(meta, purchase()))).toEqual([401, 190, 463]);
  meta.revokeToken(BUSINESS.token);
  expect(codes(await send(meta, purchase()))).toEqual([401, 190, undefined]);
});

test('takes the token from the header or the query, and its record never holds it', async () => {
  const meta = await startMeta();
  const body = { data: [purchase()], access_token: BUSINESS.token };
  await call(meta, EVENTS, { method: 'POST', body });
  const query = `${EVENTS}?access_token=${BUSINESS.token}`;
  expect((await call(meta, query, { method: 'POST', token: null, body })).status).toBe(200);
  await call(meta, EVENTS, { token: null });
  expect(
    meta.requests().map(({ method, path, authorization, status }) => [method, path, authorization, status]),
  ).toEqual([
    ['POST', EVENTS, 'bearer', 200],
    ['POST', EVENTS, 'query', 200],
    ['GET', EVENTS, 'none', 401],
  ]);
  expect(JSON.stringify(meta.requests())).not.toContain(BUSINESS.token);
});

test('answers in Graph’s form for another verb, an unknown path and a body that is too large', async () => {
  const meta = await startMeta();
  expect(codes(await call(meta, EVENTS))).toEqual([400, 100, 33]);
  expect(codes(await call(meta, `${EVENTS}/more`))).toEqual([400, 2500, undefined]);
  // The client may still be writing when the answer comes, and then sees only the cut.
  await call(meta, EVENTS, { method: 'POST', body: 'x'.repeat(9 * 1024 * 1024) }).catch(() => null);
  expect(meta.requests().at(-1)).toMatchObject({ path: EVENTS, status: 413 });
  expect(meta.accepted()).toEqual([]);
});

test('lists no dataset until one is made, makes it once, and takes events for it', async () => {
  const meta = await startMeta({ datasetId: undefined });
  const path = `/v26.0/${BUSINESS.wabaId}/dataset`;
  expect((await call(meta, path)).body).toEqual({ data: [] });
  const made = (await call(meta, path, { method: 'POST', body: {} })).body;
  expect(made).toEqual({ id: expect.stringMatching(/^\d{15}$/) });
  expect((await call(meta, path, { method: 'POST', body: {} })).body).toEqual(made);
  expect((await call(meta, path)).body).toEqual({ data: [made] });
  const body = { data: [purchase()] };
  expect((await call(meta, `/v26.0/${String(made['id'])}/events`, { method: 'POST', body })).status).toBe(
    200,
  );
});

test('lets an Events Manager token send events but not manage the account', async () => {
  const meta = await startMeta({ canManage: false });
  expect(codes(await call(meta, `/v26.0/${BUSINESS.wabaId}/dataset`, { method: 'POST' }))).toEqual([
    403,
    200,
    undefined,
  ]);
  expect((await send(meta, purchase())).status).toBe(200);
});

test('gives the account, its numbers and only the fields it has', async () => {
  const meta = await startMeta();
  const [phone] = BUSINESS.phoneNumbers;
  const shown = {
    id: phone?.id,
    display_phone_number: phone?.displayNumber,
    verified_name: phone?.verifiedName,
  };
  expect((await call(meta, `/v26.0/${BUSINESS.wabaId}?fields=name`)).body).toEqual({
    id: BUSINESS.wabaId,
    name: 'Loja Exemplo',
  });
  expect((await call(meta, `/v26.0/${BUSINESS.wabaId}/phone_numbers`)).body).toMatchObject({ data: [shown] });
  expect((await call(meta, `/v26.0/${phone?.id}?fields=verified_name,display_phone_number`)).body).toEqual(
    shown,
  );
  expect(codes(await call(meta, `/v26.0/${phone?.id}?fields=nickname`))).toEqual([400, 100, undefined]);
});

test('subscribes the app with and without an override, and unsubscribes it', async () => {
  const meta = await startMeta();
  const path = `/v26.0/${BUSINESS.wabaId}/subscribed_apps`;
  const list = async () => (await call(meta, path)).body['data'];
  expect(await list()).toEqual([]);
  const body = { override_callback_uri: 'https://tieback.example/webhooks/whatsapp', verify_token: 'v' };
  await call(meta, path, { method: 'POST', body });
  expect(await list()).toMatchObject([{ override_callback_uri: body.override_callback_uri }]);
  await call(meta, path, { method: 'POST' });
  expect(JSON.stringify(await list())).not.toContain('override_callback_uri');
  await call(meta, path, { method: 'DELETE' });
  expect(await list()).toEqual([]);
});
