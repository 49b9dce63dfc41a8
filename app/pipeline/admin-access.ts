import { setTimeout as delay } from 'node:timers/promises';
import { Session } from '@shopify/shopify-api';
import {
  createAdminClient,
  type AdminClient,
  type AdminTransport,
} from '../platforms/shopify/admin-client.ts';
import {
  refreshOfflineToken,
  type ShopifyCredentials,
  type TokenPair,
} from '../platforms/shopify/admin-token.ts';
import type { Database } from '../storage/database.ts';
import { awaitLease } from '../storage/lease.ts';
import { createSessionStorage, offlineSessionId, type Sessions } from '../storage/shopify-sessions.ts';
import type { Pipeline } from './context.ts';

export type AdminAccess =
  | { kind: 'open'; client: AdminClient }
  /** Nobody installed the app, or its token is used up: a merchant who opens the app brings a new one. */
  | { kind: 'no_session'; problem: string }
  /** Shopify, or another process that is asking it, did not answer in time. */
  | { kind: 'unavailable'; problem: string };

/** Shopify's Admin API for a shop without a merchant's request. */
export type OpenAdmin = (shop: string) => Promise<AdminAccess>;

export type AdminOptions = ShopifyCredentials &
  Partial<Pick<AdminTransport, 'fetch' | 'wait'>> & { tries?: number };

// As Shopify's library: a token that ends within five minutes is not used any more.
const EXPIRY_MARGIN_MS = 5 * 60_000;
// Longer than an exchange of tokens can take.
const HOLD_MS = 30_000;
const WAIT_MS = 10_000;

/**
 * Opens the Admin API with the shop's stored session, and refreshes its token first when it has expired. A refresh token
 * is good once, so all processes take turns for each shop, and whoever comes second finds the new token stored
 * (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens).
 */
export function createOpenAdmin(
  { db, vault, clock }: Pick<Pipeline, 'db' | 'vault' | 'clock'>,
  { apiKey, apiSecret, fetch = globalThis.fetch, wait = (ms) => delay(ms), tries }: AdminOptions,
): OpenAdmin {
  const sessions = createSessionStorage(db, vault);

  return async (shop) => {
    const stored = await sessions.loadSession(offlineSessionId(shop));
    if (stored === undefined) return { kind: 'no_session', problem: 'no session is stored' };
    return isUsable(stored, clock()) ? open(stored) : inTurn(shop);
  };

  async function inTurn(shop: string): Promise<AdminAccess> {
    const lease = await awaitLease(db, tokenLease(shop), { holdMs: HOLD_MS, waitMs: WAIT_MS });
    if (lease === null) return { kind: 'unavailable', problem: 'another process is refreshing the token' };
    try {
      const session = await sessions.loadSession(offlineSessionId(shop));
      if (session === undefined) return { kind: 'no_session', problem: 'no session is stored' };
      return isUsable(session, clock()) ? open(session) : await refresh(session);
    } finally {
      await lease.release();
    }
  }

  async function refresh(session: Session): Promise<AdminAccess> {
    const { shop, refreshToken } = session;
    if (refreshToken === undefined)
      return { kind: 'no_session', problem: 'its token expired and has no refresh token' };
    const answer = await refreshOfflineToken({ apiKey, apiSecret }, { shop, refreshToken, fetch });
    if (answer.kind === 'unavailable') return answer;
    if (answer.kind === 'refused') return { kind: 'no_session', problem: answer.problem };
    const refreshed = renewed(session, answer.pair, clock());
    if (await sessions.replaceSession(session, refreshed)) return open(refreshed);
    return { kind: 'no_session', problem: 'the app was uninstalled or opened in this moment' };
  }

  function open(session: Session): AdminAccess {
    const { shop, accessToken = '' } = session;
    const client = createAdminClient({
      shop,
      accessToken,
      fetch,
      clock,
      wait,
      ...(tries !== undefined && { tries }),
    });
    return { kind: 'open', client: forgetting(sessions, session, client) };
  }
}

/** Under this name all processes take turns with a shop's token. */
const tokenLease = (shop: string): string => `token:${shop}`;

/**
 * Does the work while no other process exchanges or refreshes the shop's token. A request to Shopify that hangs must
 * not shut the shop out of its admin, so after a while it is done all the same.
 */
export async function takeTokenTurn<T>(db: Database, shop: string, work: () => Promise<T>): Promise<T> {
  const lease = await awaitLease(db, tokenLease(shop), { holdMs: HOLD_MS, waitMs: WAIT_MS });
  try {
    return await work();
  } finally {
    await lease?.release();
  }
}

/** A token that Shopify does not know any more is dropped, so that the next opening of the app brings a new one. */
function forgetting(sessions: Sessions, session: Session, client: AdminClient): AdminClient {
  return async (operation) => {
    const answer = await client(operation);
    if (answer.kind === 'unauthorized') {
      await sessions.replaceSession(session, new Session({ ...session.toObject(), accessToken: undefined }));
    }
    return answer;
  };
}

function isUsable({ accessToken, expires }: Session, now: Date): boolean {
  if (accessToken === undefined) return false;
  return expires === undefined || expires.getTime() - now.getTime() > EXPIRY_MARGIN_MS;
}

function renewed({ id, shop, state }: Session, pair: TokenPair, now: Date): Session {
  const after = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
  return new Session({
    id,
    shop,
    state,
    isOnline: false,
    scope: pair.scope,
    accessToken: pair.accessToken,
    expires: after(pair.expiresIn),
    refreshToken: pair.refreshToken,
    refreshTokenExpires: after(pair.refreshTokenExpiresIn),
  });
}
