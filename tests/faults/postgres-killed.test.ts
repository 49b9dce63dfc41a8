import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../app/storage/free-port.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { jsonOf, tiebackCommand } from '../integration/operator.ts';
import { MARIA, META_SECRET, SHOP, SHOPIFY_SECRET } from '../integration/tieback.ts';
import { startPretendMeta, type PretendMeta } from '../sandbox/pretend-meta.ts';
import { adClickMessage, deliver } from '../sandbox/pretend-whatsapp.ts';
import { signedWebhook } from '../sandbox/shopify-webhook.ts';
import { loadProcess } from './crashing-process.ts';
import { openOwnPostgres } from './own-postgres.ts';
import { until } from './quiet.ts';

const NUMBER = { wabaId: '1001', phoneNumberId: '1002', displayNumber: '+55 11 91234-5678' };
const DATASET = '1003';
const TOKEN = 'EAAkilled';
const MINUTE_MS = 60_000;

type Server = { url: string; env: Record<string, string>; meta: PretendMeta };

/** The web process with the worker in it, as it runs in production, over a PostgreSQL at `databaseUrl`. */
async function startServer(databaseUrl: string): Promise<Server> {
  const meta = await startPretendMeta();
  onTestFinished(() => meta.close());
  const phoneNumbers = [
    { id: NUMBER.phoneNumberId, displayNumber: NUMBER.displayNumber, verifiedName: 'Loja' },
  ];
  meta.addBusiness({ wabaId: NUMBER.wabaId, phoneNumbers, token: TOKEN, datasetId: DATASET });
  meta.addClick({ ctwaClid: 'Click', wabaId: NUMBER.wabaId });
  const port = String(await freePort());
  const env = {
    LOG_LEVEL: 'fatal',
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    META_GRAPH_URL: meta.url,
    META_APP_SECRET: META_SECRET,
    SHOPIFY_API_KEY: '0123456789abcdef0123456789abcdef',
    SHOPIFY_API_SECRET: SHOPIFY_SECRET,
    SHOPIFY_APP_URL: 'https://tieback.example.com',
    HOST: '127.0.0.1',
    PORT: port,
  };
  const server = loadProcess('server', env);
  onTestFinished(() => server.kill());
  server.start(new Date());
  void server.ended.then((how) => expect(how).toBe('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await statusOf(`${url}/readyz`)) === 200);
  return { url, env, meta };
}

const statusOf = (url: string): Promise<number> =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  );

async function pay({ url }: Server, id: number): Promise<{ status: number; retryAfter: string | null }> {
  const placedAt = new Date(Date.now() - MINUTE_MS).toISOString();
  const body = shopifyOrder({ id, created_at: placedAt, processed_at: placedAt, updated_at: placedAt });
  const now = new Date();
  const delivery = { domain: SHOP, topic: 'orders/paid', webhookId: `paid-${id}`, secret: SHOPIFY_SECRET };
  const signed = signedWebhook({ ...delivery, body, now });
  const answer = await fetch(`${url}/webhooks/shopify`, { method: 'POST', ...signed });
  return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
}

async function connectAndTap(server: Server): Promise<void> {
  const flags = ['--shop', SHOP, '--waba', NUMBER.wabaId, '--phone-number-id', NUMBER.phoneNumberId];
  const more = ['--display-number', NUMBER.displayNumber, '--dataset', DATASET, '--token', TOKEN];
  const place = ['--country', 'BR', '--currency', 'BRL'];
  const { code, words } = await tiebackCommand(['connect', ...flags, ...more, ...place], server.env);
  expect({ code, words }).toMatchObject({ code: 0 });
  const at = new Date(Date.now() - 10 * MINUTE_MS);
  const who = { from: MARIA.whatsapp, clid: 'Click', adId: '1', messageId: 'wamid.TAP', at };
  const body = adClickMessage({ ...NUMBER, ...who });
  const url = `${server.url}/webhooks/whatsapp`;
  expect((await deliver({ url, appSecret: META_SECRET, body })).status).toBe(200);
}

test('PostgreSQL is killed under a running server: webhooks are answered 503, and all comes right by itself', async () => {
  const postgres = await openOwnPostgres();
  const server = await startServer(postgres.url);
  await connectAndTap(server);
  const owed: number[] = [];
  for (let kill = 1; kill <= 3; kill += 1) {
    const ids = Array.from({ length: 10 }, (_, index) => kill * 100 + index);
    const answers = await Promise.all(ids.slice(0, 5).map((id) => pay(server, id)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    postgres.kill();
    await until(async () => (await statusOf(`${server.url}/readyz`)) === 503);
    for (const id of ids.slice(5)) {
      expect(await pay(server, id)).toEqual({ status: 503, retryAfter: '5' });
      owed.push(id);
    }
    expect(await statusOf(`${server.url}/healthz`)).toBe(200);
    await postgres.restart();
    await until(async () => (await statusOf(`${server.url}/readyz`)) === 200);
    for (const id of owed.splice(0)) expect((await pay(server, id)).status).toBe(200);
  }

  await until(async () => (await metrics(server, 'tieback_deliveries_due')) === 0);
  await until(async () => (await metrics(server, 'tieback_events_due')) === 0);
  const accepted = server.meta.accepted().map(({ event }) => String(event['event_id']));
  expect(new Set(accepted).size).toBe(accepted.length);
  const orders = (await jsonOf(['orders', '--shop', SHOP], server.env)) as { name: string; state: string }[];
  expect(orders).toHaveLength(30);
  expect(orders.filter(({ state }) => state !== 'reported' && state !== 'unknown')).toEqual([]);
  expect(accepted.length).toBeGreaterThanOrEqual(orders.filter(({ state }) => state === 'reported').length);
});

async function metrics({ url }: Server, name: string): Promise<number | null> {
  const text = await fetch(`${url}/metrics`).then((answer) => answer.text());
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? null : Number(value);
}
