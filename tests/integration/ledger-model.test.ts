import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../app/domain/explain.ts';
import { isReason } from '../../app/domain/reason.ts';
import { claimLanes, holdEvents } from '../../app/pipeline/claim.ts';
import { deliverBatch, sweepEvents } from '../../app/pipeline/deliver.ts';
import { probeConnections } from '../../app/pipeline/probe.ts';
import { resolveEvent } from '../../app/pipeline/resolve.ts';
import type { GraphClient } from '../../app/platforms/meta/graph.ts';
import type { EventState } from '../../prisma/generated/client.ts';
import type { Fault } from '../sandbox/pretend-meta.ts';
import { addSales, BAD_CLICK } from './sales.ts';
import { openTieback, START, type Connection, type Tieback } from './tieback.ts';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 3_600 * SECOND_MS;
const ALL = { withNew: 10, retriesOnly: 10, busy: [] };

/** Where each event may go from each state in one step. */
const ALLOWED: Readonly<Record<EventState, readonly EventState[]>> = {
  due: ['due', 'sending', 'accepted', 'refused', 'unknown', 'expired'],
  sending: ['sending', 'due', 'accepted', 'refused', 'unknown', 'expired'],
  unknown: ['unknown', 'accepted', 'due'],
  accepted: ['accepted'],
  refused: ['refused'],
  expired: ['expired'],
  withheld: ['withheld'],
};

const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 500, code: 2, transient: true },
  { kind: 'status', status: 429, code: 80004, headers: { 'retry-after': '90' } },
  { kind: 'status', status: 400, code: 100 },
  { kind: 'status', status: 401, code: 190 },
  { kind: 'status', status: 403, code: 200 },
  { kind: 'html', status: 502 },
  { kind: 'zero_received' },
  { kind: 'not_json' },
  { kind: 'cut_before' },
  { kind: 'cut_after_accepting' },
];

type World = {
  tieback: Tieback;
  connection: Connection;
  /** The states of the model, by event id; what the database says must be reachable from them. */
  states: Map<string, EventState>;
  /** Events that a person had sent again: only these may be at Meta twice. */
  resent: Set<string>;
  resolved: Set<string>;
  decided: number;
};
type Step = { name: string; run(world: World): Promise<unknown> };

const step = (name: string, run: Step['run']): Step => ({ name, run });

const isGood = fc.nat(5).map((n) => n > 0);
const decide = fc.array(isGood, { minLength: 1, maxLength: 5 }).map((good) =>
  step(`decide ${good.map((is) => (is ? 'good' : 'bad')).join(' ')}`, async (world) => {
    const sales = good.map((is) => {
      world.decided += 1;
      return is ? { id: world.decided } : { id: world.decided, clickId: BAD_CLICK };
    });
    for (const id of await addSales(world.tieback, world.connection, sales)) world.states.set(id, 'due');
  }),
);
const fault = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...FAULTS) },
  { weight: 1, arbitrary: fc.constant<Fault>({ kind: 'cut_after_accepting' }) },
);
const deliver = fc.array(fault, { maxLength: 3 }).map((faults) =>
  step(`deliver with ${JSON.stringify(faults)}`, async ({ tieback }) => {
    for (const fault of faults) tieback.meta.faultNext(fault);
    await deliverBatch(tieback.pipeline);
    tieback.meta.clearFaults();
  }),
);
const forward = fc
  .constantFrom(SECOND_MS, 6 * SECOND_MS, 61 * SECOND_MS, 3_600 * SECOND_MS, DAY_MS)
  .map((ms) => step(`${ms / SECOND_MS} s pass`, async ({ tieback }) => tieback.now.forward(ms)));
