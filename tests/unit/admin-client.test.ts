import { expect, test } from 'vitest';
import { z } from 'zod';
import { createAdminClient } from '../../app/platforms/shopify/admin-client.ts';

const SHOP = 'loja-exemplo.myshopify.com';
const ASK = {
  query: '{ shop { name } }',
  variables: { a: 1 },
  data: z.object({ shop: z.object({ name: z.string() }) }),
};
const DATA = { shop: { name: 'Loja' } };

type Scripted = { status?: number; headers?: Record<string, string>; body?: unknown } | Error;

/** A client whose Shopify answers by this script, whose waiting only moves the clock. */
function scripted(answers: Scripted[], tries?: number) {
  let now = 0;
  const waits: number[] = [];
  const requests: { url: string; init: RequestInit | undefined }[] = [];
  const client = createAdminClient({
    shop: SHOP,
    accessToken: 'shpat_of-the-tests',
    ...(tries !== undefined && { tries }),
    clock: () => new Date(now),
    wait(ms) {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
    fetch(url, init) {
      requests.push({ url: String(url), init });
      const answer = answers.shift();
      if (answer === undefined) throw new Error('nobody expected this question');
      if (answer instanceof Error) return Promise.reject(answer);
      const { status = 200, headers = {}, body = { data: DATA } } = answer;
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return Promise.resolve(new Response(text, { status, headers }));
    },
  });
  return { client, waits, requests };
}

const cost = (requested: number, currentlyAvailable: number, restoreRate = 100) => ({
  cost: {
    requestedQueryCost: requested,
    actualQueryCost: null,
    throttleStatus: { maximumAvailable: 2000, currentlyAvailable, restoreRate },
  },
});
const throttled = (requested: number, available: number): Scripted => ({
  body: {
    errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
    extensions: cost(requested, available),
  },
});

test("a question goes to the shop's own address with its token", async () => {
  const { client, requests, waits } = scripted([{}]);
  expect(await client(ASK)).toEqual({ kind: 'answered', data: DATA });
  const [{ url, init } = { url: '', init: {} }] = requests;
  expect(url).toBe(`https://${SHOP}/admin/api/2026-10/graphql.json`);
  expect(init?.headers).toMatchObject({ 'x-shopify-access-token': 'shpat_of-the-tests' });
  expect(JSON.parse(String(init?.body))).toEqual({ query: ASK.query, variables: { a: 1 } });
  expect(waits).toEqual([]);
});

test('throttled, it waits until the bucket holds what the question costs', async () => {
  const { client, waits } = scripted([throttled(900, 50), throttled(900, 880), {}]);
  expect(await client(ASK)).toMatchObject({ kind: 'answered' });
  expect(waits).toEqual([8500, 1000]);
});

test('it does not ask before the bucket holds what the same question cost before', async () => {
  const { client, waits, requests } = scripted([
    { body: { data: DATA, extensions: cost(600, 100) } },
    { body: { data: DATA, extensions: cost(600, 1400) } },
    {},
  ]);
  await client(ASK);
  await client(ASK);
  expect(waits).toEqual([5000]);
  await client(ASK);
  expect(waits).toEqual([5000]);
  expect(requests).toHaveLength(3);
});

test('a fault of Shopify or of the line is tried again at growing distances', async () => {
  const { client, waits } = scripted([
    { status: 502, body: '<html>' },
    new TypeError('fetch failed'),
    { body: '<html>' },
    { body: { errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] } },
    { status: 429, headers: { 'retry-after': '2.0' }, body: '' },
    {},
  ]);
  expect(await client(ASK)).toEqual({ kind: 'answered', data: DATA });
  expect(waits).toEqual([500, 1000, 2000, 4000, 2000]);
});

test('it gives up after six tries, or after one where a person waits', async () => {
  const down = (): Scripted => ({ status: 503, body: '' });
  const patient = scripted(Array.from({ length: 7 }, down));
  expect(await patient.client(ASK)).toEqual({
    kind: 'unavailable',
    problem: 'Shopify answered with HTTP 503',
  });
  expect([patient.requests.length, patient.waits.length]).toEqual([6, 5]);
  const hasty = scripted([throttled(900, 50)], 1);
  expect(await hasty.client(ASK)).toEqual({
    kind: 'unavailable',
    problem: 'Shopify throttles its Admin API',
  });
  expect(hasty.waits).toEqual([]);
});

test.each<[string, Scripted, unknown]>([
  ['a token that Shopify does not know', { status: 401, body: '{"errors":"no"}' }, { kind: 'unauthorized' }],
  [
    'a frozen shop',
    { status: 402, body: '{"errors":"Unavailable Shop"}' },
    { kind: 'refused', problem: 'Shopify answered with HTTP 402: {"errors":"Unavailable Shop"}' },
  ],
  [
    'a missing scope',
    {
      body: {
        data: { shop: null },
        errors: [{ message: 'Access denied', extensions: { code: 'ACCESS_DENIED' } }],
      },
    },
    { kind: 'refused', problem: 'Access denied' },
  ],
  [
    'data of another shape',
    { body: { data: { shop: {} } } },
    { kind: 'refused', problem: 'an answer of an unknown shape at shop.name' },
  ],
])('%s is not asked again', async (_, answer, expected) => {
  const { client, requests } = scripted([answer]);
  expect(await client(ASK)).toEqual(expected);
  expect(requests).toHaveLength(1);
});
