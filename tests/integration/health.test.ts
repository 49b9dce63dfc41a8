import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpApp } from '../../app/http.ts';
import { cutDatabase } from './database.ts';
import { openTieback, type Tieback } from './tieback.ts';

const TOKEN = 'metrics-token-of-the-tests';
const READY = { ready: true, database: true, migrations: true, worker: true };
const AWAY = { ready: false, database: false, migrations: false, worker: false };
// An address of this machine by which it reaches itself, but not over loopback.
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

async function ready({ url }: Tieback): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, body: await answer.json() };
}

async function metrics(url: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/metrics`, { headers });
  return {
    status: answer.status,
    text: await answer.text(),
    type: answer.headers.get('content-type') ?? '',
  };
}

const beat = ({ pipeline, now }: Tieback) =>
  pipeline.db.workerBeat.create({ data: { worker: 'machine:1', at: now.at } });

test('without the beat of a worker it is not ready, with one it is, until the beat is 30 seconds old', async () => {
  const tieback = await openTieback();
  const idle = { ...READY, ready: false, worker: false };
  expect(await ready(tieback)).toEqual({ status: 503, body: idle });
  await beat(tieback);
  expect(await ready(tieback)).toEqual({ status: 200, body: READY });
  tieback.now.forward(30_000);
  expect(await ready(tieback)).toEqual({ status: 200, body: READY });
  tieback.now.forward(1);
  expect(await ready(tieback)).toEqual({ status: 503, body: idle });
});

test('one worker that lives is enough, whatever became of others', async () => {
  const tieback = await openTieback();
  const data = { worker: 'machine:2', at: new Date(tieback.now.at.getTime() - 3_600_000) };
  await tieback.pipeline.db.workerBeat.create({ data });
  await beat(tieback);
  expect((await ready(tieback)).status).toBe(200);
});

test('with a migration of this build missing it is not ready', async () => {
  const tieback = await openTieback();
  await beat(tieback);
  await tieback.pipeline.db.$executeRaw`DELETE FROM _prisma_migrations`;
  expect(await ready(tieback)).toEqual({ status: 503, body: { ...READY, ready: false, migrations: false } });
});

test('while the database is away it is alive but not ready, and ready again when it is back', async () => {
  const tieback = await openTieback();
  await beat(tieback);
  const restore = await cutDatabase(tieback.databaseUrl);
  expect(await ready(tieback)).toEqual({ status: 503, body: AWAY });
  const alive = await fetch(`${tieback.url}/healthz`);
  expect([alive.status, await alive.text()]).toEqual([200, 'ok\n']);
  expect((await metrics(tieback.url)).status).toBe(503);
  await restore();
  expect(await ready(tieback)).toEqual({ status: 200, body: READY });
});

test('metrics count what came and went, and name nobody', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay();
  const before = await metrics(tieback.url);
  expect(before.status).toBe(200);
  expect(before.type).toMatch(/^text\/plain;.* version=0\.0\.4$/);
  expect(before.text).toMatch(/^tieback_deliveries_due 2$/m);
  expect(before.text).toMatch(/^tieback_webhooks_total\{source="shopify",answer="stored"\} 1$/m);
  await tieback.work();
  const after = await metrics(tieback.url);
  expect(after.text).toMatch(/^tieback_deliveries_due 0$/m);
  expect(after.text).toMatch(/^tieback_events_due 0$/m);
  expect(after.text).toMatch(/^tieback_event_tries_total\{outcome="accepted"\} 1$/m);
  expect(after.text).not.toMatch(/myshopify|98765|1186654321|EAA/);
});

test('metrics are refused to whoever comes through a proxy, as everybody behind one seems to be this machine', async () => {
  const { url } = await openTieback();
  for (const name of ['X-Forwarded-For', 'Forwarded']) {
    const { status, text } = await metrics(url, { [name]: 'for=203.0.113.24' });
    expect(status, name).toBe(403);
    expect(text).not.toContain('tieback_');
  }
  expect((await metrics(url, { 'X-Forwarded-For': '127.0.0.1' })).status).toBe(403);
});

test('the bearer of the token may read metrics from anywhere; a wrong token is refused even on this machine', async () => {
  const { url } = await openTieback({ env: { METRICS_TOKEN: TOKEN } });
  const proxied = { 'X-Forwarded-For': '203.0.113.24' };
  expect((await metrics(url, { ...proxied, authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  for (const authorization of [`Bearer ${TOKEN}x`, 'Bearer wrong', `Bearer ${TOKEN.toUpperCase()}`])
    expect((await metrics(url, { authorization })).status, authorization).toBe(403);
  expect((await metrics(url, proxied)).status).toBe(403);
  expect((await metrics(url)).status).toBe(200);
});

test('without a configured token no bearer is let through a proxy', async () => {
  const { url } = await openTieback();
  for (const authorization of ['Bearer ', 'Bearer null', 'Bearer undefined'])
    expect((await metrics(url, { authorization, Forwarded: 'for=203.0.113.24' })).status).toBe(403);
});

test.runIf(outside)('metrics are refused to another address than loopback', async () => {
  const { services } = await openTieback({ env: { METRICS_TOKEN: TOKEN } });
  const server = createServer(createHttpApp(services, null));
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  expect((await metrics(`http://${outside}:${port}`)).status).toBe(403);
  expect((await metrics(`http://127.0.0.1:${port}`)).status).toBe(200);
  const authorization = `Bearer ${TOKEN}`;
  expect((await metrics(`http://${outside}:${port}`, { authorization })).status).toBe(200);
});
