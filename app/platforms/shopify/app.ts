import { setTimeout as delay } from 'node:timers/promises';
import '@shopify/shopify-app-remix/adapters/node';
import { ApiVersion, AppDistribution, LogSeverity, shopifyApp } from '@shopify/shopify-app-remix/server';
import type { SessionStorage } from '@shopify/shopify-app-session-storage';
import { z } from 'zod';
import { parseJson } from '../../domain/json.ts';
import type { AdminGraphql } from './admin.ts';

/**
 * Shopify's side of the embedded admin: session tokens, token exchange with expiring offline tokens, security headers.
 * Webhooks are not verified through it: with expiring tokens its webhook check refreshes the shop's token first and
 * answers 500 when that fails, as it always does for an uninstalled shop.
 */
export function createShopifyApp(options: {
  apiKey: string;
  apiSecret: string;
  appUrl: string;
  sessionStorage: SessionStorage;
  /** After every token exchange, which is about once an hour for a shop in use. */
  onAuthenticated: (shop: string, graphql: AdminGraphql) => Promise<void>;
  /** Shopify's library would print to standard output. */
  warn: (message: string) => void;
}) {
  const app = shopifyApp({
    apiKey: options.apiKey,
    apiSecretKey: options.apiSecret,
    apiVersion: ApiVersion.October26,
    appUrl: options.appUrl,
    authPathPrefix: '/auth',
    sessionStorage: options.sessionStorage,
    distribution: AppDistribution.AppStore,
    logger: { level: LogSeverity.Warning, log: (_severity, message) => options.warn(message) },
    hooks: {
      afterAuth: ({ session, admin }) => options.onAuthenticated(session.shop, admin.graphql as AdminGraphql),
    },
    future: { unstable_newEmbeddedAuthStrategy: true, expiringOfflineAccessTokens: true },
  });
  return { ...app, authenticate: { ...app.authenticate, admin: inTurn(app.authenticate.admin) } };
}

type Authenticate<T> = (request: Request) => Promise<T>;

const TURN_MS = 10_000;

/**
 * Remix runs the loaders of a page side by side, and each would exchange the id token. An app has one refreshable token
 * for a shop, so the session stored last could hold one that the other exchange has replaced
 * (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens).
 * One at a time for each shop, the second finds the session of the first.
 */
function inTurn<T>(authenticate: Authenticate<T>): Authenticate<T> {
  const turns = new Map<string, Promise<unknown>>();
  return (request) => {
    const shop = claimedShop(request);
    if (shop === null) return authenticate(request);
    const before = turns.get(shop);
    // A request to Shopify that hangs must not shut the shop out of its admin.
    const start = before ? Promise.race([before, delay(TURN_MS, null, { ref: false })]) : Promise.resolve();
    const authenticated = start.then(() => authenticate(request));
    const over = authenticated.then(
      () => undefined,
      () => undefined,
    );
    turns.set(shop, over);
    void over.then(() => turns.get(shop) === over && turns.delete(shop));
    return authenticated;
  };
}

/** The shop that the request's id token speaks of, not verified yet: good for waiting in line and nothing else. */
function claimedShop(request: Request): string | null {
  const token =
    /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ??
    new URL(request.url).searchParams.get('id_token');
  const claims = parseJson(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const shop = z.object({ dest: z.string() }).safeParse(claims.kind === 'value' ? claims.value : null);
  return shop.success ? shop.data.dest : null;
}

export type ShopifyApp = ReturnType<typeof createShopifyApp>;

/** Admin GraphQL for a shop outside a request of its own; null when no usable session is stored. */
export async function offlineGraphql(app: ShopifyApp, shop: string): Promise<AdminGraphql | null> {
  try {
    const { admin } = await app.unauthenticated.admin(shop);
    return admin.graphql as AdminGraphql;
  } catch {
    // It throws when the app is not installed, or the refresh token is used up; both mean "not now".
    return null;
  }
}
