import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { readEnvironment } from '../../app/environment.ts';
import { createHttpApp } from '../../app/http.ts';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { browsingBatch } from '../../app/pipeline/browsing.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { checkoutBatch } from '../../app/pipeline/checkout-batch.ts';
import { saveConnection, type Connected } from '../../app/pipeline/connection.ts';
import type { Pipeline } from '../../app/pipeline/context.ts';
import { deliverBatch, sweepEvents } from '../../app/pipeline/deliver.ts';
import { probeConnections } from '../../app/pipeline/probe.ts';
import { lifecycleBatch } from '../../app/pipeline/lifecycle.ts';
import { reconsiderBatch } from '../../app/pipeline/reconsider.ts';
import { createMetrics } from '../../app/pipeline/metrics.ts';
import { createMailer } from '../../app/platforms/mail.ts';
import { createGraphClient } from '../../app/platforms/meta/graph.ts';
import { createServices, metaApp, type Services } from '../../app/services.ts';
import { openBlindIndex } from '../../app/storage/blind-index.ts';
import { openDatabase } from '../../app/storage/database.ts';
import { createVault } from '../../app/storage/vault.ts';
import { createBell } from '../../app/storage/wake.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { startPretendMeta, type PretendMeta } from '../sandbox/pretend-meta.ts';
import { adClickMessage, signedDelivery } from '../sandbox/pretend-whatsapp.ts';
import { signedWebhook, type WebhookInput } from '../sandbox/shopify-webhook.ts';
import { freshDatabase } from './database.ts';

export const SHOP = 'loja-exemplo.myshopify.com';
export const SHOPIFY_SECRET = 'shpss-of-the-tests';
export const META_SECRET = 'app-secret-of-the-tests';
export const VERIFY_TOKEN = 'verify-token-of-the-tests';
/** The shared Meta app, to which the tokens of the pretend Meta belong. */
export const META_APP = { id: '670843887433847', secret: META_SECRET, signupConfigId: '847291035566102' };
/** The click id of `tapAd`. */
export const CLICK_ID = 'Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4_0NiN';
/** Maria's number as she types it at checkout and as WhatsApp knows it. */
export const MARIA = { order: '(11) 98665-4321', digits: '5511986654321', whatsapp: '551186654321' } as const;
/** Where every test's clock starts: eight minutes after the checkout of tests/builders/shopify.ts. */
export const START = new Date('2026-11-18T13:30:00Z');

const MINUTE_MS = 60_000;
const NUMBER = {
  wabaId: '102290129340398',
  phoneNumberId: '106540352242922',
  displayNumber: '+55 11 91234-5678',
  datasetId: '774400112233445',
  token: 'EAAtoken-of-the-tests',
};

type Json = Record<string, unknown>;
type Answer = { status: number; text: string; headers: Headers };
export type Number = typeof NUMBER;
export type Connection = Connected & Number & { domain: string; shopId: ShopId };
export type ConnectOptions = Partial<Number> & {
  domain?: string;
  country?: string | null;
  appSecret?: string | null;
  /** The Meta app that the token is of: the shared one. */
  tokenAppId?: string | null;
};
export type TapOptions = Partial<Number> & {
  from?: string | null;
  userId?: string | null;
  clid?: string | null;
  adId?: string;
  at?: Date;
  messageId?: string;
  text?: string;
};

/** The whole app in this process, for one test; it is closed, with all it opened, when the test has finished. */
export type Tieback = {
  url: string;
  databaseUrl: string;
  pipeline: Pipeline;
  services: Services;
  meta: PretendMeta;
  /** The clock of the app and of the pretend Meta; it stands still until it is set. */
  now: { at: Date; forward(ms: number): void };
  /** Makes the shop if needed and connects a number of it, which the pretend Meta then knows too. */
  connect(options?: ConnectOptions): Promise<Connection>;
  signShopify(input: WebhookInput & { secret?: string }): ReturnType<typeof signedWebhook>;
  signWhatsApp(body: unknown, secret?: string): ReturnType<typeof signedDelivery>;
  post(path: string, request: { body: string | Buffer; headers: Record<string, string> }): Promise<Answer>;
  sendShopify(
    topic: string,
    body: unknown,
    options?: Partial<WebhookInput> & { secret?: string },
  ): Promise<Answer>;
  sendWhatsApp(body: unknown, options?: { secret?: string; path?: string }): Promise<Answer>;
  /** Sends the message of somebody who tapped an ad ten minutes before the checkout; Meta knows the click. */
  tapAd(options?: TapOptions): Promise<void>;
  /** Sends `orders/paid`; the fields replace those of the sample order. */
  pay(fields?: Json, options?: Partial<WebhookInput>): Promise<void>;
  /** Runs every step of the worker until none finds anything to do. */
  work(): Promise<void>;
};

