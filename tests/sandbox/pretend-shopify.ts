import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { adminPage } from './admin-page.ts';
import { mintIdToken } from './id-token.ts';
import { isRecord } from './json-value.ts';
import { listenOnLoopback, sendJson, sendText } from './loopback-server.ts';
import { answerApi } from './shopify-admin-api.ts';
import { openThroughProxy } from './shopify-proxy.ts';
import { newShop } from './shopify-shop.ts';
import { signedWebhook } from './shopify-webhook.ts';
import type { GraphqlCall } from './graphql.ts';
import type { ShopifyFault, ShopifyState } from './shopify-admin-api.ts';
import type { TokenRequest } from './shopify-oauth.ts';
import type { OrderRecord, PretendShop, ShopInput } from './shopify-shop.ts';
import type { WebhookInput } from './shopify-webhook.ts';

export type PretendShopify = {
  url: string;
  addShop(shop: ShopInput): void;
  adminUrl(domain: string, path?: string): string;
  placeOrder(domain: string, order: OrderRecord): void;
  deliverWebhook(
    webhook: WebhookInput & { secret?: string; url?: string },
  ): Promise<{ status: number; text: string }>;
  /** What a visitor gets who opens `https://DOMAIN/apps/tieback/…`, which the app proxy hands to the app. */
  visitShop(address: string): Promise<{ status: number; location: string | null }>;
  exchanges(): TokenRequest[];
  refreshes(): TokenRequest[];
  graphqlCalls(): GraphqlCall[];
  faultNext(kind: ShopifyFault, times?: number): void;
  clearFaults(): void;
  expireTokens(domain: string): void;
  revoke(domain: string): void;
  setAppUrl(url: string): void;
  close(): Promise<void>;
};

const APP_HANDLE = 'tieback';
const NO_APP = 'No app is installed: call setAppUrl first.';
const SCRIPTS: ReadonlyMap<string, readonly URL[]> = new Map([
  [
    '/app-bridge.js',
    [new URL('./app-bridge.js', import.meta.url), new URL('./app-bridge-elements.js', import.meta.url)],
  ],
  ['/admin.js', [new URL('./admin.js', import.meta.url)]],
]);

/** Starts a pretend Shopify: token endpoint, Admin GraphQL, webhooks, and an admin page that frames the app. */
export async function startPretendShopify(options: {
  apiKey: string;
  apiSecret: string;
  now?: () => Date;
}): Promise<PretendShopify> {
  const state: ShopifyState = {
    apiKey: options.apiKey,
    apiSecret: options.apiSecret,
    now: options.now ?? (() => new Date()),
    appUrl: null,
    shops: new Map(),
    tokenRequests: [],
    graphqlCalls: [],
    faults: [],
  };
  const server = await listenOnLoopback((request, response) => {
    const url = new URL(request.url ?? '/', 'http://admin.invalid');
    if (url.pathname.startsWith('/admin/')) return answerApi(state, url.pathname, request, response);
    const scripts = SCRIPTS.get(url.pathname);
    if (!scripts) return answerAdmin(state, url, response);
    const text = scripts.map((script) => readFileSync(script, 'utf8')).join('\n');
    sendText(response, 200, text, { 'content-type': 'text/javascript; charset=utf-8' });
  });
  return {
    url: server.url,
    addShop: (shop) => void state.shops.set(shop.domain, newShop(shop, 100_000_000 + state.shops.size)),
    adminUrl: (domain, path = '') =>
      `${server.url}/store/${shopNamed(state, domain).domain.replace('.myshopify.com', '')}/apps/${APP_HANDLE}${path}`,
    placeOrder: (domain, order) => rememberOrder(shopNamed(state, domain), order),
    deliverWebhook: (webhook) => deliver(state, webhook),
    visitShop: (address) => visit(state, new URL(address)),
    exchanges: () => state.tokenRequests.filter(({ grant }) => grant !== 'refresh'),
    refreshes: () => state.tokenRequests.filter(({ grant }) => grant === 'refresh'),
    graphqlCalls: () => [...state.graphqlCalls],
    faultNext: (kind, times = 1) => void state.faults.push(...Array.from({ length: times }, () => kind)),
    clearFaults: () => void state.faults.splice(0),
    expireTokens(domain) {
      const { accessTokens } = shopNamed(state, domain);
      for (const token of accessTokens.keys()) accessTokens.set(token, state.now().getTime());
    },
    revoke(domain) {
      const shop = shopNamed(state, domain);
      shop.accessTokens.clear();
      shop.refreshToken = null;
    },
    setAppUrl: (url) => void (state.appUrl = url.replace(/\/$/, '')),
    close: server.close,
  };
}

