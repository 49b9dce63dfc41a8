import type { Click } from './attribution.ts';
import { MAX_AGE_MS, type Channel, type OrderClass } from './channel.ts';
import { lackOf, type DraftEvent } from './conversion-event.ts';
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
/** `parked`: Meta refused the event's name on its connection; it is kept, and waits until the name is tried again. */
export type DecidedReport = Report & { parked: boolean };
export type ReportDecision = DecidedReport | { kind: 'withheld'; reason: WithheldReason };

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
 * connection still reports; its row waits. What is reported lacks nothing that its channel must have.
 */
export function decideReport(input: {
  eventName: DecidingEvent | FollowUpEvent;
  order: Pick<Order, 'legacyId' | 'test' | 'total' | 'cancelledAt'> & {
    provenance: Provenance;
    checkoutToken: string | null;
  };
  /** What the event would say. */
  words: Pick<DraftEvent, 'customer' | 'browser' | 'order'>;
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
  if (provenance === 'free' || !(Number(order.total.amount) > 0) || isWorthNothing(input))
    return withheld('zero_value');
  if (order.cancelledAt !== null && eventName !== 'OrderCanceled') return withheld('cancelled');
  const channel = channelFor(settings, provenance);
  if (channel === 'none') return withheld(OFF[provenance]);
  if (!settings[switchOf(eventName)]) return withheld('reporting_off');
  const unwilling = consentProblem(input);
  if (unwilling !== null) return withheld(unwilling);
  // On every channel: a pixel's event carries the same click id.
  if (eventName === 'Purchase' && input.detected && settings.automaticEvents === 'withhold')
    return withheld('reported_automatically');
  const obstacle = channel === 'business_messaging' ? chatProblem(input) : pixelProblem(input, channel);
  if (obstacle !== null) return withheld(obstacle);
  const dated = datesOf({ ...input, channel });
  if (dated === null) return withheld('too_old');
  const { parkedEvents } = (channel === 'business_messaging' ? to.number : to.pixel) ?? to.number;
  const eventId = eventIdOf({ ...input, channel });
  return { kind: 'report', eventName, channel, eventId, parked: parkedEvents.includes(eventName), ...dated };
}

/** Of what the shop counts as an order's value nothing may be left, as of its goods when shipping alone was paid. */
function isWorthNothing({ words }: Pick<Input, 'words'>): boolean {
  return words.order?.value !== undefined && !(words.order.value > 0);
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

function chatProblem({ click, words, to }: Input): WithheldReason | null {
  const lack = lackOf(words, { channel: 'business_messaging', ...click });
  return lack ?? (to.number.state === 'disconnected' ? 'disconnected' : null);
}

function pixelProblem({ eventName, click, words, to }: Input, channel: Channel): WithheldReason | null {
  // The other names are those of chats; a pixel counts what it sees itself.
  if (eventName !== 'Purchase') return 'chat_event_only';
  if (to.pixel === null || to.pixel.state === 'disconnected') return 'no_pixel';
  return lackOf(words, { channel, ...click });
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

/** The `event_id` of an order's event, the same on every try: to a pixel, by the shop's own pattern. */
export function eventIdOf({
  channel,
  order,
  eventName,
  settings,
}: {
  channel: Channel;
  order: Pick<Input['order'], 'legacyId' | 'checkoutToken'>;
  eventName: EventName;
  settings: Pick<Settings, 'websiteEventId'>;
}): string {
  // An order without a checkout has no twin in the shop's pixel either.
  const hasNoTwin = settings.websiteEventId.includes('{checkout_token}') && order.checkoutToken === null;
  if (channel === 'business_messaging' || hasNoTwin) return `shopify:order:${order.legacyId}:${eventName}`;
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
