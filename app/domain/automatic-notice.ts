import { isEventName, type EventName } from './event-name.ts';
import { isJsonObject, jsonId, jsonText } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Money } from './order.ts';
import { readClickId } from './referral.ts';
import { readWhatsAppTime } from './whatsapp-time.ts';

/** A conversion that Meta itself detected in a chat. */
export type AutomaticNotice = {
  /** Of the message that it was seen in. */
  messageId: string;
  eventName: EventName;
  at: Date;
  /** The `ctwa_clid`, verbatim. */
  clickId: string;
  value: Money | null;
};
const AMOUNT = /^\d{1,16}(\.\d{1,12})?$/;

/**
 * One of the `automatic_events` of a webhook; null when it names no message, event, time or click.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/automatic-events-api
 */
export function readAutomaticNotice(event: JsonObject): AutomaticNotice | null {
  const messageId = jsonId(event['id']);
  const eventName = jsonText(event['event_name']);
  const at = readWhatsAppTime(event['timestamp']);
  const clickId = readClickId(event['ctwa_clid']);
  if (messageId === null || at === null || clickId === null) return null;
  if (eventName === null || !isEventName(eventName)) return null;
  return { messageId, eventName, at, clickId, value: readValue(event['custom_data']) };
}

function readValue(custom: unknown): Money | null {
  if (!isJsonObject(custom)) return null;
  const amount = jsonText(custom['value']) ?? jsonNumber(custom['value']);
  const currency = jsonText(custom['currency'])?.toUpperCase() ?? '';
  return amount !== null && AMOUNT.test(amount) && /^[A-Z]{3}$/.test(currency) ? { amount, currency } : null;
}

function jsonNumber(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}
