import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';

/** E.164 digits without the plus. */
export type PhoneDigits = string & { readonly __brand: 'PhoneDigits' };
export type PhoneReading =
  { kind: 'numbers'; numbers: PhoneDigits[] } | { kind: 'empty' } | { kind: 'invalid' };
export type FormBasis = 'same' | 'brazil_ninth_digit' | 'mexico_mobile_one' | 'argentina_mobile_nine';

const BRAZIL_MOBILE = /^55([1-9]\d)9([6-9]\d{7})$/;
// An 8-digit local part that starts with 2 to 5 is a landline: it has never had a ninth digit to lose.
const BRAZIL_MOBILE_OLD = /^55([1-9]\d)([6-9]\d{7})$/;
const MEXICO = /^52([2-9]\d{9})$/;
const MEXICO_WITH_ONE = /^521([2-9]\d{9})$/;
const ARGENTINA = /^54([1-3]\d{9})$/;
const ARGENTINA_WITH_NINE = /^549([1-3]\d{9})$/;

const OTHER_FORMS: readonly { pattern: RegExp; other: string; basis: FormBasis }[] = [
  { pattern: BRAZIL_MOBILE, other: '55$1$2', basis: 'brazil_ninth_digit' },
  { pattern: BRAZIL_MOBILE_OLD, other: '55$19$2', basis: 'brazil_ninth_digit' },
  { pattern: MEXICO, other: '521$1', basis: 'mexico_mobile_one' },
  { pattern: MEXICO_WITH_ONE, other: '52$1', basis: 'mexico_mobile_one' },
  { pattern: ARGENTINA, other: '549$1', basis: 'argentina_mobile_nine' },
  { pattern: ARGENTINA_WITH_NINE, other: '54$1', basis: 'argentina_mobile_nine' },
];

/**
 * The number itself, then what WhatsApp may call the same subscription: a `wa_id` may keep Brazil's pre-2012 number
 * without the ninth digit, Mexico's 1 and Argentina's 9 after the country code. "A WhatsApp user's ID and phone number
 * may not always match": https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
 */
export function whatsappForms(number: PhoneDigits): { digits: PhoneDigits; basis: FormBasis }[] {
  const forms: { digits: PhoneDigits; basis: FormBasis }[] = [{ digits: number, basis: 'same' }];
  const found = OTHER_FORMS.find(({ pattern }) => pattern.test(number));
  if (found === undefined) return forms;
  const digits = number.replace(found.pattern, found.other) as PhoneDigits;
  return [...forms, { digits, basis: found.basis }];
}

/**
 * The number in a webhook's `from` or `wa_id`, with or without plus. Not checked against numbering plans, because
 * WhatsApp's own forms (8-digit Brazil, 521…) fail them.
 */
export function phoneFromWhatsApp(raw: string | null): PhoneDigits | null {
  const digits = raw?.trim().replace(/^\+/, '') ?? '';
  return /^\d{6,15}$/.test(digits) ? (digits as PhoneDigits) : null;
}

/** For people to recognise a number by without learning it: "+55 ••••• 4321". */
export function maskPhone(number: PhoneDigits): string {
  const callingCode = readE164(number)?.countryCallingCode ?? '';
  // A short number would be given away whole by its last four.
  const shown = number.length - callingCode.length >= 7 ? 4 : 2;
  const start = callingCode === '' ? '' : `+${callingCode} `;
  return `${start}••••• ${number.slice(-shown)}`;
}

/** ISO 3166 alpha-2; where several countries share a calling code and the digits do not tell, the main one. */
export function countryOfPhone(number: PhoneDigits): string | null {
  const read = readE164(number);
  if (read === undefined) return null;
  return read.country ?? MAIN_COUNTRY[read.countryCallingCode] ?? null;
}

// Calling codes that several countries share, with the country that gave them their numbering plan.
const MAIN_COUNTRY: Readonly<Record<string, string>> = {
  '1': 'US',
  '7': 'RU',
  '39': 'IT',
  '44': 'GB',
  '47': 'NO',
  '61': 'AU',
  '212': 'MA',
  '262': 'RE',
  '290': 'SH',
  '358': 'FI',
  '590': 'GP',
  '599': 'CW',
};

