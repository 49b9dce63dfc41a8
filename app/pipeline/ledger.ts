import type { ConversionEventPayload } from '../domain/conversion-event.ts';
import type { ConnectionId, EventRowId, ShopId } from '../domain/ids.ts';
import type { Money } from '../domain/order.ts';
import type { Transaction } from '../storage/database.ts';
import { uuidv7 } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';
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
  await tx.conversionEvent.createMany({
    data: events.map(({ value, payload, ...event }) => {
      const id = uuidv7(now) as EventRowId;
      return {
        ...event,
        id,
        value: value.amount,
        currency: value.currency,
        payload: pipeline.vault.seal(JSON.stringify(payload), eventPayload(event.shopId, id)),
        nextAttemptAt: now,
        createdAt: now,
      };
    }),
    skipDuplicates: true,
  });
}
