import type { ContactId } from './ids.ts';
import type { Order, PhoneSource } from './order.ts';
import { PHONE_SOURCES } from './order.ts';
import { maskPhone, readPhone, whatsappForms } from './phone.ts';
import type { FormBasis, PhoneDigits, PhoneReading } from './phone.ts';

/** Why an order is thought to belong to a contact. `strong`: the same subscription; `fair`: it may be a landline. */
export type Evidence = {
  signal: 'phone';
  source: PhoneSource;
  basis: FormBasis;
  strength: 'strong' | 'fair';
  masked: string;
  contactId: ContactId;
  chosen: boolean;
};
export type PhoneForm = { digits: PhoneDigits; source: PhoneSource; basis: FormBasis; masked: string };
export type KnownContact = { contactId: ContactId; lastMessageAt: Date };
export type LinkOutcome =
  | { kind: 'linked'; contactId: ContactId; evidence: Evidence[] }
  | { kind: 'not_linked'; reason: 'no_phone' | 'phone_hidden' | 'phone_invalid' | 'no_conversation' };

/**
 * Every number that WhatsApp may know the buyer by, in order of the strength of its source and distinct by digits.
 * A phone is read with its own country first, then the order's, the shop's and those of the WhatsApp numbers.
 */
export function orderPhoneForms(
  order: Pick<Order, 'phones' | 'country'>,
  hints: { shopCountry: string | null; numberCountries: readonly string[] },
): PhoneForm[] {
  const readings = new Map<string, PhoneReading>();
  const forms = new Map<PhoneDigits, PhoneForm>();
  const shared = [order.country, hints.shopCountry, ...hints.numberCountries];

  for (const { source, raw, country } of order.phones.toSorted(bySource)) {
    // The same text usually stands in several places of one order.
    const memo = `${country ?? ''} ${raw}`;
    const reading = readings.get(memo) ?? readPhone(raw, [country, ...shared].filter(isKnown));
    readings.set(memo, reading);
    if (reading.kind !== 'numbers') continue;
    for (const { digits, basis } of reading.numbers.flatMap(whatsappForms)) {
      if (!forms.has(digits)) forms.set(digits, { digits, source, basis, masked: maskPhone(digits) });
    }
  }
  return [...forms.values()];
}

/**
 * Chooses the contact with the strongest evidence; ties go to the stronger source, then to the most recent message.
 * All evidence is given, strongest first, with the chosen one marked.
 */
export function linkOrder(input: {
  order: Pick<Order, 'phones' | 'contactFields'>;
  forms: readonly PhoneForm[];
  contactOf: ReadonlyMap<PhoneDigits, KnownContact>;
}): LinkOutcome {
  const { order, forms } = input;
  if (order.phones.length === 0) {
    return { kind: 'not_linked', reason: order.contactFields === 'hidden' ? 'phone_hidden' : 'no_phone' };
  }
  if (forms.length === 0) return { kind: 'not_linked', reason: 'phone_invalid' };

  const matches = forms
    .flatMap((form) => {
      const contact = input.contactOf.get(form.digits);
      return contact === undefined ? [] : [{ form, contact, strength: strengthOf(form.basis) }];
    })
    .sort(byStrength);
  const [best] = matches;
  if (best === undefined) return { kind: 'not_linked', reason: 'no_conversation' };

  const evidence = matches.map((match) => asEvidence(match, match === best));
  return { kind: 'linked', contactId: best.contact.contactId, evidence };
}

type Match = { form: PhoneForm; contact: KnownContact; strength: Evidence['strength'] };

function asEvidence({ form, contact, strength }: Match, chosen: boolean): Evidence {
  const { source, basis, masked } = form;
  return { signal: 'phone', source, basis, strength, masked, contactId: contact.contactId, chosen };
}

function byStrength(a: Match, b: Match): number {
  return (
    Number(b.strength === 'strong') - Number(a.strength === 'strong') ||
    bySource(a.form, b.form) ||
    b.contact.lastMessageAt.getTime() - a.contact.lastMessageAt.getTime()
  );
}

function bySource(a: { source: PhoneSource }, b: { source: PhoneSource }): number {
  return PHONE_SOURCES.indexOf(a.source) - PHONE_SOURCES.indexOf(b.source);
}

// Without its 9 an Argentine mobile number may be a landline of the same area.
function strengthOf(basis: FormBasis): Evidence['strength'] {
  switch (basis) {
    case 'same':
    case 'brazil_ninth_digit':
    case 'mexico_mobile_one':
      return 'strong';
    case 'argentina_mobile_nine':
      return 'fair';
  }
}

function isKnown(country: string | null): country is string {
  return country !== null;
}
