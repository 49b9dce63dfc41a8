import type { ConversionEventPayload } from '../domain/conversion-event.ts';
import type { ConnectionId, EventRowId, ShopId } from '../domain/ids.ts';
import type { Money } from '../domain/order.ts';
import type { EventName } from '../domain/report.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { uuidv7 } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';
import { orderKey } from './orders.ts';
import { eventPayload } from './sealed.ts';

export type NewEvent = {
  shopId: ShopId;
  subject: string;
  eventName: EventName;
  channel: string;
  connectionId: ConnectionId;
  datasetId: string;
  eventId: string;
  eventTime: Date;
  deadline: Date;
  value: Money;
  payload: ConversionEventPayload;
};

/**
 * Writes events that are to be told to Meta. One row for each shop, subject and event name, for ever: whatever is
 * decided twice is written once, and it is written before anything is sent.
 */
export async function writeEvents(
  pipeline: Pipeline,
  tx: Transaction,
  events: readonly NewEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const now = pipeline.clock();
  const rows = events.map((event) => {
    const id = uuidv7(now) as EventRowId;
    const sealed = pipeline.vault.seal(JSON.stringify(event.payload), eventPayload(event.shopId, id));
    return { ...event, id, sealed };
  });
  const column = <T>(read: (row: (typeof rows)[number]) => T): T[] => rows.map(read);
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO conversion_events (shop_id, id, subject, event_name, channel, connection_id, dataset_id, event_id,
      event_time, deadline, value, currency, payload, next_attempt_at, created_at)
    SELECT *, ${now}, ${now} FROM unnest(${column((r) => r.shopId)}::int[], ${column((r) => r.id)}::uuid[],
      ${column((r) => r.subject)}::text[], ${column((r) => r.eventName)}::text[], ${column((r) => r.channel)}::text[],
      ${column((r) => r.connectionId)}::uuid[], ${column((r) => r.datasetId)}::text[],
      ${column((r) => r.eventId)}::text[], ${column((r) => r.eventTime)}::timestamptz[],
      ${column((r) => r.deadline)}::timestamptz[], ${column((r) => r.value.amount)}::numeric[],
      ${column((r) => r.value.currency)}::text[], ${column((r) => r.sealed)}::text[])
    ON CONFLICT DO NOTHING`);
}

/** Provably never offered to Meta: no worker has claimed it. What is erased stays, so that nothing is written anew. */
const UNSENT = Prisma.sql`(e.state = 'due' AND e.attempts = 0 AND e.sent_at IS NULL AND e.payload <> '')`;

export type EventSubject = { shopId: ShopId; subject: string; eventName: EventName };
/** By `eventKey`. */
export type Withdrawn = {
  /** What the events that were taken back would have said. */
  taken: Map<string, { id: EventRowId; sealed: string }>;
  /** The events that stay: they were sent, or may be on their way. */
  left: Set<string>;
};

export const eventKey = ({ shopId, subject, eventName }: EventSubject): string =>
  `${orderKey(shopId, subject)} ${eventName}`;

/** Takes back those of these events that no worker has claimed yet, because their orders are decided again. */
export async function withdrawUnsent(tx: Transaction, events: readonly EventSubject[]): Promise<Withdrawn> {
  if (events.length === 0) return { taken: new Map(), left: new Set() };
  const taken = await tx.$queryRaw<(EventSubject & { id: EventRowId; sealed: string })[]>(Prisma.sql`
    DELETE FROM conversion_events e USING ${asSubjects(events)}
    WHERE ${IS_ASKED} AND ${UNSENT}
    RETURNING e.shop_id AS "shopId", e.subject, e.event_name AS "eventName", e.id, e.payload AS sealed`);
  const left = await tx.$queryRaw<EventSubject[]>(Prisma.sql`
    SELECT e.shop_id AS "shopId", e.subject, e.event_name AS "eventName"
    FROM conversion_events e JOIN ${asSubjects(events)} ON ${IS_ASKED}`);
  return {
    taken: new Map(taken.map(({ id, sealed, ...event }) => [eventKey(event), { id, sealed }])),
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
