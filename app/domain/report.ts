import type { Click } from './attribution.ts';
import type { Order } from './order.ts';
import type { Provenance } from './provenance.ts';
import type { WithheldReason } from './reason.ts';
import type { Settings } from './settings.ts';

/** What of an order is told to Meta: that it was placed, and that it was paid. */
export type EventName = 'Purchase' | 'OrderCreated';
export type ReportDecision =
  | {
      kind: 'report';
      eventName: EventName;
      channel: 'business_messaging';
      eventId: string;
      eventTime: Date;
      deadline: Date;
    }
  | { kind: 'withheld'; reason: WithheldReason };

/**
 * Meta refuses an event that is older, and the whole request with it:
 * https://developers.facebook.com/docs/marketing-api/conversions-api/using-the-api
 */
export const META_MAX_AGE_MS = 7 * 24 * 60 * 60 * 1000;
/** Room for clocks that disagree and for a slow last try. */
export const DEADLINE_MARGIN_MS = 60 * 60 * 1000;

/**
 * Whether a credited order is told to Meta, and until when it can be. `at`: for a Purchase when the money arrived, not
 * checkout, since cash on delivery may be paid days later; for OrderCreated the checkout. A paused connection still
 * reports; its row waits.
 */
export function decideReport(input: {
  eventName: EventName;
  order: Pick<Order, 'legacyId' | 'test' | 'total' | 'cancelledAt'> & { provenance: Provenance };
  at: Date;
  now: Date;
  click: Pick<Click, 'hasClickId'>;
  settings: Settings;
  connectionState: 'active' | 'paused' | 'disconnected';
}): ReportDecision {
  const { eventName, order, at, now, settings } = input;
  if (order.test) return withheld('test_order');
  if (!(Number(order.total.amount) > 0)) return withheld('zero_value');
  if (order.cancelledAt !== null) return withheld('cancelled');
  if (order.provenance === 'renewal' && !settings.reportRenewals) return withheld('renewal');
  if (!isReported(eventName, settings)) return withheld('reporting_off');
  if (!input.click.hasClickId) return withheld('no_click_id');
  if (input.connectionState === 'disconnected') return withheld('disconnected');

  const eventTime = wholeSecond(at < now ? at : now);
  const deadline = new Date(eventTime.getTime() + META_MAX_AGE_MS - DEADLINE_MARGIN_MS);
  if (now > deadline) return withheld('too_old');

  const eventId = `shopify:order:${order.legacyId}:${eventName}`;
  return { kind: 'report', eventName, channel: 'business_messaging', eventId, eventTime, deadline };
}

function isReported(eventName: EventName, settings: Settings): boolean {
  switch (eventName) {
    case 'Purchase':
      return settings.reportPurchase;
    case 'OrderCreated':
      return settings.reportOrderCreated;
  }
}

function withheld(reason: WithheldReason): ReportDecision {
  return { kind: 'withheld', reason };
}

function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
