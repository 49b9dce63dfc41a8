import '@shopify/shopify-app-remix/adapters/node';
import { ApiVersion, AppDistribution, LogSeverity, shopifyApp } from '@shopify/shopify-app-remix/server';
import type { SessionStorage } from '@shopify/shopify-app-session-storage';
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
  return shopifyApp({
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
