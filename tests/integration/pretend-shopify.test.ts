import { createHmac } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback, readBody, sendText } from '../sandbox/loopback-server.ts';
import { KEYS, SHOP, START, ask, exchange, post, refresh, signedIn, start } from './shopify-session.ts';
import type { Json, Stage } from './shopify-session.ts';

test('exchanges a right id token for an expiring offline token', async () => {
  const stage = await start();
  expect(await exchange(stage)).toEqual({
    status: 200,
    body: {
      access_token: expect.stringMatching(/^shpat_[0-9a-f]{32}$/),
      scope: 'read_orders,read_customers',
      expires_in: 3600,
      refresh_token: expect.stringMatching(/^shprt_[0-9a-f]{32}$/),
      refresh_token_expires_in: 7776000,
    },
  });
  expect(stage.shopify.exchanges()).toMatchObject([{ shop: SHOP, status: 200, error: null }]);
});

test.each<[string, string, (stage: Stage) => Json]>([
  ['another client', 'application_cannot_be_found', () => ({ client_id: 'other' })],
  ['a wrong secret', 'invalid_client', () => ({ client_secret: 'other' })],
  ['an unknown grant', 'unsupported_grant_type', () => ({ grant_type: 'authorization_code' })],
  ['another kind of subject token', 'invalid_request', () => ({ subject_token_type: 'access_token' })],
  [
    'an online token',
    'invalid_request',
    () => ({ requested_token_type: 'urn:shopify:params:oauth:token-type:online-access-token' }),
  ],
  ['a token that never expires', 'invalid_request', () => ({ expiring: '0' })],
  ['no token at all', 'invalid_subject_token', () => ({ subject_token: 'abc' })],
  [
    'a wrong signature',
    'invalid_subject_token',
    ({ idToken }) => ({ subject_token: idToken({ apiSecret: 'other' }) }),
  ],
  [
    'another app’s token',
    'invalid_subject_token',
    ({ idToken }) => ({ subject_token: idToken({ apiKey: 'other' }) }),
  ],
  [
    'another shop’s token',
    'invalid_subject_token',
    ({ idToken }) => ({ subject_token: idToken({ domain: 'b.myshopify.com' }) }),
  ],
  [
    'a token of a minute ago',
    'invalid_subject_token',
    ({ idToken }) => ({ subject_token: idToken({ now: new Date(START - 60_000) }) }),
  ],
  [
    'a token of the future',
    'invalid_subject_token',
    ({ idToken }) => ({ subject_token: idToken({ now: new Date(START + 1000) }) }),
  ],
])('refuses to exchange %s: %s', async (_, error, change) => {
  const stage = await start();
  const answer = await exchange(stage, change(stage));
  expect([answer.status, answer.body['error'], 'access_token' in answer.body]).toEqual([400, error, false]);
  expect(stage.shopify.exchanges()).toMatchObject([{ status: 400, error }]);
});

test('rotates the refresh token: each works once, and the newest family replaces the one before', async () => {
  const stage = await start();
  const first = (await exchange(stage)).body;
  const second = (await refresh(stage, first['refresh_token'])).body;
  expect(second['refresh_token']).not.toBe(first['refresh_token']);
  expect((await refresh(stage, first['refresh_token'])).body['error']).toBe('invalid_grant');
  await exchange(stage);
  expect((await refresh(stage, second['refresh_token'])).status).toBe(400);
  expect(stage.shopify.refreshes().map(({ status }) => status)).toEqual([200, 400, 400]);
});

test('lets access tokens die after an hour or when told, and refresh tokens after 90 days or when revoked', async () => {
  const stage = await start();
  const tokens = (await exchange(stage)).body;
  const status = async (token: unknown) => (await ask(stage, token, '{ shop { name } }')).status;
  stage.tick(3599);
  expect(await status(tokens['access_token'])).toBe(200);
  stage.tick(1);
  expect(await status(tokens['access_token'])).toBe(401);
  const renewed = (await refresh(stage, tokens['refresh_token'])).body;
  expect(await status(renewed['access_token'])).toBe(200);
  stage.shopify.expireTokens(SHOP);
  expect(await status(renewed['access_token'])).toBe(401);
  const again = (await refresh(stage, renewed['refresh_token'])).body;
  stage.shopify.revoke(SHOP);
  expect(await status(again['access_token'])).toBe(401);
  expect((await refresh(stage, again['refresh_token'])).status).toBe(400);
  const last = (await exchange(stage)).body;
  stage.tick(7_776_000);
  expect((await refresh(stage, last['refresh_token'])).status).toBe(400);
});

test('throttles with HTTP 200, fails a refresh and a request when told, and only then', async () => {
  const stage = await start();
  const tokens = (await exchange(stage)).body;
  const query = '{ shop { name } }';
  stage.shopify.faultNext('throttled');
  expect(await ask(stage, tokens['access_token'], query)).toMatchObject({
    status: 200,
    body: { errors: [{ extensions: { code: 'THROTTLED' } }] },
  });
  stage.shopify.faultNext('server_error');
  expect((await ask(stage, tokens['access_token'], query)).status).toBe(500);
  stage.shopify.faultNext('refresh_400');
  expect((await refresh(stage, tokens['refresh_token'])).status).toBe(400);
  expect((await refresh(stage, tokens['refresh_token'])).status).toBe(200);
  expect((await ask(stage, tokens['access_token'], query)).body['errors']).toBeUndefined();
});

test('knows one API version, its own shops and no request without a token', async () => {
  const stage = await start();
  const token = String(await signedIn(stage));
  expect((await ask(stage, 'shpat_invented', '{ shop { name } }')).status).toBe(401);
  const headers = { 'x-shopify-access-token': token };
  expect((await post(stage.shopify, '/admin/api/2025-01/graphql.json', {}, headers)).status).toBe(404);
  expect(
    (await post(stage.shopify, '/admin/oauth/access_token', {}, { 'x-pretend-shop': 'other.myshopify.com' }))
      .status,
  ).toBe(404);
});

test('signs a webhook over its bytes, with all of Shopify’s headers, ids above 2^53 exact', async () => {
  const { shopify } = await start();
  const seen: { url: string | undefined; headers: Record<string, unknown>; text: string }[] = [];
  const app = await listenOnLoopback(async (request, response) => {
    const read = await readBody(request, 100_000);
    seen.push({
      url: request.url,
      headers: request.headers,
      text: read.kind === 'body' ? read.bytes.toString('utf8') : '',
    });
    sendText(response, 202, 'taken');
  });
  onTestFinished(app.close);
  shopify.setAppUrl(app.url);
  const body = { id: 820982911946154508n, name: 'São Paulo' };
  const ids = { webhookId: 'w-1', eventId: 'e-1', triggeredAt: new Date(START) };
  expect(await shopify.deliverWebhook({ domain: SHOP, topic: 'orders/paid', body, ...ids })).toEqual({
    status: 202,
    text: 'taken',
  });
  const text = '{"id":820982911946154508,"name":"São Paulo"}';
  expect(seen).toEqual([
    {
      url: '/webhooks/shopify',
      text,
      headers: expect.objectContaining({
        'x-shopify-topic': 'orders/paid',
        'x-shopify-hmac-sha256': createHmac('sha256', KEYS.apiSecret)
          .update(Buffer.from(text))
          .digest('base64'),
        'x-shopify-shop-domain': SHOP,
        'x-shopify-api-version': '2026-10',
        'x-shopify-webhook-id': 'w-1',
        'x-shopify-event-id': 'e-1',
        'x-shopify-triggered-at': '2026-11-20T10:00:00.000Z',
      }),
    },
  ]);
});