const crashAfterClaim = fc.constant(
  step('a worker dies after its claim', ({ tieback }) => claimLanes(tieback.pipeline, ALL)),
);
const crashBeforeRequest = fc.constant(
  step('a worker dies when its request is about to leave', async ({ tieback: { pipeline } }) => {
    const lanes = await claimLanes(pipeline, ALL);
    await holdEvents(
      pipeline,
      lanes.flatMap((lane) => lane.events),
      [],
    );
  }),
);
const crashAfterRequest = fc.constant(
  step('a worker dies while Meta answers', async ({ tieback: { pipeline } }) => {
    // It never settles: what it does after Meta has the request is lost.
    const { promise: reached, resolve: noteReached } = Promise.withResolvers<void>();
    const graph: GraphClient = async (request) => {
      await pipeline.graph(request);
      noteReached();
      return new Promise<never>(() => undefined);
    };
    const claimed = deliverBatch({ ...pipeline, graph });
    await Promise.race([reached, claimed]);
  }),
);
const sweep = fc.constant(
  step('sweep and probe', async ({ tieback: { pipeline } }) => {
    await sweepEvents(pipeline);
    await probeConnections(pipeline);
  }),
);
const reconnect = fc.constant(
  step('the number is connected again', ({ tieback, connection }) =>
    tieback.connect({ token: connection.token }),
  ),
);
const resolve = fc
  .record({ nth: fc.nat(20), as: fc.constantFrom('accepted' as const, 'resend' as const) })
  .map(({ nth, as }) =>
    step(`resolve event ${nth} as ${as}`, async (world) => {
      const id = [...world.states.keys()][nth];
      if (id === undefined) return;
      const outcome = await resolveEvent(world.tieback.pipeline, id, as);
      expect(outcome.kind === 'resolved').toBe(
        outcome.kind !== 'cannot_resend' && world.states.get(id) === 'unknown',
      );
      if (outcome.kind === 'resolved') world.resolved.add(id);
      if (outcome.kind === 'resolved' && as === 'resend') world.resent.add(id);
    }),
  );

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: decide },
    { weight: 6, arbitrary: deliver },
    { weight: 4, arbitrary: forward },
    { weight: 1, arbitrary: crashAfterClaim },
    { weight: 1, arbitrary: crashBeforeRequest },
    { weight: 1, arbitrary: crashAfterRequest },
    { weight: 2, arbitrary: sweep },
    { weight: 1, arbitrary: reconnect },
    { weight: 2, arbitrary: resolve },
  ),
  { minLength: 5, maxLength: 30, size: 'max' },
);

/** The pretend Meta's acceptances by event id. */
function timesAccepted({ tieback }: World): Map<string, number> {
  const times = new Map<string, number>();
  for (const { event } of tieback.meta.accepted()) {
    const id = String(event['event_id']);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
}

async function check(world: World): Promise<void> {
  const rows = await world.tieback.pipeline.db.conversionEvent.findMany();
  expect(new Set(rows.map((row) => row.eventId))).toEqual(new Set(world.states.keys()));
  const times = timesAccepted(world);
  for (const row of rows) {
    const before = world.states.get(row.eventId) ?? 'due';
    if (before === 'unknown' && row.state !== 'unknown') expect(world.resolved).toContain(row.eventId);
    expect(ALLOWED[before], `${row.eventId} was ${before}`).toContain(row.state);
    world.states.set(row.eventId, row.state);
    // Whatever is not simply on its way says why, in words.
    const plain =
      row.state === 'accepted' || row.state === 'sending' || (row.state === 'due' && row.attempts === 0);
    if (!plain) expect(isReason(row.reason ?? '') && explain(row.reason as 'expired').sentence).toBeTruthy();
    expect(row.leaseUntil !== null, `${row.eventId} is ${row.state}`).toBe(row.state === 'sending');
    expect(row.settledAt === null).toBe(row.state === 'due' || row.state === 'sending');
    const taken = times.get(row.eventId) ?? 0;
    if (!world.resent.has(row.eventId)) expect(taken, row.eventId).toBeLessThanOrEqual(1);
    if (row.state === 'refused' || row.state === 'expired')
      expect(world.resent.has(row.eventId) ? 0 : taken, row.eventId).toBe(0);
  }
}

/** All faults end: what still has time is delivered within the longest rung; then all deadlines pass. */
async function finish(world: World): Promise<void> {
  const { tieback, connection } = world;
  await tieback.connect({ token: connection.token });
  const longest = 6 * 3_600 * SECOND_MS;
  const inTime = await tieback.pipeline.db.conversionEvent.findMany({
    where: {
      OR: [{ state: 'due' }, { state: 'sending', unsent: true }],
      deadline: { gt: new Date(tieback.now.at.getTime() + longest) },
    },
  });
  for (const ms of [61 * SECOND_MS, longest - 61 * SECOND_MS]) {
    tieback.now.forward(ms);
    await tieback.work();
    await check(world);
  }
  for (const { eventId } of inTime) expect(['accepted', 'refused']).toContain(world.states.get(eventId));
  tieback.now.forward(8 * DAY_MS);
  await tieback.work();
  await check(world);
  for (const state of world.states.values()) expect(['due', 'sending']).not.toContain(state);
}

test('whatever happens, every event takes only allowed steps, is explained, and is at Meta at most once', async () => {
  const tieback = await openTieback({ graphTimeoutMs: 2_000 });
  const { db } = tieback.pipeline;
  let first = 1;
  await fc.assert(
    fc.asyncProperty(steps, async (run) => {
      await db.conversionEvent.deleteMany();
      tieback.now.at = START;
      const connection = await tieback.connect();
      const [states, resent, resolved] = [new Map(), new Set<string>(), new Set<string>()];
      const world: World = { tieback, connection, states, resent, resolved, decided: first };
      for (const { run: take } of run) {
        await take(world);
        await check(world);
      }
      await finish(world);
      // What the pretend Meta has accepted stays there: the next run's orders are others.
      first = world.decided + 1;
    }),
    { numRuns: Number(process.env['LEDGER_RUNS'] ?? 60), endOnFailure: true },
  );
}, 120_000);
