import { explain, explainState } from '../../domain/explain.ts';
import type { EventName } from '../../domain/report.ts';
import type { Services } from '../../services.ts';
import { formatMoney } from '../format.ts';
import type { ShopClock } from '../format.ts';
import { readState } from '../order-query.ts';
import type { StateBadge } from '../tone.ts';
import type { EventStory } from './timeline.ts';

export type SentEvent = {
  name: string;
  badge: StateBadge;
  eventId: string;
  datasetId: string;
  value: string;
  eventTime: string;
  deadline: string;
  attempts: number;
};
export type MetaAnswer = {
  /** The name of the event that it answers. */
  event: string;
  httpStatus: number | null;
  code: string | null;
  explanation: string;
  traceId: string | null;
  raw: string | null;
};
export type EventRow = Awaited<ReturnType<typeof readEvents>>[number];

/** What the ledger holds about an order, in the order of the events' times. */
export function readEvents({ db }: Pick<Services, 'db'>, shopId: number, subject: string) {
  return db.conversionEvent.findMany({
    where: { shopId, subject },
    omit: { payload: true },
    orderBy: [{ eventTime: 'asc' }, { eventName: 'asc' }],
  });
}

export function sentEvent(event: EventRow, clock: ShopClock): SentEvent {
  const { state } = stateOf(event);
  const { label, tone } = explainState(state);
  return {
    name: event.eventName,
    badge: { state, label, tone },
    eventId: event.eventId,
    datasetId: event.datasetId,
    value: event.value && event.currency ? formatMoney(event.value.toString(), event.currency) : '–',
    eventTime: clock.time(event.eventTime),
    deadline: clock.time(event.deadline),
    attempts: event.attempts,
  };
}

/** Null for an event that Meta has not answered. */
export function metaAnswer(event: EventRow): MetaAnswer | null {
  const { httpStatus, errorCode, fbtraceId, answer } = event;
  if (httpStatus === null && errorCode === null && answer === null) return null;
  const { state, reason } = stateOf(event);
  const told: EventName = event.eventName === 'OrderCreated' ? 'OrderCreated' : 'Purchase';
  const { sentence } = reason === null ? explainState(state, told) : explain(reason, told);
  return {
    event: event.eventName,
    httpStatus,
    code: errorCode,
    explanation: sentence,
    traceId: fbtraceId,
    raw: answer,
  };
}

export function eventStory(event: EventRow, now: Date): EventStory {
  const { attempts, sentAt, settledAt, nextAttemptAt } = event;
  const left = !(event.state === 'refused' && event.httpStatus === null);
  return { attempts, sentAt, settledAt, nextTryAt: nextAttemptAt > now ? nextAttemptAt : null, left };
}

/** An event's own state, in the words that an order's state has. */
export function stateOf(event: EventRow): ReturnType<typeof readState> {
  return readState({
    decision: 'report',
    reason: null,
    eventState: event.state,
    attempts: event.attempts,
    eventReason: event.reason,
  });
}