// A field of an address form; anything longer is not a phone number.
const LONGEST_FIELD = 200;
const MOST_NUMBERS_IN_A_FIELD = 4;
const BETWEEN_NUMBERS = /[/|;,\\&\r\n\t]|\s(?:or|ou|o|e|y|and|und|et)\s|(?<=\d)\s*(?=\+)/i;
// libphonenumber knows the English words; these are what shops in Latin America see as well.
const EXTENSION = /[\s.-]*\b(?:ramal|interno|int|anexo|extensi[oó]n|ext|x)\b[.:\s]*\d{1,6}\s*$/i;
const INTERNATIONAL_PREFIX = /^[^\d+]*(?:\+\D*(?:00)?|00)\D*(\d.*)$/s;
const DIGITS_ONLY = /^[\d\s().-]{10,}$/;
// "555-SHIP": digits first, then letters among them.
const WORD_NUMBER = /^[+(\d][\d\s().+-]*[a-z][a-z\d\s().-]*$/i;
const KEYPAD = 'abcdefghijklmnopqrstuvwxyz';
const KEYPAD_DIGITS = '22233344455566677778889999';
// Mexico dropped its long-distance and mobile prefixes in 2019; people and address books still write them.
const MEXICO_OLD_PREFIX = /^52(?:1|01|044|045)([2-9]\d{9})$/;

/**
 * Every valid number a person may have meant, best first: as an international number if it is written like one, else
 * read with each country hint in turn. "+", "00", a full number without either, letters, extensions and several
 * numbers in one field are understood, and the digits that Brazil and Mexico changed are put right.
 */
export function readPhone(raw: string | null, countries: readonly string[]): PhoneReading {
  const text = (raw ?? '')
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .trim();
  if (!/[\p{L}\p{Nd}]/u.test(text)) return { kind: 'empty' };
  if (text.length > LONGEST_FIELD) return { kind: 'invalid' };

  const hints = [...new Set(countries.map((country) => country.toUpperCase()))].filter((country) =>
    isSupportedCountry(country),
  );
  const pieces = text.split(BETWEEN_NUMBERS).slice(0, MOST_NUMBERS_IN_A_FIELD);
  const inPieces = pieces.map((piece) => readOne(piece, hints)).filter((found) => found.length > 0);
  // A slash may also be part of one number, as Germans write it: only two whole numbers prove two.
  const whole = inPieces.length >= 2 || pieces.length === 1 ? [] : readOne(text, hints);
  const numbers = [...new Set(whole.length > 0 ? whole : inPieces.flat())];
  return numbers.length > 0 ? { kind: 'numbers', numbers } : { kind: 'invalid' };
}

function readOne(piece: string, hints: readonly CountryCode[]): PhoneDigits[] {
  const text = piece.replace(EXTENSION, '').trim();
  const found = readWritten(text, hints);
  return found.length > 0 || !WORD_NUMBER.test(text) ? found : readWritten(dialLetters(text), hints);
}

function readWritten(text: string, hints: readonly CountryCode[]): PhoneDigits[] {
  const afterPrefix = INTERNATIONAL_PREFIX.exec(text)?.[1];
  const international = afterPrefix === undefined ? null : validNumber(`+${afterPrefix}`);
  if (international !== null) return [international];

  // A plus before a national number is a common slip, so an invalid international number is read as national too.
  const national = afterPrefix ?? text;
  const found = hints.map((country) => validNumber(national, country));
  if (DIGITS_ONLY.test(national)) found.push(validNumber(`+${national.replace(/\D/g, '')}`));
  return found.filter((number) => number !== null);
}

function validNumber(text: string, country?: CountryCode): PhoneDigits | null {
  const read = parsePhoneNumberFromString(text, country);
  if (read === undefined) return null;
  if (read.isValid()) return read.number.slice(1) as PhoneDigits;

  const repaired = read.number
    .slice(1)
    .replace(BRAZIL_MOBILE_OLD, '55$19$2')
    .replace(MEXICO_OLD_PREFIX, '52$1') as PhoneDigits;
  return readE164(repaired)?.isValid() === true ? repaired : null;
}

function dialLetters(text: string): string {
  return text.toLowerCase().replace(/[a-z]/g, (letter) => KEYPAD_DIGITS[KEYPAD.indexOf(letter)] ?? letter);
}

function readE164(number: PhoneDigits) {
  return parsePhoneNumberFromString(`+${number}`, { extract: false });
}