async function deliver(
  state: ShopifyState,
  { secret = state.apiSecret, url, ...webhook }: WebhookInput & { secret?: string; url?: string },
): Promise<{ status: number; text: string }> {
  if (url === undefined && state.appUrl === null) throw new Error(NO_APP);
  const delivery = signedWebhook({ ...webhook, secret, now: state.now() });
  const answer = await fetch(url ?? `${state.appUrl}/webhooks/shopify`, { method: 'POST', ...delivery });
  return { status: answer.status, text: await answer.text() };
}

function visit(state: ShopifyState, { host, pathname, searchParams }: URL) {
  const [, path] = /^\/apps\/tieback(\/.*)$/.exec(pathname) ?? [];
  if (path === undefined) throw new Error(`Nothing of the app is at ${pathname}.`);
  if (state.appUrl === null) throw new Error(NO_APP);
  const { appUrl, apiSecret: secret } = state;
  const shop = shopNamed(state, host).domain;
  return openThroughProxy({ appUrl, shop, path, query: [...searchParams], secret, now: state.now() });
}

/** The pages a merchant's browser opens: `/store/{handle}/apps/{app}/…`, and the id token that page asks for. */
function answerAdmin(state: ShopifyState, url: URL, response: ServerResponse): void {
  const [, handle, rest = ''] = /^\/store\/([\w-]+)\/(.*)$/.exec(url.pathname) ?? [];
  const shop = state.shops.get(`${handle}.myshopify.com`);
  if (!shop || handle === undefined) return sendText(response, 404, 'There is no such page.');
  const { apiKey, apiSecret } = state;
  const idToken = mintIdToken({ domain: shop.domain, apiKey, apiSecret, now: state.now() });
  if (rest === 'id_token')
    return sendJson(response, 200, { id_token: idToken }, { 'cache-control': 'no-store' });
  const [, app, path = ''] = /^apps\/([\w-]+)(\/.*)?$/.exec(rest) ?? [];
  if (app === undefined) return sendText(response, 404, 'There is no such page.');
  if (state.appUrl === null) return sendText(response, 503, NO_APP);
  const frameUrl = new URL(`${state.appUrl}${path || '/app'}${url.search}`);
  // Shopify leaves the padding off.
  const host = Buffer.from(`admin.shopify.com/store/${handle}`).toString('base64').replace(/=+$/, '');
  const launch = { shop: shop.domain, host, embedded: '1', id_token: idToken, locale: 'en' };
  for (const [name, value] of Object.entries(launch)) frameUrl.searchParams.set(name, value);
  const page = adminPage({ shopName: shop.name, handle, app, frameUrl, scopes: shop.scopes });
  sendText(response, 200, page, { 'cache-control': 'no-store' });
}

function rememberOrder(shop: PretendShop, order: OrderRecord): void {
  const gid = order['admin_graphql_api_id'];
  if (typeof gid !== 'string') throw new Error('An order needs its admin_graphql_api_id.');
  const before = records(shop.orders.get(gid)?.['transactions']);
  shop.orders.set(gid, { transactions: before.length > 0 ? before : firstSale(order), ...order });
}

/** The sale that Shopify notes when an order becomes paid; a webhook does not carry it. */
function firstSale(order: OrderRecord): OrderRecord[] {
  if (!['paid', 'partially_refunded', 'refunded'].includes(String(order['financial_status']))) return [];
  return [{ kind: 'sale', status: 'success', processed_at: order['updated_at'] }];
}

function records(value: unknown): OrderRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function shopNamed(state: ShopifyState, domain: string): PretendShop {
  const shop = state.shops.get(domain);
  if (!shop) throw new Error(`The pretend Shopify has no shop ${domain}.`);
  return shop;
}
