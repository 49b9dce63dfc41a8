import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as breathe } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PgBoss } from 'pg-boss';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { createCourier } from '../../app/pipeline/courier.ts';
import { createInboxWriter } from '../../app/pipeline/inbox-writer.ts';
import { cpuSeconds, familyCpuSeconds } from './cpu.ts';
import { postOne } from './load.ts';
import { orderTemplate } from './order-body.ts';
import { openWorld, phoneOf, SHOPIFY_SECRET, type World } from './world.ts';

const RECEIVE_SECONDS = 8;
const JOBS = 20_000;

/** The rate at which each step saturates, as a ratio to its floor in the same run. */
export async function ceiling() {
  const world = await openWorld({ shops: 50, clickersPerShop: 100, workers: 1 });
  try {
    await world.stopWorkers();
    const receive = await receiveCeiling(world);
    await world.opened.pipeline.db
      .$executeRaw`UPDATE deliveries SET state = 'done', body = NULL WHERE state = 'due'`;
    const boss = await bossFloor(world);
    const steps = await stepRates(world, JOBS);
    const round = (value: number): number => Math.round(value * 100) / 100;
    return {
      receive,
      pgBossEmptyJobsPerSecond: Math.round(boss),
      attribute: { ...steps.attribute, ratioToPgBoss: round(steps.attribute.perSecond / boss) },
      deliver: { ...steps.deliver, ratioToPgBoss: round(steps.deliver.perSecond / boss) },
    };
  } finally {
    await world.close();
  }
}

/** Our web process and the bare server in turns, each with 64 posts under way at any moment. */
async function receiveCeiling(world: World) {
  const bare = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)), [
    world.opened.databaseUrl,
    SHOPIFY_SECRET,
  ]);
  const { url: bareUrl } = await new Promise<{ url: string }>((resolve) =>
    bare.once('message', (m) => resolve(m as { url: string })),
  );
  const rounds: { tieback: number; bare: number }[] = [];
  for (let round = 0; round < 3; round += 1) {
    rounds.push({ tieback: await postRate(world, world.url), bare: await postRate(world, bareUrl) });
  }
  bare.disconnect();
  const mean = (key: 'tieback' | 'bare') => rounds.reduce((sum, one) => sum + one[key], 0) / rounds.length;
  return {
    tiebackPerSecond: Math.round(mean('tieback')),
    barePerSecond: Math.round(mean('bare')),
    ratio: Math.round((mean('tieback') / mean('bare')) * 100) / 100,
    unfair:
      'The bare server neither parses, nor encrypts, nor shares commits; the load generator takes its share of both cores.',
  };
}

async function postRate(world: World, url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const template = orderTemplate();
  const start = performance.now();
  const end = start + RECEIVE_SECONDS * 1000;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      const order = {
        id: 8_000_000_000_000 + done,
        shopIndex: done % world.shops.length,
        phone: phoneOf(0, 9_500),
      };
      const status = await postOne({ ...world, url }, agent, template, order);
      if (status !== '200') throw new Error(`answered with ${status}`);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: 64 }, lane));
  agent.destroy();
  return (done / (performance.now() - start)) * 1000;
}

/** pg-boss moving jobs that do nothing, on the same database, in batches as large as ours. */
async function bossFloor(world: World): Promise<number> {
  const boss = new PgBoss({ connectionString: world.opened.databaseUrl, schema: 'pgboss_floor' });
  await boss.start();
  await boss.createQueue('empty');
  for (let made = 0; made < JOBS; made += 1_000) {
    await boss.insert(
      'empty',
      Array.from({ length: 1_000 }, () => ({ data: {} })),
    );
  }
  const start = performance.now();
  let moved = 0;
  for (;;) {
    const jobs = await boss.fetch('empty', { batchSize: 200 });
    if (jobs.length === 0) break;
    await boss.complete(
      'empty',
      jobs.map((job) => job.id),
    );
    moved += jobs.length;
  }
  const rate = (moved / (performance.now() - start)) * 1000;
  await boss.stop({ graceful: false });
  return rate;
}

/** `cpuMs`: of this process and PostgreSQL together, for one order. */
export type StepRate = { perSecond: number; cpuMs: number };

/** Each step alone in this process, over a backlog made beforehand. All orders match a click, so each has an event. */
export async function stepRates(
  world: World,
  orders: number,
): Promise<{ attribute: StepRate; deliver: StepRate }> {
  const { pipeline } = world.opened;
  const accepted = async (): Promise<number> =>
    pipeline.db.conversionEvent.count({ where: { state: 'accepted' } });
  await writeBacklog(world, orders, (shop, round) => {
    const clickers = world.clickers[shop] ?? [];
    return clickers[round % clickers.length] ?? '';
  });
  const before = await accepted();
  const attribute = await rateOf(world, orders, () => attributeBatch(pipeline));
  const deliver = await rateOf(world, orders, () => deliverAll(world));
  const delivered = (await accepted()) - before;
  if (delivered !== orders) throw new Error(`of ${orders} orders ${delivered} were delivered`);
  return { attribute, deliver };
}

// Never the same order twice in one database.
let orderId = 9_000_000_000_000;

/** Paid orders in the inbox, spread over the shops. */
export async function writeBacklog(
  world: World,
  orders: number,
  phoneOfBuyer: (shop: number, round: number) => string,
): Promise<void> {
  const write = createInboxWriter(world.opened.pipeline);
  const template = orderTemplate();
  const at = new Date().toISOString();
  for (let first = 0; first < orders; first += 500) {
    await write(
      Array.from({ length: Math.min(500, orders - first) }, (_, offset) => {
        const index = first + offset;
        const shop = index % world.shops.length;
        const phone = phoneOfBuyer(shop, Math.floor(index / world.shops.length));
        return {
          source: 'shopify' as const,
          account: world.shops[shop]?.domain ?? '',
          key: randomUUID(),
          topic: 'orders/paid',
          eventId: null,
          triggeredAt: new Date(at),
          body: template({ id: (orderId += 1), phone, at }),
        };
      }),
    );
  }
}

/** As the worker does it: claims for datasets that are idle while the requests of others are under way. */
async function deliverAll(world: World): Promise<number> {
  const courier = createCourier(world.opened.pipeline);
  for (;;) {
    if ((await courier.round()) > 0) continue;
    if ((await world.due()).events === 0) break;
    await breathe(1);
  }
  await courier.drain();
  return 0;
}

async function rateOf(world: World, orders: number, step: () => Promise<number>): Promise<StepRate> {
  const cpu = (): number => cpuSeconds(process.pid) + familyCpuSeconds(world.pids.postgres);
  const before = cpu();
  const start = performance.now();
  while ((await step()) > 0);
  const perSecond = (orders / (performance.now() - start)) * 1000;
  return { perSecond: Math.round(perSecond), cpuMs: Math.round(((cpu() - before) / orders) * 1e6) / 1000 };
}
