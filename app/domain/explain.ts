import type { EventReason, NotAttributedReason, OrderState, Reason, Tone, WithheldReason } from './reason.ts';
import type { EventName } from './report.ts';

type Explanation = { sentence: string; fix: string | null; tone: Tone };
type StateExplanation = { label: string; sentence: string; tone: Tone };

const LINK_BY_HAND = 'If you know the chat, link the order to it on the order’s page.';

const NOT_ATTRIBUTED: Readonly<Record<NotAttributedReason, Explanation>> = {
  no_phone: {
    sentence: 'The order has no phone number, and nothing else on it leads to a WhatsApp chat.',
    fix: `Ask for a phone number at checkout: Shopify admin, Settings, Checkout, Shipping address phone number. ${LINK_BY_HAND}`,
    tone: 'info',
  },
  phone_hidden: {
    sentence: 'Shopify hides this customer’s details from the app, so the phone number cannot be seen.',
    fix: 'Shopify must approve the app for protected customer data. Ask the team that runs Tieback to apply for it.',
    tone: 'warning',
  },
  phone_invalid: {
    sentence: 'The phone number on the order is not a number that can be called.',
    fix: `Ask for the phone number at checkout in a form that can be checked, so that later orders have one. ${LINK_BY_HAND}`,
    tone: 'info',
  },
  phone_shared: {
    sentence:
      'The phone number on the order is not one person’s: it is your own, a made-up one, or one that many customers gave.',
    fix: LINK_BY_HAND,
    tone: 'info',
  },
  no_conversation: {
    sentence: 'None of the WhatsApp chats since Tieback was connected is known to be with this customer.',
    fix: LINK_BY_HAND,
    tone: 'info',
  },
  no_ad_click: {
    sentence: 'The customer wrote to you on WhatsApp, but did not come from an ad.',
    fix: null,
    tone: 'info',
  },
  click_outside_window: {
    sentence: 'The customer clicked an ad, but too long before the order to count under your settings.',
    fix: 'If your customers take longer to decide, count more days after an ad click in the settings.',
    tone: 'info',
  },
  click_after_order: {
    sentence: 'The customer clicked an ad only after placing the order.',
    fix: null,
    tone: 'info',
  },
};

const WITHHELD: Readonly<Record<WithheldReason, Explanation>> = {
  test_order: {
    sentence: 'This is a test order, so Meta was not told: it would count as a real sale.',
    fix: null,
    tone: 'info',
  },
  zero_value: {
    sentence: 'Nothing was paid for this order, so there is no sale to report to Meta.',
    fix: null,
    tone: 'info',
  },
  cancelled: {
    sentence: 'The order was cancelled before Meta was told of it, so there is no sale to report.',
    fix: null,
    tone: 'info',
  },
  renewal: {
    sentence: 'A subscription made this order by itself, so Meta was not told: it is no new sale.',
    fix: 'If renewals should count for your ads, switch on their reporting in the settings. Later ones are then reported.',
    tone: 'info',
  },
  reporting_off: {
    sentence: 'Reporting purchases to Meta is switched off in your settings.',
    fix: 'Switch on the reporting of purchases in the settings. Later orders are then reported.',
    tone: 'attention',
  },
  no_click_id: {
    sentence:
      'The ad click came without the mark that Meta needs, as is usual for ads in WhatsApp Status. ' +
      'The order counts for the ad here, but cannot be reported.',
    fix: null,
    tone: 'info',
  },
  disconnected: {
    sentence: 'The WhatsApp number of this chat is no longer connected, so Meta was not told.',
    fix: 'Connect the number again. Later orders are then reported.',
    tone: 'attention',
  },
  too_old: {
    sentence:
      'The order was paid more than 7 days before it could be reported, and Meta takes nothing older.',
    fix: null,
    tone: 'attention',
  },
};

const RECONNECT =
  'Connect the WhatsApp number again with a new access token. Waiting orders are then sent. Tieback also looks by ' +
  'itself whether the number works again.';
const LOOK_FOR_IT =
  'Look for the purchase in Meta’s Events Manager. Tieback sends it again only if your settings ask for it, because ' +
  'Meta could count it twice.';
const NO_ACTION_NEEDED = 'Nothing needs to be done.';

