import { expect, test } from 'vitest';
import { problemSchema } from '../../app/domain/api-problem.ts';
import { openApi, saleOf, type Api, type ApiAnswer, type ApiOptions } from './api.ts';

const codeOf = ({ body }: ApiAnswer): unknown => (body['error'] as { code: unknown }).code;

async function call({ tieback, key }: Api, method: string, path: string): Promise<Response> {
  return fetch(`${tieback.url}${path}`, { method, headers: { Authorization: `Bearer ${key}` } });
}

test('without a key that it knows it answers 401, and says how a key is shown', async () => {
  const api = await openApi();
  const realm = 'Bearer realm="Tieback"';
  const refused = async (options: ApiOptions) => {
    const [told, asked] = [await api.report({}, options), await api.ask('x', options)];
    expect(asked.body).toEqual(told.body);
    expect([told.status, asked.status]).toEqual([401, 401]);
    return [codeOf(told), told.headers.get('www-authenticate')];
  };
  expect(await refused({ key: null })).toEqual(['key_missing', realm]);
  for (const key of ['x', `tieback_${'A'.repeat(43)}`, `${api.key}x`])
    expect(await refused({ key })).toEqual(['key_unknown', `${realm}, error="invalid_token"`]);
  const basic = { key: null, headers: { Authorization: `Basic ${api.key}` } };
  expect(await refused(basic)).toEqual(['key_unknown', `${realm}, error="invalid_token"`]);
});

test('a revoked key and the key of a shop that uninstalled are refused from that moment', async () => {
  const api = await openApi();
  const { db } = api.tieback.pipeline;
  const other = await api.newKey();
  await db.apiKey.updateMany({ where: { hint: api.key.slice(-4) }, data: { revokedAt: api.tieback.now.at } });
  expect(codeOf(await api.report())).toBe('key_revoked');
  expect((await api.report({}, { key: other })).status).toBe(201);
  await db.shop.updateMany({ data: { uninstalledAt: api.tieback.now.at } });
  expect(codeOf(await api.report({}, { key: other }))).toBe('key_unknown');
  await db.shop.updateMany({ data: { uninstalledAt: null } });
  expect((await api.report({}, { key: other })).status).toBe(201);
});

