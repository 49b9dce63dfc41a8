import { isJsonObject, jsonArray, jsonId, jsonText } from './json.ts';
import type { JsonObject } from './json.ts';
import type { IdentitySource } from './link.ts';
import { phoneFromWhatsApp } from './phone.ts';
import type { PhoneDigits } from './phone.ts';

/** What an update says that its person may be known by besides. */
export type LearnedIdentity =
  | { kind: 'phone'; value: PhoneDigits; by: IdentitySource }
  | { kind: 'user_id'; value: string; by: IdentitySource };
/** WhatsApp's word that somebody's number or user id changed: who they were, and what is theirs now. */
export type IdentityNotice = { phone: PhoneDigits | null; userId: string | null; learned: LearnedIdentity[] };

// `customer_changed_number` is the spelling of API versions before 12.
const NEW_NUMBER: ReadonlySet<string> = new Set(['user_changed_number', 'customer_changed_number']);
const NEW_USER_ID = 'user_changed_user_id';
// Anchored at the end, because the name before it is the person's own choice.
const CHANGED_IN_WORDS = / changed from ([A-Z]{2}\.[\w.-]+) to ([A-Z]{2}\.[\w.-]+)\s*$/;

/**
 * The number in a `contacts` message: the sender's own when it answers a request for it, else one that may be anybody's.
 * Only when the cards name exactly one number that WhatsApp knows.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/contacts
 */
export function readSharedNumber(message: JsonObject): LearnedIdentity[] {
  if (message['type'] !== 'contacts') return [];
  const cards = jsonArray(message['contacts']).filter(isJsonObject);
  const answers = cards.filter((card) => (card['origin'] ?? message['origin']) === 'contact_request');
  const asked = answers.length > 0;
  const numbers = (asked ? answers : cards)
    .flatMap((card) => jsonArray(card['phones']).filter(isJsonObject))
    .map((phone) =>
      phoneFromWhatsApp(jsonId(phone['wa_id']) ?? (asked ? international(phone['phone']) : null)),
    )
    .filter((digits) => digits !== null);
  const [value, ...others] = new Set(numbers);
  if (value === undefined || others.length > 0) return [];
  return [{ kind: 'phone', value, by: asked ? 'contact_request' : 'shared_contact' }];
}

/**
 * The notice in a `system` message; null when it is about neither a number nor a user id.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/system
 */
export function readSystemNotice(message: JsonObject): IdentityNotice | null {
  const system = message['system'];
  if (message['type'] !== 'system' || !isJsonObject(system)) return null;
  const type = jsonText(system['type']) ?? '';
  if (!NEW_NUMBER.has(type) && type !== NEW_USER_ID) return null;
  const words = CHANGED_IN_WORDS.exec(jsonText(system['body']) ?? '');
  const former = jsonId(system['previous_user_id']) ?? jsonId(message['from_user_id']) ?? words?.[1] ?? null;
  const phone = phoneFromWhatsApp(jsonId(message['from']));
  // Before API version 12 `wa_id` is the old number, and the new one stands apart.
  const newPhone = phoneFromWhatsApp(jsonId(system['new_wa_id']) ?? jsonId(system['wa_id']));
  return notice({ phone, userId: former }, newPhone, jsonId(system['user_id']) ?? words?.[2] ?? null);
}

/**
 * The notice in a change of field `user_id_update`, whose shape Meta documents only in part: read leniently.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
 */
export function readUserIdUpdate(update: JsonObject): IdentityNotice | null {
  const ids = isJsonObject(update['user_id']) ? update['user_id'] : {};
  const former = jsonId(ids['previous']) ?? jsonId(update['previous_user_id']);
  const now = jsonId(ids['current']) ?? jsonId(update['user_id']);
  if (former === null || now === null) return null;
  return notice({ phone: null, userId: former }, phoneFromWhatsApp(jsonId(update['wa_id'])), now);
}

function notice(
  former: Pick<IdentityNotice, 'phone' | 'userId'>,
  phone: PhoneDigits | null,
  userId: string | null,
): IdentityNotice {
  const learned: LearnedIdentity[] = [];
  if (userId !== null && userId !== former.userId)
    learned.push({ kind: 'user_id', value: userId, by: 'changed' });
  if (phone !== null && phone !== former.phone) learned.push({ kind: 'phone', value: phone, by: 'changed' });
  return { ...former, learned };
}

function international(phone: unknown): string | null {
  const text = jsonText(phone)?.trim() ?? '';
  return text.startsWith('+') ? text.replace(/[^\d+]/g, '') : null;
}
