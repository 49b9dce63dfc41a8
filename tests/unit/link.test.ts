import { expect, test } from 'vitest';
import type { ContactId } from '../../app/domain/ids.ts';
import { linkOrder, orderPhoneForms } from '../../app/domain/link.ts';
import type { KnownContact } from '../../app/domain/link.ts';
import type { Order, PhoneSource } from '../../app/domain/order.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';

const NO_HINTS = { shopCountry: null, numberCountries: [] };

function orderWith(phones: Partial<Record<PhoneSource, string>>, country: string | null = 'BR') {
  const entries = Object.entries(phones) as [PhoneSource, string][];
  const order: Pick<Order, 'phones' | 'country' | 'contactFields'> = {
    phones: entries.map(([source, raw]) => ({ source, raw, country })),
    country,
    contactFields: 'present',
  };
  return order;
}

function contacts(byDigits: Record<string, [contactId: string, lastMessageAt: string]>) {
  const entries = Object.entries(byDigits).map(([digits, [contactId, at]]): [PhoneDigits, KnownContact] => [
    digits as PhoneDigits,
    { contactId: contactId as ContactId, lastMessageAt: new Date(at) },
  ]);
  return new Map(entries);
}

function link(order: ReturnType<typeof orderWith>, contactOf: ReturnType<typeof contacts>) {
  return linkOrder({ order, forms: orderPhoneForms(order, NO_HINTS), contactOf });
}

test('forms come from the strongest source first, and each number once', () => {
  const order = orderWith({
    billing_address: '(11) 98765-4321',
    order: '+5511987654321',
    customer: '21 98888-7777',
  });
  expect(
    orderPhoneForms(order, NO_HINTS).map(({ digits, source, basis }) => `${source} ${digits} ${basis}`),
  ).toEqual([
    'order 5511987654321 same',
    'order 551187654321 brazil_ninth_digit',
    'customer 5521988887777 same',
    'customer 552188887777 brazil_ninth_digit',
  ]);
});

test('a phone is read with its own country, then the order’s, the shop’s and the WhatsApp numbers’', () => {
  const phones = [{ source: 'order' as const, raw: '70123 45678', country: null }];
  const digits = (country: string | null, shopCountry: string | null, numberCountries: string[]) =>
    orderPhoneForms({ phones, country }, { shopCountry, numberCountries })[0]?.digits;
  expect(digits('IN', null, [])).toBe('917012345678');
  expect(digits(null, 'IN', [])).toBe('917012345678');
  expect(digits('BR', 'BR', ['IN'])).toBe('917012345678');
  expect(digits(null, null, [])).toBeUndefined();
});

test('an order is linked to the contact that WhatsApp knows without the ninth digit', () => {
  expect(
    link(
      orderWith({ shipping_address: '(11) 98765-4321' }),
      contacts({ '551187654321': ['c1', '2026-01-01'] }),
    ),
  ).toEqual({
    kind: 'linked',
    contactId: 'c1',
    evidence: [
      {
        signal: 'phone',
        source: 'shipping_address',
        basis: 'brazil_ninth_digit',
        strength: 'strong',
        masked: '+55 ••••• 4321',
        contactId: 'c1',
        chosen: true,
      },
    ],
  });
});

test('an Argentine nine is fair evidence only, and loses to a weaker source with the same number', () => {
  const order = orderWith({ order: '+541123456789', billing_address: '+541144445555' }, 'AR');
  const outcome = link(
    order,
    contacts({ '5491123456789': ['fair', '2026-02-01'], '541144445555': ['strong', '2026-01-01'] }),
  );
  expect(outcome).toMatchObject({
    contactId: 'strong',
    evidence: [
      { contactId: 'strong', strength: 'strong', chosen: true },
      { contactId: 'fair', strength: 'fair', chosen: false },
    ],
  });
});

test('among equals the stronger source wins, then the most recent message', () => {
  const twoSources = orderWith({ shipping_address: '(11) 98765-4321', order: '+5521988887777' });
  const known = contacts({
    '5511987654321': ['shipping', '2026-03-01'],
    '5521988887777': ['order', '2026-01-01'],
  });
  expect(link(twoSources, known)).toMatchObject({ contactId: 'order' });

  const oneSource = orderWith({ order: '+5511987654321' });
  const twice = contacts({
    '5511987654321': ['old', '2026-01-01'],
    '551187654321': ['recent', '2026-02-01'],
  });
  expect(link(oneSource, twice)).toMatchObject({ contactId: 'recent' });
});

test('an order that is not linked says why', () => {
  const known = contacts({});
  expect(link(orderWith({}), known)).toEqual({ kind: 'not_linked', reason: 'no_phone' });
  expect(link({ ...orderWith({}), contactFields: 'hidden' }, known)).toEqual({
    kind: 'not_linked',
    reason: 'phone_hidden',
  });
  expect(link(orderWith({ order: '123' }), known)).toEqual({ kind: 'not_linked', reason: 'phone_invalid' });
  expect(link(orderWith({ order: '+5511987654321' }), known)).toEqual({
    kind: 'not_linked',
    reason: 'no_conversation',
  });
});

test('a landline on the order is not taken for somebody’s mobile number', () => {
  const order = orderWith({ shipping_address: '(11) 3876-5432' });
  expect(link(order, contacts({ '5511938765432': ['c', '2026-01-01'] }))).toMatchObject({
    reason: 'no_conversation',
  });
});
