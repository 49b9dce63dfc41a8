import { Session } from '@shopify/shopify-api';
import { onTestFinished } from 'vitest';
import { createOpenAdmin, type AdminOptions, type OpenAdmin } from '../../app/pipeline/admin-access.ts';
import { reconcileShop, type Reconciliation } from '../../app/pipeline/reconcile.ts';
import { createSessionStorage } from '../../app/storage/shopify-sessions.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { mintIdToken } from '../sandbox/id-token.ts';
import { startPretendShopify, type PretendShopify } from '../sandbox/pretend-shopify.ts';
import { openTieback, SHOP, SHOPIFY_SECRET, type Tieback } from './tieback.ts';

type Json = Record<string, unknown>;

export const API_KEY = '0123456789abcdef0123456789abcdef';
const PLACE = { currency: 'BRL', country: 'BR', timezone: 'America/Sao_Paulo' };

/** The app in this process with a shop at the pretend Shopify that has installed it; one clock for all. */
export type Installed = {
  tieback: Tieback;
  shopify: PretendShopify;
  openAdmin: OpenAdmin;
  /** How long the app waited for Shopify, in milliseconds; the clock went forward by it. */
  waits: number[];
  install(domain: string): Promise<void>;
  /** Opens the Admin API as another process would, over the same database. */
  anotherProcess(options?: Partial<AdminOptions>): OpenAdmin;
  /** Places an order at Shopify, of which nobody tells us. */
  sell(fields?: Json): Json;
  reconcile(domain?: string): Promise<Reconciliation>;
};

export async function openInstalled(overrides: Parameters<typeof openTieback>[0] = {}): Promise<Installed> {
  const tieback = await openTieback(overrides);
  const { pipeline, now } = tieback;
  const shopify = await startPretendShopify({
    apiKey: API_KEY,
    apiSecret: SHOPIFY_SECRET,
    now: pipeline.clock,
  });
  onTestFinished(shopify.close);
  const waits: number[] = [];
  const wait = (ms: number): Promise<void> => {
    waits.push(ms);
    now.forward(ms);
    return Promise.resolve();
  };
  const anotherProcess = (options: Partial<AdminOptions> = {}): OpenAdmin =>
    createOpenAdmin(pipeline, {
      apiKey: API_KEY,
      apiSecret: SHOPIFY_SECRET,
      fetch: fetchFrom(shopify),
      wait,
      ...options,
    });
  const openAdmin = anotherProcess();
  const installed: Installed = {
    tieback,
    shopify,
    openAdmin,
    waits,
    anotherProcess,
    async install(domain) {
      shopify.addShop({ domain, name: 'Loja Exemplo', ...PLACE });
      await storeSession(installed, domain);
    },
    sell(fields = {}) {
      const order = shopifyOrder(fields);
      shopify.placeOrder(SHOP, order);
      return order;
    },
    async reconcile(domain = SHOP) {
      const shop = await pipeline.db.shop.findUniqueOrThrow({ where: { domain } });
      return reconcileShop(pipeline, openAdmin, shop);
    },
  };
  await installed.install(SHOP);
  return installed;
}

/** Shop domains go to the pretend Shopify, as tests/sandbox/shopify-fetch.mjs does for a process. */
export function fetchFrom(shopify: PretendShopify): typeof globalThis.fetch {
  return (input, init) => {
    const url = new URL(String(input));
    const headers = new Headers(init?.headers);
    headers.set('x-pretend-shop', url.hostname);
    return fetch(shopify.url + url.pathname, { ...init, headers });
  };
}

/** What the admin leaves behind when a merchant opens the app. */
async function storeSession({ tieback, shopify }: Installed, shop: string): Promise<void> {
  const { pipeline, now } = tieback;
  const idToken = mintIdToken({ domain: shop, apiKey: API_KEY, apiSecret: SHOPIFY_SECRET, now: now.at });
  const answer = await fetchFrom(shopify)(`https://${shop}/admin/oauth/access_token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: API_KEY,
      client_secret: SHOPIFY_SECRET,
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: idToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      requested_token_type: 'urn:shopify:params:oauth:token-type:offline-access-token',
      expiring: '1',
    }),
  });
  const body = (await answer.json()) as { access_token: string; refresh_token: string; scope: string };
  await createSessionStorage(pipeline.db, pipeline.vault).storeSession(
    new Session({
      id: `offline_${shop}`,
      shop,
      state: '',
      isOnline: false,
      scope: body.scope,
      accessToken: body.access_token,
      expires: new Date(now.at.getTime() + 3_600_000),
      refreshToken: body.refresh_token,
      refreshTokenExpires: new Date(now.at.getTime() + 90 * 86_400_000),
    }),
  );
}
