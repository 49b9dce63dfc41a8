import fc from 'fast-check';
import type { Fault } from '../sandbox/pretend-meta.ts';
import type { ShopifyFault } from '../sandbox/shopify-admin-api.ts';
import type { Mishap } from './mishap.ts';
import type { LineFault } from './tcp-proxy.ts';

export type WorkerPlan = { skewMs: number; mishap: Mishap };
export type OrderTopic = 'orders/create' | 'orders/updated' | 'orders/paid';
export type Step =
  | { kind: 'tap'; person: number }
  /** `update` is a place in CHANGES. `copies` 0: the webhook of this change never comes. */
  | { kind: 'order'; order: number; topic: OrderTopic; update: number; copies: number }
  /** One round of one worker, or of several at once. */
  | { kind: 'work'; workers: WorkerPlan[] }
  | { kind: 'reconcile'; worker: WorkerPlan; fault: ShopifyFault | null; times: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'meta'; fault: Fault; times: number }
  | { kind: 'line'; fault: LineFault }
  /** PostgreSQL refuses everybody while a change of this order comes in and a worker tries to work. */
  | { kind: 'outage'; order: number };
/** What happens to one shop. `people[i]` says who places order i; null: somebody who never tapped an ad. */
export type Schedule = { people: (number | null)[]; steps: Step[] };

/** What becomes of every order at Shopify; it was edited, and the difference was paid. */
export const CHANGES: readonly OrderTopic[] = [
  'orders/create',
  'orders/paid',
  'orders/updated',
  'orders/paid',
];

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
// A worker whose clock is this far ahead takes another's work for abandoned.
const LEASE_MS = MINUTE_MS;

const status = (code: number, http: number, more: { transient?: boolean; wait?: string } = {}): Fault => ({
  kind: 'status',
  status: http,
  code,
  ...(more.transient && { transient: true }),
  ...(more.wait && { headers: { 'retry-after': more.wait } }),
});
const PASSING = [
  status(2, 500, { transient: true }),
  status(80004, 400, { wait: '120' }),
  status(4, 429),
  { kind: 'slow_body', ms: 5 } as const,
];
const WIRING = [status(190, 401), status(200, 403)];
const UNSURE: readonly Fault[] = [
  { kind: 'html', status: 502 },
  { kind: 'html', status: 200 },
  { kind: 'cut_before' },
  { kind: 'cut_after_accepting' },
  { kind: 'zero_received' },
  { kind: 'not_json' },
];
// These cost the test as long as a platform is waited for.
const SLOW: readonly Fault[] = [{ kind: 'hang' }, { kind: 'slow_body', ms: 60_000 }];
const metaFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PASSING) },
  { weight: 2, arbitrary: fc.constantFrom(...WIRING) },
  { weight: 10, arbitrary: fc.constantFrom(...UNSURE) },
  { weight: 1, arbitrary: fc.constantFrom(...SLOW) },
);
const lineFault: fc.Arbitrary<LineFault> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('reset', 'refuse') },
  { weight: 1, arbitrary: fc.constantFrom('swallow_request', 'swallow_answer') },
);
const shopifyFault: fc.Arbitrary<ShopifyFault | null> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(null, 'throttled', 'server_error') },
  { weight: 1, arbitrary: fc.constant('hang') },
);

// The ledger's few statements are the ones between which an event could be sent twice.
const place = fc.oneof(
  fc.record({ among: fc.constant('all' as const), at: fc.integer({ min: 1, max: 45 }) }),
  fc.record({ among: fc.constant('ledger' as const), at: fc.integer({ min: 1, max: 9 }) }),
);
const befalls = <K extends string>(...kinds: K[]) =>
  fc.tuple(fc.constantFrom(...kinds), place).map(([kind, where]) => ({ kind, ...where }));
