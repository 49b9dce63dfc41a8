import type { EventReason } from '../domain/reason.ts';
import { readSettings } from '../domain/settings.ts';
import { settlementOf } from '../domain/settlement.ts';
import { Prisma } from '../storage/database.ts';
import type { ClaimedEvent } from './claim.ts';
import type { Pipeline } from './context.ts';
import { createSettler, NO_ANSWER } from './settle.ts';

const BATCH = 1_000;

/** Moves rows that their worker cannot move any more: past their deadline, or left behind by a worker that died. */
export async function sweepEvents(pipeline: Pipeline): Promise<void> {
  const now = pipeline.clock();
  await pipeline.db.$executeRaw(Prisma.sql`
    UPDATE conversion_events SET state = 'expired', reason = ${'expired' satisfies EventReason}, settled_at = ${now}
    -- Always true: it names the index that is kept for this statement.
    WHERE state = 'due' AND deadline <= ${now} AND deadline > '-infinity'`);
  // Provably never left: it may be sent.
  await pipeline.db.$executeRaw(Prisma.sql`
    UPDATE conversion_events SET state = CASE WHEN payload = '' THEN 'withheld' ELSE 'due' END::event_state,
      reason = CASE WHEN payload = '' THEN ${'customer_erased' satisfies EventReason}
        ELSE ${'interrupted' satisfies EventReason} END,
      settled_at = CASE WHEN payload = '' THEN ${now} ELSE settled_at END,
      next_attempt_at = ${now}, lease_until = NULL, unsent = false
    WHERE state = 'sending' AND lease_until <= ${now} AND unsent`);
  await giveUpLapsed(pipeline, now);
}

/** A request may have left with these, and nobody is left who could know. */
async function giveUpLapsed(pipeline: Pipeline, now: Date): Promise<void> {
  const rows = await pipeline.db.$queryRaw<(ClaimedEvent & { settings: unknown })[]>(Prisma.sql`
    SELECT e.shop_id AS "shopId", e.id, e.attempts, e.uncertain, e.deadline, e.payload, s.settings
    FROM conversion_events e JOIN shops s ON s.id = e.shop_id
    WHERE e.state = 'sending' AND e.lease_until <= ${now} AND NOT e.unsent
    ORDER BY e.lease_until LIMIT ${BATCH}`);
  await createSettler(pipeline).settle(
    rows.map(({ settings, ...event }) => {
      const { unknownOutcome } = readSettings(settings);
      const outcome = { kind: 'unknown', reason: 'no_answer', error: null } as const;
      const tried = { ...event, unknownOutcome, now, random: pipeline.random() };
      return { ...settlementOf(outcome, tried), event, answer: NO_ANSWER };
    }),
  );
}
