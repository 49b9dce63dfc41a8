import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../app/storage/database.ts';
import { fetchFrom, openInstalled } from '../integration/installed.ts';
import { installFates, type Mishap } from './mishap.ts';
import { play, type World } from './play.ts';
import { MOST_WORKERS, schedules, type Schedule, type WorkerPlan } from './schedule.ts';
import { openLine } from './tcp-proxy.ts';

const SCHEDULES = Number(process.env['FAULT_SCHEDULES'] ?? 1000);
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));
// Played side by side, each in a world of its own; a world grows with every schedule, so it is left after so many.
const LANES = 4;
const PER_LANE = 125;
// How long a platform that hangs is waited for; far above what an answer takes.
const TIMEOUT_MS = 300;

// A round of the worker makes fewer to the ledger.
const LEDGER_STATEMENTS = Array.from({ length: 12 }, (_, index) => index + 1);

installFates();

const parts = Array.from({ length: Math.ceil(SCHEDULES / (LANES * PER_LANE)) }, (_, index) => ({
  first: index * LANES * PER_LANE + 1,
  last: Math.min(SCHEDULES, (index + 1) * LANES * PER_LANE),
}));

test.each(parts)(
  'schedules $first to $last of random faults lose nothing, send nothing twice and leave every order explained',
  async ({ first, last }) => {
    const states = new Map<string, number>();
    const runs = Math.ceil((last - first + 1) / LANES);
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      playLane({ runs, seed: SEED + first * 10 + lane, states }),
    );
    const mishaps = (await Promise.all(lanes)).reduce((sum, met) => sum + met, 0);
    const counts = [...states].map(([state, orders]) => `${orders} ${state}`).join(', ');
    process.stdout.write(
      `${runs * LANES} fault schedules (FAULT_SEED=${SEED}), ${mishaps} mishaps of workers: none lost, none doubled; ${counts}\n`,
    );
  },
  600_000,
);

const TAKEOVERS: readonly Mishap[] = [
  { kind: 'none' },
  { kind: 'dies_before_request' },
  { kind: 'dies_after_request' },
  ...LEDGER_STATEMENTS.map((at): Mishap => ({ kind: 'dies', among: 'ledger', at })),
];

/** One person's one order, worked by these. */
const story = (...workers: WorkerPlan[]): Schedule => ({
  people: [0],
  steps: [
    { kind: 'tap', person: 0 },
    { kind: 'order', order: 0, topic: 'orders/paid', update: 1, copies: 1 },
    { kind: 'work', workers },
  ],
});

test('wherever in the ledger a worker stands still while another takes over, and may die of it, nothing is sent twice', async () => {
  const world = await openWorld();
  const stories = LEDGER_STATEMENTS.flatMap((at) =>
    TAKEOVERS.map((mishap) =>
      story({ skewMs: 0, mishap: { kind: 'stalls', among: 'ledger', at } }, { skewMs: 10 * 60_000, mishap }),
    ),
  );
  for (const told of stories) {
    const { problems } = await play(world, told);
    expect(problems, JSON.stringify(told)).toEqual([]);
  }
  process.stdout.write(`${stories.length} takeovers, ${world.mishaps} mishaps: none lost, none doubled\n`);
});

test('a connection to PostgreSQL that breaks at any statement of the ledger leaves no outcome unknown', async () => {
  const world = await openWorld();
  const kinds = ['cut_before', 'cut_after', 'terminated'] as const;
  const stories = LEDGER_STATEMENTS.flatMap((at) =>
    kinds.map((kind) => story({ skewMs: 0, mishap: { kind, among: 'ledger', at } })),
  );
  for (const told of stories) {
    const verdict = await play(world, told);
    expect(verdict, JSON.stringify(told)).toEqual({ problems: [], states: ['reported'] });
  }
  process.stdout.write(
    `${stories.length} stories, ${world.mishaps} broken connections: each order reported once\n`,
  );
});

async function playLane(lane: { runs: number; seed: number; states: Map<string, number> }): Promise<number> {
  const world = await openWorld();
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const { problems, states } = await play(world, schedule);
    expect(problems).toEqual([]);
    for (const state of states) lane.states.set(state, (lane.states.get(state) ?? 0) + 1);
  });
  try {
    await fc.assert(property, { numRuns: lane.runs, seed: lane.seed });
  } catch (cause) {
    throw new Error(`FAULT_SEED=${SEED} FAULT_SCHEDULES=${SCHEDULES} plays these schedules again`, { cause });
  }
  return world.mishaps;
}

async function openWorld(): Promise<World> {
  const line = await openLine();
  onTestFinished(() => line.close());
  const installed = await openInstalled({ graphTimeoutMs: TIMEOUT_MS, env: { META_GRAPH_URL: line.url } });
  line.lead(installed.tieback.meta.url);
  const ask = fetchFrom(installed.shopify);
  const openAdmin = installed.anotherProcess({
    fetch: (input, init) => ask(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }),
    tries: 2,
  });
  const pools = Array.from({ length: MOST_WORKERS }, () =>
    openDatabase(installed.tieback.databaseUrl, { connections: 6 }),
  );
  onTestFinished(async () => void (await Promise.all(pools.map((db) => db.$disconnect()))));
  return { installed, openAdmin, line, pools, shops: 0, mishaps: 0 };
}
