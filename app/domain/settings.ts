import { z } from 'zod';
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
  reportPurchase: z.boolean().default(true),
  /** Hashed phone and email beside the click id. */
  sendCustomerHashes: z.boolean().default(true),
  unknownOutcome: z.enum(UNKNOWN_OUTCOMES).default('hold'),
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
  report_purchase: 'reportPurchase',
  send_customer_hashes: 'sendCustomerHashes',
  unknown_outcome: 'unknownOutcome',
} as const satisfies Record<string, SettingKey>;
const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['off', false],
  ['false', false],
  ['no', false],
]);

/** Reads stored settings; a field that is missing or corrupt falls back to its default. */
export function readSettings(stored: unknown): Settings {
  const object = isJsonObject(stored) ? stored : {};
  return {
    windowDays: fields.windowDays.catch(DEFAULT_SETTINGS.windowDays).parse(object['windowDays']),
    reportPurchase: fields.reportPurchase
      .catch(DEFAULT_SETTINGS.reportPurchase)
      .parse(object['reportPurchase']),
    sendCustomerHashes: fields.sendCustomerHashes
      .catch(DEFAULT_SETTINGS.sendCustomerHashes)
      .parse(object['sendCustomerHashes']),
    unknownOutcome: fields.unknownOutcome
      .catch(DEFAULT_SETTINGS.unknownOutcome)
      .parse(object['unknownOutcome']),
  };
}

/** Applies one `key=value` of the operator's command, e.g. `window_days=14` or `report_purchase=off`. */
export function changeSetting(settings: Settings, key: string, value: string): Change {
  if (!isWord(key)) return { kind: 'unknown_key', keys: Object.keys(WORDS) };
  const setting = WORDS[key];
  if (setting === 'windowDays') return changeWindow(settings, value);
  if (setting === 'unknownOutcome') return changeUnknownOutcome(settings, value);

  const on = SWITCH.get(value.trim().toLowerCase());
  if (on === undefined) return { kind: 'bad_value', expected: 'on or off' };
  return { kind: 'changed', settings: { ...settings, [setting]: on } };
}

function changeWindow(settings: Settings, value: string): Change {
  const days = /^\d{1,3}$/.test(value.trim()) ? Number(value) : null;
  const read = fields.windowDays.safeParse(days);
  if (!read.success) return { kind: 'bad_value', expected: 'a whole number of days from 1 to 90' };
  return { kind: 'changed', settings: { ...settings, windowDays: read.data } };
}

function changeUnknownOutcome(settings: Settings, value: string): Change {
  const read = fields.unknownOutcome.safeParse(value.trim().toLowerCase());
  if (!read.success) return { kind: 'bad_value', expected: UNKNOWN_OUTCOMES.join(' or ') };
  return { kind: 'changed', settings: { ...settings, unknownOutcome: read.data } };
}

/** The settings in the operator's words. */
export function settingsAsWords(settings: Settings): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(WORDS).map(([word, key]) => [word, settings[key]]));
}

function isWord(key: string): key is keyof typeof WORDS {
  return Object.hasOwn(WORDS, key);
}
