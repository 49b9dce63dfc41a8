import { onTestFinished } from 'vitest';
import { mintIdToken } from '../sandbox/id-token.ts';
import { startPretendShopify } from '../sandbox/pretend-shopify.ts';
import type { PretendShopify } from '../sandbox/pretend-shopify.ts';

export type Json = Record<string, unknown>;
export type Answer = { status: number; body: Json };
export type Stage = {
  shopify: PretendShopify;
  tick: (seconds: number) => void;
  idToken: (change?: Partial<IdTokenInput>) => string;
};
type IdTokenInput = Parameters<typeof mintIdToken>[0];

export const SHOP = 'loja-exemplo.myshopify.com';
export const KEYS = { apiKey: '0123456789abcdef', apiSecret: 'secret' };
export const START = Date.parse('2026-11-20T10:00:00Z');

/** A pretend Shopify with one shop, whose clock stands still until `tick` moves it by seconds. */
export async function start(shop: { scopes?: string[]; name?: string } = {}): Promise<Stage> {
  let now = START;
  const shopify = await startPretendShopify({ ...KEYS, now: () => new Date(now) });
  onTestFinished(shopify.close);
  const place = { currency: 'BRL', country: 'BR', timezone: 'America/Sao_Paulo' };
  shopify.addShop({ domain: SHOP, name: 'Loja Exemplo', ...place, ...shop });
  return {
    shopify,
    tick: (seconds) => void (now += seconds * 1000),
    idToken: (change) => mintIdToken({ domain: SHOP, ...KEYS, now: new Date(now), ...change }),
  };
}

/** One request to the shop's API, as the app's server makes it. */
export async function post(
  shopify: PretendShopify,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(shopify.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-pretend-shop': SHOP, ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

/** A right token exchange; `change` replaces fields of its body. */
export function exchange({ shopify, idToken }: Stage, change: Json = {}): Promise<Answer> {
  return post(shopify, '/admin/oauth/access_token', {
    client_id: KEYS.apiKey,
    client_secret: KEYS.apiSecret,
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: idToken(),
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    requested_token_type: 'urn:shopify:params:oauth:token-type:offline-access-token',
    expiring: '1',
    ...change,
  });
}

/** A refresh with this refresh token. */
export function refresh({ shopify }: Stage, token: unknown): Promise<Answer> {
  const client = { client_id: KEYS.apiKey, client_secret: KEYS.apiSecret };
  return post(shopify, '/admin/oauth/access_token', {
    ...client,
    grant_type: 'refresh_token',
    refresh_token: token,
  });
}

/** One GraphQL request with this access token. */
export function ask(
  { shopify }: Stage,
  token: unknown,
  query: string,
  variables: Json = {},
): Promise<Answer> {
  const headers = { 'x-shopify-access-token': String(token) };
  return post(shopify, '/admin/api/2026-10/graphql.json', { query, variables }, headers);
}

/** An access token from a fresh exchange. */
export async function signedIn(stage: Stage): Promise<unknown> {
  return (await exchange(stage)).body['access_token'];
}
