import { fork, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ShopId } from '../../app/domain/ids.ts';
import { readStorageEnvironment } from '../../app/environment.ts';
import { saveConnection } from '../../app/pipeline/connection.ts';
import { shopOf } from '../../app/pipeline/shop.ts';
import { createLogger, openPipeline, type Opened } from '../../app/services.ts';
import { joinEmbeddedPostgres } from '../../app/storage/embedded-postgres.ts';
import { freePort } from '../../app/storage/free-port.ts';
import { adClickMessage, batch, deliver } from '../sandbox/pretend-whatsapp.ts';
import type { MetaOrder, MetaReport } from './platform-process.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
export const SHOPIFY_SECRET = randomBytes(16).toString('hex');
const META_SECRET = randomBytes(16).toString('hex');

export type BenchShop = {
  domain: string;
  wabaId: string;
  phoneNumberId: string;
  datasetId: string;
  token: string;
};

/** With BENCH_STATEMENTS=1 the time of each statement is kept and printed. */
export const STATEMENTS = process.env['BENCH_STATEMENTS'] === '1';

/** The app as it runs in production, web and workers as processes of their own, on a fresh database. */
export type World = {
  url: string;
  opened: Opened;
  shops: BenchShop[];
  pids: { web: number; workers: number[]; meta: number; postgres: number };
  /** People of each shop who came from an ad, as they type their number at checkout. */
  clickers: string[][];
  due(): Promise<{ deliveries: number; events: number }>;
  metaReport(): Promise<MetaReport>;
  tellMeta(order: Exclude<MetaOrder, { kind: 'report' }>): Promise<void>;
  /** Stops the workers, so that a benchmark can run the steps itself. */
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
};

