import type { OpenAdmin } from '../../app/pipeline/admin-access.ts';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { deliverBatch, sweepEvents } from '../../app/pipeline/deliver.ts';
import { lifecycleBatch } from '../../app/pipeline/lifecycle.ts';
import { probeConnections } from '../../app/pipeline/probe.ts';
import { reconcileShop } from '../../app/pipeline/reconcile.ts';
import type { Database } from '../../app/storage/database.ts';
import { cutDatabase } from '../integration/database.ts';
import type { Installed } from '../integration/installed.ts';
import type { Tieback } from '../integration/tieback.ts';
import { fatedWorker, type Fated } from './mishap.ts';
import { isQuiet } from './quiet.ts';
import { CHANGES, isUnsure, type Schedule, type Step, type WorkerPlan } from './schedule.ts';
import {
  acknowledged,
  clickId,
  minutesBefore,
  openShop,
  orderBody,
  orderGid,
  orderWebhook,
  tap,
  type FaultShop,
  type OrderTelling,
  type Webhook,
} from './shop.ts';
import type { Line } from './tcp-proxy.ts';
import { judge, type Expected, type Verdict } from './verdict.ts';

/** Where schedules are played one after another, each with a shop of its own; `line` is the app's way to Meta. */
export type World = {
  installed: Installed;
  openAdmin: OpenAdmin;
  line: Line;
  /** A pool of connections for each worker that is there at a time, so that one's end breaks nobody else's. */
  pools: readonly Database[];
  shops: number;
  /** How many mishaps of workers came to pass. */
  mishaps: number;
};

