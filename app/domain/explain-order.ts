import type { NotAttributedReason, Tone, WithheldReason } from './reason.ts';

/** The merchant's words for a reason: what happened and why, what to do about it, and how bad it is. */
export type Explanation = { sentence: string; fix: string | null; tone: Tone };

const CHOOSE_CHANNEL =
  'Choose in the settings how Meta is told of such orders. Later ones are then reported.';
const LINK_BY_HAND = 'If you know the chat, link the order to it on the order’s page.';

export const NOT_ATTRIBUTED: Readonly<Record<NotAttributedReason, Explanation>> = {
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

export const WITHHELD: Readonly<Record<WithheldReason, Explanation>> = {
  test_order: {
    sentence: 'This is a test order, so Meta was not told: it would count as a real sale.',
    fix: null,
    tone: 'info',
  },
  zero_value: {
    sentence: 'Nothing of this order counts as its value, so there is no sale to report to Meta.',
    fix: null,
    tone: 'info',
  },
  cancelled: {
    sentence: 'The order was cancelled before Meta was told of it, so there is no sale to report.',
    fix: null,
    tone: 'info',
  },
  in_chat_off: {
    sentence: 'Your settings keep orders that were made in the chat from Meta.',
    fix: CHOOSE_CHANNEL,
    tone: 'info',
  },
  chat_link_off: {
    sentence: 'Your settings keep orders that came through a chat link from Meta.',
    fix: CHOOSE_CHANNEL,
    tone: 'info',
  },
  online_store_off: {
    sentence: 'Your settings keep orders from the online store’s checkout from Meta.',
    fix: CHOOSE_CHANNEL,
    tone: 'info',
  },
  point_of_sale_off: {
    sentence: 'Your settings keep orders from a point of sale from Meta.',
    fix: CHOOSE_CHANNEL,
    tone: 'info',
  },
  renewal: {
    sentence: 'A subscription made this order by itself, so Meta was not told: it is no new sale.',
    fix: 'If renewals should count for your ads, choose for them in the settings how Meta is told. Later ones are then reported.',
    tone: 'info',
  },
  other_channel_off: {
    sentence: 'Your settings keep orders from other sales channels from Meta.',
    fix: CHOOSE_CHANNEL,
    tone: 'info',
  },
  reporting_off: {
    sentence: 'Reporting purchases to Meta is switched off in your settings.',
    fix: 'Switch on the reporting of purchases in the settings. Later orders are then reported.',
    tone: 'attention',
  },
  consent_denied: {
    sentence: 'The customer refused marketing in your store, so Meta was not told.',
    fix: null,
    tone: 'info',
  },
  data_sale_opt_out: {
    sentence: 'The customer opted out of the sale of their data, so Meta was not told.',
    fix: 'Under privacy in the settings, such orders can be sent for measuring alone instead.',
    tone: 'info',
  },
  reported_automatically: {
    sentence:
      'Meta noticed this purchase in the chat by itself. It was not sent again, because Meta could count it twice.',
    fix: 'If Meta should be told all the same, change that in the settings, or switch off automatic events in Meta’s settings of the number.',
    tone: 'info',
  },
  event_name_parked: {
    sentence: 'Meta refused this kind of event from your number, so further ones are kept back.',
    fix: 'Have it tried again in the settings, beside the number.',
    tone: 'warning',
  },
  no_click_id: {
    sentence:
      'The ad click came without the mark that Meta needs, as is usual for ads in WhatsApp Status. ' +
      'The order counts for the ad here, but cannot be reported.',
    fix: null,
    tone: 'info',
  },
  chat_event_only: {
    sentence: 'Of orders outside the chat Meta is told the purchase alone.',
    fix: null,
    tone: 'info',
  },
  no_pixel: {
    sentence: 'This order was to be told to your pixel, but no pixel is connected.',
    fix: 'Connect your pixel in the settings, or choose another way for this kind of order. Later orders are then reported.',
    tone: 'attention',
  },
  no_browser: {
    sentence:
      'Meta wants to know the browser of a website purchase, and Shopify did not tell it for this order.',
    fix: null,
    tone: 'info',
  },
  no_customer_data: {
    sentence:
      'Meta knows the buyer of a sale in a shop only by their phone or email, and this order may not or cannot tell them.',
    fix: 'Ask for a phone number or email at the till, and let hashed customer data be sent in the settings.',
    tone: 'info',
  },
  disconnected: {
    sentence: 'The WhatsApp number of this chat is no longer connected, so Meta was not told.',
    fix: 'Connect the number again. Later orders are then reported.',
    tone: 'attention',
  },
  too_old: {
    sentence:
      'The order was paid too long ago when it could be reported: Meta takes nothing older than 7 days, or 62 for a sale in a shop.',
    fix: null,
    tone: 'attention',
  },
};
