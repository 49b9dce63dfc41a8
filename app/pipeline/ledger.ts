import type { ConversionEventPayload } from '../domain/conversion-event.ts';
import type { ConnectionId, EventRowId, ShopId } from '../domain/ids.ts';
import type { Money } from '../domain/order.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { uuidv7 } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';
import { orderKey } from './orders.ts';
import { eventPayload } from './sealed.ts';

export type NewEvent = {
  shopId: ShopId;
  subject: string;
  eventName: string;
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

/**
 * Takes back the events of these orders that no worker has claimed yet, because they are decided again. Gives back, by
 * `orderKey`, the orders whose event stays: it was sent, or may be on its way.
 */
export async function withdrawUnsent(
  tx: Transaction,
  orders: readonly { shopId: ShopId; subject: string }[],
): Promise<Set<string>> {
  if (orders.length === 0) return new Set();
  const asked = Prisma.sql`unnest(${orders.map((o) => o.shopId)}::int[], ${orders.map((o) => o.subject)}::text[])
    AS asked(shop_id, subject)`;
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM conversion_events e USING ${asked}
    WHERE e.shop_id = asked.shop_id AND e.subject = asked.subject AND e.state = 'due' AND e.attempts = 0
      AND e.sent_at IS NULL AND e.payload <> ''`);
  const rows = await tx.$queryRaw<{ shopId: ShopId; subject: string }[]>(Prisma.sql`
    SELECT e.shop_id AS "shopId", e.subject FROM conversion_events e JOIN ${asked}
      ON e.shop_id = asked.shop_id AND e.subject = asked.subject`);
  return new Set(rows.map(({ shopId, subject }) => orderKey(shopId, subject)));
}
