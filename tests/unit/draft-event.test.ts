import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draftEvent, inCurrency } from '../../app/domain/draft-event.ts';
import type { Amounts } from '../../app/domain/order.ts';
import { readOrder } from '../../app/domain/order.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import { sampleOrder } from '../../app/domain/sample-order.ts';
import { DEFAULT_SETTINGS, VALUE_RULES, type Settings } from '../../app/domain/settings.ts';
import { shopifyAddress, shopifyLineItem, shopifyOrder } from '../builders/shopify.ts';

type Json = Record<string, unknown>;

const PHONES = ['5511987654321', '551187654321', '5511987654321'] as PhoneDigits[];
const PAID: Amounts = {
  currency: 'USD',
  total: '120.00',
  subtotal: '100.00',
  shipping: '12.50',
  tax: '7.50',
};

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function draft(
  {
    settings,
    ...fields
  }: Partial<Omit<Parameters<typeof draftEvent>[0], 'settings'>> & {
    settings?: Partial<Settings>;
  } = {},
  body: Json = {},
) {
  const read = readOrder(JSON.stringify(shopifyOrder(body)));
  if (read.kind !== 'order') throw new Error(read.kind);
  const { order } = read;
  const given = { order, paid: order.amounts, phones: PHONES, ...fields };
  return draftEvent({ ...given, settings: { ...DEFAULT_SETTINGS, ...settings } });
}

test('a draft says what was bought, by whom, where, and with which browser', () => {
  expect(draft()).toEqual({
    customer: {
      em: [sha256('maria@example.com')],
      ph: [sha256('5511987654321'), sha256('551187654321')],
      fn: [sha256('maria')],
      ln: [sha256('silva')],
      ct: [sha256('sãopaulo')],
      st: [sha256('sãopaulo')],
      zp: [sha256('01310100')],
      country: [sha256('br')],
      external_id: [sha256('gid://shopify/Customer/8700000000001')],
    },
    order: {
      currency: 'BRL',
      value: 214.9,
      order_id: '5512345678901',
      content_type: 'product',
      content_ids: ['44100000000001'],
      contents: [{ id: '44100000000001', quantity: 1, item_price: 209.9 }],
    },
    browser: {
      userAgent: 'Mozilla/5.0',
      ip: '203.0.113.24',
      page: 'https://loja.example.com/products/camiseta',
      fbc: null,
    },
    region: { country: 'BR', state: 'SP' },
  });
});

test.each([
  ['total', 120],
  ['without_shipping', 107.5],
  ['subtotal', 100],
  ['without_shipping_and_tax', 100],
] as const)('the value by the rule %s is %d', (valueRule, value) => {
  expect(draft({ paid: { shop: PAID, buyer: PAID }, settings: { valueRule } }).order).toMatchObject({
    value,
    currency: 'USD',
  });
});

test.each(VALUE_RULES)('what the rule %s cannot know falls back to the total', (valueRule) => {
  const bare = { ...PAID, subtotal: null, shipping: null, tax: null };
  expect(draft({ paid: { shop: bare, buyer: bare }, settings: { valueRule } }).order?.value).toBe(120);
});

test('the value is never below zero', () => {
  const odd = { ...PAID, shipping: '130.00' };
  const settings = { valueRule: 'without_shipping' } as const;
  expect(draft({ paid: { shop: odd, buyer: odd }, settings }).order?.value).toBe(0);
});

test('in the buyer’s currency prices of the shop’s stay away', () => {
  const paid = { shop: { ...PAID, currency: 'BRL' }, buyer: { ...PAID, total: '24.90' } };
  expect(draft({ paid, settings: { valueCurrency: 'buyer' } }).order).toMatchObject({
    value: 24.9,
    currency: 'USD',
    contents: [{ id: '44100000000001', quantity: 1 }],
  });
  expect(draft({ paid }).order).toMatchObject({ currency: 'BRL', contents: [{ item_price: 209.9 }] });
});

