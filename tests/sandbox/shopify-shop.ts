import { randomBytes } from 'node:crypto';

export type ShopInput = {
  domain: string;
  name: string;
  currency: string;
  country: string;
  timezone: string;
  plan?: string;
  scopes?: string[];
};
/** A Shopify order in the shape of the order webhooks; keys in GraphQL's spelling win over it. */
export type OrderRecord = Record<string, unknown>;
export type PretendShop = Required<ShopInput> & {
  id: number;
  orders: Map<string, OrderRecord>;
  /** Access tokens and when each expires, in milliseconds. */
  accessTokens: Map<string, number>;
  /** One refreshable token family per app and shop: a single refresh token is good at a time. */
  refreshToken: { value: string; expiresAt: number } | null;
  /** Points that GraphQL may cost, and when that was counted, in milliseconds. */
  bucket: { points: number; at: number } | null;
};

const ACCESS_TOKEN_SECONDS = 3600;
const REFRESH_TOKEN_SECONDS = 7_776_000;

/** A shop as the pretend Shopify knows it, before any token or order. */
export function newShop(input: ShopInput, id: number): PretendShop {
  return {
    plan: 'Basic',
    scopes: ['read_orders', 'read_customers'],
    ...input,
    id,
    orders: new Map(),
    accessTokens: new Map(),
    refreshToken: null,
    bucket: null,
  };
}

/** Issues a new token pair (shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens). */
export function issueTokens(shop: PretendShop, now: Date): Record<string, unknown> {
  const access = `shpat_${randomBytes(16).toString('hex')}`;
  const refresh = `shprt_${randomBytes(16).toString('hex')}`;
  shop.accessTokens.set(access, now.getTime() + ACCESS_TOKEN_SECONDS * 1000);
  shop.refreshToken = { value: refresh, expiresAt: now.getTime() + REFRESH_TOKEN_SECONDS * 1000 };
  return {
    access_token: access,
    scope: shop.scopes.join(','),
    expires_in: ACCESS_TOKEN_SECONDS,
    refresh_token: refresh,
    refresh_token_expires_in: REFRESH_TOKEN_SECONDS,
  };
}

/** True while the token was issued for this shop, has not expired and was not revoked. */
export function isLiveToken(shop: PretendShop, token: string | undefined, now: Date): boolean {
  const expiresAt = token === undefined ? undefined : shop.accessTokens.get(token);
  return expiresAt !== undefined && expiresAt > now.getTime();
}
