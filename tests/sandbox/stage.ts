import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SHOPIFY_SCOPES } from '../../app/platforms/shopify/admin-checks.ts';
import { freePort } from '../../app/storage/free-port.ts';
import { startPretendMeta, type PretendMeta } from './pretend-meta.ts';
import { startPretendShopify, type PretendShopify } from './pretend-shopify.ts';
import { startTunnel } from './tunnel.ts';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The merchant of the sandbox: one shop, one WhatsApp number, one Meta business. */
export const MERCHANT = {
  shop: {
    domain: 'loja-exemplo.myshopify.com',
    name: 'Loja Exemplo',
    currency: 'BRL',
    country: 'BR',
    timezone: 'America/Sao_Paulo',
  },
  wabaId: '102290129340398',
  phoneNumberId: '106540352242922',
  displayNumber: '+55 11 91234-5678',
  datasetId: '774400112233445',
  token: `EAAsandbox${randomBytes(24).toString('hex')}`,
} as const;

export const META_APP_SECRET = randomBytes(16).toString('hex');
const API_KEY = '0123456789abcdef0123456789abcdef';
const API_SECRET = randomBytes(16).toString('hex');

/** The app as a process of its own, with the pretend platforms around it. */
export type Stage = {
  meta: PretendMeta;
  shopify: PretendShopify;
  /** Where the platforms reach the app, as through a development tunnel. */
  appUrl: string;
  /** Runs an operator command with --json and gives back its value; throws with its words when it fails. */
  operator(...args: string[]): Promise<unknown>;
  close(): Promise<void>;
};

/** Raises the stage on a database of its own; everything is gone after `close`. Builds the app when it is not built. */
export async function raiseStage(options: {
  log: 'inherit' | 'ignore';
  env?: Record<string, string>;
}): Promise<Stage> {
  buildIfNeeded();
  const dataDir = mkdtempSync(join(tmpdir(), 'tieback-stage-'));
  // PostgreSQL may have to run as another account, which must be able to enter.
  chmodSync(dataDir, 0o755);
  const meta = await startPretendMeta({ app: { secret: META_APP_SECRET } });
  meta.addBusiness({
    wabaId: MERCHANT.wabaId,
    phoneNumbers: [
      { id: MERCHANT.phoneNumberId, displayNumber: MERCHANT.displayNumber, verifiedName: MERCHANT.shop.name },
    ],
    token: MERCHANT.token,
    datasetId: MERCHANT.datasetId,
    appSubscribed: true,
  });
  // The same business may come through Embedded Signup, with a token of its own.
  const signUp = {
    code: `AQ${randomBytes(24).toString('hex')}`,
    token: `EAAsignup${randomBytes(24).toString('hex')}`,
  };
  meta.addSignup({ wabaId: MERCHANT.wabaId, ...signUp });
  const shopify = await startPretendShopify({ apiKey: API_KEY, apiSecret: API_SECRET });
  shopify.addShop({ ...MERCHANT.shop, scopes: [...SHOPIFY_SCOPES] });
  const port = await freePort();
  const tunnel = await startTunnel({ target: () => `http://127.0.0.1:${port}`, allowFraming: shopify.url });
  shopify.setAppUrl(tunnel.url);

  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: '',
    TIEBACK_DATA_DIR: dataDir,
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    SHOPIFY_API_KEY: API_KEY,
    SHOPIFY_API_SECRET: API_SECRET,
    SHOPIFY_APP_URL: tunnel.url,
    APP_BRIDGE_URL: `${shopify.url}/app-bridge.js`,
    PRETEND_SHOPIFY_URL: shopify.url,
    META_APP_ID: meta.app.id,
    META_APP_SECRET,
    META_SIGNUP_CONFIG_ID: meta.app.signupConfigId,
    META_SDK_URL: `${meta.url}/en_US/sdk.js`,
    WHATSAPP_VERIFY_TOKEN: 'sandbox-verify-token',
    META_GRAPH_URL: meta.url,
    ENCRYPTION_KEYS: `sandbox:${randomBytes(32).toString('base64')}`,
    ...options.env,
  };
  const app = spawnNode(['app/server.ts'], env, options.log);
  await untilReady(app, `http://127.0.0.1:${port}/readyz`);
  return {
    meta,
    shopify,
    appUrl: tunnel.url,
    operator: (...args) => runOperator(args, env),
    async close() {
      await stopProcess(app);
      await tunnel.close();
      await shopify.close();
      await meta.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Connects the merchant's number with the operator's command. */
export async function connectMerchant(stage: Stage): Promise<void> {
  const { shop, wabaId, phoneNumberId, displayNumber, datasetId, token } = MERCHANT;
  const flags = {
    shop: shop.domain,
    waba: wabaId,
    'phone-number-id': phoneNumberId,
    'display-number': displayNumber,
    dataset: datasetId,
    token,
    country: shop.country,
    currency: shop.currency,
  };
  await stage.operator('connect', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]));
}

/** Builds the app when it was never built, or when a source is newer than the build. */
function buildIfNeeded(): void {
  const built = join(PROJECT, 'build/server/index.js');
  const sources = ['app', 'prisma/schema.prisma', 'package-lock.json', 'vite.config.ts', 'remix.config.js'];
  const newest = Math.max(...sources.map((source) => newestChange(join(PROJECT, source))));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  const { status, stderr } = spawnSync('npm', ['run', 'build', '--silent'], {
    cwd: PROJECT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the app could not be built:\n${stderr}`);
}

function newestChange(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

function spawnNode(
  args: string[],
  env: NodeJS.ProcessEnv,
  output: 'inherit' | 'ignore' | 'pipe',
): ChildProcess {
  const preload = fileURLToPath(new URL('./shopify-fetch.mjs', import.meta.url));
  return spawn(process.execPath, ['--import', preload, ...args], {
    cwd: PROJECT,
    env,
    stdio: ['ignore', output, output === 'ignore' ? 'ignore' : output],
  });
}

async function untilReady(app: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (app.exitCode !== null) throw new Error(`the app stopped at its start with exit code ${app.exitCode}`);
    const ready = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await delay(50);
  }
  throw new Error('the app was not ready after 60 seconds');
}

function stopProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function runOperator(args: string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const child = spawnNode(['app/operator/main.ts', ...args, '--json'], env, 'pipe');
  let out = '';
  let words = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(out));
      else reject(new Error(`tieback ${args[0]} ended with ${code}: ${words.trim()}`));
    });
  });
}
