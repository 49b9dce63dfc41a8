import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { REFERENCE_PARAMETER } from '../../app/domain/chat-link.ts';
import { deliveryBody } from '../../app/pipeline/sealed.ts';
import { shopifyCart } from '../builders/browsing.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { cutDatabase, dumpTables } from './database.ts';
import { openTieback, SHOP, SHOPIFY_SECRET, type Tieback } from './tieback.ts';

const PATH = '/webhooks/shopify';
const LIMIT = 5 * 1024 * 1024;

const rows = (tieback: Tieback) => tieback.pipeline.db.delivery.findMany({ orderBy: { id: 'asc' } });

/** A signed order webhook with some headers replaced; null takes one out. */
function webhook(tieback: Tieback, changes: Record<string, string | null> = {}, body: unknown = { id: 1 }) {
  const signed = tieback.signShopify({ domain: SHOP, topic: 'orders/paid', body, webhookId: 'webhook-1' });
  const headers = Object.entries({ ...signed.headers, ...changes }).filter(([, value]) => value !== null);
  return { body: signed.body, headers: Object.fromEntries(headers) as Record<string, string> };
}

function hmac(body: string | Buffer, secret = SHOPIFY_SECRET): string {
  return createHmac('sha256', secret).update(body).digest('base64');
}

test('a signed Shopify webhook is stored with what its headers say', async () => {
  const tieback = await openTieback();
  const triggeredAt = new Date('2026-11-18T13:22:40.123Z');
  const body = { id: 1 };
  const answer = await tieback.sendShopify('orders/paid', body, {
    webhookId: 'webhook-1',
    eventId: 'event-1',
    triggeredAt,
  });
  expect(answer).toMatchObject({ status: 200, text: '' });
  expect(await rows(tieback)).toMatchObject([
    {
      source: 'shopify',
      account: SHOP,
      key: 'webhook-1',
      topic: 'orders/paid',
      eventId: 'event-1',
      triggeredAt,
      receivedAt: tieback.now.at,
      nextAttemptAt: tieback.now.at,
      state: 'due',
      attempts: 0,
    },
  ]);
});

test('a redelivery is answered with 200 and stored once; the same id from another shop is another delivery', async () => {
  const tieback = await openTieback();
  const send = (domain: string) => tieback.sendShopify('orders/paid', {}, { webhookId: 'webhook-1', domain });
  for (const domain of [SHOP, SHOP, 'outra-loja.myshopify.com', SHOP.toUpperCase()]) {
    expect((await send(domain)).status).toBe(200);
  }
  expect((await rows(tieback)).map((row) => row.account)).toEqual([SHOP, 'outra-loja.myshopify.com']);
});

test('a delivery that comes ten times at once is one row', async () => {
  const tieback = await openTieback();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => tieback.sendShopify('orders/paid', {}, { webhookId: 'webhook-1' })),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
  expect(await rows(tieback)).toHaveLength(1);
});

const BODY = JSON.stringify({ id: 1 });
// Chosen so that its signature has characters in which base64 and base64url differ.
const SPECIAL =
  [...Array(200).keys()].map((id) => `{"id":${id}}`).find((body) => /[+/].*=$/.test(hmac(body))) ?? '';

test.each([
  ['no signature', BODY, null],
  ['an empty signature', BODY, ''],
  ['a signature of another secret', BODY, hmac(BODY, 'another secret')],
  ['a signature of other bytes', BODY, hmac('{"id": 1}')],
  ['a signature that is too short', BODY, hmac(BODY).slice(0, 40)],
  ['a signature that is too long', BODY, `${hmac(BODY)}AAAA`],
  ['a signature in hex', BODY, Buffer.from(hmac(BODY), 'base64').toString('hex')],
  ['a signature in base64url', SPECIAL, hmac(SPECIAL).replaceAll('+', '-').replaceAll('/', '_')],
  ['a signature without its padding', BODY, hmac(BODY).replace('=', '')],
  ['a signature with junk in it', BODY, `*${hmac(BODY)}`],
])('%s is answered with 401 and stores nothing', async (_, body, signature) => {
  const tieback = await openTieback();
  const answer = await tieback.post(PATH, webhook(tieback, { 'X-Shopify-Hmac-Sha256': signature }, body));
  expect(answer.status).toBe(401);
  expect(await rows(tieback)).toEqual([]);
  expect((await tieback.post(PATH, webhook(tieback, {}, body))).status).toBe(200);
});

