import type { ConversionEventPayload } from '../domain/conversion-event.ts';
import type { Channel } from '../domain/channel.ts';
import type { EventName } from '../domain/event-name.ts';
import type { ConnectionId, EventRowId, ReferralId, ShopId } from '../domain/ids.ts';
import type { Money } from '../domain/order.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { uuidv7 } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';
import { orderKey } from './orders.ts';
import { eventPayload } from './sealed.ts';

export type EventSource = 'order' | 'click' | 'rule' | 'chat_link' | 'cart' | 'checkout' | 'api';
/**
 * An event that is to be told; one whose name Meta refused on its connection, kept until it is tried again; or one about
 * no order that is kept back and shown with its reason.
 */
export type NewEvent = {
  shopId: ShopId;
  subject: string;
  source: EventSource;
  referralId: ReferralId;
  eventName: EventName;
  channel: Channel;
  connectionId: ConnectionId;
  datasetId: string;
  eventId: string;
  eventTime: Date;
  deadline: Date;
  value: Money | null;
} & (
  | {
      kind: 'due';
      payload: ConversionEventPayload;
      /** Not sent before this; null: at once. */ notBefore: Date | null;
    }
  | { kind: 'parked'; payload: ConversionEventPayload }
  | { kind: 'withheld'; reason: WithheldReason }
);

/** Why an event waits whose name is not tried at the moment. */
export const PARKED = 'event_name_parked' satisfies WithheldReason;

/**
 * Writes events to the ledger. One row for each shop, subject and event name, for ever: whatever is decided twice is
 * written once, and it is written before anything is sent. Returns the ids of the rows that are new.
 */
export async function writeEvents(
  pipeline: Pipeline,
  tx: Transaction,
  events: readonly NewEvent[],
): Promise<{ id: EventRowId; subject: string; eventName: EventName }[]> {
  if (events.length === 0) return [];
  const now = pipeline.clock();
  const rows = events.map((event) => {
    const id = uuidv7(now) as EventRowId;
    return { ...event, id, ...fateOf(pipeline, event, id) };
  });
  const column = <T>(read: (row: (typeof rows)[number]) => T): T[] => rows.map(read);
  return tx.$queryRaw(Prisma.sql`
    INSERT INTO conversion_events (shop_id, id, subject, source, referral_id, event_name, channel, connection_id,
      dataset_id, event_id, event_time, deadline, value, currency, payload, state, reason, next_attempt_at, created_at,
      settled_at)
    SELECT n.shop_id, n.id, n.subject, n.source::event_source, n.referral_id, n.event_name, n.channel, n.connection_id,
      n.dataset_id, n.event_id, n.event_time, n.deadline, n.value, n.currency, n.payload, n.state::event_state, n.reason,
      COALESCE(n.not_before, ${now}), ${now}, CASE n.state WHEN 'withheld' THEN ${now}::timestamptz END
    FROM unnest(${column((r) => r.shopId)}::int[], ${column((r) => r.id)}::uuid[],
      ${column((r) => r.subject)}::text[], ${column((r) => r.source)}::text[], ${column((r) => r.referralId)}::uuid[],
      ${column((r) => r.eventName)}::text[], ${column((r) => r.channel)}::text[],
      ${column((r) => r.connectionId)}::uuid[], ${column((r) => r.datasetId)}::text[],
      ${column((r) => r.eventId)}::text[], ${column((r) => r.eventTime)}::timestamptz[],
      ${column((r) => r.deadline)}::timestamptz[], ${column((r) => r.value?.amount ?? null)}::numeric[],
      ${column((r) => r.value?.currency ?? null)}::text[], ${column((r) => r.sealed)}::text[],
      ${column((r) => r.state)}::text[], ${column((r) => r.why)}::text[], ${column((r) => r.after)}::timestamptz[])
      AS n(shop_id, id, subject, source, referral_id, event_name, channel, connection_id, dataset_id, event_id,
        event_time, deadline, value, currency, payload, state, reason, not_before)
    ON CONFLICT DO NOTHING
    RETURNING id, subject, event_name AS "eventName"`);
}

