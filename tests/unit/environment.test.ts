import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EnvironmentError, readEnvironment, readStorageEnvironment } from '../../app/environment.ts';

const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const REQUIRED = {
  SHOPIFY_API_KEY: 'key',
  SHOPIFY_API_SECRET: 'secret',
  SHOPIFY_APP_URL: 'https://tieback.example',
  ENCRYPTION_KEYS: KEYS,
};

/** The words of the EnvironmentError that these variables cause. */
function problemWith(change: Record<string, string | undefined>): string {
  try {
    readEnvironment({ ...REQUIRED, ...change });
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    return error instanceof Error ? error.message : '';
  }
  return 'no problem';
}

test('without any optional variable every default is the documented one', () => {
  const environment = readEnvironment(REQUIRED);
  expect(environment).toMatchObject({
    databaseUrl: null,
    production: false,
    logLevel: 'info',
    host: '127.0.0.1',
    port: 3000,
    worker: 'inline',
    shopify: { apiKey: 'key', apiSecrets: ['secret'], appUrl: 'https://tieback.example' },
    appBridgeUrl: 'https://cdn.shopify.com/shopifycloud/app-bridge.js',
    metricsToken: null,
    meta: {
      appId: null,
      appSecrets: [],
      verifyToken: null,
      signupConfigId: null,
      partnerAgent: 'tieback',
      sdkUrl: 'https://connect.facebook.net/en_US/sdk.js',
      graphUrl: 'https://graph.facebook.com',
      graphVersion: 'v26.0',
    },
    mail: null,
    shopifyApiKey: 'key',
  });
  expect(environment.dataDir).toBe(join(import.meta.dirname, '../../.data'));
});

test('an empty variable counts as one that is not set', () => {
  const names = ['DATABASE_URL', 'TIEBACK_DATA_DIR', 'LOG_LEVEL', 'META_GRAPH_URL', 'META_APP_ID', 'PORT'];
  const more = ['HOST', 'WORKER', 'METRICS_TOKEN', 'APP_BRIDGE_URL', 'SHOPIFY_API_SECRET_PREVIOUS'];
  const latest = ['META_SIGNUP_CONFIG_ID', 'META_SDK_URL', 'META_PARTNER_AGENT', 'SMTP_URL', 'MAIL_FROM'];
  const empty = Object.fromEntries([...names, ...more, ...latest].map((name) => [name, '']));
  expect(readEnvironment({ ...REQUIRED, ...empty })).toEqual(readEnvironment(REQUIRED));
  expect(problemWith({ SHOPIFY_API_KEY: '' })).toBe('SHOPIFY_API_KEY is required');
});

test.each([
  ['SHOPIFY_API_KEY', undefined, 'is required'],
  ['SHOPIFY_API_SECRET', undefined, 'is required'],
  ['SHOPIFY_APP_URL', undefined, 'is required'],
  ['SHOPIFY_APP_URL', 'tieback.example', 'must be an http(s) address'],
  ['SHOPIFY_APP_URL', 'ftp://tieback.example', 'must be an http(s) address'],
  ['APP_BRIDGE_URL', 'nowhere', 'must be an http(s) address'],
  ['DATABASE_URL', 'mysql://localhost/tieback', 'must start with postgresql://'],
  ['META_GRAPH_URL', 'graph', 'must be an http(s) address'],
  ['META_GRAPH_VERSION', '26', 'must look like v26.0'],
  ['META_APP_ID', 'my-app', 'must be digits'],
  ['META_SIGNUP_CONFIG_ID', 'sign-up', 'must be digits'],
  ['META_PARTNER_AGENT', 'My Agent', 'must be at most 50 of a-z, 0-9, dot, hyphen and underscore'],
  ['META_SDK_URL', 'sdk.js', 'must be an http(s) address'],
  ['SMTP_URL', 'https://mail.example.com', 'must be an smtp(s) address'],
  ['MAIL_FROM', 'Tieback', 'must be an email address'],
  ['MAIL_FROM', 'a@b.example\r\nBcc: c@d.example', 'must be an email address'],
  ['PORT', 'http', 'must be a port number'],
  ['PORT', ' ', 'must be a port number'],
  ['PORT', '65536', 'must be a port number'],
  ['PORT', '-1', 'must be a port number'],
  ['PORT', '80.5', 'must be a port number'],
  ['WORKER', 'on', 'must be inline or off'],
  ['METRICS_TOKEN', 'short', 'must have at least 16 characters'],
  ['ENCRYPTION_KEYS', 'k1:c2hvcnQ=', 'key "k1" must be base64 of 32 bytes'],
])('%s=%s is refused in one line that names it', (name, value, problem) => {
  expect(problemWith({ [name]: value })).toBe(`${name} ${problem}`);
});

