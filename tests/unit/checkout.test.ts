import { expect, test } from 'vitest';
import {
  draftOfCheckout,
  draftOfItems,
  itemsOfLink,
  mayHoldReference,
  readCart,
  readCheckout,
} from '../../app/domain/checkout.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { shopifyCart, shopifyCheckout } from '../builders/browsing.ts';

const TOKEN = 'AbCdEfGh01234567';
const PRODUCT_IDS = { ...DEFAULT_SETTINGS, contentIds: 'product' } as const;

function checkout(fields: Record<string, unknown> = {}) {
  const reading = readCheckout(JSON.stringify(shopifyCheckout(fields)));
  if (reading.kind === 'unreadable') throw new Error(reading.problem);
  return reading.checkout;
}

function cart(fields: Record<string, unknown>) {
  const reading = readCart(JSON.stringify(shopifyCart(fields)));
  if (reading.kind === 'unreadable') throw new Error(reading.problem);
  return reading.cart;
}

test('a checkout is read like an order, with its token and whether it was completed', () => {
  const note_attributes = [{ name: '__wa_ref', value: TOKEN }];
  expect(checkout({ note_attributes })).toMatchObject({
    token: 'c0ffee00c0ffee00c0ffee00c0ffee00',
    completed: false,
    order: {
      createdAt: new Date('2026-11-18T13:20:00Z'),
      updatedAt: new Date('2026-11-18T13:21:00Z'),
      references: [{ source: 'attribute', token: TOKEN }],
      total: { amount: '214.90', currency: 'BRL' },
      email: 'maria@example.com',
    },
  });
  expect(checkout({ completed_at: '2026-11-18T13:22:29Z' }).completed).toBe(true);
});

test('a number that was given for text messages counts where there is no other', () => {
  const sms_marketing_phone = '+5511986654321';
  const phone = (fields: Record<string, unknown>) =>
    checkout({ ...fields, sms_marketing_phone }).order.phones.find(({ source }) => source === 'order')?.raw;
  expect(phone({ phone: null })).toBe(sms_marketing_phone);
  expect(phone({ phone: '(11) 98665-4321' })).toBe('(11) 98665-4321');
});

test.each(['not json', '[]', '{}', JSON.stringify({ ...shopifyCheckout(), token: null })])(
  'a checkout like %.20s is unreadable',
  (text) => {
    expect(readCheckout(text)).toEqual({ kind: 'unreadable', problem: 'The checkout has no token.' });
  },
);

test('a checkout’s event has no order id and no browser, and counts the items', () => {
  const draft = draftOfCheckout(checkout(), { ...DEFAULT_SETTINGS, sendCustomerHashes: false }, []);
  expect(draft).toEqual({
    customer: {},
    order: {
      ...{
        currency: 'BRL',
        value: 214.9,
        num_items: 2,
        content_type: 'product',
        content_ids: ['44100000000001'],
      },
      contents: [{ id: '44100000000001', quantity: 2, item_price: 99.95 }],
    },
    region: { country: 'BR', state: 'SP' },
  });
});

test('amounts of which it is not known in which of two currencies they are go unsaid', () => {
  const draft = draftOfCheckout(checkout({ presentment_currency: 'USD' }), DEFAULT_SETTINGS, []);
  expect(draft.order).not.toHaveProperty('value');
  expect(draft.order).toMatchObject({ contents: [{ id: '44100000000001', quantity: 2 }] });
});

test.each([
  ['pairs with a name', { note_attributes: [{ name: '__wa_ref', value: TOKEN }] }],
  ['pairs with a key', { attributes: [{ key: 'wa_ref', value: TOKEN }] }],
  ['fields', { attributes: { __wa_ref: TOKEN, other: 7 } }],
  ['its note', { note: `please hurry, wa_ref:${TOKEN}` }],
])('a cart gives back a chat link’s token in %s', (_, fields) => {
  expect(mayHoldReference(JSON.stringify(shopifyCart(fields)))).toBe(true);
  expect(cart(fields).references.map(({ token }) => token)).toEqual([TOKEN]);
});

test('a cart without a token is known by its text alone', () => {
  expect(mayHoldReference(JSON.stringify(shopifyCart()))).toBe(false);
  expect(cart({ attributes: null, note: 'thanks' })).toMatchObject({
    references: [],
    items: [{ quantity: 1 }],
  });
  expect(readCart('{"line_items":[]}')).toEqual({ kind: 'unreadable', problem: 'The cart has no token.' });
});

test('the products of a chat link are the variants that it names, and only where the catalogue goes by variants', () => {
  const items = itemsOfLink('/cart/441:2,442:1?discount=X', DEFAULT_SETTINGS);
  expect(draftOfItems(items, DEFAULT_SETTINGS)).toMatchObject({
    customer: {},
    order: {
      content_ids: ['441', '442'],
      contents: [
        { id: '441', quantity: 2 },
        { id: '442', quantity: 1 },
      ],
    },
  });
  expect(itemsOfLink('/products/camiseta?variant=441', DEFAULT_SETTINGS)).toMatchObject([
    { variantId: '441', quantity: 1 },
  ]);
  expect(itemsOfLink('/products/camiseta', DEFAULT_SETTINGS)).toEqual([]);
  expect(itemsOfLink('/cart/441:2', PRODUCT_IDS)).toEqual([]);
});
