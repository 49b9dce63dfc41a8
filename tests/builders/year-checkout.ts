import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Order, PhoneSource } from '../../app/domain/order.ts';
import { whatsappForms } from '../../app/domain/phone.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import type { Random } from './random.ts';
import type { Person } from './year-people.ts';

export type Phones = Order['phones'];

const SHOP_NUMBER = '5511912340011' as PhoneDigits;
/** The shop sells from Brazil and has a WhatsApp number there and one in Mexico. */
export const SHOP = {
  shopCountry: 'BR',
  numberCountries: ['BR', 'MX'],
  ownNumbers: [SHOP_NUMBER, '525588370042' as PhoneDigits],
} as const;

const WRITINGS = {
  ...{ national: 30, national_digits: 20, without_trunk: 10, international: 15 },
  ...{ plus_digits: 12, double_zero: 3, in_full: 5, dotted: 3, old_habit: 2 },
} as const;

/** A number as people type it at checkout: mostly as they would at home. */
export function written({ number }: Pick<Person, 'number'>, random: Random): string {
  const read = parsePhoneNumberFromString(`+${number}`);
  if (read === undefined) throw new Error(`${number} is not a number.`);
  switch (random.among(WRITINGS)) {
    case 'national':
      return read.formatNational();
    case 'national_digits':
      return read.formatNational().replace(/\D/g, '');
    case 'without_trunk':
      return read.nationalNumber;
    case 'international':
      return read.formatInternational();
    case 'plus_digits':
      return `+${number}`;
    case 'double_zero':
      return `00${number}`;
    case 'in_full':
      return number;
    case 'dotted':
      return read.formatInternational().replaceAll(' ', '.');
    case 'old_habit':
      return `+${whatsappForms(number).at(-1)?.digits ?? number}`;
  }
}

/** How people fill in the checkout, in percent. */
export const CHECKOUT_SHARES = {
  clean: 76.1,
  outdated_account: 2,
  wrong_country: 1,
  plus_before_national: 1.5,
  extension: 1,
  two_numbers: 1,
  typo: 1.5,
  own_number: 0.7,
  placeholder: 0.7,
  unknown_number: 5,
  gift: 3,
  no_phone: 5.5,
  hidden: 1,
} as const;
export type CheckoutKind = keyof typeof CHECKOUT_SHARES;
/** `mine`: where the buyer's own number stands and can be read by a person who knows where the buyer lives. */
export type Checkout = { phones: Phones; country: string | null; mine: PhoneSource[] };

type Filling = { buyer: Person; other: () => Person; spare: () => PhoneDigits; random: Random };

/**
 * The phones of one order of `buyer`, with the mistake of this kind; `other` gives somebody else, `spare` a number
 * that no conversation has.
 */
export function checkout(kind: CheckoutKind, { buyer, other, spare, random }: Filling): Checkout {
  const { country } = buyer;
  switch (kind) {
    case 'clean':
      return theirs([...accountPhones(buyer, random), ...copied(written(buyer, random), country)], country);
    case 'outdated_account':
      return outdatedAccount(buyer, spare(), random);
    case 'wrong_country': {
      const abroad = random.pick(['US', 'PT', 'ES', 'FR', 'GB', 'CA']);
      return theirs(copied(written(buyer, random), abroad), abroad);
    }
    case 'plus_before_national':
      return theirs(copied(`+${writtenNationally(buyer, random)}`, country), country);
    case 'extension': {
      const text = random.pick([' ext. 12', ' x7', ' ramal 204', ' #31', ' int 5']);
      return theirs(copied(written(buyer, random) + text, country), country);
    }
    case 'two_numbers': {
      // Mostly a landline or a second phone, else the partner's.
      const second = random.chance(0.7) ? { number: spare() } : other();
      const pair = [written(buyer, random), written(second, random)];
      if (random.chance(0.5)) pair.reverse();
      return theirs(
        copied(pair.join(random.pick([' / ', ', ', '; ', ' ou ', ' y ', '\n'])), country),
        country,
      );
    }
    case 'typo':
      return nobodys(copied(mistyped(written(buyer, random), random), country), country);
    case 'own_number':
      return nobodys(copied(written({ number: SHOP.ownNumbers[0] }, random), country), country);
    case 'placeholder':
      return nobodys(copied(random.pick(PLACEHOLDERS), country), country);
    case 'unknown_number':
      return nobodys(copied(written({ number: spare() }, random), country), country);
    case 'gift':
      return gift(buyer, other(), random);
    case 'no_phone':
    case 'hidden':
      return nobodys([], country);
  }
}

