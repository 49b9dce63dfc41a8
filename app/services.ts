import { pino, type Logger } from 'pino';
import { type Environment, type StorageEnvironment } from './environment.ts';
import { takeTokenTurn } from './pipeline/admin-access.ts';
import type { MetaApp, Pipeline } from './pipeline/context.ts';
import { createMetrics } from './pipeline/metrics.ts';
import type { Shop } from '../prisma/generated/client.ts';
import { shopOf, welcomeShop } from './pipeline/shop.ts';
import { createMailer } from './platforms/mail.ts';
import { createGraphClient } from './platforms/meta/graph.ts';
import { readShopInfo, type ShopInfo } from './platforms/shopify/admin.ts';
import { createAdminClient } from './platforms/shopify/admin-client.ts';
import { createShopifyApp, type ShopifyApp } from './platforms/shopify/app.ts';
import { openBlindIndex } from './storage/blind-index.ts';
import { openDatabase } from './storage/database.ts';
import { joinEmbeddedPostgres } from './storage/embedded-postgres.ts';
import { migrate } from './storage/migrate.ts';
import { createSessionStorage } from './storage/shopify-sessions.ts';
import { createVault } from './storage/vault.ts';
import { createBell } from './storage/wake.ts';

/** What the web process works with; routes get it as Remix's load context. */
export type Services = Pipeline & {
  environment: Environment;
  shopify: ShopifyApp;
  /** The shop whose merchant sent this request; answers anybody else itself, by throwing Shopify's Response. */
  authenticate(request: Request): Promise<Shop>;
};

declare module '@remix-run/node' {
  // Only an interface can be added to.
  interface AppLoadContext {
    services: Services;
  }
}

export type Opened = { pipeline: Pipeline; databaseUrl: string; close(): Promise<void> };

/** Opens the database (starting the embedded one when no address is given), applies migrations and unlocks the vault. */
export async function openPipeline(environment: StorageEnvironment, log: Logger): Promise<Opened> {
  const embedded =
    environment.databaseUrl === null ? await joinEmbeddedPostgres({ dataDir: environment.dataDir }) : null;
  if (embedded?.notice) log.warn(embedded.notice);
  const databaseUrl = environment.databaseUrl ?? embedded?.url ?? '';
  try {
    const applied = await migrate(databaseUrl);
    if (applied.length > 0) log.info({ migrations: applied }, 'migrations applied');
    const db = openDatabase(databaseUrl);
    const vault = createVault(environment.keyRing);
    const bell = createBell(databaseUrl, (error) => log.warn({ err: error }, 'the bell lost its connection'));
    const pipeline: Pipeline = {
      db,
      vault,
      index: await openBlindIndex(db, vault),
      graph: createGraphClient({ url: environment.meta.graphUrl, version: environment.meta.graphVersion }),
      metaApp: metaApp(environment),
      shopifyApiKey: environment.shopifyApiKey,
      mailer: environment.mail && createMailer(environment.mail),
      bell,
      log,
      metrics: createMetrics(db),
      clock: () => new Date(),
      random: Math.random,
    };
    return {
      pipeline,
      databaseUrl,
      async close() {
        await bell.close();
        await db.$disconnect();
        await embedded?.leave();
      },
    };
  } catch (error) {
    await embedded?.leave();
    throw error;
  }
}

/** The shared Meta app as the pipeline needs it. */
export function metaApp({ meta }: Pick<StorageEnvironment, 'meta'>): MetaApp {
  const { appId, appSecrets, signupConfigId, graphVersion, partnerAgent } = meta;
  return { appId, appSecret: appSecrets[0] ?? null, signupConfigId, graphVersion, partnerAgent };
}

/** Adds Shopify's side to an opened pipeline. */
export function createServices(pipeline: Pipeline, environment: Environment): Services {
  const { apiKey, apiSecrets, appUrl } = environment.shopify;
  const shopify = createShopifyApp({
    apiKey,
    apiSecret: apiSecrets[0],
    appUrl,
    sessionStorage: createSessionStorage(pipeline.db, pipeline.vault),
    takeTurn: (shop, work) => takeTokenTurn(pipeline.db, shop, work),
    onAuthenticated: async (session) => welcomeShop(pipeline, session.shop, await askShop(pipeline, session)),
    warn: (message) => pipeline.log.warn({ shopify: message }, 'a warning of the Shopify library'),
  });
  return {
    ...pipeline,
    environment,
    shopify,
    async authenticate(request) {
      const { session } = await shopify.authenticate.admin(request);
      return shopOf(pipeline, session.shop, () => askShop(pipeline, session));
    },
  };
}

/** What Shopify says of the shop, asked once: a page is waiting. Null when it cannot say now. */
function askShop(
  { clock }: Pick<Pipeline, 'clock'>,
  { shop, accessToken }: { shop: string; accessToken?: string | undefined },
): Promise<ShopInfo | null> {
  const wait = () => Promise.resolve();
  return readShopInfo(
    createAdminClient({
      shop,
      accessToken: accessToken ?? '',
      tries: 1,
      fetch: globalThis.fetch,
      clock,
      wait,
    }),
  );
}

// Whatever might carry a token, a click id or a person's data, wherever it turns up in a log line.
const SECRET_FIELDS = [
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'appSecret',
  'verifyToken',
  'ctwa_clid',
  'clickId',
  'payload',
  'body',
  'phone',
  'email',
];

export function createLogger(level: string): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino({ level, redact: { paths, censor: '[hidden]' } }, pino.destination({ dest: 2, sync: true }));
}