export async function openWorld(options: {
  shops: number;
  clickersPerShop: number;
  workers: number;
}): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tieback-bench-'));
  chmodSync(dataDir, 0o755);
  const meta = fork(fileURLToPath(new URL('./platform-process.ts', import.meta.url)), { stdio: 'inherit' });
  const { url: metaUrl } = (await nextMessage(meta)) as { url: string };
  const port = await freePort();
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: '',
    TIEBACK_DATA_DIR: dataDir,
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    WORKER: 'off',
    SHOPIFY_API_KEY: 'bench',
    SHOPIFY_API_SECRET: SHOPIFY_SECRET,
    SHOPIFY_APP_URL: 'https://tieback.example.com',
    META_APP_SECRET: META_SECRET,
    META_GRAPH_URL: metaUrl,
    ENCRYPTION_KEYS: `bench:${randomBytes(32).toString('base64')}`,
  };
  // Started here so that it can be told to keep statistics; everything else joins it.
  const settings: Record<string, string> = STATEMENTS
    ? { shared_preload_libraries: 'pg_stat_statements' }
    : {};
  const postgres = await joinEmbeddedPostgres({ dataDir, settings });
  const opened = await openPipeline(readStorageEnvironment(env), createLogger('warn'));
  const shops = await connectShops(opened, options.shops);
  await tell(meta, { kind: 'add_businesses', businesses: shops });

  const web = startNode('app/server.ts', env);
  const workers = Array.from({ length: options.workers }, () => startNode('app/worker.ts', env));
  const url = `http://127.0.0.1:${port}`;
  await until(
    () =>
      fetch(`${url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      ),
    60_000,
  );
  const due = () => dueCounts(opened);
  const clickers = await tapAds({ url, meta, shops, perShop: options.clickersPerShop });
  await until(async () => (await due()).deliveries === 0, 300_000);
  const postmaster = readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0];
  return {
    url,
    opened,
    shops,
    clickers,
    pids: {
      web: web.pid ?? 0,
      workers: workers.map((worker) => worker.pid ?? 0),
      meta: meta.pid ?? 0,
      postgres: Number(postmaster),
    },
    due,
    metaReport: async () => (await tell(meta, { kind: 'report' })) as MetaReport,
    async tellMeta(order) {
      await tell(meta, order);
    },
    async stopWorkers() {
      await Promise.all(workers.map(stop));
    },
    async close() {
      await Promise.all([web, ...workers].map(stop));
      meta.disconnect();
      await opened.close();
      await postgres.leave();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function connectShops({ pipeline }: Opened, count: number): Promise<BenchShop[]> {
  const shops: BenchShop[] = [];
  for (let index = 0; index < count; index += 1) {
    const digits = String(10_000 + index);
    const shop: BenchShop = {
      domain: `bench-${index}.myshopify.com`,
      wabaId: `10229012${digits}`,
      phoneNumberId: `10654035${digits}`,
      datasetId: `77440011${digits}`,
      token: `EAAbench${randomBytes(20).toString('hex')}`,
    };
    const row = await shopOf(pipeline, shop.domain);
    await pipeline.db.shop.update({ where: { id: row.id }, data: { country: 'BR', currency: 'BRL' } });
    await saveConnection(pipeline, row.id as ShopId, {
      ...shop,
      displayNumber: '+55 11 91234-5678',
      appSecret: null,
      dataset: 'given',
      subscribed: true,
    });
    shops.push(shop);
  }
  return shops;
}

/** Lets people tap ads, through the real webhook, in batches as large as Meta's. */
async function tapAds(input: {
  url: string;
  meta: ChildProcess;
  shops: BenchShop[];
  perShop: number;
}): Promise<string[][]> {
  const { url, meta, shops, perShop } = input;
  const at = new Date(Date.now() - 3_600_000);
  const clickers: string[][] = [];
  for (const [shopIndex, { wabaId, phoneNumberId }] of shops.entries()) {
    const phones = Array.from({ length: perShop }, (_, index) => phoneOf(shopIndex, index));
    const clicks = phones.map(() => ({ ctwaClid: `Af${randomBytes(96).toString('base64url')}`, wabaId }));
    await tell(meta, { kind: 'add_clicks', clicks });
    const messages = phones.map((phone, index) =>
      adClickMessage({
        wabaId,
        phoneNumberId,
        displayNumber: '+55 11 91234-5678',
        from: `55${phone}`,
        messageId: `wamid.${randomBytes(24).toString('base64url')}`,
        at,
        clid: clicks[index]?.ctwaClid ?? null,
        adId: '120226305854810726',
      }),
    );
    const answer = await deliver({
      url: `${url}/webhooks/whatsapp`,
      appSecret: META_SECRET,
      body: batch(...messages),
    });
    if (answer.status !== 200) throw new Error(`a WhatsApp batch was answered with ${answer.status}`);
    clickers.push(phones);
  }
  return clickers;
}

/** A Brazilian mobile number in its national form, different for every shop and person, and none of a made-up look. */
export function phoneOf(shop: number, person: number): string {
  return `119${6_000_0100 + shop * 10_000 + person}`;
}

async function dueCounts({ pipeline }: Opened): Promise<{ deliveries: number; events: number }> {
  const [row] = await pipeline.db.$queryRaw<{ deliveries: number; events: number }[]>`
    SELECT (SELECT count(*)::int FROM deliveries WHERE state = 'due') AS deliveries,
      (SELECT count(*)::int FROM conversion_events WHERE state IN ('due', 'sending')) AS events`;
  return row ?? { deliveries: -1, events: -1 };
}

function startNode(file: string, env: NodeJS.ProcessEnv): ChildProcess {
  const profile = process.env['BENCH_PROFILE'];
  const flags = profile
    ? [
        '--cpu-prof',
        `--cpu-prof-dir=${profile}`,
        `--cpu-prof-name=${file.replace(/\W/g, '-')}-${Date.now()}.cpuprofile`,
      ]
    : [];
  return spawn(process.execPath, [...flags, file], { cwd: PROJECT, env, stdio: 'inherit' });
}

function tell(meta: ChildProcess, order: MetaOrder): Promise<unknown> {
  meta.send(order);
  return nextMessage(meta);
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve));
}

export async function until(ready: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await ready())) {
    if (Date.now() > deadline) throw new Error(`not reached within ${timeoutMs} ms`);
    await delay(100);
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
