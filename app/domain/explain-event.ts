import type { Explanation } from './explain-order.ts';
import type { EventReason } from './reason.ts';

const RECONNECT =
  'Connect the WhatsApp number again with a new access token. Waiting orders are then sent. Tieback also looks by ' +
  'itself whether the number works again.';
const CONNECT_AGAIN = 'Connect the number again in the settings. Waiting orders are then sent.';
const LOOK_FOR_IT =
  'Look for the purchase in Meta’s Events Manager. Tieback sends it again only if your settings ask for it, because ' +
  'Meta could count it twice.';
const NO_ACTION_NEEDED = 'Nothing needs to be done.';

export const EVENT: Readonly<Record<EventReason, Explanation>> = {
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
  refused_time: {
    sentence: 'Meta refused the purchase because its time lies in the future.',
    fix: 'Ask the team that runs Tieback to check the clock of its machine.',
    tone: 'critical',
  },
  refused_contents: {
    sentence: 'Meta refused the purchase because an item of it has no number.',
    fix: 'Send the error code shown with this order to the team that runs Tieback.',
    tone: 'critical',
  },
  refused_customer_data: {
    sentence: 'Meta refused the purchase because of what it says of the customer.',
    fix: 'Send the error code shown with this order to the team that runs Tieback.',
    tone: 'critical',
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
  app_uninstalled: {
    sentence:
      'The Meta app was removed from this WhatsApp account, so nothing can be received or sent. The order waits.',
    fix: CONNECT_AGAIN,
    tone: 'critical',
  },
  partner_removed: {
    sentence: 'This WhatsApp account is no longer shared with Tieback. The order waits.',
    fix: CONNECT_AGAIN,
    tone: 'critical',
  },
  account_deleted: {
    sentence: 'Meta says that this WhatsApp account was deleted. The order waits.',
    fix: 'If you have a new WhatsApp account, connect its number.',
    tone: 'critical',
  },
  account_offboarded: {
    sentence:
      'Meta says that the WhatsApp Business app of this number is not linked to Tieback any more. The order waits.',
    fix: 'Link the WhatsApp Business app again by signing up with Facebook. Tieback goes on by itself when Meta says that it is linked.',
    tone: 'critical',
  },
  account_disabled: {
    sentence: 'Meta has disabled this WhatsApp account. The order waits.',
    fix: 'Look for the reason in Meta’s Business Support Home and ask for a review there.',
    tone: 'critical',
  },
  number_moved: {
    sentence: 'This number now belongs to another WhatsApp account. The order waits.',
    fix: 'Connect the number again with the ID of the account that it belongs to now.',
    tone: 'critical',
  },
};
