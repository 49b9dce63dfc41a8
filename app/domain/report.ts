import type { Click } from './attribution.ts';
import type { Order } from './order.ts';
import type { WithheldReason } from './reason.ts';
import type { Settings } from './settings.ts';

export type ReportDecision =
  | {
      kind: 'report';
      eventName: 'Purchase';
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
 * Whether a paid, credited order is told to Meta, and until when it can be. The event happens when the money arrives,
 * not at checkout: cash on delivery may be paid days later. A paused connection still reports; its row waits.
 */
export function decideReport(input: {
  order: Pick<Order, 'legacyId' | 'test' | 'total' | 'cancelledAt'>;
  paidAt: Date;
  now: Date;
  click: Pick<Click, 'hasClickId'>;
  settings: Settings;
  connectionState: 'active' | 'paused' | 'disconnected';
}): ReportDecision {
  const { order, now } = input;
  if (order.test) return withheld('test_order');
  if (!(Number(order.total.amount) > 0)) return withheld('zero_value');
  if (!input.settings.reportPurchase) return withheld('reporting_off');
  if (!input.click.hasClickId) return withheld('no_click_id');
  if (input.connectionState === 'disconnected') return withheld('disconnected');

  const eventTime = wholeSecond(input.paidAt < now ? input.paidAt : now);
  const deadline = new Date(eventTime.getTime() + META_MAX_AGE_MS - DEADLINE_MARGIN_MS);
  if (now > deadline) return withheld('too_old');

  const eventId = `shopify:order:${order.legacyId}:Purchase`;
  return {
    kind: 'report',
    eventName: 'Purchase',
    channel: 'business_messaging',
    eventId,
    eventTime,
    deadline,
  };
}

function withheld(reason: WithheldReason): ReportDecision {
  return { kind: 'withheld', reason };
}

function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