const PLACEHOLDERS = [
  ...(['(11) 99999-9999', '11 98765-4321', '9999999999', '1234567890'] as const),
  ...(['0000000000', '11 91234-5678', '+5511999999999'] as const),
] as const;

function theirs(phones: Phones, country: string): Checkout {
  return { phones, country, mine: phones.map(({ source }) => source) };
}

function nobodys(phones: Phones, country: string): Checkout {
  return { phones, country, mine: [] };
}

function writtenNationally({ number }: Pick<Person, 'number'>, random: Random): string {
  const national = parsePhoneNumberFromString(`+${number}`)?.formatNational() ?? number;
  return random.chance(0.5) ? national : national.replace(/\D/g, '');
}

/** One wrong digit, past the start that tells the kind of number. */
function mistyped(text: string, random: Random): string {
  const places = [...text.matchAll(/\d/g)].map(({ index }) => index).slice(5);
  const at = places[random.below(places.length)] ?? text.length - 1;
  const wrong = (Number(text[at]) + 1 + random.below(9)) % 10;
  return text.slice(0, at) + String(wrong) + text.slice(at + 1);
}

/** Shopify copies what was typed to the billing and to a new customer's default address. */
function copied(raw: string, country: string): Phones {
  const sources = ['shipping_address', 'billing_address', 'customer_default_address'] as const;
  return sources.map((source) => ({ source, raw, country }));
}

/** What Shopify knows of the customer besides the addresses, in E.164. */
function accountPhones({ number, country }: Person, random: Random): Phones {
  const onOrder = random.chance(0.1) ? [{ source: 'order' as const, raw: `+${number}`, country: null }] : [];
  const onCustomer = random.chance(0.3) ? [{ source: 'customer' as const, raw: `+${number}`, country }] : [];
  return [...onOrder, ...onCustomer];
}

/** The account still has a number that the buyer gave up; what is typed today is right. */
function outdatedAccount(buyer: Person, former: PhoneDigits, random: Random): Checkout {
  const { country } = buyer;
  const typed = copied(written(buyer, random), country).slice(0, 2);
  const account = [
    { source: 'customer' as const, raw: `+${former}`, country },
    { source: 'customer_default_address' as const, raw: written({ number: former }, random), country },
  ];
  return { phones: [...account, ...typed], country, mine: typed.map(({ source }) => source) };
}

const GIFT_BILLING = { own_address: 50, own_without_phone: 20, same_as_shipping: 30 } as const;

/** It goes to the recipient, mostly with the recipient's number; the buyer's own stands where it was left, if anywhere. */
function gift(buyer: Person, recipient: Person, random: Random): Checkout {
  const own = { raw: written(buyer, random), country: buyer.country };
  const { country } = recipient;
  const surprise = random.chance(0.4);
  const shipping = { source: 'shipping_address' as const, raw: own.raw, country };
  if (!surprise) shipping.raw = written(recipient, random);

  const billing = random.among(GIFT_BILLING);
  const mine: Phones = [...accountPhones(buyer, random), ...(surprise ? [shipping] : [])];
  const theirPhones: Phones = surprise ? [] : [shipping];
  if (billing === 'own_address') mine.push({ ...own, source: 'billing_address' });
  if (billing === 'same_as_shipping')
    (surprise ? mine : theirPhones).push({ ...shipping, source: 'billing_address' });
  // A customer who has bought before has a default address already; a new one gets this order's.
  if (random.chance(0.5)) mine.push({ ...own, source: 'customer_default_address' });
  else (surprise ? mine : theirPhones).push({ ...shipping, source: 'customer_default_address' });
  return { phones: [...theirPhones, ...mine], country, mine: mine.map(({ source }) => source) };
}