export async function openTieback(
  overrides: { env?: Record<string, string>; graphTimeoutMs?: number } = {},
): Promise<Tieback> {
  const databaseUrl = await freshDatabase();
  const now = {
    at: START,
    forward(ms: number) {
      now.at = new Date(now.at.getTime() + ms);
    },
  };
  const clock = () => now.at;
  const meta = await startPretendMeta({ now: clock, app: META_APP });
  onTestFinished(() => meta.close());
  const environment = readEnvironment({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    SHOPIFY_API_KEY: '0123456789abcdef0123456789abcdef',
    SHOPIFY_API_SECRET: SHOPIFY_SECRET,
    SHOPIFY_APP_URL: 'https://tieback.example.com',
    META_APP_ID: META_APP.id,
    META_APP_SECRET: META_APP.secret,
    META_SIGNUP_CONFIG_ID: META_APP.signupConfigId,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    META_GRAPH_URL: meta.url,
    ...overrides.env,
  });
  const db = openDatabase(databaseUrl);
  onTestFinished(() => db.$disconnect());
  const bell = createBell(databaseUrl, () => undefined);
  onTestFinished(() => bell.close());
  const vault = createVault(environment.keyRing);
  const { graphUrl: url, graphVersion: version } = environment.meta;
  const pipeline: Pipeline = {
    db,
    vault,
    index: await openBlindIndex(db, vault),
    graph: createGraphClient({
      url,
      version,
      ...(overrides.graphTimeoutMs !== undefined && { timeoutMs: overrides.graphTimeoutMs }),
    }),
    metaApp: metaApp(environment),
    shopifyApiKey: environment.shopifyApiKey,
    mailer: environment.mail && createMailer(environment.mail),
    bell,
    log: pino({ level: 'silent' }),
    metrics: createMetrics(db),
    clock,
    random: () => 0.5,
  };
  const services = createServices(pipeline, environment);
  const app = await listen(services);

  const tieback: Tieback = {
    url: app,
    databaseUrl,
    pipeline,
    services,
    meta,
    now,
    connect: (options = {}) => connect(pipeline, meta, options),
    signShopify: (input) => signedWebhook({ secret: SHOPIFY_SECRET, now: now.at, ...input }),
    signWhatsApp: (body, secret = META_SECRET) => signedDelivery({ appSecret: secret, body }),
    async post(path, { body, headers }) {
      const answer = await fetch(`${app}${path}`, {
        method: 'POST',
        body: new Uint8Array(Buffer.from(body)),
        headers,
      });
      return { status: answer.status, text: await answer.text(), headers: answer.headers };
    },
    sendShopify: (topic, body, options = {}) =>
      tieback.post('/webhooks/shopify', tieback.signShopify({ domain: SHOP, topic, body, ...options })),
    sendWhatsApp: (body, { secret, path = '/webhooks/whatsapp' } = {}) =>
      tieback.post(path, tieback.signWhatsApp(body, secret)),
    async tapAd(options = {}) {
      const tap = {
        ...NUMBER,
        from: MARIA.whatsapp,
        clid: CLICK_ID,
        adId: '120226305854810726',
        messageId: 'wamid.TAP',
        at: new Date(START.getTime() - 18 * MINUTE_MS),
        ...options,
      };
      if (tap.clid !== null) meta.addClick({ ctwaClid: tap.clid, wabaId: tap.wabaId });
      accepted(await tieback.sendWhatsApp(adClickMessage(tap)));
    },
    async pay(fields = {}, options = {}) {
      accepted(await tieback.sendShopify('orders/paid', shopifyOrder(fields), options));
    },
    work: () => work(pipeline),
  };
  return tieback;
}

async function listen(services: Services): Promise<string> {
  const server = createServer(createHttpApp(services, null));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function connect(pipeline: Pipeline, meta: PretendMeta, options: ConnectOptions): Promise<Connection> {
  const { domain = SHOP, country = 'BR', appSecret = null, tokenAppId = META_APP.id, ...rest } = options;
  const number = { ...NUMBER, ...rest };
  const { wabaId, phoneNumberId, displayNumber, datasetId, token } = number;
  const phoneNumbers = [{ id: phoneNumberId, displayNumber, verifiedName: 'Loja Exemplo' }];
  meta.addBusiness({ wabaId, phoneNumbers, token, datasetId });
  // Installed long before anything else happens: a row made without this would carry the machine's own time.
  const facts = { country, currency: 'BRL', installedAt: new Date('2026-01-01T00:00:00Z') };
  const shop = await pipeline.db.shop.upsert({ where: { domain }, create: { domain, ...facts }, update: {} });
  const shopId = shop.id as ShopId;
  const given = { ...number, appSecret, tokenAppId, dataset: 'given' as const, subscribed: true };
  return { ...number, domain, shopId, ...(await saveConnection(pipeline, shopId, given)) };
}

async function work(pipeline: Pipeline): Promise<void> {
  for (;;) {
    const worked = [
      await captureBatch(pipeline),
      await attributeBatch(pipeline),
      await reconsiderBatch(pipeline),
      await lifecycleBatch(pipeline),
      await browsingBatch(pipeline),
      await checkoutBatch(pipeline),
    ];
    await sweepEvents(pipeline);
    worked.push(await probeConnections(pipeline), await deliverBatch(pipeline));
    if (worked.every((count) => count === 0)) return;
  }
}

function accepted(answer: Answer): void {
  if (answer.status !== 200)
    throw new Error(`the webhook was answered with ${answer.status}: ${answer.text}`);
}