test('a wrong LOG_LEVEL is refused in one line that lists the right ones', () => {
  const problem = problemWith({ LOG_LEVEL: 'loud' });
  expect(problem).toMatch(/^LOG_LEVEL .+$/);
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    expect(problem).toContain(level);
});

test('no wrong value is repeated in the words about it, because it may be a secret', () => {
  const secret = 'hunter2hunter2';
  const names = [
    'ENCRYPTION_KEYS',
    'DATABASE_URL',
    'META_APP_ID',
    'META_GRAPH_URL',
    'METRICS_TOKEN',
    'SMTP_URL',
  ];
  for (const name of names)
    expect(problemWith({ [name]: secret }), name).toMatch(new RegExp(`^${name} (?!.*${secret}).+$`));
});

test('production listens on every interface and does not start without a key ring', () => {
  expect(readEnvironment({ ...REQUIRED, NODE_ENV: 'production' })).toMatchObject({
    production: true,
    host: '0.0.0.0',
  });
  expect(problemWith({ NODE_ENV: 'production', ENCRYPTION_KEYS: undefined })).toMatch(
    /^ENCRYPTION_KEYS is required in production: .+$/,
  );
});

test('while a secret is rotated both are known, the newer one first', () => {
  const environment = readEnvironment({
    ...REQUIRED,
    SHOPIFY_API_SECRET_PREVIOUS: 'before',
    META_APP_SECRET: 'meta',
    META_APP_SECRET_PREVIOUS: 'meta-before',
  });
  expect(environment.shopify.apiSecrets).toEqual(['secret', 'before']);
  expect(environment.meta.appSecrets).toEqual(['meta', 'meta-before']);
});

test('mail needs a server and a sender; a sender alone sends nothing', () => {
  const SMTP_URL = 'smtps://tieback:secret@mail.example.com:465';
  expect(problemWith({ SMTP_URL })).toBe('MAIL_FROM is required beside SMTP_URL');
  for (const MAIL_FROM of ['tieback@example.com', 'Tieback <tieback@example.com>']) {
    const mail = { url: SMTP_URL, from: MAIL_FROM };
    expect(readEnvironment({ ...REQUIRED, SMTP_URL, MAIL_FROM }).mail).toEqual(mail);
    expect(readEnvironment({ ...REQUIRED, MAIL_FROM }).mail).toBeNull();
  }
});

test('addresses lose their closing slash, so that paths can be added to them', () => {
  const environment = readEnvironment({
    ...REQUIRED,
    SHOPIFY_APP_URL: 'https://tieback.example/',
    META_GRAPH_URL: 'http://127.0.0.1:4000/',
  });
  expect(environment.shopify.appUrl).toBe('https://tieback.example');
  expect(environment.meta.graphUrl).toBe('http://127.0.0.1:4000');
});

test('operator commands and the worker need no Shopify variables', () => {
  const { databaseUrl, keyRing } = readStorageEnvironment({
    ENCRYPTION_KEYS: KEYS,
    DATABASE_URL: 'postgres://localhost/tieback',
  });
  expect(databaseUrl).toBe('postgres://localhost/tieback');
  expect(keyRing.map(({ id }) => id)).toEqual(['k1']);
});

test('outside production a key is made once, kept for the next start and readable by its owner only', () => {
  const parent = mkdtempSync(join(tmpdir(), 'tieback-environment-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const source = { TIEBACK_DATA_DIR: join(parent, 'data') };
  const { keyRing } = readStorageEnvironment(source);
  expect(keyRing).toHaveLength(1);
  expect(readStorageEnvironment(source).keyRing).toEqual(keyRing);
  expect(statSync(join(parent, 'data/development-key')).mode & 0o777).toBe(0o600);
});
