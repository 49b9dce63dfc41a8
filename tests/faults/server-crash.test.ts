import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { freePort } from '../../app/storage/free-port.ts';
import { META_SECRET, openTieback, SHOPIFY_SECRET } from '../integration/tieback.ts';
import { loadProcess, type CrashingProcess } from './crashing-process.ts';
import { until } from './quiet.ts';
import { clickId, minutesBefore, openShop, orderGid, orderWebhook, tap, type Webhook } from './shop.ts';
import { judge } from './verdict.ts';

type Server = { url: string; process: CrashingProcess };

/** A web process without a worker, loaded and waiting for its start. */
async function loadServer(env: Record<string, string>): Promise<Server> {
  const port = String(await freePort());
  return { url: `http://127.0.0.1:${port}`, process: loadProcess('server', { ...env, PORT: port }) };
}

async function startServer({ url, process }: Server, at: Date): Promise<void> {
  process.start(at);
  await until(() =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}

/** The status a webhook is answered with; null when the line broke before the answer was whole. */
async function post(url: string, { path, request }: Webhook): Promise<number | null> {
  try {
    const answer = await fetch(`${url}${path}`, { method: 'POST', ...request });
    await answer.text();
    return answer.status;
  } catch {
    return null;
  }
}

test('a server killed at any point of a receipt never has acknowledged what it did not store, and stores it once', async () => {
  const ENCRYPTION_KEYS = `test:${randomBytes(32).toString('base64')}`;
  const tieback = await openTieback({ env: { ENCRYPTION_KEYS } });
  const env = {
    ...{ LOG_LEVEL: 'fatal', WORKER: 'off', HOST: '127.0.0.1', ENCRYPTION_KEYS },
    ...{ DATABASE_URL: tieback.databaseUrl, META_GRAPH_URL: tieback.meta.url, META_APP_SECRET: META_SECRET },
    ...{ SHOPIFY_API_KEY: '0123456789abcdef0123456789abcdef', SHOPIFY_API_SECRET: SHOPIFY_SECRET },
    SHOPIFY_APP_URL: 'https://tieback.example.com',
  };
  const { at } = tieback.now;
  let shops = 0;

  /** A tap and a payment on a new shop, each sent until it is acknowledged, and worked; `crash` befalls one of them. */
  async function story(
    server: Server,
    crash: { webhook: number; point: string } | null,
  ): Promise<string[][]> {
    shops += 1;
    const shop = await openShop(tieback, shops);
    tieback.meta.addClick({ ctwaClid: clickId(shop, 0), wabaId: shop.wabaId });
    const order = { number: 0, person: 0, topic: 'orders/paid', placedAt: minutesBefore(at, 10), update: 1 };
    const webhooks = [tap(tieback, shop, 0, minutesBefore(at, 20)), orderWebhook(tieback, shop, order)];
    const points: string[][] = [];
    for (const [index, webhook] of webhooks.entries()) {
      const dies = crash?.webhook === index;
      server.process.go(dies ? crash.point : undefined);
      const status = await post(server.url, webhook);
      if (dies) {
        expect(await server.process.ended).toBe('SIGKILL');
        const stored = await tieback.pipeline.db.delivery.count({
          where: { account: { in: [shop.domain, shop.connectionId] } },
        });
        // Acknowledged and not stored would be lost for ever.
        if (status === 200) expect(stored, crash.point).toBe(index + 1);
        server = next;
        await startServer(server, at);
        next = await loadServer(env);
        expect(await post(server.url, webhook)).toBe(200);
      } else {
        expect(status).toBe(200);
        points.push(await server.process.report());
      }
    }
    // The server's clock has gone on meanwhile, and ours stood still.
    tieback.now.at = new Date(Math.max(tieback.now.at.getTime(), at.getTime() + 10 * 60_000));
    await tieback.work();
    const expected = { gid: orderGid(shop, 0), attributed: true };
    expect(await judge(tieback, shop, [expected])).toEqual({ problems: [], states: ['reported'] });
    current = server;
    return points;
  }

  let current = await loadServer(env);
  let next = await loadServer(env);
  await startServer(current, at);
  await story(current, null);
  const [ofTap = [], ofPayment = []] = await story(current, null);
  const crashes = [ofTap, ofPayment].flatMap((points, webhook) =>
    points.map((point) => ({ webhook, point })),
  );
  expect(crashes.length).toBeGreaterThan(8);
  for (const crash of crashes) await story(current, crash);
  process.stdout.write(
    `the server killed at ${crashes.length} points of a receipt: none lost, none doubled\n`,
  );
});