const EVENT: Readonly<Record<EventReason, Explanation>> = {
  expired: {
    sentence: 'Meta takes purchases for 7 days only, and this one could not be delivered in that time.',
    fix: 'Check that the WhatsApp number is connected in the settings, so that later orders arrive in time.',
    tone: 'warning',
  },
  customer_erased: {
    sentence: 'The customer asked to be forgotten before the purchase was sent, so Meta was not told.',
    fix: null,
    tone: 'info',
  },
  refused_payload: {
    sentence: 'Meta refused the purchase because something in it is not as Meta wants it.',
    fix: 'Send the error code shown with this order to the team that runs Tieback.',
    tone: 'critical',
  },
  refused_click_id: {
    sentence: 'Meta does not recognise the ad click, so it does not take the purchase.',
    fix: 'If this happens often, check that the connected dataset belongs to this WhatsApp account.',
    tone: 'warning',
  },
  refused_event_name: {
    sentence: 'Meta does not take this kind of event from a WhatsApp chat.',
    fix: 'Send the error code shown with this order to the team that runs Tieback.',
    tone: 'critical',
  },
  refused_amount: {
    sentence: 'Meta refused the purchase because of its amount or currency.',
    fix: 'Check the total and the currency of the order in Shopify.',
    tone: 'critical',
  },
  refused_too_old: {
    sentence: 'Meta refused the purchase because it was more than 7 days old.',
    fix: null,
    tone: 'warning',
  },
  wiring_token: {
    sentence: 'Meta no longer accepts the access token of this WhatsApp number. The order waits.',
    fix: RECONNECT,
    tone: 'critical',
  },
  wiring_permission: {
    sentence: 'The access token of this WhatsApp number may not report purchases. The order waits.',
    fix: 'Give the token’s system user access to the WhatsApp account and its dataset in Meta’s business settings.',
    tone: 'critical',
  },
  wiring_dataset: {
    sentence:
      'The connected dataset is not the one of this WhatsApp account, or may not be used. The order waits.',
    fix: 'Enter the dataset that Meta’s Events Manager shows for this WhatsApp account.',
    tone: 'critical',
  },
  throttled: {
    sentence: 'Meta asked to slow down. The purchase is sent again a little later.',
    fix: NO_ACTION_NEEDED,
    tone: 'info',
  },
  policy_block: {
    sentence:
      'Meta has blocked this connection for a while because of its policies. Tieback keeps trying, slowly.',
    fix: 'Look for a warning in Meta’s Business Support Home and answer it.',
    tone: 'critical',
  },
  outdated_version: {
    sentence: 'Meta no longer takes the version of its interface that this Tieback uses. The order waits.',
    fix: 'Ask the team that runs Tieback to update it.',
    tone: 'critical',
  },
  meta_unavailable: {
    sentence: 'Meta had a fault of its own and took nothing. The purchase is sent again.',
    fix: NO_ACTION_NEEDED,
    tone: 'info',
  },
  not_reached: {
    sentence: 'Meta could not be reached, so nothing was sent. The purchase is sent again.',
    fix: NO_ACTION_NEEDED,
    tone: 'info',
  },
  no_answer: {
    sentence: 'The line to Meta was cut before an answer came. Meta may or may not have the purchase.',
    fix: LOOK_FOR_IT,
    tone: 'warning',
  },
  unreadable_answer: {
    sentence: 'Meta’s answer could not be read. Meta may or may not have the purchase.',
    fix: LOOK_FOR_IT,
    tone: 'warning',
  },
  short_receipt: {
    sentence: 'Meta answered, but did not confirm that it took the purchase.',
    fix: LOOK_FOR_IT,
    tone: 'warning',
  },
  interrupted: {
    sentence: 'Tieback was interrupted before the purchase was sent. It is sent by itself.',
    fix: NO_ACTION_NEEDED,
    tone: 'info',
  },
  key_missing: {
    sentence:
      'Tieback lacks the key with which this purchase or its access token is locked. The purchase waits.',
    fix: 'Ask the team that runs Tieback to put the missing encryption key back.',
    tone: 'critical',
  },
};

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

/** What Meta is told of before its payment is an order, not a purchase yet. */
function wordsFor(told: EventName, words: string): string {
  return told === 'Purchase' ? words : words.replaceAll('purchase', 'order');
}
