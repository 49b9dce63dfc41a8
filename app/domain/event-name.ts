/**
 * What Meta takes from a chat, and nothing else; the sequence is that of a sale.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
 */
export const EVENT_NAMES = [
  'LeadSubmitted',
  'QualifiedLead',
  'ViewContent',
  'AddToCart',
  'InitiateCheckout',
  'CartAbandoned',
  'OrderCreated',
  'Purchase',
  'OrderShipped',
  'OrderDelivered',
  'OrderCanceled',
  'OrderReturned',
  'RatingProvided',
  'ReviewProvided',
] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** The events by which an order's state is told: that it was placed, and that it was paid. */
export type DecidingEvent = Extract<EventName, 'Purchase' | 'OrderCreated'>;
/** What becomes of an order after it was decided. */
export type FollowUpEvent = Extract<
  EventName,
  'OrderShipped' | 'OrderDelivered' | 'OrderCanceled' | 'OrderReturned'
>;

const known: ReadonlySet<string> = new Set(EVENT_NAMES);

/** Whether a text is the name of an event that Meta takes from a chat. */
export function isEventName(text: string): text is EventName {
  return known.has(text);
}