test.each<[string, string | Buffer]>([
  ['nothing', ''],
  ['half an object', '{"event_name":'],
  ['a comma too many', '{"a":1,}'],
  ['two objects', '{}{}'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['UTF-16', Buffer.from('{}', 'utf16le')],
])('%s is no JSON', async (_, raw) => {
  const api = await openApi();
  const told = await api.report({}, { raw });
  expect([told.status, codeOf(told)]).toEqual([400, 'invalid_json']);
});

test('what is wrong with a request is told at each field, and nothing is stored', async () => {
  const api = await openApi();
  const told = await api.report({
    event_name: 'Lead',
    value: { amount: '1.234', currency: 'BRL' },
    extra: 1,
  });
  expect(told.status).toBe(400);
  expect(told.body).toMatchObject({
    error: { code: 'invalid_request', fields: [{ path: 'event_name' }, { path: 'extra' }] },
  });
  for (const raw of ['null', '[]', '"x"', '{"__proto__":{"event_name":"Purchase"}}'])
    expect(codeOf(await api.report({}, { raw }))).toBe('invalid_request');
  expect(await api.tieback.pipeline.db.apiRequest.count()).toBe(0);
});

test('an idempotency key is 1 to 255 visible characters', async () => {
  const api = await openApi();
  for (const idempotencyKey of [null, '', 'two words', 'é', 'x'.repeat(256)]) {
    const told = await api.report({}, { idempotencyKey });
    expect([told.status, codeOf(told)]).toEqual([400, 'idempotency_key_required']);
  }
  for (const idempotencyKey of ['x', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', '~'.repeat(255)])
    expect((await api.report({}, { idempotencyKey })).status).toBe(201);
});

test('a body is JSON in UTF-8 that is not compressed, whatever the letters of its type', async () => {
  const api = await openApi();
  const others = ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', ''];
  for (const type of others) {
    const told = await api.report({}, { headers: { 'Content-Type': type } });
    expect([told.status, codeOf(told)], type).toEqual([415, 'content_type_not_json']);
  }
  const packed = await api.report({}, { headers: { 'Content-Encoding': 'gzip' } });
  expect(codeOf(packed)).toBe('content_type_not_json');
  for (const type of [
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])
    expect((await api.report({}, { headers: { 'Content-Type': type } })).status, type).toBe(201);
});

test('a body of 64 KB is read, one byte more is not', async () => {
  const api = await openApi();
  const sale = JSON.stringify(saleOf(api.tieback));
  const fits = sale.padEnd(64 * 1024, ' ');
  expect((await api.report({}, { raw: fits })).status).toBe(201);
  const told = await api.report({}, { raw: `${fits} ` });
  expect([told.status, codeOf(told)]).toEqual([413, 'body_too_large']);
  expect(codeOf(await api.report({}, { raw: `${fits} `, key: null }))).toBe('key_missing');
});

test('other methods are refused with those that there are', async () => {
  const api = await openApi();
  const refused: [string, string, string][] = [
    ['GET', '/api/v1/events', 'POST'],
    ['PUT', '/api/v1/events', 'POST'],
    ['DELETE', '/api/v1/events/x', 'GET, HEAD'],
    ['POST', '/api/v1/openapi.json', 'GET, HEAD'],
  ];
  for (const [method, path, allow] of refused) {
    const answer = await call(api, method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expect(problemSchema.parse(await answer.json()).error.code).toBe('method_not_allowed');
  }
});

test('any other address under /api is told in JSON too', async () => {
  const api = await openApi();
  for (const path of ['/api', '/api/v1', '/api/v2/events', '/api/v1/events/x/y', '/api/v1/events/%zz']) {
    const answer = await call(api, 'GET', path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(problemSchema.parse(await answer.json()).error.code).toBe('not_found');
  }
});

test('an event is asked for by its id alone, in large letters or small', async () => {
  const api = await openApi();
  const told = await api.report();
  const id = String(told.body['id']);
  expect(await api.ask(id.toUpperCase())).toMatchObject({ status: 200, body: told.body });
  const none = [
    'x',
    id.replace(/.$/, 'g'),
    '019aa1b2-6c40-7d11-9a53-5f1c2d3e4f50',
    String(told.body['event_id']),
  ];
  for (const other of none) expect(codeOf(await api.ask(other)), other).toBe('event_not_found');
  expect(told.headers.get('cache-control')).toBe('no-store');
});

test('a key has 200 requests at once and 50 a second; another key has its own', async () => {
  const api = await openApi();
  const many = (count: number, key: string) =>
    Promise.all(Array.from({ length: count }, () => api.ask('x', { key })));
  const statuses = (await many(203, api.key)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 404)).toHaveLength(200);
  const refused = await api.report();
  expect([refused.status, codeOf(refused), refused.headers.get('retry-after')]).toEqual([
    429,
    'too_many_requests',
    '1',
  ]);
  const other = await api.newKey();
  expect((await api.report({}, { key: other })).status).toBe(201);
  api.tieback.now.forward(1_000);
  expect((await many(52, api.key)).filter(({ status }) => status === 404)).toHaveLength(50);
});

test('the document is for everybody and may be kept for an hour', async () => {
  const { tieback } = await openApi();
  const answer = await fetch(`${tieback.url}/api/v1/openapi.json`);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=3600']);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await answer.json()).toMatchObject({ servers: [{ url: 'https://tieback.example.com' }] });
  // Of itself fetch asks caches for nothing less than a new answer.
  const headers = { 'If-None-Match': answer.headers.get('etag') ?? '', 'Cache-Control': 'max-age=0' };
  expect((await fetch(`${tieback.url}/api/v1/openapi.json`, { headers })).status).toBe(304);
});
