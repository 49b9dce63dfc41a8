import { hash } from 'node:crypto';
import type { PhoneDigits } from './phone.ts';

// Meta's normalisation, then SHA-256 in lower-case hex. Where Meta's own libraries depart from the page (cities and
// states outside the US), the page is followed:
// https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters

export const CUSTOMER_KEYS = [
  'em',
  'ph',
  'fn',
  'ln',
  'db',
  'ge',
  'ct',
  'st',
  'zp',
  'country',
  'external_id',
] as const;
/** What a customer can be known by, each value hashed as Meta wants it. */
export type CustomerHashes = Partial<Record<(typeof CUSTOMER_KEYS)[number], string[]>>;

// Each of these, whole or in part, is too common to find anybody by.
const TOO_COMMON: readonly ReadonlySet<string>[] = [
  new Set(['ct', 'country', 'st', 'zp', 'ge', 'client_user_agent']),
  new Set(['db', 'client_user_agent']),
  new Set(['fn', 'ge']),
  new Set(['ln', 'ge']),
];

/** Whether what is known of a customer, by its keys, is enough for Meta to find them by; else it refuses the event. */
export function canIdentify(keys: readonly string[]): boolean {
  return TOO_COMMON.every((common) => keys.some((key) => !common.has(key)));
}

/** Key `em`; null for what is not an email address. */
export function hashEmail(raw: string): string | null {
  const email = clean(raw);
  return /^[^\s@]+@[^\s@]+$/.test(email) ? sha256(email) : null;
}

/** Key `ph`: with country code, without plus. */
export function hashPhone(digits: PhoneDigits): string | null {
  return sha256OrNull(digits.replace(/\D/g, '').replace(/^0+/, ''));
}

/** Key `country`: ISO 3166 alpha-2. */
export function hashCountry(alpha2: string): string | null {
  const country = clean(alpha2);
  return /^[a-z]{2}$/.test(country) ? sha256(country) : null;
}

/** Keys `fn` and `ln`: a first or a last name; accents stay. */
export function hashName(raw: string): string | null {
  return sha256OrNull(lettersOf(raw));
}

/** Key `db`, from `1997-02-16`, `19970216` or, as in the US, `2/16/1997`. */
export function hashBirthDate(raw: string): string | null {
  const text = raw.trim();
  const iso = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(text);
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : [us?.[3], us?.[1], us?.[2]];
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const read = new Date(`${date}T00:00:00Z`);
  // JavaScript reads 31 February as 3 March.
  const exists = !Number.isNaN(read.getTime()) && read.toISOString().startsWith(date);
  return exists ? sha256(date.replaceAll('-', '')) : null;
}

/** Key `ge`: f or m; null for anything else, since Meta has no other. */
export function hashGender(raw: string): string | null {
  const found = /^(f|m)(emale|ale)?$/.exec(clean(raw))?.[1];
  return found === undefined ? null : sha256(found);
}

/** Key `ct`. */
export function hashCity(raw: string): string | null {
  return sha256OrNull(lettersOf(raw));
}

/** Key `st`: in the US the two-letter code, elsewhere the whole name. */
export function hashState(raw: string, country: string): string | null {
  const state = lettersOf(raw);
  if (clean(country) === 'us' && !/^[a-z]{2}$/.test(state)) return null;
  return sha256OrNull(state);
}

/** Key `zp`: in the US the first five digits. */
export function hashPostcode(raw: string, country: string): string | null {
  const postcode = clean(raw).replace(/[\s-]/g, '');
  return sha256OrNull(clean(country) === 'us' ? postcode.slice(0, 5) : postcode);
}

/** Key `external_id`: hashed as it is, because it must look the same on every channel. */
export function hashExternalId(raw: string): string | null {
  return sha256OrNull(raw.trim());
}

// The same accented letter can be written as one or as two code points.
function clean(raw: string): string {
  return raw.normalize('NFC').trim().toLowerCase();
}

function lettersOf(raw: string): string {
  return clean(raw).replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function sha256OrNull(text: string): string | null {
  return text === '' ? null : sha256(text);
}

function sha256(text: string): string {
  return hash('sha256', text);
}
