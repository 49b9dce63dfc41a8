import { isJsonObject, jsonArray, jsonId } from './json.ts';
import type { JsonObject } from './json.ts';
import { phoneFromWhatsApp } from './phone.ts';

/** Where an update names the person: the field of the phone number and that of the business-scoped user id. */
export type Participant = { phone: string; userId: string };

/**
 * Finds, for each update of a list, the contacts that are about the same person, by phone number or by
 * business-scoped user id: either may be missing since people can hide their number behind a username.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
 */
export function contactsOf(
  contacts: unknown,
  participant: Participant,
  updates: number,
): (item: unknown) => JsonObject[] {
  const all = jsonArray(contacts).filter(isJsonObject);
  const byPhone = Map.groupBy(all, (contact) => phone(contact['wa_id']));
  const byUserId = Map.groupBy(all, (contact) => jsonId(contact['user_id']));

  return (item) => {
    if (!isJsonObject(item)) return [];
    const number = phone(item[participant.phone]);
    const userId = jsonId(item[participant.userId]);
    // An update that names nobody is about the only contact there is.
    if (number === null && userId === null) return updates === 1 && all.length === 1 ? all : [];
    const found = [
      ...(number === null ? [] : (byPhone.get(number) ?? [])),
      ...(userId === null ? [] : (byUserId.get(userId) ?? [])),
    ];
    return [...new Set(found)];
  };
}

function phone(value: unknown): string | null {
  return phoneFromWhatsApp(jsonId(value));
}
