import type { Order, PhoneSource } from './order.ts';
import { PHONE_SOURCES } from './order.ts';
import { isPlaceholder, maskPhone, readPhone, whatsappForms } from './phone.ts';
import type { FormBasis, PhoneDigits, PhoneReading } from './phone.ts';

/** Where clues stand on an order, strongest first. */
export const CLUE_SOURCES = ['attribute', 'landing_site', 'tag', 'discount_code', ...PHONE_SOURCES] as const;
export type ClueSource = PhoneSource | 'attribute' | 'landing_site' | 'tag' | 'discount_code';

/** What on an order may lead to a conversation. */
export type Clue = {
  kind: 'reference' | 'discount_code' | 'phone';
  value: string;
  source: ClueSource;
  /** For phones: how this form follows from what was written. */
  basis: FormBasis | null;
  /** A phone's mask; a discount code as it is; null for a reference. */
  masked: string | null;
  /** Why it never leads anywhere. */
  barred: 'own_number' | 'placeholder' | 'recipient' | null;
};
/** A clue as it is kept; `hash` is the keyed hash of its value, in hex. */
export type StoredClue = Omit<Clue, 'value'> & { hash: string };

/** What an order says of phone numbers; `invalid`: none of those given can be read. */
export type PhoneState = 'given' | 'absent' | 'hidden' | 'invalid';

type Hints = {
  shopCountry: string | null;
  numberCountries: readonly string[];
  /** The shop's WhatsApp numbers: they are on many orders, and nobody's chat. */
  ownNumbers: readonly PhoneDigits[];
};

/**
 * Everything on an order that may lead to a conversation, distinct by kind and value, the strongest source first. Of
 * phones, every form that WhatsApp may know the buyer by. A phone is read with its own country first, then the order's,
 * the shop's and those of the WhatsApp numbers.
 */
export function orderClues(
  order: Pick<Order, 'references' | 'discountCodes' | 'phones' | 'contactFields' | 'country'>,
  hints: Hints,
): { clues: Clue[]; phones: PhoneState } {
  const found = phoneClues(order, hints);
  const clues = [...order.references.map(referenceClue), ...order.discountCodes.map(discountClue), ...found];
  const distinct = new Map<string, Clue>();
  for (const clue of clues) {
    const key = `${clue.kind} ${clue.value}`;
    const known = distinct.get(key);
    if (known === undefined || isSurer(clue, known)) distinct.set(key, clue);
  }
  return {
    clues: [...distinct.values()].sort(bySource),
    phones: phoneState(order, found),
  };
}

/** Shopify does not tell upper from lower case in a discount code. https://help.shopify.com/manual/discounts */
export function discountCodeKey(code: string): string {
  return code.trim().toUpperCase();
}

/** Whether two numbers that differ by this are certainly one subscription: Argentina's may be a landline's. */
export function isSameSubscription(basis: FormBasis): boolean {
  return basis !== 'argentina_mobile_nine';
}

function referenceClue({ source, token }: Order['references'][number]): Clue {
  return { kind: 'reference', value: token, source, basis: null, masked: null, barred: null };
}

function discountClue(code: string): Clue {
  const value = discountCodeKey(code);
  return {
    kind: 'discount_code',
    value,
    source: 'discount_code',
    basis: null,
    masked: code.trim(),
    barred: null,
  };
}

type Given = { source: PhoneSource; numbers: readonly PhoneDigits[] };

function phoneClues(order: Pick<Order, 'phones' | 'country'>, hints: Hints): Clue[] {
  const readings = new Map<string, PhoneReading>();
  const own = formsOf(hints.ownNumbers);
  const shared = [order.country, hints.shopCountry, ...hints.numberCountries];
  const given = order.phones.flatMap(({ source, raw, country }): Given[] => {
    // The same text usually stands in several places of one order.
    const memo = `${country ?? ''} ${raw}`;
    const reading = readings.get(memo) ?? readPhone(raw, [country, ...shared].filter(isKnown));
    readings.set(memo, reading);
    return reading.kind === 'numbers' ? [{ source, numbers: reading.numbers }] : [];
  });
  // So does the same number, and to read one back takes long.
  const forms = new Map<PhoneDigits, Omit<Clue, 'source'>[]>();
  const formsOnce = (number: PhoneDigits): Omit<Clue, 'source'>[] => {
    const known = forms.get(number) ?? formClues(number, own);
    forms.set(number, known);
    return known;
  };
  const counts = (number: PhoneDigits): boolean => formsOnce(number).every(({ barred }) => barred === null);
  const recipient = recipientNumbers(given, counts);
  return given.flatMap(({ source, numbers }) =>
    numbers.flatMap((number) =>
      formsOnce(number).map((form): Clue => {
        const barred = form.barred ?? (recipient.has(number) ? 'recipient' : null);
        return { ...form, source, barred };
      }),
    ),
  );
}

function formClues(number: PhoneDigits, own: ReadonlySet<PhoneDigits>): Omit<Clue, 'source'>[] {
  const forms = whatsappForms(number);
  const isOwn = forms.some(({ digits }) => own.has(digits));
  const barred = isOwn ? 'own_number' : isPlaceholder(number) ? 'placeholder' : null;
  // One mask for all forms: they differ in digits that it hides.
  const masked = maskPhone(number);
  return forms.map(({ digits, basis }) => ({ kind: 'phone', value: digits, basis, masked, barred }));
}

/**
 * The numbers of the delivery address, when they are those of whoever receives a present: the buyer gave another number,
 * and this one nowhere else. The customer's default address does not count as a place, since it is often the last
 * delivery's.
 */
function recipientNumbers(
  given: readonly Given[],
  counts: (number: PhoneDigits) => boolean,
): ReadonlySet<PhoneDigits> {
  const at = (...sources: PhoneSource[]): PhoneDigits[] =>
    given.flatMap(({ source, numbers }) => (sources.includes(source) ? numbers : []));
  const delivery = at('shipping_address');
  const elsewhere = formsOf(at('order', 'customer', 'billing_address'));
  if (delivery.length === 0 || delivery.some((number) => elsewhere.has(number))) return new Set();

  const forms = formsOf(delivery);
  const others = at('order', 'customer', 'billing_address', 'customer_default_address');
  const hasOther = others.some((number) => !forms.has(number) && counts(number));
  return new Set(hasOther ? forms : []);
}

function formsOf(numbers: readonly PhoneDigits[]): ReadonlySet<PhoneDigits> {
  return new Set(numbers.flatMap(whatsappForms).map(({ digits }) => digits));
}

function phoneState(order: Pick<Order, 'phones' | 'contactFields'>, found: readonly Clue[]): PhoneState {
  if (order.phones.length === 0) return order.contactFields === 'hidden' ? 'hidden' : 'absent';
  return found.length === 0 ? 'invalid' : 'given';
}

// A form that follows only loosely from one number may be what another field says outright.
function isSurer(one: Clue, other: Clue): boolean {
  const sure = ({ basis }: Clue) => basis === null || isSameSubscription(basis);
  return sure(one) !== sure(other) ? sure(one) : bySource(one, other) < 0;
}

function bySource(a: Clue, b: Clue): number {
  return CLUE_SOURCES.indexOf(a.source) - CLUE_SOURCES.indexOf(b.source);
}

function isKnown(country: string | null): country is string {
  return country !== null;
}
