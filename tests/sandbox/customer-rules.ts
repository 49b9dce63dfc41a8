import { isRecord } from './json-value.ts';
import { plain, present } from './refusal.ts';
import type { Refusal } from './refusal.ts';

type Json = Record<string, unknown>;

// developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
const HASHED_KEYS = ['em', 'ph', 'fn', 'ln', 'db', 'ge', 'ct', 'st', 'zp', 'country'];
const PLAIN_KEYS = [
  'client_ip_address',
  'client_user_agent',
  'fbc',
  'fbp',
  'subscription_id',
  'fb_login_id',
  'lead_id',
  'page_id',
  'page_scoped_user_id',
  'ctwa_clid',
  'ig_account_id',
  'ig_sid',
];
// Meta's parameter builder appends ".<8 characters>" to a hash, and Meta takes both forms.
const HASH = /^[0-9a-f]{64}(\.[\w-]{8})?$/;
/** Too many people share what each of these says; nothing more is not enough. */
const INSUFFICIENT = [
  ['ct', 'country', 'st', 'zp', 'ge', 'client_user_agent'],
  ['db', 'client_user_agent'],
  ['fn', 'ge'],
  ['ln', 'ge'],
].map((keys) => new Set(keys));

/** Personal data must be hashed, all else must not; each is a text or a list of texts. */
export function judgeHashes(user: Json): Refusal | null {
  for (const key of HASHED_KEYS) {
    if (user[key] !== undefined && !textsOf(user[key])?.every((text) => HASH.test(text))) {
      return plain(`param user_data.${key} must be hashed with SHA-256.`);
    }
  }
  const wrong = [...PLAIN_KEYS, 'external_id'].find((key) => present(user[key]) && !textsOf(user[key]));
  return wrong === undefined
    ? null
    : plain(`param user_data.${wrong} must be a string or a list of strings.`);
}

/** Whether somebody can be told from others by this; `hashed`: by personal data and the shop's own id alone. */
export function isSufficient(user: Json, by: 'any' | 'hashed'): boolean {
  const counted = [...HASHED_KEYS, 'external_id', ...(by === 'any' ? PLAIN_KEYS : [])];
  const given = counted.filter((key) => textsOf(user[key])?.some((text) => text !== ''));
  return !INSUFFICIENT.some((keys) => given.every((key) => keys.has(key)));
}

/**
 * Limited Data Use (developers.facebook.com/docs/marketing-apis/data-processing-options): an empty list says that it is
 * not wanted. Without an IP address Meta cannot find the place, so it must be said.
 */
export function judgeProcessing(event: Json): Refusal | null {
  const { data_processing_options: options, user_data: user } = event;
  const { data_processing_options_country: country, data_processing_options_state: state } = event;
  if (present(options) && !(Array.isArray(options) && options.every((one) => one === 'LDU'))) {
    return plain('param data_processing_options must be a list of {LDU}.');
  }
  if (present(country) && country !== 0 && country !== 1) {
    return plain('param data_processing_options_country must be one of {0, 1}.');
  }
  if (present(state) && !isState(state)) return plain('param data_processing_options_state is not valid.');
  if (present(state) && !present(country)) {
    return plain('param data_processing_options_state needs data_processing_options_country.');
  }
  const limited = Array.isArray(options) && options.length > 0;
  const located = present(state) || (isRecord(user) && present(user['client_ip_address']));
  return limited && !located
    ? plain('param data_processing_options_state is required for LDU without an IP address.')
    : null;
}

// 0 asks Meta to find the state; California is 1000, and every state with a law of its own since then is one more.
function isState(state: unknown): boolean {
  return (
    state === 0 || (typeof state === 'number' && Number.isInteger(state) && state >= 1000 && state < 1100)
  );
}

function textsOf(value: unknown): string[] | null {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.every((one): one is string => typeof one === 'string') ? values : null;
}
