import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { GRAPH_VERSION } from './domain/graph-version.ts';
import { parseKeyRing, type KeyRing } from './storage/vault.ts';

/** A wrong or missing variable; the message is one line that names it. */
export class EnvironmentError extends Error {}

export type StorageEnvironment = {
  databaseUrl: string | null;
  dataDir: string;
  keyRing: KeyRing;
  production: boolean;
  logLevel: string;
  meta: MetaEnvironment;
  mail: { url: string; from: string } | null;
  shopifyApiKey: string | null;
};

export type MetaEnvironment = {
  appId: string | null;
  /** The shared Meta app's secret, and the one before it while rotating. */
  appSecrets: readonly string[];
  verifyToken: string | null;
  /** The configuration of Facebook Login for Business by which merchants sign up with the shared app. */
  signupConfigId: string | null;
  /** Meta's JavaScript SDK. */
  sdkUrl: string;
  graphUrl: string;
  graphVersion: string;
  partnerAgent: string;
};

export type Environment = StorageEnvironment & {
  host: string;
  port: number;
  worker: 'inline' | 'off';
  shopify: { apiKey: string; apiSecrets: readonly [string, ...string[]]; appUrl: string };
  /** Shopify's own variable for another App Bridge than the one on its CDN. */
  appBridgeUrl: string;
  metricsToken: string | null;
};

type Variables = Readonly<Record<string, string | undefined>>;

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) address' });
const digits = z.string().regex(/^\d+$/, 'must be digits');
const storageSchema = z.object({
  NODE_ENV: z.string().optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgresql://')
    .optional(),
  TIEBACK_DATA_DIR: z.string().optional(),
  ENCRYPTION_KEYS: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  META_APP_ID: digits.optional(),
  META_APP_SECRET: z.string().optional(),
  META_APP_SECRET_PREVIOUS: z.string().optional(),
  WHATSAPP_VERIFY_TOKEN: z.string().optional(),
  META_SIGNUP_CONFIG_ID: digits.optional(),
  META_SDK_URL: url.default('https://connect.facebook.net/en_US/sdk.js'),
  META_GRAPH_URL: url.default('https://graph.facebook.com'),
  META_GRAPH_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, 'must look like v26.0')
    .default(GRAPH_VERSION),
  META_PARTNER_AGENT: z
    .string()
    .regex(/^[a-z0-9._-]{1,50}$/, 'must be at most 50 of a-z, 0-9, dot, hyphen and underscore')
    .default('tieback'),
  SHOPIFY_API_KEY: z.string().optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp(s) address' }).optional(),
  MAIL_FROM: z
    .string()
    .regex(/^([^<>\r\n]+<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/, 'must be an email address')
    .optional(),
});
const credentialsSchema = z.object({
  SHOPIFY_API_KEY: z.string().optional(),
  SHOPIFY_API_SECRET: z.string().optional(),
});
const serverSchema = z.object({
  HOST: z.string().optional(),
  PORT: z
    .string()
    .regex(/^\d+$/, 'must be a port number')
    .transform(Number)
    .pipe(z.number().max(65535, 'must be a port number'))
    .default(3000),
  WORKER: z.enum(['inline', 'off'], { error: 'must be inline or off' }).default('inline'),
  SHOPIFY_API_KEY: z.string({ error: 'is required' }),
  SHOPIFY_API_SECRET: z.string({ error: 'is required' }),
  SHOPIFY_API_SECRET_PREVIOUS: z.string().optional(),
  SHOPIFY_APP_URL: z.string({ error: 'is required' }).pipe(url),
  APP_BRIDGE_URL: url.default('https://cdn.shopify.com/shopifycloud/app-bridge.js'),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
});