function fateOf(
  { vault }: Pick<Pipeline, 'vault'>,
  event: NewEvent,
  id: EventRowId,
): { state: 'due' | 'withheld'; why: string | null; sealed: string; after: Date | null } {
  if (event.kind === 'withheld') return { state: 'withheld', why: event.reason, sealed: '', after: null };
  const sealed = vault.seal(JSON.stringify(event.payload), eventPayload(event.shopId, id));
  return event.kind === 'parked'
    ? { state: 'withheld', why: PARKED, sealed, after: null }
    : { state: 'due', why: null, sealed, after: event.notBefore };
}

/**
 * Kept back for its name, or the one event for which Meta refused the name: of either it has nothing, since it refuses the
 * whole request. As the index conversion_events_parked has it.
 */
export const IS_PARKED = Prisma.sql`(e.payload <> '' AND ((e.state = 'withheld' AND e.reason = 'event_name_parked')
  OR (e.state = 'refused' AND e.reason = 'refused_event_name')))`;
/**
 * Meta provably has nothing of it: no worker has claimed it, or its name alone keeps it back. What is erased stays, so
 * that nothing is written anew.
 */
export const UNSENT = Prisma.sql`((e.state = 'due' AND e.attempts = 0 AND e.sent_at IS NULL AND e.payload <> '')
  OR (${IS_PARKED} AND e.uncertain = 0))`;

export type TakenEvent = { id: EventRowId; sealed: string; dueBefore: Date | null };
export type EventSubject = { shopId: ShopId; subject: string; eventName: EventName };
/** By `eventKey`. */
export type Withdrawn = {
  /** What the events that were taken back would have said, and when they were to be sent; null for a parked one. */
  taken: Map<string, TakenEvent>;
  /** The events that stay: they were sent, or may be on their way. */
  left: Set<string>;
};

export const eventKey = ({ shopId, subject, eventName }: EventSubject): string =>
  `${orderKey(shopId, subject)} ${eventName}`;

/** Takes back those of these events that no worker has claimed yet, because their orders are decided again. */
export async function withdrawUnsent(tx: Transaction, events: readonly EventSubject[]): Promise<Withdrawn> {
  if (events.length === 0) return { taken: new Map(), left: new Set() };
  const taken = await tx.$queryRaw<(EventSubject & TakenEvent)[]>(Prisma.sql`
    DELETE FROM conversion_events e USING ${asSubjects(events)}
    WHERE ${IS_ASKED} AND ${UNSENT}
    RETURNING e.shop_id AS "shopId", e.subject, e.event_name AS "eventName", e.id, e.payload AS sealed,
      CASE e.state WHEN 'due' THEN e.next_attempt_at END AS "dueBefore"`);
  const left = await tx.$queryRaw<EventSubject[]>(Prisma.sql`
    SELECT e.shop_id AS "shopId", e.subject, e.event_name AS "eventName"
    FROM conversion_events e JOIN ${asSubjects(events)} ON ${IS_ASKED}`);
  return {
    taken: new Map(taken.map((row) => [eventKey(row), row])),
    left: new Set(left.map(eventKey)),
  };
}

/** Which of these events are there, and whether each could still be taken back, by `eventKey`. */
export async function findEvents(
  tx: Transaction,
  events: readonly EventSubject[],
): Promise<Map<string, { unsent: boolean }>> {
  if (events.length === 0) return new Map();
  const rows = await tx.$queryRaw<(EventSubject & { unsent: boolean })[]>(Prisma.sql`
    SELECT e.shop_id AS "shopId", e.subject, e.event_name AS "eventName", ${UNSENT} AS unsent
    FROM conversion_events e JOIN ${asSubjects(events)} ON ${IS_ASKED}`);
  return new Map(rows.map(({ unsent, ...event }) => [eventKey(event), { unsent }]));
}

const IS_ASKED = Prisma.sql`e.shop_id = asked.shop_id AND e.subject = asked.subject AND e.event_name = asked.event_name`;

function asSubjects(events: readonly EventSubject[]): Prisma.Sql {
  return Prisma.sql`unnest(${events.map((e) => e.shopId)}::int[], ${events.map((e) => e.subject)}::text[],
    ${events.map((e) => e.eventName)}::text[]) AS asked(shop_id, subject, event_name)`;
}
