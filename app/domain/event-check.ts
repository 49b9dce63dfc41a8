import { CHANNELS, MAX_AGE_MS, type Channel } from './channel.ts';
import { canIdentify, CUSTOMER_KEYS } from './customer-data.ts';
import { isEventName } from './event-name.ts';
import { isPresent, unless, type Problem } from './event-problem.ts';
import { checkSale } from './event-sale-check.ts';
import { isJsonObject, jsonArray, type JsonObject } from './json.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
// Unix time in milliseconds is above this, in seconds not before the year 5138.
const MILLISECONDS_FROM = 1e11;
// Meta's parameter builder appends ".<8 characters>" to a hash, and Meta takes both forms.
const HASH = /^[0-9a-f]{64}(\.[\w-]{8})?$/;
const BROWSER_KEYS = ['client_ip_address', 'client_user_agent', 'fbc', 'fbp'];
const HASHED_KEYS = CUSTOMER_KEYS.filter((key) => key !== 'external_id');
const PLAIN_KEYS = [
  ...BROWSER_KEYS,
  ...['subscription_id', 'fb_login_id', 'lead_id', 'page_id', 'page_scoped_user_id', 'ctwa_clid'],
  ...['ig_account_id', 'ig_sid'],
];

/**
 * What Meta would refuse about an event sent now, in plain words; empty when nothing. Whether a click id is a real one
 * and an account the dataset's own, only Meta knows. Never throws, whatever it is given.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters
 */
export function checkEvent(payload: unknown, now: Date): Problem[] {
  if (!isJsonObject(payload)) return [{ field: 'data', problem: 'It is not an event.' }];
  const channel = CHANNELS.find((one) => one === payload['action_source']) ?? null;
  return [
    ...checkName(payload['event_name'], channel),
    ...checkTime(payload['event_time'], channel, now),
    ...unless(channel !== null, 'action_source', `It must be one of ${CHANNELS.join(', ')}.`),
    ...checkPlace(payload, channel),
    ...checkFields(payload),
    ...checkLimits(payload),
    ...checkCustomer(payload['user_data'], channel),
    ...checkSale(payload['event_name'], payload['custom_data']),
  ];
}

function checkName(name: unknown, channel: Channel | null): Problem[] {
  if (typeof name !== 'string' || name === '')
    return [{ field: 'event_name', problem: 'The event has no name.' }];
  const known = channel !== 'business_messaging' || isEventName(name);
  return unless(known, 'event_name', 'Meta does not know this event in chats.');
}

function checkTime(seconds: unknown, channel: Channel | null, now: Date): Problem[] {
  const problem = timeProblem(seconds, now, MAX_AGE_MS[channel ?? 'business_messaging']);
  return problem === null ? [] : [{ field: 'event_time', problem }];
}

function timeProblem(seconds: unknown, now: Date, maxAgeMs: number): string | null {
  if (typeof seconds !== 'number' || !Number.isInteger(seconds))
    return 'It is not a whole number of Unix seconds.';
  if (seconds >= MILLISECONDS_FROM) return 'It is in milliseconds; Meta wants seconds.';
  // Meta compares whole seconds.
  const ageMs = Math.floor(now.getTime() / 1000) * 1000 - seconds * 1000;
  if (ageMs < 0) return 'It is in the future.';
  return ageMs > maxAgeMs ? `It is more than ${maxAgeMs / DAY_MS} days ago.` : null;
}

function checkPlace(event: JsonObject, channel: Channel | null): Problem[] {
  const { messaging_channel: app, event_source_url: page } = event;
  if (channel === 'business_messaging') {
    return unless(app === 'whatsapp', 'messaging_channel', 'It must be whatsapp, in lower case.');
  }
  return [
    ...unless(!isPresent(app), 'messaging_channel', 'It is for events from chats only.'),
    ...unless(
      channel !== 'website' || isWebPage(page),
      'event_source_url',
      'A website event needs the address of a page, with https:// or http://.',
    ),
  ];
}

function isWebPage(address: unknown): boolean {
  return typeof address === 'string' && /^https?:\/\/[^/\s]/.test(address) && URL.canParse(address);
}

function checkFields(event: JsonObject): Problem[] {
  const { event_id: id, opt_out: optOut, messaging_outcome_data: outcome } = event;
  const original = event['original_event_data'];
  const hasOutcome = isJsonObject(outcome) && typeof outcome['outcome_type'] === 'string';
  return [
    ...unless(!isPresent(id) || typeof id === 'string', 'event_id', 'It is not a text.'),
    ...unless(
      optOut === undefined || typeof optOut === 'boolean',
      'opt_out',
      'It is neither true nor false.',
    ),
    ...unless(outcome === undefined || hasOutcome, 'messaging_outcome_data', 'It has no outcome_type.'),
    ...unless(
      original === undefined || isJsonObject(original),
      'original_event_data',
      'It is not an object.',
    ),
  ];
}