test('both secrets are accepted while the secret is rotated, and nothing else', async () => {
  const tieback = await openTieback({ env: { SHOPIFY_API_SECRET_PREVIOUS: 'the secret before' } });
  const send = (secret: string) => tieback.sendShopify('orders/paid', {}, { secret });
  expect((await send(SHOPIFY_SECRET)).status).toBe(200);
  expect((await send('the secret before')).status).toBe(200);
  expect((await send('the secret after')).status).toBe(401);
  expect(await rows(tieback)).toHaveLength(2);
});

test.each(['X-Shopify-Topic', 'X-Shopify-Shop-Domain', 'X-Shopify-Webhook-Id'])(
  'a webhook without %s is answered with 400 and the header’s name',
  async (header) => {
    const tieback = await openTieback();
    for (const value of [null, '']) {
      const answer = await tieback.post(PATH, webhook(tieback, { [header]: value }));
      expect(answer).toMatchObject({ status: 400, text: `missing header ${header.toLowerCase()}\n` });
    }
    expect(await rows(tieback)).toEqual([]);
  },
);

test('a webhook without Shopify’s event id and time is stored all the same', async () => {
  const tieback = await openTieback();
  const without = { 'X-Shopify-Event-Id': null, 'X-Shopify-Triggered-At': 'yesterday' };
  expect((await tieback.post(PATH, webhook(tieback, without))).status).toBe(200);
  expect(await rows(tieback)).toMatchObject([{ eventId: null, triggeredAt: null }]);
});

test.each([
  'example.com',
  'loja.myshopify.com.evil.com',
  'myshopify.com',
  '-x.myshopify.com',
  'a b.myshopify.com',
])('the shop domain %s is answered with 400', async (domain) => {
  const tieback = await openTieback();
  const answer = await tieback.post(PATH, webhook(tieback, { 'X-Shopify-Shop-Domain': domain }));
  expect(answer.status).toBe(400);
  expect(await rows(tieback)).toEqual([]);
});

test.each(['', 'not json', '{"id":1', '{"id":1}}', 'id=1'])(
  'the body %j is answered with 400',
  async (body) => {
    const tieback = await openTieback();
    const answer = await tieback.post(PATH, webhook(tieback, {}, body));
    expect(answer).toMatchObject({ status: 400, text: 'the body is not JSON\n' });
    expect(await rows(tieback)).toEqual([]);
  },
);

