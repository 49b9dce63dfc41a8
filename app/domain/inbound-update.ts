import { accountOf, readAccountNotice, readQualityNotice } from './account-notice.ts';
import type { AccountNotice, QualityNotice } from './account-notice.ts';
import { readAutomaticNotice } from './automatic-notice.ts';
import type { AutomaticNotice } from './automatic-notice.ts';
import { readSharedNumber, readSystemNotice, readUserIdUpdate } from './identity-notice.ts';
import type { IdentityNotice, LearnedIdentity } from './identity-notice.ts';
import { isJsonObject, jsonArray, jsonId, jsonText, parseJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { phoneFromWhatsApp } from './phone.ts';
import type { PhoneDigits } from './phone.ts';
import { readReferral } from './referral.ts';
import type { Referral } from './referral.ts';
import { contactsOf } from './whatsapp-contact.ts';
import { readWhatsAppTime } from './whatsapp-time.ts';

export type InboundMessage = {
  id: string;
  at: Date;
  phone: PhoneDigits | null;
  userId: string | null;
  /** `system`: WhatsApp's word about the person, not theirs. */
  type: string;
  referral: Referral | null;
  /** What it says that the sender may be known by besides. */
  learned: LearnedIdentity[];
};
/** A message of the business that left: to whom, and when. */
export type SentMessage = { at: Date; phone: PhoneDigits | null; userId: string | null };
export type ReadUpdate =
  /** `wabaId` and `displayNumber`: what the update says of the number that it concerns. */
  | {
      kind: 'message';
      phoneNumberId: string;
      wabaId: string | null;
      displayNumber: string | null;
      message: InboundMessage;
    }
  /** `sent` is null where it does not say that a message of the business left. */
  | {
      kind: 'status' | 'echo';
      phoneNumberId: string | null;
      wabaId: string | null;
      sent: SentMessage | null;
    }
  | { kind: 'automatic'; phoneNumberId: string; wabaId: string | null; notice: AutomaticNotice }
  /** About a whole WhatsApp account; without a time it is of when it came. */
  | { kind: 'account'; wabaId: string; at: Date | null; notice: AccountNotice }
  | { kind: 'quality'; wabaId: string; at: Date | null; notice: QualityNotice }
  /** Without the number it concerns every number of the WhatsApp account; without a time it is of when it came. */
  | {
      kind: 'identity';
      phoneNumberId: string | null;
      wabaId: string | null;
      at: Date | null;
      notice: IdentityNotice;
    }
  /** Documented by Meta, not used here. */
  | { kind: 'other'; topic: string }
  /** To be flagged and kept; `problem` says in plain words what is odd. */
  | { kind: 'unknown'; problem: string };

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview */
const UNUSED_FIELDS: ReadonlySet<string> = new Set([
  'account_alerts',
  'account_offboarded',
  'account_reconnected',
  'account_review_update',
  'account_settings_update',
  'business_capability_update',
  'business_status_update',
  'calls',
  'consumer_profile',
  'flows',
  'group_lifecycle_update',
  'group_participants_update',
  'group_settings_update',
  'group_status_update',
  'history',
  'message_echoes',
  'message_template_components_update',
  'message_template_quality_update',
  'message_template_status_update',
  'messaging_handovers',
  'partner_solutions',
  'payment_configuration_update',
  'phone_number_name_update',
  'security',
  'smb_app_state_sync',
  'standby',
  'template_category_update',
  'template_correct_category_detection',
  'tracking_events',
  'user_preferences',
]);
const LONGEST_ID = 512;
const LEFT: ReadonlySet<unknown> = new Set(['sent', 'delivered']);

/**
 * Reads one update that `splitDelivery` gave. No message text leaves here, and only the referral of what a message
 * holds besides who sent it and when. Never throws.
 */
export function readUpdate(text: string): ReadUpdate {
  const parsed = parseJson(text);
  if (parsed.kind === 'not_json') return unknown('The update is not JSON.');
  const body = parsed.value;
  if (!isJsonObject(body)) return unknown('The update is not an object.');
  if (body['object'] !== 'whatsapp_business_account') {
    return unknown('The update is not about a WhatsApp Business account.');
  }
  const entry = only(body['entry']);
  const change = only(entry?.['changes']);
  if (change === null) return unknown('The update does not hold exactly one change.');

  try {
    return readChange(change, { wabaId: jsonId(entry?.['id']), at: readWhatsAppTime(entry?.['time']) });
  } catch (error) {
    // The referral cannot be written back.
    if (error instanceof RangeError) return unknown('The update is nested too deep.');
    throw error;
  }
}

/** Whose update it is, of whatever shape: the WhatsApp account and number that it names. Never throws. */
export function readRecipient(text: string): { wabaId: string | null; phoneNumberId: string | null } {
  const parsed = parseJson(text);
  const body = parsed.kind === 'value' && isJsonObject(parsed.value) ? parsed.value : {};
  const entry = only(body['entry']);
  const value = only(entry?.['changes'])?.['value'];
  return {
    wabaId: jsonId(entry?.['id']),
    phoneNumberId: isJsonObject(value) ? phoneNumberId(value) : null,
  };
}

type Entry = { wabaId: string | null; at: Date | null };

function readChange(change: JsonObject, entry: Entry): ReadUpdate {
  const value = isJsonObject(change['value']) ? change['value'] : null;
  const field = jsonText(change['field']) ?? jsonText(value?.['field']);
  if (field === null) return unknown('The change does not name its field.');
  if (UNUSED_FIELDS.has(field)) return { kind: 'other', topic: field };
  if (value === null) return unknown(`The change of field ${quote(field)} has no value.`);

  switch (field) {
    case 'messages':
      return readMessagesValue(value, entry.wabaId);
    case 'user_id_update':
      return readIdentityChange(value, entry.wabaId);
    case 'smb_message_echoes':
      return readEcho(value, entry.wabaId);
    case 'automatic_events':
      return readAutomatic(value, entry.wabaId);
    case 'account_update':
    case 'phone_number_quality_update':
      return readNotice(field, value, entry);
    default:
      return unknown(`The field ${quote(field)} is not one that Meta documents.`);
  }
}

function readMessagesValue(value: JsonObject, wabaId: string | null): ReadUpdate {
  if (value['messages'] !== undefined) return readMessage(value, wabaId);
  if (value['statuses'] !== undefined) {
    const status = only(value['statuses']);
    if (status === null) return unknown('The statuses are not exactly one object.');
    const sent = LEFT.has(status['status']) ? readSent(status, ['recipient_id', 'recipient_user_id']) : null;
    return { kind: 'status', phoneNumberId: phoneNumberId(value), wabaId, sent };
  }
  // Meta reports trouble with the whole number this way, without a message.
  if (Array.isArray(value['errors'])) return { kind: 'other', topic: 'errors' };
  return unknown('There is neither a message nor a status in a change of messages.');
}

function readEcho(value: JsonObject, wabaId: string | null): ReadUpdate {
  const echo = only(value['message_echoes']);
  if (echo === null) return unknown('There is no echo in a change of echoes.');
  const sent = readSent(echo, ['to', 'to_user_id']);
  return { kind: 'echo', phoneNumberId: phoneNumberId(value), wabaId, sent };
}

function readSent(item: JsonObject, [phoneField, userField]: readonly [string, string]): SentMessage | null {
  const at = readWhatsAppTime(item['timestamp']);
  const phone = phoneFromWhatsApp(jsonId(item[phoneField]));
  const userId = jsonId(item[userField]);
  return at === null || (phone === null && userId === null) ? null : { at, phone, userId };
}

function readAutomatic(value: JsonObject, wabaId: string | null): ReadUpdate {
  const event = only(value['automatic_events']);
  const number = phoneNumberId(value);
  const notice = event && readAutomaticNotice(event);
  if (notice === null || number === null)
    return unknown('The automatic event does not say which event of which click it is.');
  return { kind: 'automatic', phoneNumberId: number, wabaId, notice };
}

function readNotice(
  field: 'account_update' | 'phone_number_quality_update',
  value: JsonObject,
  entry: Entry,
): ReadUpdate {
  const { at } = entry;
  const wabaId = accountOf(value) ?? entry.wabaId;
  if (wabaId === null) return unknown('The change does not say which WhatsApp account it is about.');
  if (field === 'account_update') {
    const notice = readAccountNotice(value);
    return notice === null ? { kind: 'other', topic: field } : { kind: 'account', wabaId, at, notice };
  }
  const notice = readQualityNotice(value);
  return notice === null ? { kind: 'other', topic: field } : { kind: 'quality', wabaId, at, notice };
}

function readMessage(value: JsonObject, wabaId: string | null): ReadUpdate {
  const message = only(value['messages']);
  if (message === null) return unknown('The messages are not exactly one object.');
  const number = phoneNumberId(value);
  if (number === null) return unknown('The message does not say which of our numbers it came to.');
  const id = jsonId(message['id']);
  if (id === null || id.length > LONGEST_ID) return unknown('The message has no id of a plausible length.');
  const at = readWhatsAppTime(message['timestamp']);
  if (at === null) return unknown('The message has no plausible timestamp.');
  const { phone, userId, learned } = readPerson(message, value['contacts']);
  if (phone === null && userId === null) return unknown('The message does not say who sent it.');

  const type = jsonText(message['type']) ?? 'unknown';
  const referral = readReferral(message);
  const metadata = isJsonObject(value['metadata']) ? value['metadata'] : {};
  return {
    kind: 'message',
    phoneNumberId: number,
    wabaId,
    displayNumber: jsonId(metadata['display_phone_number']),
    message: { id, at, phone, userId, type, referral, learned },
  };
}

function readIdentityChange(value: JsonObject, wabaId: string | null): ReadUpdate {
  const listed = value['user_id_update'];
  const change = only(listed) ?? (isJsonObject(listed) ? listed : value);
  const notice = readUserIdUpdate(change);
  if (notice === null) return unknown('The change of a user id does not say from which to which.');
  return {
    kind: 'identity',
    phoneNumberId: phoneNumberId(value),
    wabaId,
    at: readWhatsAppTime(change['timestamp']),
    notice,
  };
}

/** Who sent it, and what it says of them. */
function readPerson(message: JsonObject, contacts: unknown): IdentityNotice {
  const notice = readSystemNotice(message);
  // A notice has no contacts beside it, and its own ids are those before and after the change.
  return notice ?? { ...readSender(message, contacts), learned: readSharedNumber(message) };
}

function readSender(message: JsonObject, contacts: unknown): Pick<IdentityNotice, 'phone' | 'userId'> {
  const matching = contactsOf(contacts, { phone: 'from', userId: 'from_user_id' }, 1)(message);
  const phones = [message['from'], ...matching.map((contact) => contact['wa_id'])];
  const userIds = [message['from_user_id'], ...matching.map((contact) => contact['user_id'])];
  return {
    phone: phones.map((phone) => phoneFromWhatsApp(jsonId(phone))).find((phone) => phone !== null) ?? null,
    userId: userIds.map(jsonId).find((userId) => userId !== null) ?? null,
  };
}

function phoneNumberId(value: JsonObject): string | null {
  return isJsonObject(value['metadata']) ? jsonId(value['metadata']['phone_number_id']) : null;
}

function only(list: unknown): JsonObject | null {
  const [first, ...others] = jsonArray(list);
  return isJsonObject(first) && others.length === 0 ? first : null;
}

// What a stranger sent is shown to people: short and printable.
function quote(text: string): string {
  return `"${text.replace(/[^\w .-]/g, '?').slice(0, 64)}"`;
}

function unknown(problem: string): ReadUpdate {
  return { kind: 'unknown', problem };
}
