import { setTimeout as delay } from 'node:timers/promises';
import type { EventReason, WithheldReason } from '../domain/reason.ts';
import type { Settlement } from '../domain/settlement.ts';
import { Prisma } from '../storage/database.ts';
import type { ClaimedEvent } from './claim.ts';
import type { Pipeline } from './context.ts';

/** What Meta said, or the network. */
export type Answer = {
  httpStatus: number | null;
  errorCode: string | null;
  text: string | null;
  fbtraceId: string | null;
};
export type Settled = Omit<Settlement, 'state' | 'reason'> & {
  state: Settlement['state'] | 'withheld';
  reason: EventReason | WithheldReason | null;
  event: ClaimedEvent;
  answer: Answer;
};

export type Settler = {
  /** Resolves when the database has it; what comes while a statement is under way goes together with the next one. */
  settle(rows: readonly Settled[]): Promise<void>;
};

const MAX_TRIES = 600;
const LONGEST_WAIT_MS = 1_000;
export const NO_ANSWER: Answer = { httpStatus: null, errorCode: null, text: null, fbtraceId: null };

/** Collects what settles at the same time into one statement. */
export function createSettler(pipeline: Pipeline): Settler {
  let waiting: Settled[] = [];
  let flushed: Promise<void> | null = null;
  let running: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    const rows = waiting;
    waiting = [];
    flushed = null;
    await untilStored(pipeline, () => writeSettled(pipeline, rows));
    for (const { state } of rows) pipeline.metrics.sent.inc({ outcome: state });
  }

  return {
    settle(rows) {
      if (rows.length === 0) return Promise.resolve();
      waiting.push(...rows);
      if (flushed === null) {
        flushed = running.then(flush);
        running = flushed.catch(() => undefined);
      }
      return flushed;
    },
  };
}

/**
 * Writes until the database takes it: Meta's answer is known to nobody else, and without it an accepted event would
 * become unknown. Gives up after about 10 minutes, with the last error.
 */
export async function untilStored<T>(pipeline: Pipeline, write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      if (tries >= MAX_TRIES) throw error;
      if (tries === 1) pipeline.log.warn({ err: error }, 'the ledger cannot be written; trying until it can');
      await delay(Math.min(LONGEST_WAIT_MS, 25 * 2 ** Math.min(tries, 10)));
    }
  }
}

/**
 * Moves rows to where their try left them. A row that was given up as unknown meanwhile is still this try's, and an
 * answer that comes late beats none. What was erased while it was sent has nothing left to send.
 */
async function writeSettled(pipeline: Pipeline, rows: readonly Settled[]): Promise<void> {
  const column = <T>(read: (row: Settled) => T): T[] => rows.map(read);
  const erased = Prisma.sql`(s.state = 'due' AND e.payload = '')`;
  await pipeline.db.$executeRaw(Prisma.sql`
    UPDATE conversion_events e SET
      state = CASE WHEN ${erased} THEN 'withheld' ELSE s.state END::event_state,
      reason = CASE WHEN ${erased} THEN ${'customer_erased' satisfies EventReason} ELSE s.reason END,
      lease_until = NULL, unsent = false, uncertain = s.uncertain,
      next_attempt_at = COALESCE(s.next_attempt_at, e.next_attempt_at), http_status = s.http_status,
      error_code = s.error_code, answer = s.answer, fbtrace_id = s.fbtrace_id,
      settled_at = CASE WHEN s.state = 'due' AND e.payload <> '' THEN NULL ELSE ${pipeline.clock()}::timestamptz END
    FROM unnest(${column((s) => s.event.id)}::uuid[], ${column((s) => s.event.attempts)}::int[], ${column((s) => s.state)}::text[], ${column((s) => s.reason)}::text[],
      ${column((s) => s.uncertain)}::int[], ${column((s) => s.nextAttemptAt)}::timestamptz[],
      ${column((s) => s.answer.httpStatus)}::int[], ${column((s) => s.answer.errorCode)}::text[],
      ${column((s) => s.answer.text)}::text[], ${column((s) => s.answer.fbtraceId)}::text[])
      AS s(id, attempts, state, reason, uncertain, next_attempt_at, http_status, error_code, answer, fbtrace_id)
    -- By the key alone: see holdEvents.
    WHERE e.id = s.id AND e.attempts = s.attempts
      AND (e.state IN ('sending', 'unknown') OR (e.state = 'due' AND s.state = 'accepted'))`);
}
