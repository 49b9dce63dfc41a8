import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import type { ContactId } from '../../app/domain/ids.ts';
import type { IdentitySource } from '../../app/domain/link.ts';
import { whatsappForms } from '../../app/domain/phone.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import type { Random } from './random.ts';

export type Person = {
  customerGid: string;
  country: CountryCode;
  /** As it is dialled today. */
  number: PhoneDigits;
  /** The conversation with the shop, if there is one. */
  contactId: ContactId | null;
  lastMessageAt: Date;
  /** How the shop's WhatsApp learned the number; null while it is hidden. */
  knownBy: IdentitySource | null;
};
export type Contact = Person & { contactId: ContactId };
export type Owner = { contactId: ContactId; lastMessageAt: Date; by: IdentitySource | 'chat_link' };

export const YEAR_START = Date.UTC(2026, 0, 1);
export const DAY = 86_400_000;

const COUNTRY_SHARES = {
  ...{ BR: 40, MX: 12, IN: 10, AR: 8, ID: 6, IT: 6, DE: 5, GB: 5, US: 4 },
  ...{ CI: 2, BJ: 1, VN: 1 },
} as const satisfies Partial<Record<CountryCode, number>>;
type Country = keyof typeof COUNTRY_SHARES;

/** Beginnings of mobile numbers after the calling code, and how many digits follow. */
const MOBILE_RANGES: Readonly<
  Record<Country, { code: string; starts: readonly [string, ...string[]]; rest: number }>
> = {
  BR: { code: '55', starts: ['119', '219', '319', '419', '519', '619', '719', '859'], rest: 8 },
  MX: { code: '52', starts: ['55', '33', '81'], rest: 8 },
  IN: { code: '91', starts: ['98', '99', '70', '81', '63'], rest: 8 },
  AR: { code: '54', starts: ['911', '9351', '9341', '9261'], rest: 8 },
  ID: { code: '62', starts: ['812', '813', '857', '878'], rest: 8 },
  IT: { code: '39', starts: ['320', '333', '347', '380', '391'], rest: 7 },
  DE: { code: '49', starts: ['151', '160', '170', '175', '176'], rest: 8 },
  GB: { code: '44', starts: ['740', '751', '780', '795'], rest: 7 },
  US: { code: '1', starts: ['212', '305', '415', '512'], rest: 7 },
  CI: { code: '225', starts: ['01', '05', '07'], rest: 8 },
  BJ: { code: '229', starts: ['0161', '0166', '0195', '0197'], rest: 6 },
  VN: { code: '84', starts: ['90', '98', '32', '70', '83'], rest: 7 },
};

/** How often WhatsApp keeps the number from before the country changed its numbering. */
const OLD_FORM_SHARE: Readonly<Partial<Record<Country, number>>> = { MX: 0.7, CI: 0.5, BJ: 0.6, VN: 0.1 };
// São Paulo, Rio de Janeiro and Espírito Santo came first and keep the ninth digit there.
const BRAZIL_AREA_WITH_NINE = /^55(?:1|2[12478])/;
const BRAZIL_OLD_FORM_SHARE = 0.6;

/** How a conversation's number came to be known; by far the most people do not hide it. */
const KNOWN_BY = { message: 90, hidden: 5, contact_request: 4, shared_contact: 1 } as const;

/** Makes people with numbers that nobody else has. */
export function peopleMaker(random: Random): {
  stranger(): Person;
  contact(): Contact;
  number(): Person['number'];
} {
  const taken = new Set<string>();
  let made = 0;

  const fresh = (country: Country): PhoneDigits => {
    const { code, starts, rest } = MOBILE_RANGES[country];
    for (;;) {
      const start = random.pick(starts);
      // An Argentine area code of three digits leaves one digit less for the subscriber.
      const number = `${code}${start}${random.digits(country === 'AR' && start.length === 4 ? rest - 1 : rest)}`;
      if (taken.has(number) || parsePhoneNumberFromString(`+${number}`)?.isValid() !== true) continue;
      taken.add(number);
      return number as PhoneDigits;
    }
  };
  const stranger = (): Person => {
    const country = random.among(COUNTRY_SHARES);
    made += 1;
    return {
      customerGid: `gid://shopify/Customer/${made}`,
      country,
      number: fresh(country),
      contactId: null,
      lastMessageAt: new Date(YEAR_START + random.below(365) * DAY),
      knownBy: null,
    };
  };
  const contact = (): Contact => {
    const person = stranger();
    const known = random.among(KNOWN_BY);
    return { ...person, contactId: String(made) as ContactId, knownBy: known === 'hidden' ? null : known };
  };
  return { stranger, contact, number: () => stranger().number };
}

/** The `wa_id` that WhatsApp has for a person. */
export function whatsappIdOf({ country, number }: Person, random: Random): PhoneDigits {
  const old = whatsappForms(number)[1]?.digits ?? number;
  if (country === 'BR') {
    return !BRAZIL_AREA_WITH_NINE.test(number) && random.chance(BRAZIL_OLD_FORM_SHARE) ? old : number;
  }
  return random.chance(OLD_FORM_SHARE[country as Country] ?? 0) ? old : number;
}
