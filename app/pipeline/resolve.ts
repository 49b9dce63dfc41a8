import type { ConversionEvent } from '../../prisma/generated/client.ts';
import { isUuid } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';

export type Resolution = 'accepted' | 'resend';
export type ResolveOutcome =
  | { kind: 'resolved'; event: Pick<ConversionEvent, 'id' | 'eventId' | 'state' | 'nextAttemptAt'> }
  | { kind: 'not_found' }
  /** Several shops know an event by this `event_id`. */
  | { kind: 'ambiguous'; ids: string[] }
  | { kind: 'not_unknown'; state: ConversionEvent['state'] }
  | { kind: 'cannot_resend'; why: 'past_deadline' | 'customer_erased' };

/**
 * Settles an event whose outcome is unknown, on the word of a person who has looked in Meta's Events Manager. `event` is
 * the id of the ledger row or the `event_id`. A resend goes at once, with the same `event_id`.
 */
export async function resolveEvent(
  pipeline: Pipeline,
  event: string,
  as: Resolution,
): Promise<ResolveOutcome> {
  const found = await pipeline.db.conversionEvent.findMany({
    where: isUuid(event) ? { id: event } : { eventId: event },
  });
  const unknown = found.filter((row) => row.state === 'unknown');
  if (unknown.length > 1) return { kind: 'ambiguous', ids: unknown.map((row) => row.id) };
  const [row] = unknown;
  if (!row) return found[0] ? { kind: 'not_unknown', state: found[0].state } : { kind: 'not_found' };

  const now = pipeline.clock();
  if (as === 'resend' && row.payload === '') return { kind: 'cannot_resend', why: 'customer_erased' };
  if (as === 'resend' && row.deadline <= now) return { kind: 'cannot_resend', why: 'past_deadline' };

  const note = `${now.toISOString()} resolved by an operator as ${as}`;
  const answer = row.answer === null ? note : `${row.answer}\n${note}`;
  const [resolved] = await pipeline.db.conversionEvent.updateManyAndReturn({
    where: { shopId: row.shopId, id: row.id, state: 'unknown', attempts: row.attempts },
    data:
      as === 'accepted'
        ? { state: 'accepted', reason: null, settledAt: now, answer }
        : { state: 'due', nextAttemptAt: now, settledAt: null, answer },
    select: { id: true, eventId: true, state: true, nextAttemptAt: true },
  });
  // Its answer came late, in this very moment.
  if (!resolved) return resolveEvent(pipeline, event, as);
  pipeline.log.info({ shop: row.shopId, event: row.id, as }, 'unknown outcome resolved');
  if (as === 'resend') pipeline.bell.ring();
  return { kind: 'resolved', event: resolved };
}