test.each(['GET', 'PUT', 'DELETE', 'PATCH'])(
  '%s is answered with 405 and what is allowed',
  async (method) => {
    const tieback = await openTieback();
    const answer = await fetch(`${tieback.url}${PATH}`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  },
);

test('a body of exactly 5 MiB is stored and one byte more is answered with 413', async () => {
  const tieback = await openTieback();
  const body = (size: number) => `{"note":"${'x'.repeat(size - 11)}"}`;
  expect(body(LIMIT)).toHaveLength(LIMIT);
  expect((await tieback.post(PATH, webhook(tieback, {}, body(LIMIT + 1)))).status).toBe(413);
  expect(await rows(tieback)).toEqual([]);
  expect((await tieback.post(PATH, webhook(tieback, {}, body(LIMIT)))).status).toBe(200);
  expect(await rows(tieback)).toHaveLength(1);
});

test('a body without a stated length is measured as it comes', async () => {
  const tieback = await openTieback();
  const send = (size: number) => sendChunked(tieback, webhook(tieback, {}, `"${'x'.repeat(size - 2)}"`));
  expect(await send(LIMIT + 1)).toBe(413);
  expect(await rows(tieback)).toEqual([]);
  expect(await send(LIMIT)).toBe(200);
});

function sendChunked(tieback: Tieback, { body, headers }: ReturnType<typeof webhook>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${tieback.url}${PATH}`, {
      method: 'POST',
      headers: { ...headers, 'transfer-encoding': 'chunked' },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    for (let at = 0; at < body.length; at += 1024 * 1024) request.write(body.slice(at, at + 1024 * 1024));
    request.end();
  });
}

test('a compressed body is refused, whatever it would unfold to', async () => {
  const tieback = await openTieback();
  const packed = gzipSync(BODY);
  const { headers } = webhook(tieback, { 'content-encoding': 'gzip', 'X-Shopify-Hmac-Sha256': hmac(packed) });
  expect((await tieback.post(PATH, { body: packed, headers })).status).toBe(400);
  expect(await rows(tieback)).toEqual([]);
});

test('without the database a webhook is answered with 503, and its redelivery is stored when it is back', async () => {
  const tieback = await openTieback();
  const restore = await cutDatabase(tieback.databaseUrl);
  const answer = await tieback.post(PATH, webhook(tieback));
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  await restore();
  expect((await tieback.post(PATH, webhook(tieback))).status).toBe(200);
  expect(await rows(tieback)).toHaveLength(1);
});

test('without the database the metrics are not there, and the process lives on', async () => {
  const tieback = await openTieback();
  const restore = await cutDatabase(tieback.databaseUrl);
  const ask = (path: string) => fetch(`${tieback.url}${path}`, { signal: AbortSignal.timeout(10_000) });
  expect([(await ask('/metrics')).status, (await ask('/readyz')).status]).toEqual([503, 503]);
  await restore();
  expect(await (await ask('/metrics')).text()).toContain('tieback_deliveries_due 0');
});

test('the bytes are verified and stored as they came: escapes, white space and ids beyond 2^53', async () => {
  const tieback = await openTieback();
  const body = '{ "id": 9007199254740993,\n "name": "Jos\\u00e9 \\ud83d\\ude00", "city": "São Paulo"}\n';
  expect((await tieback.post(PATH, webhook(tieback, {}, body))).status).toBe(200);
  const [row] = await rows(tieback);
  expect(tieback.pipeline.vault.open(row?.body ?? '', deliveryBody(SHOP, 'webhook-1'))).toBe(body);
});

test('at rest nothing of the buyer can be read', async () => {
  const tieback = await openTieback();
  await tieback.sendShopify('orders/paid', shopifyOrder({ phone: '+5511986654321' }));
  const dump = await dumpTables(tieback.databaseUrl);
  expect(dump).toContain(SHOP);
  expect(dump).not.toMatch(/98665|Maria|Silva|Rua Exemplo|maria@|203\.0\.113|214\.90/);
});

test('a sealed body does not open in another row', async () => {
  const tieback = await openTieback();
  await tieback.post(PATH, webhook(tieback));
  const [row] = await rows(tieback);
  const open = (account: string, key: string) =>
    tieback.pipeline.vault.open(row?.body ?? '', deliveryBody(account, key));
  expect(open(SHOP, 'webhook-1')).toBe(BODY);
  expect(() => open(SHOP, 'webhook-2')).toThrow('belongs to another row');
  expect(() => open('outra-loja.myshopify.com', 'webhook-1')).toThrow('belongs to another row');
});

test('a cart that no chat link led to is answered and not stored', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  expect((await tieback.sendShopify('carts/update', shopifyCart())).status).toBe(200);
  expect(await tieback.pipeline.db.delivery.count()).toBe(0);
  const note = `x ${REFERENCE_PARAMETER}=abc`;
  expect((await tieback.sendShopify('carts/update', shopifyCart({ note }))).status).toBe(200);
  expect(await tieback.pipeline.db.delivery.count()).toBe(1);
});

test('when Shopify was heard of is noted once an hour for each shop', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const heard = async (): Promise<Date | null> =>
    (await tieback.pipeline.db.shop.findFirstOrThrow()).lastDeliveryAt;
  const send = async (id: number): Promise<Date | null> => {
    await tieback.pay({ id });
    // The note follows the answer.
    for (let tries = 0; tries < 50 && (await heard())?.getTime() !== tieback.now.at.getTime(); tries += 1);
    return heard();
  };
  const first = tieback.now.at;
  expect(await send(1)).toEqual(first);
  tieback.now.forward(3_600_000 - 1);
  expect(await send(2)).toEqual(first);
  tieback.now.forward(1);
  expect(await send(3)).toEqual(tieback.now.at);
});
