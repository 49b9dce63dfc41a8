import { explainEventName } from './explain-event-name.ts';
import { EVENT } from './explain-event.ts';
import { NOT_ATTRIBUTED, WITHHELD, type Explanation } from './explain-order.ts';
import type { EventName } from './event-name.ts';
import type { OrderState, Reason, Tone } from './reason.ts';

type StateExplanation = { label: string; sentence: string; tone: Tone };

const REASONS: Readonly<Record<Reason, Explanation>> = { ...NOT_ATTRIBUTED, ...WITHHELD, ...EVENT };

const STATES: Readonly<Record<OrderState, StateExplanation>> = {
  reported: {
    label: 'Reported',
    sentence: 'Meta confirmed that it has this purchase.',
    tone: 'success',
  },
  queued: { label: 'Queued', sentence: 'The purchase is about to be sent to Meta.', tone: 'info' },
  retrying: {
    label: 'Retrying',
    sentence: 'Meta has not taken the purchase yet. It is sent again by itself.',
    tone: 'attention',
  },
  unknown: {
    label: 'Unknown',
    sentence:
      'It is not known whether Meta has this purchase. It is not sent again by itself, so as not to count twice.',
    tone: 'warning',
  },
  refused: { label: 'Refused', sentence: 'Meta refused this purchase.', tone: 'critical' },
  withheld: {
    label: 'Not sent',
    sentence: 'The order came from an ad, but was not reported to Meta.',
    tone: 'attention',
  },
  not_attributed: {
    label: 'Not from an ad',
    sentence: 'No ad click was found that led to this order.',
    tone: 'info',
  },
  unpaid: {
    label: 'Unpaid',
    sentence: 'Shopify has not reported the payment of this order yet.',
    tone: 'info',
  },
};

/** The merchant's words for a reason: what happened and why, what to do about it, and how bad it is. */
export function explain(reason: Reason, told: EventName = 'Purchase'): Explanation {
  const { sentence, fix, tone } = REASONS[reason];
  return { sentence: wordsFor(told, sentence), fix: fix && wordsFor(told, fix), tone };
}

/** The merchant's words for a state; `label` is short enough for a badge. */
export function explainState(state: OrderState, told: EventName = 'Purchase'): StateExplanation {
  const { label, sentence, tone } = STATES[state];
  return { label, sentence: wordsFor(told, sentence), tone };
}

/** The words are written for a purchase; every other event has its own noun. */
function wordsFor(told: EventName, words: string): string {
  const { noun, plural } = explainEventName(told);
  return told === 'Purchase' ? words : words.replaceAll('purchases', plural).replaceAll('purchase', noun);
}
