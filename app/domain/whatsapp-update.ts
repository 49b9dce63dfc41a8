import { hash } from 'node:crypto';
import { isJsonObject, jsonArray, jsonId, parseJson, writeJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { contactsOf } from './whatsapp-contact.ts';
import type { Participant } from './whatsapp-contact.ts';

export { readRecipient, readUpdate } from './inbound-update.ts';
export type { ReadUpdate, SentMessage } from './inbound-update.ts';

/** One update of a delivery, in Meta's own envelope. Meta gives a delivery no time of its own, so `at` is null. */
export type SplitUpdate = { key: string; topic: string; text: string; at: null };

type Kind = {
  list: 'messages' | 'statuses' | 'message_echoes' | 'user_id_update' | 'automatic_events';
  topic: string;
  participant: Participant;
  key: (item: JsonObject) => string | null;
};

const MESSAGE: Kind = {
  list: 'messages',
  topic: 'messages',
  participant: { phone: 'from', userId: 'from_user_id' },
  key: (item) => keyOf('message', item['id']),
};
const STATUS: Kind = {
  list: 'statuses',
  topic: 'statuses',
  participant: { phone: 'recipient_id', userId: 'recipient_user_id' },
  key: (item) => keyOf('status', item['id'], item['status']),
};
const ECHO: Kind = {
  list: 'message_echoes',
  topic: 'smb_message_echoes',
  participant: { phone: 'to', userId: 'to_user_id' },
  key: (item) => keyOf('echo', item['id']),
};
const USER_ID_UPDATE: Kind = {
  list: 'user_id_update',
  topic: 'user_id_update',
  participant: { phone: 'wa_id', userId: 'user_id' },
  key: () => null,
};
// Names nobody but the click.
const AUTOMATIC: Kind = {
  list: 'automatic_events',
  topic: 'automatic_events',
  participant: { phone: 'from', userId: 'from_user_id' },
  key: (item) => keyOf('automatic', item['id'], item['event_name']),
};
const KINDS_OF_FIELD: Readonly<Record<string, readonly Kind[]>> = {
  messages: [MESSAGE, STATUS],
  smb_message_echoes: [ECHO],
  user_id_update: [USER_ID_UPDATE],
  automatic_events: [AUTOMATIC],
};
// What every value repeats, and so is no update of its own.
const FRAME: ReadonlySet<string> = new Set(['messaging_product', 'metadata', 'contacts', 'field']);
const KEY_PART = /^[\x21-\x7e]{1,256}$/;
const TOPIC = /^[\w.-]{1,64}$/;

/**
 * Splits a delivery, which may hold up to 1,000 updates, into one text for each message, status or echo and one for
 * anything else, so that each is stored once however Meta batches or repeats it. What has an unknown shape is kept as
 * an update of topic `unknown`. Never throws.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
 */
export function splitDelivery(
  text: string,
): { kind: 'updates'; updates: SplitUpdate[] } | { kind: 'not_json' } {
  const parsed = parseJson(text);
  if (parsed.kind === 'not_json') return parsed;

  try {
    const updates = splitBody(parsed.value);
    if (updates.length > 0) return { kind: 'updates', updates: firstOfEachKey(updates) };
  } catch (error) {
    // Nested deeper than JSON can be written back: kept whole, as it came.
    if (!(error instanceof RangeError)) throw error;
  }
  return { kind: 'updates', updates: [update(null, 'unknown', text)] };
}

function splitBody(body: unknown): SplitUpdate[] {
  if (!isJsonObject(body)) return [];
  return jsonArray(body['entry']).flatMap((entry) => splitEntry(body, entry));
}

function splitEntry(body: JsonObject, entry: unknown): SplitUpdate[] {
  const changes = isJsonObject(entry) ? jsonArray(entry['changes']) : [];
  if (!isJsonObject(entry) || changes.length === 0) {
    return [update(null, 'unknown', writeJson({ object: body['object'], entry: [entry] }))];
  }
  const { id, time } = entry;
  return changes.flatMap((change) =>
    splitChange(change, (one) =>
      writeJson({ object: body['object'], entry: [{ id, time, changes: [one] }] }),
    ),
  );
}

function splitChange(change: unknown, envelope: (change: unknown) => string): SplitUpdate[] {
  const field = fieldOf(change);
  const topic = field !== null && TOPIC.test(field) ? field : 'unknown';
  if (!isJsonObject(change) || !isJsonObject(change['value'])) return [update(null, topic, envelope(change))];

  const value = change['value'];
  const kinds = KINDS_OF_FIELD[topic] ?? [];
  const lists = kinds.filter((kind) => Array.isArray(value[kind.list]));
  const items = lists.flatMap((kind) => splitList(value, kind, (one) => envelope({ ...change, value: one })));
  const rest = without(value, new Set(lists.map((kind) => kind.list)));
  const restHolds = Object.keys(rest).some((key) => !FRAME.has(key));
  if (items.length > 0 && !restHolds) return items;
  return [...items, update(null, topic, envelope({ ...change, value: rest }))];
}

function splitList(value: JsonObject, kind: Kind, envelope: (value: JsonObject) => string): SplitUpdate[] {
  const list = jsonArray(value[kind.list]);
  const frame = Object.fromEntries(
    Object.entries(value).filter(([key]) => FRAME.has(key) && key !== 'contacts'),
  );
  const contactsFor = contactsOf(value['contacts'], kind.participant, list.length);
  return list.map((item) => {
    const contacts = contactsFor(item);
    const one = envelope({ ...frame, ...(contacts.length > 0 && { contacts }), [kind.list]: [item] });
    return update(isJsonObject(item) ? kind.key(item) : null, kind.topic, one);
  });
}

function fieldOf(change: unknown): string | null {
  if (!isJsonObject(change)) return null;
  if (typeof change['field'] === 'string') return change['field'];
  // Meta's own sample of PARTNER_APP_UNINSTALLED has it inside the value.
  const value = change['value'];
  return isJsonObject(value) && typeof value['field'] === 'string' ? value['field'] : null;
}

function update(key: string | null, topic: string, text: string): SplitUpdate {
  return { key: key ?? `sha256:${hash('sha256', text)}`, topic, text, at: null };
}

// Keys are indexed as text, so only ids that are short and plain are taken as they are.
function keyOf(kind: string, ...parts: readonly unknown[]): string | null {
  const texts = parts.map(jsonId);
  return texts.every((part) => part !== null && KEY_PART.test(part)) ? [kind, ...texts].join(':') : null;
}

function without(value: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.has(key)));
}

function firstOfEachKey(updates: readonly SplitUpdate[]): SplitUpdate[] {
  const byKey = new Map<string, SplitUpdate>();
  for (const one of updates) if (!byKey.has(one.key)) byKey.set(one.key, one);
  return [...byKey.values()];
}
