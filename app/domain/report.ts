import type { Click } from './attribution.ts';
import { MAX_AGE_MS, type Channel, type OrderClass } from './channel.ts';
import type { DecidingEvent, EventName, FollowUpEvent } from './event-name.ts';
import type { Order } from './order.ts';
import type { Provenance } from './provenance.ts';
import type { WithheldReason } from './reason.ts';
import { channelFor, switchOf, type Settings } from './settings.ts';

export type Report = {
  kind: 'report';
  eventName: EventName;
  channel: Channel;
  eventId: string;
  eventTime: Date;
  deadline: Date;
};
export type ReportDecision = Report | { kind: 'withheld'; reason: WithheldReason };

/** Room for clocks that disagree and for a slow last try. */
export const DEADLINE_MARGIN_MS = 60 * 60 * 1000;

export type ConnectionState = 'active' | 'paused' | 'lost' | 'disconnected';
/** What is known of the buyer's will. */
export type BuyersConsent = {
  /** What the buyer said at the shop, as a cart attribute. */
  said: 'granted' | 'denied' | null;
  /** Whether Shopify knows that the customer opted out of the sale of their data; null when it was not asked. */
  saleOptOut: boolean | null;
};

/** Where an event may go, and what stands in its way there. */
export type Destination = {
  /** The number that the click came through. */
  number: { state: ConnectionState; parkedEvents: readonly string[] };
  /** The pixel's dataset; null when the shop has none. */
  pixel: { state: ConnectionState; parkedEvents: readonly string[] } | null;
};

/**
 * Whether a credited order is told to Meta, as what, and until when it can be. `at`: for a Purchase when the money
 * arrived, not checkout, since cash on delivery may be paid days later; for OrderCreated the checkout. A paused or lost
 * connection still reports; its row waits.
 */
export function decideReport(input: {
  eventName: DecidingEvent | FollowUpEvent;
  order: Pick<Order, 'legacyId' | 'test' | 'total' | 'cancelledAt'> & {
    provenance: Provenance;
    checkoutToken: string | null;
    /** Whether the buyer's browser is known; null for an order of which that is not kept. */
    hasBrowser: boolean | null;
    /** Whether there is anything to know the buyer by; null as above. */
    hasCustomer: boolean | null;
  };
  at: Date;
  now: Date;
  click: Pick<Click, 'hasClickId'>;
  settings: Settings;
  to: Destination;
  consent: BuyersConsent;
  /** Whether Meta detected this purchase in the chat by itself. */
  detected: boolean;
}): ReportDecision {
  const { eventName, order, settings, to } = input;
  const { provenance } = order;
  if (provenance === 'test' || order.test) return withheld('test_order');
  if (provenance === 'free' || !(Number(order.total.amount) > 0)) return withheld('zero_value');
  if (order.cancelledAt !== null && eventName !== 'OrderCanceled') return withheld('cancelled');
  const channel = channelFor(settings, provenance);
  if (channel === 'none') return withheld(OFF[provenance]);
  if (!settings[switchOf(eventName)]) return withheld('reporting_off');
  const unwilling = consentProblem(input);
  if (unwilling !== null) return withheld(unwilling);
  if (
    eventName === 'Purchase' &&
    channel === 'business_messaging' &&
    input.detected &&
    settings.automaticEvents === 'withhold'
  )
    return withheld('reported_automatically');
  const obstacle = channel === 'business_messaging' ? chatProblem(input) : pixelProblem(input, channel);
  if (obstacle !== null) return withheld(obstacle);
  const dated = datesOf({ ...input, channel });
  if (dated === null) return withheld('too_old');
  const eventId =
    channel === 'business_messaging' || to.pixel === null
      ? orderEventId(order.legacyId, eventName)
      : pixelEventId(input);
  return { kind: 'report', eventName, channel, eventId, ...dated };
}

const OFF: Readonly<Record<OrderClass, WithheldReason>> = {
  in_chat: 'in_chat_off',
  chat_link: 'chat_link_off',
  online_store: 'online_store_off',
  point_of_sale: 'point_of_sale_off',
  renewal: 'renewal',
  other_channel: 'other_channel_off',
};

type Input = Parameters<typeof decideReport>[0];

function consentProblem({ consent, settings }: Pick<Input, 'consent' | 'settings'>): WithheldReason | null {
  if (consent.said === 'denied') return 'consent_denied';
  return consent.saleOptOut === true && settings.dataSaleOptOut === 'withhold' ? 'data_sale_opt_out' : null;
}

function chatProblem({
  eventName,
  click,
  to,
}: Pick<Input, 'eventName' | 'click' | 'to'>): WithheldReason | null {
  if (!click.hasClickId) return 'no_click_id';
  if (to.number.state === 'disconnected') return 'disconnected';
  return to.number.parkedEvents.includes(eventName) ? 'event_name_parked' : null;
}

function pixelProblem({ eventName, order, to }: Input, channel: Channel): WithheldReason | null {
  // The other names are those of chats; a pixel counts what it sees itself.
  if (eventName !== 'Purchase') return 'chat_event_only';
  if (to.pixel === null || to.pixel.state === 'disconnected') return 'no_pixel';
  if (to.pixel.parkedEvents.includes(eventName)) return 'event_name_parked';
  if (channel === 'website' && order.hasBrowser === false) return 'no_browser';
  return channel === 'physical_store' && order.hasCustomer === false ? 'no_customer_data' : null;
}

/** The moment an event tells of, in whole seconds and never in the future, and its deadline; null when it is past that. */
export function datesOf({ at, now, channel }: { at: Date; now: Date; channel: Channel }): {
  eventTime: Date;
  deadline: Date;
} | null {
  const eventTime = wholeSecond(at < now ? at : now);
  const deadline = new Date(eventTime.getTime() + MAX_AGE_MS[channel] - DEADLINE_MARGIN_MS);
  return now > deadline ? null : { eventTime, deadline };
}

function orderEventId(legacyId: string, eventName: EventName): string {
  return `shopify:order:${legacyId}:${eventName}`;
}

// An order without a checkout has no twin in the shop's pixel either.
function pixelEventId({ order, eventName, settings }: Input): string {
  if (settings.websiteEventId.includes('{checkout_token}') && order.checkoutToken === null)
    return orderEventId(order.legacyId, eventName);
  return settings.websiteEventId
    .replaceAll('{order_id}', order.legacyId)
    .replaceAll('{checkout_token}', order.checkoutToken ?? '')
    .replaceAll('{event_name}', eventName);
}

function withheld(reason: WithheldReason): ReportDecision {
  return { kind: 'withheld', reason };
}

function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
