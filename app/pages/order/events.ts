import { isEventName, type EventName } from '../../domain/event-name.ts';
import { explain, explainState } from '../../domain/explain.ts';
import { explainEventName } from '../../domain/explain-event-name.ts';
import type { EventRowId, ShopId } from '../../domain/ids.ts';
import { explainMetaError } from '../../domain/meta-error-words.ts';
import { maskedEvent } from '../../pipeline/preview.ts';
import type { Services } from '../../services.ts';
import { formatMoney } from '../format.ts';
import type { ShopClock } from '../format.ts';
import { channelLabel } from '../meta-channel.ts';
import { readState } from '../order-query.ts';
import { prettyJson } from '../settings/preview-words.ts';
import type { StateBadge } from '../tone.ts';
import type { EventStory } from './timeline.ts';

/** An event of the ledger with its own state, in words. */
export type ToldEvent = {
  id: string;
  label: string;
  /** Meta's name for it. */
  name: string;
  badge: StateBadge;
  sentence: string;
  fix: string | null;
  channel: string;
  eventId: string;
  datasetId: string;
  value: string | null;
  eventTime: string;
  deadline: string;
  attempts: number;
  answer: MetaAnswer | null;
  /** What it says, masked and indented; null when that is not kept. */
  json: string | null;
};
export type MetaAnswer = {
  httpStatus: number | null;
  code: string | null;
  /** What Meta's error means; null for an answer that is none. */
  error: { title: string; meaning: string; whose: string; fix: string } | null;
  traceId: string | null;
  raw: string | null;
};
export type EventRow = Awaited<ReturnType<typeof readEvents>>[number];

/** What the ledger holds about an order, in the order of the events' times. */
export function readEvents({ db }: Pick<Services, 'db'>, shopId: number, subject: string) {
  return db.conversionEvent.findMany({
    where: { shopId, subject },
    orderBy: [{ eventTime: 'asc' }, { eventName: 'asc' }],
  });
}

export function toldEvent({ vault }: Pick<Services, 'vault'>, event: EventRow, clock: ShopClock): ToldEvent {
  const told = toldName(event.eventName);
  const { state, reason } = stateOf(event);
  const stateWords = explainState(state, told);
  const why = reason === null ? { ...stateWords, fix: null } : explain(reason, told);
  const masked = maskedEvent(vault, event.shopId as ShopId, {
    id: event.id as EventRowId,
    payload: event.payload,
  });
  return {
    id: event.id,
    label: explainEventName(told).label,
    name: event.eventName,
    badge: { state, label: stateWords.label, tone: stateWords.tone },
    sentence: why.sentence,
    fix: why.fix,
    channel: channelLabel(event.channel),
    eventId: event.eventId,
    datasetId: event.datasetId,
    value: event.value && event.currency ? formatMoney(event.value.toString(), event.currency) : null,
    eventTime: clock.time(event.eventTime),
    deadline: clock.time(event.deadline),
    attempts: event.attempts,
    answer: metaAnswer(event),
    json: masked && prettyJson(masked),
  };
}

/** Null for an event that Meta has not answered. */
function metaAnswer({ httpStatus, errorCode, fbtraceId, answer }: EventRow): MetaAnswer | null {
  if (httpStatus === null && errorCode === null && answer === null) return null;
  return {
    httpStatus,
    code: errorCode,
    error: errorCode === null ? null : errorInWords(errorCode),
    traceId: fbtraceId,
    raw: answer,
  };
}

function errorInWords(code: string): MetaAnswer['error'] {
  const { title, meaning, whose, fix } = explainMetaError(code);
  return { title, meaning, whose: WHOSE[whose], fix };
}

const WHOSE: Readonly<Record<ReturnType<typeof explainMetaError>['whose'], string>> = {
  merchant: 'Yours to put right',
  tieback: 'The team’s that runs Tieback',
  meta: 'Meta’s',
  nobody: 'Nobody’s',
};

export function eventStory(event: EventRow, now: Date): EventStory {
  const { attempts, sentAt, settledAt, nextAttemptAt } = event;
  const left = !(event.state === 'refused' && event.httpStatus === null);
  const nextTryAt = nextAttemptAt > now ? nextAttemptAt : null;
  return { attempts, sentAt, settledAt, nextTryAt, expired: event.state === 'expired', left };
}

/** An event's own state, in the words that an order's state has. */
export function stateOf(
  event: Pick<EventRow, 'state' | 'attempts' | 'reason'>,
): ReturnType<typeof readState> {
  return readState({
    decision: 'report',
    reason: null,
    eventState: event.state,
    attempts: event.attempts,
    eventReason: event.reason,
  });
}

/** A stored name as one of Meta's; only a name of another time is not. */
export function toldName(stored: string): EventName {
  return isEventName(stored) ? stored : 'Purchase';
}
