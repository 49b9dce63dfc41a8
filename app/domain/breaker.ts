import type { Outcome } from './outcome.ts';

/**
 * `failures`: requests in a row that Meta neither took nor judged; until `holdUntil` nothing is sent, with `wholeApp` to
 * no dataset of the same Meta app.
 */
export type Breaker = { failures: number; holdUntil: Date | null; wholeApp: boolean };

/** From so many failures on the breaker is open, and half-open once `holdUntil` has passed. */
export const OPEN_FROM = 3;
const SECOND_MS = 1000;
// Short beside the events' own ladder: that a dataset works again should be noticed soon.
const HOLD_SECONDS = [15, 30, 60, 2 * 60] as const;
const LONGEST_HOLD_SECONDS = 5 * 60;
const JITTER = 0.2;
// "Application request limit reached": one limit for all that the app calls, whichever dataset ran into it.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
const APP_LIMITS: ReadonlySet<number> = new Set([4, 341]);

/** Half-open: one event goes alone, and what becomes of it decides. */
export function isHalfOpen(failures: number): boolean {
  return failures >= OPEN_FROM;
}

/**
 * The breaker of a dataset after one more request. It opens after three requests in a row that were throttled, failed at
 * Meta, could not reach it or got no answer; an open one holds for 15 s, 30 s, 1 min, 2 min, then 5 min, each ±20 %.
 * What Meta asks to wait holds the whole dataset at once. `random` is in 0..1.
 */
export function afterRequest(failures: number, outcome: Outcome, now: Date, random: number): Breaker {
  if (outcome.kind !== 'retry' && outcome.kind !== 'unknown') {
    return { failures: 0, holdUntil: null, wholeApp: false };
  }

  const failed = failures + 1;
  const rung = HOLD_SECONDS[failed - OPEN_FROM] ?? LONGEST_HOLD_SECONDS;
  const spread = 1 - JITTER + 2 * JITTER * Math.min(1, Math.max(0, random));
  const ownMs = failed < OPEN_FROM ? 0 : Math.round(rung * spread * SECOND_MS);
  const askedMs = outcome.kind === 'retry' ? Math.ceil((outcome.waitSeconds ?? 0) * SECOND_MS) : 0;
  const holdMs = Math.max(ownMs, askedMs);
  const holdUntil = holdMs === 0 ? null : new Date(now.getTime() + holdMs);
  return { failures: failed, holdUntil, wholeApp: APP_LIMITS.has(outcome.error?.code ?? 0) };
}

const NEARLY_SPENT_PERCENT = 90;
const SPENT_PERCENT = 100;
const NEARLY_SPENT_HOLD_MS = 30 * SECOND_MS;
const SPENT_HOLD_MS = LONGEST_HOLD_SECONDS * SECOND_MS;

/**
 * Until when a dataset rests although Meta took the request, because its answer says that most of what may be called is
 * used up: 30 s from 90 % on, 5 min from 100 %; null when it need not. What Meta counts wears off by the minute.
 * https://developers.facebook.com/docs/graph-api/overview/rate-limiting
 */
export function restFor(usagePercent: number | null, now: Date): Date | null {
  if (usagePercent === null || !(usagePercent >= NEARLY_SPENT_PERCENT)) return null;
  const restMs = usagePercent >= SPENT_PERCENT ? SPENT_HOLD_MS : NEARLY_SPENT_HOLD_MS;
  return new Date(now.getTime() + restMs);
}
