import type { PhoneDigits } from './phone.ts';

/** How one form of a number follows from another; every basis but Argentina's keeps to one subscription. */
export type FormBasis =
  | 'same'
  | 'brazil_ninth_digit'
  | 'mexico_mobile_one'
  | 'argentina_mobile_nine'
  | 'cote_divoire_operator_prefix'
  | 'benin_prefix'
  | 'vietnam_mobile_prefix';

type Change = { before: RegExp; after: string; basis: FormBasis };

// Vietnam's mobile prefixes of three digits and the two-digit ones that replaced them in 2018.
const VIETNAM_PREFIXES: Readonly<Record<string, string>> = {
  ...{ '120': '70', '121': '79', '122': '77', '126': '76', '128': '78' },
  ...{ '123': '83', '124': '84', '125': '85', '127': '81', '129': '82' },
  ...{ '162': '32', '163': '33', '164': '34', '165': '35' },
  ...{ '166': '36', '167': '37', '168': '38', '169': '39' },
  ...{ '186': '56', '188': '58', '199': '59' },
};

// How the numbers of living subscriptions were changed. Each change maps old numbers one to one onto today's, and what
// could not be a mobile number before is left alone (a Brazilian local part that starts with 2 to 5 is a landline).
// Côte d'Ivoire put the operator first in 2021, which the second digit had told until then; Benin put 01 before every
// number in 2024. National numbering plans: https://www.itu.int/oth/T0202.aspx?parent=T0202
const CHANGES: readonly Change[] = [
  { before: /^55([1-9]\d)([6-9]\d{7})$/, after: '55$19$2', basis: 'brazil_ninth_digit' },
  { before: /^521([2-9]\d{9})$/, after: '52$1', basis: 'mexico_mobile_one' },
  { before: /^225((?:0[1-3]|[4-9][0-3])\d{6})$/, after: '22501$1', basis: 'cote_divoire_operator_prefix' },
  { before: /^225((?:0[4-6]|[4-9][4-6])\d{6})$/, after: '22505$1', basis: 'cote_divoire_operator_prefix' },
  { before: /^225((?:0[7-9]|[4-9][7-9])\d{6})$/, after: '22507$1', basis: 'cote_divoire_operator_prefix' },
  { before: /^229([4-69]\d{7})$/, after: '22901$1', basis: 'benin_prefix' },
  ...Object.entries(VIETNAM_PREFIXES).map(([before, after]): Change => ({
    before: new RegExp(`^84${before}(\\d{7})$`),
    after: `84${after}$1`,
    basis: 'vietnam_mobile_prefix',
  })),
];

const FORMER: readonly Change[] = [
  { before: /^55([1-9]\d)9([6-9]\d{7})$/, after: '55$1$2', basis: 'brazil_ninth_digit' },
  { before: /^52([2-9]\d{9})$/, after: '521$1', basis: 'mexico_mobile_one' },
  { before: /^22501((?:0[1-3]|[4-9][0-3])\d{6})$/, after: '225$1', basis: 'cote_divoire_operator_prefix' },
  { before: /^22505((?:0[4-6]|[4-9][4-6])\d{6})$/, after: '225$1', basis: 'cote_divoire_operator_prefix' },
  { before: /^22507((?:0[7-9]|[4-9][7-9])\d{6})$/, after: '225$1', basis: 'cote_divoire_operator_prefix' },
  { before: /^22901([4-69]\d{7})$/, after: '229$1', basis: 'benin_prefix' },
  ...Object.entries(VIETNAM_PREFIXES).map(([before, after]): Change => ({
    before: new RegExp(`^84${after}(\\d{7})$`),
    after: `84${before}$1`,
    basis: 'vietnam_mobile_prefix',
  })),
];

// The 9 tells mobile numbers from landlines of the same area, so a number without it may be another subscriber's.
const ARGENTINA: readonly Change[] = [
  { before: /^549([1-3]\d{9})$/, after: '54$1', basis: 'argentina_mobile_nine' },
  { before: /^54([1-3]\d{9})$/, after: '549$1', basis: 'argentina_mobile_nine' },
];

const BY_CALLING_CODE = Map.groupBy([...CHANGES, ...FORMER, ...ARGENTINA], ({ after }) => codeOf(after));

/**
 * The number itself, then what WhatsApp may call the same subscription: a `wa_id` may keep the number of its first
 * registration. So Brazil's from before the ninth digit, Mexico's 1 and Argentina's 9 after the country code, and what
 * other countries dialled before they renumbered. "A WhatsApp user's ID and phone number may not always match":
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
 */
export function whatsappForms(number: PhoneDigits): { digits: PhoneDigits; basis: FormBasis }[] {
  const forms: { digits: PhoneDigits; basis: FormBasis }[] = [{ digits: number, basis: 'same' }];
  const found = BY_CALLING_CODE.get(codeOf(number))?.find(({ before }) => before.test(number));
  if (found === undefined) return forms;
  return [...forms, { digits: replaced(number, found), basis: found.basis }];
}

/** What is dialled today for a number from before its country renumbered; a number that is not such a one as it is. */
export function todaysNumber(number: PhoneDigits): PhoneDigits {
  const found = CHANGES.find(({ before }) => before.test(number));
  return found === undefined ? number : replaced(number, found);
}

function replaced(number: PhoneDigits, { before, after }: Change): PhoneDigits {
  return number.replace(before, after) as PhoneDigits;
}

// The first two digits of the calling code tell these countries apart well enough to try few patterns.
function codeOf(digits: string): string {
  return digits.slice(0, 2);
}
