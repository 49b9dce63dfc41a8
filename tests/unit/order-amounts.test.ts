import { expect, test } from 'vitest';
import { readOrder } from '../../app/domain/order.ts';
import { shopifyOrder, shopifyShippingLine } from '../builders/shopify.ts';

type Json = Record<string, unknown>;

function read(fields: Json) {
  const result = readOrder(JSON.stringify(shopifyOrder(fields)));
  if (result.kind !== 'order') throw new Error(JSON.stringify(result));
  return result.order;
}

const amounts = (fields: Json) => read(fields).amounts;

const both = (shop: string, buyer: string) => ({
  shop_money: { amount: shop, currency_code: 'BRL' },
  presentment_money: { amount: buyer, currency_code: 'USD' },
});
const shippingTaxed = (...taxes: Json[]) => [
  shopifyShippingLine({
    discounted_price_set: null,
    tax_lines: taxes.map((price_set) => ({ title: 'VAT', price_set })),
  }),
];
const FOREIGN = {
  total_price: '120.00',
  total_price_set: both('120.00', '24.00'),
  subtotal_price_set: both('100.00', '20.00'),
  total_shipping_price_set: both('12.00', '2.40'),
  total_tax_set: both('20.00', '4.00'),
};

test('where prices are without tax, the tax on shipping counts as shipping', () => {
  const taxes = { ...FOREIGN, total_tax_set: both('8.00', '1.60'), taxes_included: false };
  expect(
    amounts({ ...taxes, shipping_lines: shippingTaxed(both('1.00', '0.20'), both('0.50', '0.10')) }),
  ).toEqual({
    shop: { currency: 'BRL', total: '120.00', subtotal: '100.00', shipping: '13.50', tax: '6.50' },
    buyer: { currency: 'USD', total: '24.00', subtotal: '20.00', shipping: '2.70', tax: '1.30' },
  });
});

test('where prices include tax, shipping has its own in it already', () => {
  const included = { ...FOREIGN, total_shipping_price_set: both('20.00', '4.00'), taxes_included: true };
  expect(amounts({ ...included, shipping_lines: shippingTaxed(both('3.33', '0.67')) })).toEqual({
    shop: { currency: 'BRL', total: '120.00', subtotal: '100.00', shipping: '20.00', tax: '16.67' },
    buyer: { currency: 'USD', total: '24.00', subtotal: '20.00', shipping: '4.00', tax: '3.33' },
  });
});

test('what was charged for shipping is what its lines say after discounts, whatever else is in the total', () => {
  const line = (shop: string, buyer: string) =>
    shopifyShippingLine({ discounted_price_set: both(shop, buyer) });
  const tipped = { total_price: '105.00', subtotal_price: '100.00', total_tip_received: '5.00' };
  expect(amounts({ ...tipped, shipping_lines: [line('0.00', '0.00')] }).shop.shipping).toBe('0.00');
  expect(amounts({ ...FOREIGN, shipping_lines: [line('4.10', '0.82'), line('3.05', '0.61')] })).toMatchObject(
    {
      shop: { shipping: '7.15' },
      buyer: { shipping: '1.43' },
    },
  );
  const removed = { ...line('4.10', '0.82'), is_removed: true };
  expect(amounts({ ...FOREIGN, shipping_lines: [removed, line('3.05', '0.61')] }).shop.shipping).toBe('3.05');
});

test('where a line does not say what was charged, shipping is at most what the rest leaves of the total', () => {
  const shipping_lines = [shopifyShippingLine({ discounted_price_set: null }), shopifyShippingLine()];
  expect(amounts({ total_price: '205.00', total_price_set: null, shipping_lines }).shop.shipping).toBe(
    '5.10',
  );
});

test('shipping that a discount made free was not paid for', () => {
  const shipping_lines = [shopifyShippingLine({ discounted_price_set: null })];
  const free = { total_price: '199.90', total_price_set: null, shipping_lines };
  expect(amounts(free).shop).toMatchObject({ total: '199.90', subtotal: '199.90', shipping: '0.00' });
});

test('the tax of a shipping line that was taken off is not counted', () => {
  const shipping_lines = [
    shopifyShippingLine({ is_removed: true, tax_lines: [{ price_set: both('1.00', '1.00') }] }),
  ];
  expect(amounts({ total_tax: '5.00', total_price: '214.90', shipping_lines }).shop.tax).toBe('5.00');
});

test('an order that tells one currency alone has the same amounts in both, and one told in another is not mixed in', () => {
  const { shop, buyer } = amounts({ total_price_set: null, subtotal_price_set: null });
  expect(buyer).toEqual(shop);
  expect(shop.subtotal).toBe('199.90');
  const mixed = { total_price_set: both('214.90', '40.10'), subtotal_price_set: null };
  expect(amounts(mixed).buyer).toEqual({
    currency: 'USD',
    total: '40.10',
    subtotal: null,
    shipping: null,
    tax: null,
  });
});

test('an order that was edited or partly paid says what it is worth now and what is left to pay', () => {
  expect(read({ current_total_price: '100.0', total_outstanding: '14.9' })).toMatchObject({
    total: { amount: '214.90' },
    currentTotal: '100.00',
    outstanding: '14.90',
  });
});

test('the buyer’s currency is read beside the shop’s', () => {
  const total_price_set = { presentment_money: { amount: '40.10', currency_code: 'USD' } };
  expect(read({ total_price_set }).presentmentTotal).toEqual({ amount: '40.10', currency: 'USD' });
});
