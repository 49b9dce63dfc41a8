import { judgeHashes } from './customer-rules.ts';
import { isRecord } from './json-value.ts';
import { coded, judgeTime, plain, present } from './refusal.ts';
import type { ChatRules } from './conversion-rules.ts';
import type { Refusal } from './refusal.ts';

type Json = Record<string, unknown>;

// developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
const EVENT_NAMES: ReadonlySet<string> = new Set([
  'Purchase',
  'LeadSubmitted',
  'InitiateCheckout',
  'AddToCart',
  'ViewContent',
  'OrderCreated',
  'OrderShipped',
  'OrderDelivered',
  'OrderCanceled',
  'OrderReturned',
  'CartAbandoned',
  'QualifiedLead',
  'RatingProvided',
  'ReviewProvided',
]);
const MAX_AGE_DAYS = 7;
// A browser's traces do not belong to a chat; in any form they make Meta refuse the event.
const BROWSER_KEYS = ['client_ip_address', 'client_user_agent', 'fbc', 'fbp'];

/** What an event of a chat is called, when it was, and through which app it came. */
export function judgeChatHeader(event: Json, rules: ChatRules): Refusal | null {
  const { event_name: name, event_time: time, messaging_channel: channel } = event;
  if (typeof name !== 'string' || name === '') return plain('param event_name is required.');
  if (!EVENT_NAMES.has(name) || rules.refusedNames?.has(name)) return coded(2804066);
  const late = judgeTime(time, rules.nowSeconds, MAX_AGE_DAYS);
  if (late) return late;
  if (event['action_source'] !== 'business_messaging') {
    return plain(
      'param action_source must be business_messaging for the dataset of a WhatsApp Business Account.',
    );
  }
  if (!present(channel)) return coded(2804063);
  if (channel === 'messenger' || channel === 'instagram' || channel === 'whatsapp') return null;
  return plain('param messaging_channel must be one of {messenger, whatsapp, instagram}.');
}

/** Who the event is about: a person of this WhatsApp Business Account, by the click that began the chat. */
export function judgeChatPerson(user: unknown, event: Json, rules: ChatRules): Refusal | null {
  if (!isRecord(user)) return plain('param user_data must be an object.');
  if (BROWSER_KEYS.some((key) => user[key] !== undefined)) return coded(2804064);
  switch (event['messaging_channel']) {
    case 'messenger':
      return judgeMessenger(user);
    case 'instagram':
      return judgeInstagram(user);
    default:
      return judgeWhatsApp(user, rules) ?? judgeHashes(user);
  }
}

/** Whether the click is one of this account's; letter by letter, upper and lower case. */
export function judgeClick(user: unknown, rules: ChatRules): Refusal | null {
  const clickId = isRecord(user) ? user['ctwa_clid'] : null;
  return typeof clickId === 'string' && rules.ownsClick(clickId) ? null : coded(2804087);
}

function judgeWhatsApp(user: Json, rules: ChatRules): Refusal | null {
  const { whatsapp_business_account_id: wabaId, page_id: pageId, ctwa_clid: clickId } = user;
  const personId = user['page_scoped_user_id'];
  if (!present(wabaId) && !present(pageId)) return coded(2804116);
  // No Page is linked to the dataset of a WhatsApp Business Account.
  if (present(pageId)) return coded(2804131);
  if (String(wabaId) !== rules.wabaId) return coded(2804132);
  if (!present(clickId) && !present(personId)) return coded(2804071);
  // Only a Page knows people by such an id, and there is none here.
  return present(personId) ? coded(2804073) : null;
}

function judgeMessenger(user: Json): Refusal {
  return coded(present(user['page_id']) ? 2804131 : 2804069);
}

function judgeInstagram(user: Json): Refusal {
  if (!present(user['ig_sid'])) return coded(2804075);
  const account = user['instagram_business_account_id'] ?? user['ig_account_id'];
  return coded(present(account) ? 2804133 : 2804079);
}
