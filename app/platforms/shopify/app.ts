import { createHmac } from 'node:crypto';
import '@shopify/shopify-app-remix/adapters/node';
import { ApiVersion, AppDistribution, LogSeverity, shopifyApp } from '@shopify/shopify-app-remix/server';
import type { SessionStorage } from '@shopify/shopify-app-session-storage';
import { z } from 'zod';
import { parseJson } from '../../domain/json.ts';
import { isSameSecret } from '../../domain/secret.ts';

type ShopifyOptions = {
  apiKey: string;
  apiSecret: string;
  appUrl: string;
  sessionStorage: SessionStorage;
  /** Does the work while nobody else, in any process, exchanges or refreshes that shop's token. */
  takeTurn: <T>(shop: string, work: () => Promise<T>) => Promise<T>;
  /** After every token exchange, which is about once an hour for a shop in use. */
  onAuthenticated: (session: { shop: string; accessToken?: string | undefined }) => Promise<void>;
  /** Shopify's library would print to standard output. */
  warn: (message: string) => void;
};

/**
 * Shopify's side of the embedded admin: session tokens, token exchange with expiring offline tokens, security headers.
 * Webhooks are not verified through it: with expiring tokens its webhook check refreshes the shop's token first and
 * answers 500 when that fails, as it always does for an uninstalled shop.
 */
export function createShopifyApp(options: ShopifyOptions) {
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
      afterAuth: ({ session }) => options.onAuthenticated(session),
    },
    future: { unstable_newEmbeddedAuthStrategy: true, expiringOfflineAccessTokens: true },
  });
  return { ...app, authenticate: { ...app.authenticate, admin: inTurn(app.authenticate.admin, options) } };
}

type Authenticate<T> = (request: Request) => Promise<T>;

// As the library itself: a token that ends within five minutes is exchanged.
const EXPIRY_MARGIN_MS = 5 * 60_000;

/**
 * Remix runs the loaders of a page side by side, and each would exchange the id token, while a worker may be refreshing
 * the token it finds. An app has one refreshable token for a shop, so the session stored last could hold one that the
 * other exchange has replaced
 * (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens).
 * One at a time for each shop, the second finds the session of the first.
 */
function inTurn<T>(
  authenticate: Authenticate<T>,
  { apiSecret, sessionStorage, takeTurn }: Pick<ShopifyOptions, 'apiSecret' | 'sessionStorage' | 'takeTurn'>,
): Authenticate<T> {
  return async (request) => {
    const shop = signedShop(request, apiSecret);
    if (shop === null) return authenticate(request);
    const session = await sessionStorage.loadSession(`offline_${shop}`);
    if (session?.isActive(undefined, EXPIRY_MARGIN_MS)) return authenticate(request);
    return takeTurn(shop, () => authenticate(request));
  };
}

/**
 * The shop that the request's id token speaks of, when this app's secret signed it: nobody else makes a shop wait. All
 * else about the token is for the library to judge.
 */
function signedShop(request: Request, apiSecret: string): string | null {
  const token =
    /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ??
    new URL(request.url).searchParams.get('id_token');
  const [header = '', claims = '', signature = ''] = token?.split('.') ?? [];
  const wanted = createHmac('sha256', apiSecret).update(`${header}.${claims}`).digest('base64url');
  if (!isSameSecret(signature, wanted)) return null;
  const parsed = parseJson(Buffer.from(claims, 'base64url').toString('utf8'));
  const read = z.object({ dest: z.url() }).safeParse(parsed.kind === 'value' ? parsed.value : null);
  return read.success ? new URL(read.data.dest).hostname : null;
}

export type ShopifyApp = ReturnType<typeof createShopifyApp>;
