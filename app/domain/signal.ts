import { creditClicks, type Click } from './attribution.ts';
import { MAX_AGE_MS } from './channel.ts';
import type { EventName } from './event-name.ts';
import type { NotAttributedReason, WithheldReason } from './reason.ts';
import { datesOf, DEADLINE_MARGIN_MS } from './report.ts';
import type { BuyersConsent, Destination, Report } from './report.ts';
import { switchOf, type Settings } from './settings.ts';

/** An ad click of the person, and whether Meta saw a lead in its chat by itself. */
export type SignalClick = Click & { leadDetected: boolean };
export type SignalDecision<One extends SignalClick> =
  | { kind: 'not_attributed'; reason: NotAttributedReason }
  | { kind: 'report'; click: One; report: Report }
  /** The report as it would have been. */
  | { kind: 'withheld'; click: One; report: Report; reason: WithheldReason };

/**
 * Whether something that happened in a conversation is told to Meta, for the ad click that it is credited to under the
 * shop's model and window. Always an event of the chat: it is about no order.
 */
export function decideSignal<One extends SignalClick>(input: {
  eventName: EventName;
  eventId: string;
  at: Date;
  now: Date;
  clicks: readonly One[];
  settings: Settings;
  /** The number that a click came through; undefined when the shop has it no more. */
  numberOf(click: One): Destination['number'] | undefined;
  consent: BuyersConsent;
  /** Whether Meta detected a purchase by itself that this one is, credited to a click. */
  isDetected(click: One): boolean;
}): SignalDecision<One> {
  const { eventName, eventId, at, now, clicks, settings } = input;
  const { windowDays, model } = settings;
  const credit = creditClicks({ placedAt: at, clicks, windowDays, model });
  if (credit.kind === 'no_credit') return { kind: 'not_attributed', reason: credit.reason };
  const click = clicks.find(({ referralId }) => referralId === credit.click.referralId);
  if (click === undefined) throw new Error('the credited click is not one of the clicks that were offered');

  const channel = 'business_messaging';
  const dates = datesOf({ at, now, channel });
  const report: Report = {
    kind: 'report',
    eventName,
    channel,
    eventId,
    ...(dates ?? {
      eventTime: at,
      deadline: new Date(at.getTime() + MAX_AGE_MS[channel] - DEADLINE_MARGIN_MS),
    }),
  };
  const reason = obstacle(input, click) ?? (dates === null ? 'too_old' : null);
  return reason === null ? { kind: 'report', click, report } : { kind: 'withheld', click, report, reason };
}

function obstacle<One extends SignalClick>(
  input: Parameters<typeof decideSignal<One>>[0],
  click: One,
): WithheldReason | null {
  const { eventName, settings, consent } = input;
  if (!settings[switchOf(eventName)]) return 'reporting_off';
  if (consent.said === 'denied') return 'consent_denied';
  if (consent.saleOptOut === true && settings.dataSaleOptOut === 'withhold') return 'data_sale_opt_out';
  const isDetected =
    (eventName === 'LeadSubmitted' && click.leadDetected) ||
    (eventName === 'Purchase' && input.isDetected(click));
  if (isDetected && settings.automaticEvents === 'withhold') return 'reported_automatically';
  if (!click.hasClickId) return 'no_click_id';
  const number = input.numberOf(click);
  if (number === undefined || number.state === 'disconnected') return 'disconnected';
  return number.parkedEvents.includes(eventName) ? 'event_name_parked' : null;
}
