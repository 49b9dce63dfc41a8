import { expect, test } from 'vitest';
import { orderClues } from '../../app/domain/clue.ts';
import type { Order, PhoneSource, Reference } from '../../app/domain/order.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';

type Given = Parameters<typeof orderClues>[0];
type Hints = Parameters<typeof orderClues>[1];

function orderWith(phones: Partial<Record<PhoneSource, string>>, fields: Partial<Given> = {}): Given {
  const country = fields.country === undefined ? 'BR' : fields.country;
  const entries = Object.entries(phones) as [PhoneSource, string][];
  return {
    references: [],
    discountCodes: [],
    phones: entries.map(([source, raw]): Order['phones'][number] => ({ source, raw, country })),
    contactFields: 'present',
    ...fields,
    country,
  };
}

function cluesOf(order: Given, hints: Partial<Hints> = {}) {
  return orderClues(order, { shopCountry: null, numberCountries: [], ownNumbers: [], ...hints });
}

function values(order: Given, hints: Partial<Hints> = {}): string[] {
  return cluesOf(order, hints).clues.map(({ source, value, basis }) => `${source} ${value} ${basis ?? ''}`);
}

test('references come first, then discount codes, then phones by their source', () => {
  const references: Reference[] = [
    { source: 'attribute', token: 'k7Qx9mB2k7Qx9mB2' },
    { source: 'tag', token: 'aaaaBBBBccccDDDD' },
  ];
  const order = orderWith(
    { order: '+5511987654321', billing_address: '+493012345678' },
    { references, discountCodes: ['zap10'] },
  );
  expect(values(order)).toEqual([
    'attribute k7Qx9mB2k7Qx9mB2 ',
    'tag aaaaBBBBccccDDDD ',
    'discount_code ZAP10 ',
    'order 5511987654321 same',
    'order 551187654321 brazil_ninth_digit',
    'billing_address 493012345678 same',
  ]);
});

test('a reference is never shown, a phone only by its mask, a discount code as it was typed', () => {
  const references: Reference[] = [{ source: 'attribute', token: 'k7Qx9mB2k7Qx9mB2' }];
  const order = orderWith({ order: '+493012345678' }, { references, discountCodes: ['Zap-10'] });
  expect(cluesOf(order).clues.map(({ kind, masked }) => [kind, masked])).toEqual([
    ['reference', null],
    ['discount_code', 'Zap-10'],
    ['phone', '+49 ••••• 5678'],
  ]);
});

test('the same number in several places is one clue, of the strongest source', () => {
  const order = orderWith({
    customer: '11 98765-4321',
    order: '+5511987654321',
    shipping_address: '5511987654321',
  });
  expect(values(order)).toEqual(['order 5511987654321 same', 'order 551187654321 brazil_ninth_digit']);
});

test('what one field only suggests is taken from the field that says it', () => {
  const order = orderWith({ order: '+541123456789', shipping_address: '+5491123456789' }, { country: 'AR' });
  expect(values(order)).toEqual(['order 541123456789 same', 'shipping_address 5491123456789 same']);
});

test('a discount code in other letters is the same code', () => {
  expect(values(orderWith({}, { discountCodes: ['zap10', ' ZAP10'] }))).toEqual(['discount_code ZAP10 ']);
});

test('a phone is read with its own country, then the order’s, the shop’s and the WhatsApp numbers’', () => {
  const phones = [{ source: 'order' as const, raw: '70123 45678', country: null }];
  const first = (country: string | null, shopCountry: string | null, numberCountries: string[]) =>
    cluesOf(orderWith({}, { phones, country }), { shopCountry, numberCountries }).clues[0]?.value;
  expect(first('IN', null, [])).toBe('917012345678');
  expect(first(null, 'IN', [])).toBe('917012345678');
  expect(first('BR', 'BR', ['IN'])).toBe('917012345678');
  expect(first(null, null, [])).toBeUndefined();
});

test('the shop’s own number is barred in each of its forms, however it is written', () => {
  const ownNumbers = ['551187654321' as PhoneDigits];
  const { clues } = cluesOf(orderWith({ order: '(11) 98765-4321', customer: '21 98888-7767' }), {
    ownNumbers,
  });
  expect(clues.map(({ value, barred }) => [value, barred])).toEqual([
    ['5511987654321', 'own_number'],
    ['551187654321', 'own_number'],
    ['5521988887767', null],
    ['552188887767', null],
  ]);
});

test.each([
  ['the buyer gave another', { order: '21 98888-7767', shipping_address: '(11) 98765-4321' }, 'recipient'],
  [
    'another is the account’s, whose address book holds the delivery',
    {
      customer: '21 98888-7767',
      shipping_address: '(11) 98765-4321',
      customer_default_address: '+55 11 98765 4321',
    },
    'recipient',
  ],
  ['it is the only one', { shipping_address: '(11) 98765-4321' }, null],
  [
    'the buyer gave it for billing too',
    { order: '21 98888-7767', shipping_address: '(11) 98765-4321', billing_address: '11 8765-4321' },
    null,
  ],
  ['the other is made up', { order: '11999999999', shipping_address: '(11) 98765-4321' }, null],
] as const)('the number of the delivery address when %s', (_, phones, barred) => {
  const { clues } = cluesOf(orderWith(phones));
  const delivery = clues.filter(({ value }) => value === '5511987654321');
  expect(delivery.map((clue) => clue.barred)).toEqual([barred]);
});

test('a made-up number is barred', () => {
  const { clues, phones } = cluesOf(orderWith({ order: '+5511999999999' }));
  expect(phones).toBe('given');
  expect(clues.map(({ barred }) => barred)).toEqual(clues.map(() => 'placeholder'));
});

test.each([
  ['given', orderWith({ order: 'no phone', customer: '+5511987654321' })],
  ['absent', orderWith({})],
  ['hidden', orderWith({}, { contactFields: 'hidden' })],
  ['invalid', orderWith({ order: '123', customer: 'none' })],
])('phones are %s', (state, order) => {
  expect(cluesOf(order).phones).toBe(state);
});
