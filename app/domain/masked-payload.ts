import { isJsonObject } from './json.ts';

const HASH = /^[0-9a-f]{64}(\.[\w-]{8})?$/;
// These name an account of the shop's, not a person.
const SHOWN: ReadonlySet<string> = new Set(['whatsapp_business_account_id', 'page_id']);
const SHORTENED: ReadonlySet<string> = new Set(['ctwa_clid', 'fbc', 'fbp']);
const SHOWN_LENGTH = 6;

/**
 * An event as it may be shown: what it says of the order is whole, what it says of the person cannot be read or looked
 * up. Takes anything that was stored as an event; what is none gives an empty object.
 */
export function maskedPayload(payload: unknown): Record<string, unknown> {
  if (!isJsonObject(payload)) return {};
  const { user_data: user } = payload;
  if (user === undefined) return { ...payload };
  if (!isJsonObject(user)) return { ...payload, user_data: '…' };
  const masked = Object.entries(user).map(([key, value]) => [key, SHOWN.has(key) ? value : mask(key, value)]);
  return { ...payload, user_data: Object.fromEntries(masked) };
}

function mask(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => mask(key, one));
  if (typeof value !== 'string') return '…';
  const isLong = value.length >= 2 * SHOWN_LENGTH;
  return isLong && (HASH.test(value) || SHORTENED.has(key)) ? `${value.slice(0, SHOWN_LENGTH)}…` : '…';
}