/** One schedule while it is played. */
type Day = {
  world: World;
  tieback: Tieback;
  shop: FaultShop;
  people: Schedule['people'];
  openedAt: Date;
  /** Webhooks that were not acknowledged yet: their platform sends them again. */
  owed: Webhook[];
  /** Webhooks that were acknowledged: nobody will ever send them again. */
  kept: Set<string>;
  /** People whose tap was acknowledged. */
  tapped: Set<number>;
  /** Orders of whose payment we were told, or could have asked, by whether their tap was acknowledged before. */
  paid: Map<number, boolean>;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// Longer than any step takes, so that a worker that waits for one standing still shows that it waits.
const PATIENCE_MS = 40;
const HEALING_MS = [
  MINUTE_MS + 1000,
  ...[10 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS, 12 * HOUR_MS],
  ...[24 * HOUR_MS, 48 * HOUR_MS, 96 * HOUR_MS],
];

/** Plays a schedule on a new shop, takes every fault away, lets time pass until all is quiet, and judges the shop. */
export async function play(world: World, { people, steps }: Schedule): Promise<Verdict> {
  const { installed, line } = world;
  const { tieback, shopify } = installed;
  world.shops += 1;
  tieback.now.forward(MINUTE_MS);
  const shop = await openShop(tieback, world.shops);
  await installed.install(shop.domain);
  const openedAt = tieback.now.at;
  const day: Day = {
    ...{
      world,
      tieback,
      shop,
      people,
      openedAt,
      owed: [],
      kept: new Set(),
      tapped: new Set(),
      paid: new Map(),
    },
  };
  for (const person of people)
    if (person !== null) tieback.meta.addClick({ ctwaClid: clickId(shop, person), wabaId: shop.wabaId });
  const last = CHANGES.length - 1;
  // Shopify has the day behind it when its webhooks begin to come.
  for (const order of people.keys())
    shopify.placeOrder(shop.domain, orderBody(shop, telling(day, order, 'orders/paid', last)));
  for (const step of steps) await take(day, step);
  await line.mend();
  tieback.meta.clearFaults();
  shopify.clearFaults();
  await heal(day);
  const verdict = await judge(
    tieback,
    shop,
    people.map((person, order): Expected => {
      const attributed = person === null ? false : day.paid.get(order) === true ? true : null;
      return { gid: orderGid(shop, order), attributed };
    }),
  );
  const needless = steps.some(isUnsure) ? 0 : await needlesslyUnknown(day);
  const accounts = [shop.domain, shop.connectionId];
  const stored = await tieback.pipeline.db.delivery.count({ where: { account: { in: accounts } } });
  const problems = [
    ...verdict.problems,
    ...(needless === 0 ? [] : [`${needless} outcomes are unknown for no reason`]),
    ...(stored === day.kept.size ? [] : [`${day.kept.size} webhooks were acknowledged and ${stored} stored`]),
  ];
  return { ...verdict, problems };
}

/** Unknown outcomes; where the machine was so busy that an answer timed out, that is not the app's doing. */
function needlesslyUnknown({ tieback, shop }: Day): Promise<number> {
  const where = { shopId: shop.shopId, state: 'unknown' as const, NOT: { answer: 'TIMEOUT' } };
  return tieback.pipeline.db.conversionEvent.count({ where });
}

function telling(day: Day, order: number, topic: string, update: number): OrderTelling {
  const placedAt = minutesBefore(day.openedAt, 10);
  return { number: order, person: day.people[order] ?? null, topic, placedAt, update };
}

async function take(day: Day, step: Step): Promise<void> {
  const { world, tieback, shop } = day;
  switch (step.kind) {
    case 'tap': {
      const webhook = tap(tieback, shop, step.person, minutesBefore(day.openedAt, 20));
      return post(day, webhook, () => day.tapped.add(step.person));
    }
    case 'order':
      return sendOrder(day, step);
    case 'work':
      return workTogether(world, step.workers);
    case 'wait':
      return tieback.now.forward(step.ms);
    case 'meta':
      return tieback.meta.faultNext(step.fault, step.times);
    case 'line':
      return world.line.break(step.fault);
    case 'outage': {
      const restore = await cutDatabase(tieback.databaseUrl);
      await sendOrder(day, { order: step.order, topic: 'orders/updated', update: 2, copies: 1 });
      const working = workTogether(world, [{ skewMs: 0, mishap: { kind: 'none' } }]);
      await restore();
      return working;
    }
    case 'reconcile':
      if (step.fault) world.installed.shopify.faultNext(step.fault, step.times);
      return reconcile(day, step.worker);
  }
}

async function sendOrder(day: Day, step: Omit<Extract<Step, { kind: 'order' }>, 'kind'>): Promise<void> {
  const { order, topic, update, copies } = step;
  if (topic === 'orders/paid' && copies > 0) tellPayment(day, order);
  const webhook = orderWebhook(day.tieback, day.shop, telling(day, order, topic, update));
  await Promise.all(Array.from({ length: copies }, () => post(day, webhook)));
}

/** From now on the order's payment may be known, so a tap that is acknowledged later may come too late for it. */
function tellPayment(day: Day, order: number): void {
  const person = day.people[order] ?? null;
  if (!day.paid.has(order)) day.paid.set(order, person !== null && day.tapped.has(person));
}

async function post(day: Day, webhook: Webhook, taken?: () => void): Promise<void> {
  if (!(await acknowledged(day.tieback, webhook))) return void day.owed.push(webhook);
  day.kept.add(webhook.id);
  taken?.();
}

async function reconcile(day: Day, plan: WorkerPlan): Promise<void> {
  const { world, tieback, shop, people } = day;
  for (const order of people.keys()) tellPayment(day, order);
  const worker = hire(world, plan, 0);
  const row = await tieback.pipeline.db.shop.findUniqueOrThrow({ where: { domain: shop.domain } });
  await worker.run(() => surviving(worker, () => reconcileShop(worker.pipeline, world.openAdmin, row)));
  if (worker.met()) world.mishaps += 1;
}

function hire({ installed, pools }: World, plan: WorkerPlan, index: number): Fated {
  const { pipeline, databaseUrl } = installed.tieback;
  const db = pools[index];
  if (db === undefined) throw new Error(`there are only ${pools.length} workers`);
  return fatedWorker({ ...pipeline, db }, databaseUrl, plan);
}

/** One round of each worker at once; a worker that stands still is let go when the others are through, or wait for it. */
async function workTogether(world: World, plans: readonly WorkerPlan[]): Promise<void> {
  const workers = plans.map((plan, index) => hire(world, plan, index));
  const [first, ...others] = workers.map((worker) => ({
    worker,
    start: () => worker.run(() => round(worker)),
  }));
  if (first === undefined) return;
  const leading = first.start();
  await Promise.race([leading, first.worker.stalled]);
  const following = Promise.all(others.map(({ start }) => start()));
  await Promise.race([following, patience()]);
  first.worker.letGo();
  await Promise.all([leading, following]);
  world.mishaps += workers.filter((worker) => worker.met()).length;
}

/** What the worker's loops do once. */
async function round(worker: Fated): Promise<void> {
  const { pipeline } = worker;
  await surviving(worker, async () => {
    await captureBatch(pipeline);
    await attributeBatch(pipeline);
    await lifecycleBatch(pipeline);
  });
  await surviving(worker, async () => {
    await sweepEvents(pipeline);
    await probeConnections(pipeline);
    await deliverBatch(pipeline);
  });
}

/** A loop outlives whatever goes wrong in one of its rounds. */
async function surviving({ pipeline }: Fated, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    pipeline.log.error({ err: error }, 'a round of work failed');
  }
}

function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
}

async function heal(day: Day): Promise<void> {
  const { tieback, shop } = day;
  for (const ms of HEALING_MS) {
    tieback.now.forward(ms);
    for (const webhook of day.owed.splice(0)) await post(day, webhook);
    // It lasts by the database's own clock, which does not go forward with ours.
    await tieback.pipeline.db.lease.deleteMany();
    await reconcile(day, { skewMs: 0, mishap: { kind: 'none' } });
    await tieback.work();
    if (day.owed.length === 0 && (await isQuiet(tieback, shop))) return;
  }
}