test.each([
  ['1999.50', 'JPY', 2000],
  ['1999.49', 'jpy', 1999],
  ['1.2345', 'KWD', 1.235],
  ['1.2344', 'TND', 1.234],
  ['0.0005', 'BHD', 0.001],
  ['49999.90', 'COP', 49999.9],
  ['2499.50', 'HUF', 2499.5],
  ['1.005', 'USD', 1.01],
  ['-3.00', 'USD', 0],
])('%s %s is told as %d', (amount, currency, value) => {
  expect(inCurrency(amount, currency)).toBe(value);
});

test('a value has no more decimals than its currency and is what was asked for to the last cent', () => {
  const cents = fc.bigInt({ min: 0n, max: 10n ** 11n });
  fc.assert(
    fc.property(cents, cents, cents, fc.constantFrom(...VALUE_RULES), (goods, ship, tax, valueRule) => {
      const money = (units: bigint) => `${units / 100n}.${String(units % 100n).padStart(2, '0')}`;
      const amounts = {
        currency: 'EUR',
        total: money(goods + ship + tax),
        subtotal: money(goods),
        shipping: money(ship),
        tax: money(tax),
      };
      const expected = {
        total: goods + ship + tax,
        without_shipping: goods + tax,
        subtotal: goods,
        without_shipping_and_tax: goods,
      }[valueRule];
      const { order } = draft({ paid: { shop: amounts, buyer: amounts }, settings: { valueRule } });
      expect(order?.value).toBe(Number(money(expected)));
    }),
  );
});

test('contents are named as the catalogue names them', () => {
  const line_items = [
    shopifyLineItem(),
    shopifyLineItem({ quantity: 2 }),
    shopifyLineItem({ variant_id: null, product_id: 7900000000002 }),
  ];
  expect(draft({}, { line_items }).order).toMatchObject({
    content_type: 'product',
    content_ids: ['44100000000001', '7900000000002'],
    contents: [{ quantity: 1 }, { quantity: 2 }, { id: '7900000000002' }],
  });
  expect(draft({ settings: { contentIds: 'product' } }, { line_items }).order).toMatchObject({
    content_type: 'product_group',
    content_ids: ['7900000000001', '7900000000002'],
  });
});

test('an event of no worth says what the order is, and a checkout has no id', () => {
  expect(draft({ paid: null }).order).toEqual({
    order_id: '5512345678901',
    content_type: 'product',
    content_ids: ['44100000000001'],
    contents: [{ id: '44100000000001', quantity: 1 }],
  });
  const checkout = { ...sampleOrder(), legacyId: null };
  expect(draft({ order: checkout }).order).not.toHaveProperty('order_id');
});

test('without leave to send hashes the draft knows no person', () => {
  expect(draft({ settings: { sendCustomerHashes: false } }).customer).toEqual({});
});

test('what the order does not have is left out, and what is no value is not hashed', () => {
  const nobody = { email: 'nobody', contact_email: null, customer: null, billing_address: null };
  const shipping_address = shopifyAddress({
    ...{ first_name: '-', last_name: null, city: null, zip: null, country_code: 'US', province_code: null },
  });
  const bare = draft({ phones: [] }, { ...nobody, shipping_address, line_items: [], client_details: null });
  expect(bare).toEqual({
    customer: { country: [sha256('us')] },
    order: { currency: 'BRL', value: 214.9, order_id: '5512345678901' },
    region: { country: 'US', state: null },
  });
});

test('the sample order can be told as anything', () => {
  const { amounts, browser, person } = sampleOrder('JPY');
  expect(amounts.shop).toMatchObject({ currency: 'JPY', total: '120.00', shipping: '10.00', tax: '10.00' });
  expect([browser, person.country]).not.toContain(null);
});

test('a buyer without an address is where their number is, else where the store is in which they bought', () => {
  const nowhere = { customer: null, billing_address: null, shipping_address: null };
  const american = ['16502530000' as PhoneDigits];
  const region = (fields: Parameters<typeof draft>[0]) => draft(fields, nowhere).region;
  expect(region({ phones: american, soldIn: 'BR' })).toEqual({ country: 'US', state: null });
  expect(region({ phones: [], soldIn: 'US' })).toEqual({ country: 'US', state: null });
  expect(region({ phones: [] })).toEqual({ country: null, state: null });
  expect(draft({ phones: american, soldIn: 'US' }).region).toMatchObject({ country: 'BR' });
});