// Limited Data Use: https://developers.facebook.com/docs/marketing-apis/data-processing-options
function checkLimits(event: JsonObject): Problem[] {
  const { data_processing_options: options, user_data: user } = event;
  const { data_processing_options_country: country, data_processing_options_state: state } = event;
  const listed = jsonArray(options).every((option) => option === 'LDU') && Array.isArray(options);
  const hasIp = isJsonObject(user) && isPresent(user['client_ip_address']);
  const stateField = 'data_processing_options_state';
  return [
    ...unless(!isPresent(options) || listed, 'data_processing_options', 'The only option is LDU, in a list.'),
    ...unless(
      !isPresent(country) || country === 0 || country === 1,
      'data_processing_options_country',
      'It is neither 1 for the United States nor 0 for Meta to find out.',
    ),
    ...unless(
      !isPresent(state) || isStateNumber(state),
      stateField,
      'It is not one of Meta’s numbers for a state.',
    ),
    ...unless(!isPresent(state) || isPresent(country), stateField, 'A state needs its country beside it.'),
    ...unless(
      jsonArray(options).length === 0 || isPresent(state) || hasIp,
      stateField,
      'Without an IP address Meta cannot find the state, so it must be given.',
    ),
  ];
}

// California is 1000, and every state with a law of its own since then is one more; 0 asks Meta to find out.
function isStateNumber(state: unknown): boolean {
  return (
    state === 0 || (typeof state === 'number' && Number.isInteger(state) && state >= 1000 && state < 1100)
  );
}

function checkCustomer(user: unknown, channel: Channel | null): Problem[] {
  if (!isJsonObject(user)) return [{ field: 'user_data', problem: 'It is missing.' }];
  const problems = [
    ...HASHED_KEYS.flatMap((key) =>
      unless(
        user[key] === undefined || (textsOf(user[key])?.every((text) => HASH.test(text)) ?? false),
        `user_data.${key}`,
        'It is not a SHA-256 in lower-case hex.',
      ),
    ),
    ...[...PLAIN_KEYS, 'external_id'].flatMap((key) =>
      unless(!isPresent(user[key]) || textsOf(user[key]) !== null, `user_data.${key}`, 'It is not a text.'),
    ),
  ];
  switch (channel) {
    case 'business_messaging':
      return [...problems, ...checkChat(user)];
    case 'website':
      return [
        ...problems,
        ...unless(
          isPresent(user['client_user_agent']),
          'user_data.client_user_agent',
          'A website event needs the name of the browser.',
        ),
        ...checkKnown(user, [...CUSTOMER_KEYS, ...PLAIN_KEYS]),
      ];
    case 'physical_store':
      return [...problems, ...checkKnown(user, CUSTOMER_KEYS)];
    case null:
      return problems;
  }
}

// https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
function checkChat(user: JsonObject): Problem[] {
  const { ctwa_clid: click, whatsapp_business_account_id: waba } = user;
  const hasClick = typeof click === 'string' && /^\S+$/.test(click);
  const hasAccount = typeof waba === 'number' ? Number.isSafeInteger(waba) : typeof waba === 'string';
  return [
    ...unless(
      hasAccount && /^\d+$/.test(String(waba)),
      'user_data.whatsapp_business_account_id',
      'It is not a number of digits only.',
    ),
    ...unless(hasClick, 'user_data.ctwa_clid', 'It is missing, or has white space in it.'),
    ...BROWSER_KEYS.flatMap((key) =>
      unless(user[key] === undefined, `user_data.${key}`, 'Meta refuses it on an event from a chat.'),
    ),
    ...['page_id', 'page_scoped_user_id'].flatMap((key) =>
      unless(!isPresent(user[key]), `user_data.${key}`, 'It is for chats of a Facebook Page.'),
    ),
  ];
}

function checkKnown(user: JsonObject, counted: readonly string[]): Problem[] {
  const known = counted.filter((key) => textsOf(user[key])?.some((text) => text !== ''));
  return unless(canIdentify(known), 'user_data', 'It says too little for Meta to find anybody by.');
}

// One text or several, or null for anything else.
function textsOf(value: unknown): string[] | null {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.every((one): one is string => typeof one === 'string') ? values : null;
}
