import { tellsOfCustomer, withoutCustomer, type ConversionEventPayload } from '../domain/conversion-event.ts';
import { checkEvent } from '../domain/event-check.ts';
import type { EventReason, WithheldReason } from '../domain/reason.ts';
import { MAX_EVENTS, type ClaimedEvent, type HeldEvent, type Lane } from './claim.ts';
import type { Pipeline } from './context.ts';
import { connectionSecret, eventPayload } from './sealed.ts';
import { NO_ANSWER, type Settled } from './settle.ts';

/** An event as it goes to Meta. */
export type ReadyEvent = HeldEvent & { body: ConversionEventPayload; size: number };
export type OpenLane = {
  lane: Lane;
  token: string;
  /** Each part fits one request. */
  parts: ReadyEvent[][];
  /** Those that are not to be sent now, or ever. */
  aside: Settled[];
};

const KEY_WAIT_MS = 5 * 60_000;
// No size is documented for a request; this one keeps orders with hundreds of lines well below what proxies take.
const MAX_REQUEST_CHARACTERS = 2_000_000;

/** Opens what a lane's events and token are sealed in, and checks each event against Meta's rules before any request. */
export function openLane(pipeline: Pipeline, lane: Lane): OpenLane {
  const token = unseal(pipeline, lane, () =>
    pipeline.vault.open(lane.token, connectionSecret(lane.shopId, lane.connectionId, 'token')),
  );
  if (token === null)
    return { lane, token: '', parts: [], aside: lane.events.map((event) => locked(pipeline, event)) };

  const aside: Settled[] = [];
  const ready = lane.events.flatMap((event): ReadyEvent[] => {
    if (event.deadline <= pipeline.clock()) {
      aside.push(setAside(event, { state: 'expired', reason: 'expired', nextAttemptAt: null }));
      return [];
    }
    const text = unseal(pipeline, lane, () =>
      pipeline.vault.open(event.payload, eventPayload(event.shopId, event.id)),
    );
    if (text === null) {
      aside.push(locked(pipeline, event));
      return [];
    }
    const written = JSON.parse(text) as ConversionEventPayload;
    if (lane.parkedEvents.includes(written.event_name)) {
      aside.push(parked(event));
      return [];
    }
    // The shop may have switched customer data off since.
    const isSpared = !lane.settings.sendCustomerHashes && tellsOfCustomer(written);
    const body = isSpared ? withoutCustomer(written) : written;
    if (body === null) {
      aside.push(setAside(event, { state: 'withheld', reason: 'no_customer_data', nextAttemptAt: null }));
      return [];
    }
    // The connection may have been put right since the event was written.
    if (body.action_source === 'business_messaging' && lane.wabaId !== null)
      body.user_data.whatsapp_business_account_id = lane.wabaId;
    const problems = checkEvent(body, pipeline.clock());
    if (problems.length === 0) {
      const resealed = isSpared
        ? pipeline.vault.seal(JSON.stringify(body), eventPayload(event.shopId, event.id))
        : null;
      return [{ ...event, body, size: text.length, resealed }];
    }
    aside.push(refusedHere(event, problems));
    return [];
  });
  return { lane, token, parts: intoParts(ready), aside };
}

function intoParts(events: readonly ReadyEvent[]): ReadyEvent[][] {
  const parts: ReadyEvent[][] = [];
  let part: ReadyEvent[] = [];
  let size = 0;
  for (const event of events) {
    if (part.length > 0 && (part.length >= MAX_EVENTS || size + event.size > MAX_REQUEST_CHARACTERS)) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(event);
    size += event.size;
  }
  return part.length > 0 ? [...parts, part] : parts;
}

function unseal(pipeline: Pipeline, lane: Lane, open: () => string): string | null {
  try {
    return open();
  } catch (error) {
    const { shopId: shop, connectionId: connection } = lane;
    pipeline.log.error({ err: error, shop, connection }, 'a sealed event or token does not open');
    return null;
  }
}

/** Nothing has been sent, so the row may wait until its key is back. */
function locked(pipeline: Pipeline, event: ClaimedEvent): Settled {
  const nextAttemptAt = new Date(pipeline.clock().getTime() + KEY_WAIT_MS);
  return setAside(event, { state: 'due', reason: 'key_missing', nextAttemptAt });
}

/** What Meta would refuse is not sent: one bad event refuses the whole request it is in. */
function refusedHere(event: ClaimedEvent, problems: readonly { field: string; problem: string }[]): Settled {
  const text = problems.map(({ field, problem }) => `${field}: ${problem}`).join('\n');
  return {
    ...setAside(event, { state: 'refused', reason: 'refused_payload', nextAttemptAt: null }),
    answer: { ...NO_ANSWER, text },
  };
}

/** An event that Meta would refuse here for its name, as it refused another one. */
export function parked(event: ClaimedEvent): Settled {
  return setAside(event, { state: 'withheld', reason: 'event_name_parked', nextAttemptAt: null });
}

/** Where an event goes for which no request was made. */
export function setAside(
  event: ClaimedEvent,
  to: {
    state: 'due' | 'refused' | 'expired' | 'withheld';
    reason: EventReason | WithheldReason;
    nextAttemptAt: Date | null;
  },
): Settled {
  return { ...to, event, uncertain: event.uncertain, answer: NO_ANSWER };
}