/** What storage and operator commands need. Throws EnvironmentError. */
export function readStorageEnvironment(source: Variables): StorageEnvironment {
  const env = check(storageSchema, source);
  const production = env.NODE_ENV === 'production';
  const dataDir = env.TIEBACK_DATA_DIR ?? join(PROJECT, '.data');
  return {
    databaseUrl: env.DATABASE_URL ?? null,
    dataDir,
    keyRing: keyRing(env.ENCRYPTION_KEYS, production, dataDir),
    production,
    logLevel: env.LOG_LEVEL,
    meta: {
      appId: env.META_APP_ID ?? null,
      appSecrets: [env.META_APP_SECRET, env.META_APP_SECRET_PREVIOUS].filter(
        (secret) => secret !== undefined,
      ),
      verifyToken: env.WHATSAPP_VERIFY_TOKEN ?? null,
      graphUrl: env.META_GRAPH_URL.replace(/\/$/, ''),
      signupConfigId: env.META_SIGNUP_CONFIG_ID ?? null,
      sdkUrl: env.META_SDK_URL,
      graphVersion: env.META_GRAPH_VERSION,
      partnerAgent: env.META_PARTNER_AGENT,
    },
    mail: mail(env.SMTP_URL, env.MAIL_FROM),
    shopifyApiKey: env.SHOPIFY_API_KEY ?? null,
  };
}

/** What asks Shopify without serving pages needs; null when it is not set. Throws EnvironmentError. */
export function readShopifyCredentials(source: Variables): { apiKey: string; apiSecret: string } | null {
  const env = check(credentialsSchema, source);
  const { SHOPIFY_API_KEY: apiKey, SHOPIFY_API_SECRET: apiSecret } = env;
  if (apiKey === undefined && apiSecret === undefined) return null;
  if (apiKey === undefined)
    throw new EnvironmentError('SHOPIFY_API_KEY is required beside SHOPIFY_API_SECRET');
  if (apiSecret === undefined)
    throw new EnvironmentError('SHOPIFY_API_SECRET is required beside SHOPIFY_API_KEY');
  return { apiKey, apiSecret };
}

/** What the server needs. Throws EnvironmentError. */
export function readEnvironment(source: Variables): Environment {
  const env = check(serverSchema, source);
  const storage = readStorageEnvironment(source);
  const previous = env.SHOPIFY_API_SECRET_PREVIOUS;
  return {
    ...storage,
    host: env.HOST ?? (storage.production ? '0.0.0.0' : '127.0.0.1'),
    port: env.PORT,
    worker: env.WORKER,
    shopify: {
      apiKey: env.SHOPIFY_API_KEY,
      apiSecrets: previous === undefined ? [env.SHOPIFY_API_SECRET] : [env.SHOPIFY_API_SECRET, previous],
      appUrl: env.SHOPIFY_APP_URL.replace(/\/$/, ''),
    },
    appBridgeUrl: env.APP_BRIDGE_URL,
    metricsToken: env.METRICS_TOKEN ?? null,
  };
}

function mail(smtpUrl: string | undefined, from: string | undefined): StorageEnvironment['mail'] {
  if (smtpUrl === undefined) return null;
  if (from === undefined) throw new EnvironmentError('MAIL_FROM is required beside SMTP_URL');
  return { url: smtpUrl, from };
}

function check<T>(schema: z.ZodType<T>, source: Variables): T {
  // An empty variable is how shells and compose files say "not set".
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new EnvironmentError(`${issue?.path.join('.')} ${issue?.message ?? 'is wrong'}`);
}

function keyRing(text: string | undefined, production: boolean, dataDir: string): KeyRing {
  if (text === undefined && production) {
    throw new EnvironmentError(
      'ENCRYPTION_KEYS is required in production: id:base64 of 32 random bytes, newest first, comma-separated',
    );
  }
  const ring = parseKeyRing(text ?? developmentKey(dataDir));
  if (ring.kind === 'problem') throw new EnvironmentError(`ENCRYPTION_KEYS ${ring.problem}`);
  return ring.keys;
}

/** Outside production a key is made once and kept beside the local database, so that a restart can still read it. */
function developmentKey(dataDir: string): string {
  const file = join(dataDir, 'development-key');
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    try {
      writeFileSync(file, `development:${randomBytes(32).toString('base64')}`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Another process that started at the same moment was first; its key is the one to use.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(file, 'utf8').trim();
}