const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'none' }) },
  { weight: 4, arbitrary: befalls('cut_before', 'cut_after', 'terminated', 'dies') },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('dies_before_request', 'dies_after_request') }),
  },
);
const stall: fc.Arbitrary<Mishap> = fc.oneof(
  befalls('stalls'),
  fc.constant({ kind: 'stalls_before_request' }),
);
// Machines are kept in step to within a second; the last three of these are not.
const skewMs = fc.constantFrom(
  0,
  0,
  0,
  400,
  -400,
  5 * SECOND_MS,
  70 * SECOND_MS,
  -70 * SECOND_MS,
  10 * MINUTE_MS,
);
/** How many workers a step has at the most. */
export const MOST_WORKERS = 4;
const worker: fc.Arbitrary<WorkerPlan> = fc.record({ skewMs, mishap });
// One that takes over from a worker that stands still, if its clock is ahead.
const hasty = fc.oneof(
  worker,
  fc.record({ skewMs: fc.constantFrom(70 * SECOND_MS, 10 * MINUTE_MS), mishap }),
);
const workers: fc.Arbitrary<WorkerPlan[]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(worker) },
  { weight: 2, arbitrary: fc.tuple(worker, worker) },
  { weight: 2, arbitrary: fc.tuple(fc.record({ skewMs, mishap: stall }), hasty) },
  { weight: 1, arbitrary: fc.array(worker, { minLength: 3, maxLength: MOST_WORKERS }) },
);
const WAITS = [SECOND_MS, 6 * SECOND_MS, 40 * SECOND_MS, 61 * SECOND_MS, 5 * MINUTE_MS, HOUR_MS, 9 * HOUR_MS];
const times = fc.integer({ min: 1, max: 3 });

const trouble = (orders: number): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('work'), workers }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(...WAITS) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('meta'), fault: metaFault, times }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('line'), fault: lineFault }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('reconcile'), worker, fault: shopifyFault, times }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage'), order: fc.nat(orders - 1) }) },
  );

/**
 * Random schedules of a shop's day. What comes when, twice, late, in the wrong sequence or never, and what goes wrong
 * between, is drawn; only taps always come, since nobody can be asked for one again.
 */
export const schedules: fc.Arbitrary<Schedule> = fc
  .tuple(
    fc.array(fc.option(fc.nat(1), { freq: 6 }), { minLength: 1, maxLength: 4 }),
    fc.array(fc.constantFrom(1, 1, 1, 2, 0), { minLength: 16, maxLength: 16 }),
    fc.constantFrom<Sequence[]>('taps_first', 'all_at_once', 'late_taps'),
  )
  .chain(([people, copies, sequence]) => {
    const tapping = [...new Set(people)].filter((person) => person !== null);
    const taps = tapping.map((person): Step => ({ kind: 'tap', person }));
    const news = people.flatMap((_, order) =>
      CHANGES.map((topic, update): Step => {
        const sent = copies[order * CHANGES.length + update] ?? 1;
        return { kind: 'order', order, topic, update, copies: sent };
      }),
    );
    const { first, mixed } = arrange(sequence, taps, news);
    return fc
      .tuple(
        fc.shuffledSubarray(first, { minLength: first.length }),
        fc.array(trouble(people.length), { minLength: 2, maxLength: 8 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }),
      )
      .map(([head, troubles, places]) => ({ people, steps: [...head, ...scatter(mixed, troubles, places)] }));
  });

type Sequence = 'taps_first' | 'all_at_once' | 'late_taps';

/** What comes before any trouble, and what comes somewhere among it. */
function arrange(sequence: Sequence, taps: Step[], news: Step[]): { first: Step[]; mixed: Step[] } {
  switch (sequence) {
    case 'taps_first':
      return { first: taps, mixed: news };
    case 'all_at_once':
      return { first: [...taps, ...news], mixed: [] };
    case 'late_taps':
      return { first: [], mixed: [...taps, ...news] };
  }
}

/** Puts each of `scattered` at its own random place among `steps`, which keep their sequence. */
function scatter(scattered: readonly Step[], steps: readonly Step[], places: readonly number[]): Step[] {
  const placed = [
    ...steps.map((step, index) => ({ step, place: (index + 0.5) / steps.length })),
    ...scattered.map((step, index) => ({ step, place: places[index] ?? 0 })),
  ];
  return placed.toSorted((a, b) => a.place - b.place).map(({ step }) => step);
}

/** Whether after this nobody can be certain what Meta has; where nothing of the kind happened, every outcome is known. */
export function isUnsure(step: Step): boolean {
  switch (step.kind) {
    case 'meta':
      return step.fault.kind !== 'status';
    case 'line':
      return step.fault !== 'refuse';
    case 'work':
      return step.workers.some(
        ({ mishap, skewMs }) => /^(dies|stalls)/.test(mishap.kind) || Math.abs(skewMs) >= LEASE_MS,
      );
    case 'reconcile':
    case 'tap':
    case 'order':
    case 'wait':
    case 'outage':
      return false;
  }
}
