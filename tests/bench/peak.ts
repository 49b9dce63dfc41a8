import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds, familyCpuSeconds, residentMegabytes } from './cpu.ts';
import { postOrders } from './load.ts';
import { summary } from './numbers.ts';
import { openWorld, STATEMENTS, until, type World } from './world.ts';

export type PeakOptions = { perSecond: number; seconds: number; shops: number; workers: number };

/** All of Shopify's peak: paid orders at a fixed rate, from signed webhook to accepted event, counted at Meta's side. */
export async function peak(options: PeakOptions) {
  const world = await openWorld({ shops: options.shops, clickersPerShop: 100, workers: options.workers });
  try {
    const backlog: { at: number; deliveries: number; events: number }[] = [];
    if (STATEMENTS) {
      await world.opened.pipeline.db.$executeRaw`CREATE EXTENSION pg_stat_statements`;
      await world.opened.pipeline.db.$executeRaw`SELECT pg_stat_statements_reset()`;
    }
    const before = cpu(world);
    const stored = await storage(world);
    const started = performance.now();
    let running = true;
    const watcher = (async () => {
      while (running) {
        backlog.push({ at: Math.round((performance.now() - started) / 1000), ...(await world.due()) });
        await delay(5_000);
      }
    })();
    const load = await postOrders(world, { ...options, matchingShare: 0.6, firstId: 7_000_000_000_000 });
    const lastSent = performance.now();
    running = false;
    await until(async () => {
      const { deliveries, events } = await world.due();
      return deliveries === 0 && events === 0;
    }, 600_000);
    const drainSeconds = (performance.now() - lastSent) / 1000;
    await watcher;
    const used = cpuDifference(before, cpu(world));
    return {
      options,
      sent: load.sent,
      answers: load.answers,
      acknowledgementMs: summary(load.latencies),
      backlog,
      drainSeconds: Math.round(drainSeconds * 10) / 10,
      ...(await verify(world, load.matching)),
      endToEndMs: await endToEnd(world),
      cpuMsPerOrder: Object.fromEntries(
        Object.entries(used).map(([name, seconds]) => [name, Math.round((seconds / load.sent) * 1e6) / 1000]),
      ),
      bytesPerOrder: await storedPerOrder(world, stored, load.sent),
      ...(STATEMENTS && { statements: await topStatements(world) }),
      memoryMb: { web: residentMegabytes(world.pids.web), worker: world.pids.workers.map(residentMegabytes) },
    };
  } finally {
    await world.close();
  }
}

/** None lost, none doubled: counted at the pretend Meta and in the database. */
async function verify(world: World, matching: number) {
  const meta = await world.metaReport();
  const [row] = await world.opened.pipeline.db.$queryRaw<
    { orders: number; decided: number; accepted: number }[]
  >`
    SELECT (SELECT count(*)::int FROM orders) AS orders,
      (SELECT count(*)::int FROM orders WHERE decision <> 'pending') AS decided,
      (SELECT count(*)::int FROM conversion_events WHERE state = 'accepted') AS accepted`;
  return {
    expectedEvents: matching,
    acceptedAtMeta: meta.accepted,
    distinctAtMeta: meta.distinct,
    requestsToMeta: meta.requests,
    ordersStored: row?.orders,
    ordersDecided: row?.decided,
    lost: matching - meta.distinct,
    doubled: meta.accepted - meta.distinct,
  };
}

/** From the moment Shopify says the payment happened to Meta's receipt in the ledger. */
async function endToEnd(world: World) {
  const rows = await world.opened.pipeline.db.$queryRaw<{ ms: number }[]>`
    SELECT (extract(epoch FROM e.settled_at - o.paid_at) * 1000)::float8 AS ms
    FROM conversion_events e JOIN orders o ON o.shop_id = e.shop_id AND o.gid = e.subject WHERE e.state = 'accepted'`;
  return summary(rows.map((row) => row.ms));
}

type Storage = { database: number; wal: number };

async function storage(world: World): Promise<Storage> {
  const [row] = await world.opened.pipeline.db.$queryRaw<Storage[]>`
    SELECT pg_database_size(current_database())::float8 AS database,
      pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal`;
  return row ?? { database: Number.NaN, wal: Number.NaN };
}

/** What one order leaves on disk (sealed bodies included, which are freed once worked), and writes to the log. */
async function storedPerOrder(world: World, before: Storage, orders: number): Promise<Storage> {
  const now = await storage(world);
  return {
    database: Math.round((now.database - before.database) / orders),
    wal: Math.round((now.wal - before.wal) / orders),
  };
}

/** Where PostgreSQL's time goes, per statement. */
async function topStatements(world: World) {
  const { db } = world.opened.pipeline;
  return db.$queryRaw`
    SELECT round(total_exec_time::numeric) AS ms, calls::int, round(mean_exec_time::numeric, 3) AS mean, rows::int,
      left(regexp_replace(query, '\\s+', ' ', 'g'), 90) AS query
    FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 15`;
}

function cpu(world: World): Record<string, number> {
  return {
    web: cpuSeconds(world.pids.web),
    workers: world.pids.workers.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    postgres: familyCpuSeconds(world.pids.postgres),
    meta: cpuSeconds(world.pids.meta),
    load: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  };
}

function cpuDifference(
  before: Record<string, number>,
  after: Record<string, number>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]),
  );
}
