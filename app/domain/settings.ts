import { z } from 'zod';
import { MODELS } from './attribution.ts';
import { isJsonObject } from './json.ts';

/**
 * What happens to an event of which nobody knows whether Meta took it: `hold` keeps it for a person, so that nothing is
 * reported twice; `resend` sends it again with the same event id, so that nothing is missed.
 */
const UNKNOWN_OUTCOMES = ['hold', 'resend'] as const;
export type UnknownOutcome = (typeof UNKNOWN_OUTCOMES)[number];

const fields = {
  /** How many days after an ad click an order is credited to it. */
  windowDays: z.int().min(1).max(90).default(7),
  /** How the credit is given to the ad clicks in that time. */
  model: z.enum(MODELS).default('last_click'),
  /** A Purchase when the order is paid. */
  reportPurchase: z.boolean().default(true),
  /** An OrderCreated when the order is placed and not paid yet, as with cash on delivery. */
  reportOrderCreated: z.boolean().default(false),
  /** Orders that a subscription makes by itself. */
  reportRenewals: z.boolean().default(false),
  /** Hashed phone and email beside the click id. */
  sendCustomerHashes: z.boolean().default(true),
  unknownOutcome: z.enum(UNKNOWN_OUTCOMES).default('hold'),
  /** A phone number that more buyers than this gave is nobody's. */
  phoneLimit: z.int().min(1).max(50).default(5),
};

/** A shop's settings as stored: only what differs from the defaults needs to be there. */
export const settingsSchema = z.object(fields);
export type Settings = z.infer<typeof settingsSchema>;
export type SettingKey = keyof Settings;
export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({});

type Change =
  | { kind: 'changed'; settings: Settings }
  | { kind: 'unknown_key'; keys: string[] }
  | { kind: 'bad_value'; expected: string };

const WORDS = {
  window_days: 'windowDays',
  attribution_model: 'model',
  report_purchase: 'reportPurchase',
  report_order_created: 'reportOrderCreated',
  report_renewals: 'reportRenewals',
  send_customer_hashes: 'sendCustomerHashes',
  unknown_outcome: 'unknownOutcome',
  phone_limit: 'phoneLimit',
} as const satisfies Record<string, SettingKey>;
const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['off', false],
  ['false', false],
  ['no', false],
]);

const lenient = z.object({
  windowDays: fields.windowDays.catch(DEFAULT_SETTINGS.windowDays),
  model: fields.model.catch(DEFAULT_SETTINGS.model),
  reportPurchase: fields.reportPurchase.catch(DEFAULT_SETTINGS.reportPurchase),
  reportOrderCreated: fields.reportOrderCreated.catch(DEFAULT_SETTINGS.reportOrderCreated),
  reportRenewals: fields.reportRenewals.catch(DEFAULT_SETTINGS.reportRenewals),
  sendCustomerHashes: fields.sendCustomerHashes.catch(DEFAULT_SETTINGS.sendCustomerHashes),
  unknownOutcome: fields.unknownOutcome.catch(DEFAULT_SETTINGS.unknownOutcome),
  phoneLimit: fields.phoneLimit.catch(DEFAULT_SETTINGS.phoneLimit),
});

/** Reads stored settings; a field that is missing or corrupt falls back to its default. */
export function readSettings(stored: unknown): Settings {
  return lenient.parse(isJsonObject(stored) ? stored : {});
}

/** Applies one `key=value` of the operator's command, e.g. `window_days=14` or `report_purchase=off`. */
export function changeSetting(settings: Settings, key: string, value: string): Change {
  if (!isWord(key)) return { kind: 'unknown_key', keys: Object.keys(WORDS) };
  const setting = WORDS[key];
  const { read, expected } = readWord(setting, value.trim().toLowerCase());
  const changed = settingsSchema.safeParse({ ...settings, [setting]: read });
  if (!changed.success) return { kind: 'bad_value', expected };
  return { kind: 'changed', settings: changed.data };
}

function readWord(setting: SettingKey, word: string): { read: unknown; expected: string } {
  switch (setting) {
    case 'windowDays':
      return { read: wholeNumber(word), expected: 'a whole number of days from 1 to 90' };
    case 'phoneLimit':
      return { read: wholeNumber(word), expected: 'a whole number of buyers from 1 to 50' };
    case 'model':
      return { read: word, expected: MODELS.join(' or ') };
    case 'unknownOutcome':
      return { read: word, expected: UNKNOWN_OUTCOMES.join(' or ') };
    case 'reportPurchase':
    case 'reportOrderCreated':
    case 'reportRenewals':
    case 'sendCustomerHashes':
      return { read: SWITCH.get(word) ?? null, expected: 'on or off' };
  }
}

function wholeNumber(word: string): number | null {
  return /^\d{1,3}$/.test(word) ? Number(word) : null;
}

/** The settings in the operator's words. */
export function settingsAsWords(settings: Settings): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(WORDS).map(([word, key]) => [word, settings[key]]));
}

function isWord(key: string): key is keyof typeof WORDS {
  return Object.hasOwn(WORDS, key);
}
