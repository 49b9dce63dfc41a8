import {
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import { todaysNumber, whatsappForms } from './whatsapp-form.ts';

export { whatsappForms };
export type { FormBasis } from './whatsapp-form.ts';

/** E.164 digits without the plus. */
export type PhoneDigits = string & { readonly __brand: 'PhoneDigits' };
export type PhoneReading =
  { kind: 'numbers'; numbers: PhoneDigits[] } | { kind: 'empty' } | { kind: 'invalid' };
/**
 * The number in a webhook's `from` or `wa_id`, with or without plus. Not checked against numbering plans, because
 * WhatsApp's own forms (8-digit Brazil, 521…) fail them.
 */
export function phoneFromWhatsApp(raw: string | null): PhoneDigits | null {
  const digits = raw?.trim().replace(/^\+/, '') ?? '';
  return /^\d{6,15}$/.test(digits) ? (digits as PhoneDigits) : null;
}

/** A WhatsApp number of a shop's own, from the way Meta shows it: "+55 11 91234-5678". */
export function phoneFromDisplay(shown: string): PhoneDigits | null {
  return phoneFromWhatsApp(shown.replace(/[^\d+]/g, ''));
}

// The shortest subscriber part of a mobile number in most plans; some small countries have six digits in all.
const SUBSCRIBER_LENGTH = 7;
const SHORTEST_NATIONAL = 6;
const LONGEST_RUN = 10;

/**
 * Whether this is what people type to get past a form: the last seven digits (all of the national number where it has
 * six) are one digit repeated, or the last ten count up or down by one, 0 and 9 being neighbours. Shorter runs, as in
 * 98765-4321, are numbers that people have. About one in a million real subscribers is taken for a placeholder. Every
 * form of one number gets one answer.
 */
export function isPlaceholder(number: PhoneDigits): boolean {
  return whatsappForms(number).some(({ digits }) => isMadeUp(digits));
}

function isMadeUp(number: PhoneDigits): boolean {
  const [run] = number.length < LONGEST_RUN ? [] : stepsOf(number.slice(-LONGEST_RUN));
  if (run === 1 || run === 9) return true;
  // Hardly a number gets any further, and to read one takes far longer.
  if (stepsOf(number.slice(-SHORTEST_NATIONAL))[0] !== 0) return false;
  const national = readE164(number)?.nationalNumber.length ?? SUBSCRIBER_LENGTH;
  const [step] = stepsOf(number.slice(-Math.min(national, SUBSCRIBER_LENGTH)));
  return national >= SHORTEST_NATIONAL && step === 0;
}

/** The one step from each digit to the next, modulo ten; empty when they are several. */
function stepsOf(text: string): number[] {
  const digits = [...text].map(Number);
  const steps = new Set(digits.slice(1).map((digit, n) => (digit - (digits[n] ?? 0) + 10) % 10));
  return steps.size === 1 ? [...steps] : [];
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

/**
 * The country of a masked number, by its calling code: where several countries share it, the one given as `near` if it is
 * among them, else the main one. Null when the mask shows none.
 */
export function countryOfMask(masked: string, near: string | null): string | null {
  const code = /^\+(\d+) /.exec(masked)?.[1];
  if (code === undefined) return null;
  const countries: string[] = getCountries().filter((country) => getCountryCallingCode(country) === code);
  if (near !== null && countries.includes(near)) return near;
  return MAIN_COUNTRY[code] ?? countries[0] ?? null;
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
const BETWEEN_NUMBERS = /[/|;,\\&\r\n\t]|\s(?:or|ou|o|e|y|and|und|et)\s|(?<=\d)[\s.-]*(?=\+)/i;
// libphonenumber knows the English words; these are what shops in Latin America see as well.
const EXTENSION =
  /[\s.-]*(?:\b(?:ramal|interno|int|anexo|extensi[oó]n|ext)\b|(?<=[\d\s)])[x#])[.:\s]*\d{1,6}\s*$/i;
const INTERNATIONAL_PREFIX = /^[^\d+]*(?:\+\D*(?:00)?|00)\D*(\d.*)$/s;
const DIGITS_ONLY = /^[\d\s().-]+$/;
// A shorter number without plus is too likely a national number of a country that no hint names.
const SHORTEST_FOREIGN = 10;
const SHORTEST_PAIR = 14;
// "555-SHIP": digits first, then letters among them.
const WORD_NUMBER = /^[+(\d][\d\s().+-]*[a-z][a-z\d\s().-]*$/i;
const KEYPAD = 'abcdefghijklmnopqrstuvwxyz';
const KEYPAD_DIGITS = '22233344455566677778889999';
// Mexico dropped its long-distance and mobile prefixes in 2019; people and address books still write them.
const MEXICO_OLD_PREFIX = /^52(?:01|044|045)([2-9]\d{9})$/;
// Italy's landlines keep their 0 after +39, which people used to other countries leave out.
const ITALY_LANDLINE_WITHOUT_ZERO = /^39([1-9]\d{4,10})$/;

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
  if (numbers.length > 0) return { kind: 'numbers', numbers };
  const pair = readPair(text, hints);
  return pair.length > 0 ? { kind: 'numbers', numbers: pair } : { kind: 'invalid' };
}

/** Two numbers with nothing but a gap between them; of several gaps, the one nearest the middle that gives two. */
function readPair(text: string, hints: readonly CountryCode[]): PhoneDigits[] {
  if (digitsOf(text).length < SHORTEST_PAIR) return [];
  const halves = [...text.matchAll(/(?<=\d)[^\d+]+(?=\d)/g)]
    .map(({ index }) => [text.slice(0, index), text.slice(index)] as const)
    .toSorted((a, b) => Math.abs(a[0].length - a[1].length) - Math.abs(b[0].length - b[1].length));
  for (const [first, second] of halves) {
    const found = [readOne(first, hints), readOne(second, hints)];
    if (found.every((numbers) => numbers.length > 0)) return [...new Set(found.flat())];
  }
  return [];
}

function readOne(piece: string, hints: readonly CountryCode[]): PhoneDigits[] {
  const text = piece.replace(EXTENSION, '').trim();
  const found = readWritten(text, hints);
  return found.length > 0 || !WORD_NUMBER.test(text) ? found : readWritten(dialLetters(text), hints);
}

function readWritten(text: string, hints: readonly CountryCode[]): PhoneDigits[] {
  const afterPrefix = INTERNATIONAL_PREFIX.exec(text)?.[1];
  const international = afterPrefix === undefined ? null : validNumber(`+${afterPrefix}`);
  if (international !== null && (canBeMobile(international) || international === digitsOf(afterPrefix))) {
    return [international];
  }
  // A plus before a national number is a common slip, so what is no international number is read as national too.
  const national = afterPrefix ?? text;
  const found = hints.flatMap((country) => readWithin(country, national));
  if (found.some(canBeMobile)) return found;
  if (international !== null) return [international];
  const digits = digitsOf(national);
  const inFull =
    DIGITS_ONLY.test(national) && digits.length >= SHORTEST_FOREIGN ? validNumber(`+${digits}`) : null;
  return inFull === null ? found : [...found, inFull];
}

/** As a national number and as one in full without its plus; if only one of them can be a mobile, that is meant. */
function readWithin(country: CountryCode, text: string): PhoneDigits[] {
  const digits = digitsOf(text);
  const inFull = DIGITS_ONLY.test(text) && digits.startsWith(getCountryCallingCode(country));
  const found = [validNumber(text, country), inFull ? validNumber(`+${digits}`) : null];
  const numbers = found.filter((number) => number !== null);
  const mobile = numbers.filter(canBeMobile);
  return mobile.length > 0 ? mobile : numbers;
}

function canBeMobile(number: PhoneDigits): boolean {
  const type = readE164(number)?.getType();
  return type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE';
}

function validNumber(text: string, country?: CountryCode): PhoneDigits | null {
  const read = parsePhoneNumberFromString(text, country);
  if (read === undefined) return null;
  const written = read.number.slice(1) as PhoneDigits;
  if (read.isValid()) return written;

  const { countryCallingCode } = read;
  const national = written.slice(countryCallingCode.length);
  const meant = [
    todaysNumber(written.replace(MEXICO_OLD_PREFIX, '52$1') as PhoneDigits),
    // People from where a 0 comes first write it in countries that have no such prefix too.
    `${countryCallingCode}${national.replace(/^0/, '')}` as PhoneDigits,
    written.replace(ITALY_LANDLINE_WITHOUT_ZERO, '390$1') as PhoneDigits,
  ];
  return meant.find((number) => number !== written && readE164(number)?.isValid() === true) ?? null;
}

function digitsOf(text = ''): string {
  return text.replace(/\D/g, '');
}

function dialLetters(text: string): string {
  return text.toLowerCase().replace(/[a-z]/g, (letter) => KEYPAD_DIGITS[KEYPAD.indexOf(letter)] ?? letter);
}

function readE164(number: PhoneDigits) {
  return parsePhoneNumberFromString(`+${number}`, { extract: false });
}
