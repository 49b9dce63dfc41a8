import { expect, test } from 'vitest';
import { readOrder } from '../../app/domain/order.ts';
import {
  shopifyAddress,
  shopifyCustomer,
  shopifyLineItem,
  shopifyOrder,
  withoutPersonalData,
} from '../builders/shopify.ts';

function read(fields: Record<string, unknown> = {}) {
  const result = readOrder(JSON.stringify(shopifyOrder(fields)));
  if (result.kind !== 'order') throw new Error(JSON.stringify(result));
  return result.order;
}

const AMOUNTS = { currency: 'BRL', total: '214.90', subtotal: '199.90', shipping: '15.00', tax: '0.00' };

test('a whole order is read', () => {
  const phone = { raw: '(11) 98665-4321', country: 'BR' };
  expect(read()).toEqual({
    gid: 'gid://shopify/Order/5512345678901',
    legacyId: '5512345678901',
    name: '#1042',
    placedAt: new Date('2026-11-18T13:22:29Z'),
    createdAt: new Date('2026-11-18T13:22:31Z'),
    updatedAt: new Date('2026-11-18T13:22:34Z'),
    cancelledAt: null,
    financialStatus: 'paid',
    test: false,
    sourceName: 'web',
    appId: '580111',
    gateways: ['shopify_payments'],
    tags: [],
    discountCodes: ['ZAP10'],
    references: [],
    hasCheckout: true,
    total: { amount: '214.90', currency: 'BRL' },
    presentmentTotal: { amount: '214.90', currency: 'BRL' },
    currentTotal: '214.90',
    outstanding: '0.00',
    phones: [
      { source: 'shipping_address', ...phone },
      { source: 'billing_address', ...phone },
      { source: 'customer_default_address', ...phone },
    ],
    email: 'maria@example.com',
    customerGid: 'gid://shopify/Customer/8700000000001',
    contactFields: 'present',
    items: [{ variantId: '44100000000001', productId: '7900000000001', quantity: 1, price: '209.90' }],
    country: 'BR',
    checkoutToken: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
    amounts: { shop: AMOUNTS, buyer: AMOUNTS },
    person: {
      firstName: 'Maria',
      lastName: 'Silva',
      city: 'São Paulo',
      state: 'São Paulo',
      postcode: '01310-100',
      country: 'BR',
    },
    browser: {
      userAgent: 'Mozilla/5.0',
      ip: '203.0.113.24',
      page: 'https://loja.example.com/products/camiseta',
      fbc: null,
    },
    region: { country: 'BR', state: 'SP' },
    consent: null,
    parcels: [],
    shippedAt: null,
    deliveredAt: null,
    returnedAt: null,
  });
});

test('phones come in the order of their sources', () => {
  const order = read({ phone: '+5511900000001', customer: shopifyCustomer({ phone: '+5511900000002' }) });
  expect(order.phones.map((phone) => phone.source)).toEqual([
    'order',
    'customer',
    'shipping_address',
    'billing_address',
    'customer_default_address',
  ]);
});

test('an id beyond 2^53 is exact, with or without the gid', () => {
  const text = JSON.stringify(shopifyOrder({ id: 'ID' })).replace('"ID"', '820982911946154508');
  const withGid = readOrder(text.replace('Order/ID', 'Order/820982911946154508'));
  const withoutGid = readOrder(text.replace('gid://shopify/Order/ID', ''));
  for (const result of [withGid, withoutGid]) {
    expect(result).toMatchObject({
      order: { gid: 'gid://shopify/Order/820982911946154508', legacyId: '820982911946154508' },
    });
  }
});

test('the least an order may have is enough', () => {
  const least = { id: 7, currency: 'usd', total_price: '1.00', created_at: '2026-11-18T10:22:31Z' };
  expect(readOrder(JSON.stringify(least))).toMatchObject({
    kind: 'order',
    order: {
      gid: 'gid://shopify/Order/7',
      placedAt: new Date('2026-11-18T10:22:31Z'),
      updatedAt: new Date('2026-11-18T10:22:31Z'),
      total: { amount: '1.00', currency: 'USD' },
      presentmentTotal: { amount: '1.00', currency: 'USD' },
      currentTotal: '1.00',
      outstanding: null,
      appId: null,
      gateways: [],
      tags: [],
      discountCodes: [],
      references: [],
      hasCheckout: false,
      phones: [],
      contactFields: 'absent',
      items: [],
      test: false,
      checkoutToken: null,
      amounts: { shop: { currency: 'USD', total: '1.00', subtotal: null, shipping: null, tax: null } },
      person: { firstName: null, city: null, country: null },
      browser: null,
      region: { country: null, state: null },
      consent: null,
      parcels: [],
      shippedAt: null,
      deliveredAt: null,
      returnedAt: null,
    },
  });
});

test('fields of the wrong type are as if missing', () => {
  const order = read({
    processed_at: 'yesterday',
    cancelled_at: 5,
    name: null,
    customer: 'x',
    shipping_address: [],
    billing_address: { phone: 5, country_code: 'Brazil' },
    line_items: 'none',
    test: 'yes',
    total_price_set: {},
    note_attributes: [5, { name: '__wa_ref', value: 5 }],
    landing_site: { page: '/' },
    tags: 5,
    discount_codes: ['ZAP10'],
    payment_gateway_names: 'cash',
    current_total_price: 'much',
    total_outstanding: [],
    app_id: {},
    checkout_token: 5,
    subtotal_price_set: { shop_money: { amount: 'much', currency_code: 'BRL' } },
    total_shipping_price_set: { shop_money: 5 },
    total_tax_set: 'none',
    total_tax: {},
    taxes_included: 'yes',
    shipping_lines: [5, { tax_lines: [5, { price_set: 5 }] }],
    client_details: 'Mozilla/5.0',
    fulfillments: [5, { status: 'success', created_at: 'soon' }],
    refunds: [{ refund_line_items: 'none' }, null],
  });
  expect(order).toMatchObject({
    placedAt: order.createdAt,
    cancelledAt: null,
    name: '5512345678901',
    phones: [],
    items: [],
    test: false,
    country: null,
    references: [],
    tags: [],
    discountCodes: [],
    gateways: ['cash'],
    currentTotal: '214.90',
    outstanding: null,
    appId: null,
    hasCheckout: false,
    checkoutToken: null,
    amounts: { shop: { total: '214.90', subtotal: '199.90', shipping: null, tax: null } },
    browser: null,
    consent: null,
    parcels: [],
    shippedAt: null,
    deliveredAt: null,
    returnedAt: null,
  });
});

const TOKEN = 'k7Qx9mB2k7Qx9mB2';
const OTHER = 'Zz11Yy22Xx33Ww44';

test.each<[string, Record<string, unknown>]>([
  ['attribute', { note_attributes: [{ name: '__wa_ref', value: TOKEN }] }],
  [
    'attribute',
    { note_attributes: [{ name: 'gift', value: 'yes' }, null, { name: 'wa_ref__', value: TOKEN }] },
  ],
  ['attribute', { note_attributes: [{ name: '_wa_ref', value: TOKEN }] }],
  ['attribute', { note_attributes: [{ name: 'wa_ref', value: ` ${TOKEN} ` }] }],
  ['landing_site', { landing_site: `/products/camiseta?utm_source=whatsapp&wa_ref=${TOKEN}#top` }],
  ['landing_site', { landing_site: `https://loja.example.com/?wa_ref=${TOKEN}` }],
  ['landing_site', { landing_site: `/cart/44100000000001:1?attributes%5B__wa_ref%5D=${TOKEN}` }],
  ['landing_site', { landing_site: `/cart/44100000000001:1?attributes[__wa_ref]=${TOKEN}` }],
  ['tag', { tags: `VIP, wa_ref:${TOKEN}` }],
  ['tag', { tags: ['VIP', `wa_ref:${TOKEN}`] }],
])('a chat link’s token is read from the %s: %j', (source, fields) => {
  expect(read(fields).references).toEqual([{ source, token: TOKEN }]);
});

test('a token that came back twice is one reference of its strongest place', () => {
  const order = read({
    note_attributes: [{ name: '__wa_ref', value: TOKEN }],
    landing_site: `/?wa_ref=${OTHER}&wa_ref=${TOKEN}`,
    tags: `wa_ref:${OTHER}`,
  });
  expect(order.references).toEqual([
    { source: 'attribute', token: TOKEN },
    { source: 'landing_site', token: OTHER },
  ]);
});

test.each<Record<string, unknown>>([
  { note_attributes: [{ name: '__wa_ref', value: 'k7Q' }] },
  { note_attributes: [{ name: '__wa_ref', value: '+55 11 98765-4321' }] },
  { note_attributes: [{ name: 'ref', value: TOKEN }] },
  { landing_site: `/products/wa_ref=${TOKEN}` },
  { landing_site: '/?wa_ref=%E0%A4%A' },
  { landing_site: `/?q=1#wa_ref=${TOKEN}` },
  { tags: TOKEN },
])('what is no token of a chat link is not kept: %j', (fields) => {
  expect(read(fields).references).toEqual([]);
});

test('personal fields that Shopify blanked are told from a missing customer', () => {
  const hidden = {
    email: null,
    contact_email: null,
    phone: null,
    customer: withoutPersonalData(shopifyCustomer()),
    shipping_address: withoutPersonalData(shopifyAddress()),
    billing_address: withoutPersonalData(shopifyAddress()),
  };
  const pointOfSale = { ...hidden, customer: null, shipping_address: null, billing_address: null };
  expect(read(hidden).contactFields).toBe('hidden');
  expect(read(pointOfSale).contactFields).toBe('absent');
  expect(read({ ...hidden, email: 'a@example.com' }).contactFields).toBe('present');
  expect(read({ ...hidden, shipping_address: shopifyAddress({ phone: null }) }).contactFields).toBe(
    'present',
  );
});

test('an item names its variant and its product, and a custom item is left out', () => {
  const line_items = [
    shopifyLineItem({ variant_id: null }),
    shopifyLineItem({ variant_id: null, product_id: null }),
    null,
    shopifyLineItem({ quantity: 0, price: null }),
  ];
  expect(read({ line_items }).items).toEqual([
    { variantId: null, productId: '7900000000001', quantity: 1, price: '209.90' },
    { variantId: '44100000000001', productId: '7900000000001', quantity: 1, price: '0.00' },
  ]);
});

test('the email and the country come from the next place that has them', () => {
  const order = read({ email: null, contact_email: '', shipping_address: null, billing_address: null });
  expect(order).toMatchObject({ email: 'maria@example.com', country: 'BR' });
});

test('a text without JSON is told apart', () => {
  expect(readOrder('<html>')).toEqual({ kind: 'not_json' });
});

test.each([
  [{ currency: null }, 'currency'],
  [{ currency: 'REAL' }, 'currency'],
  [{ total_price: null }, 'total_price'],
  [{ total_price: 'free' }, 'total_price'],
  [{ total_price: '9'.repeat(17) }, 'total_price'],
  [{ created_at: null }, 'created'],
  [{ created_at: '2026-11-18 10:22' }, 'created'],
  [{ id: null, admin_graphql_api_id: null }, 'id'],
])('an order with %j cannot be read, and says what is missing', (fields, problem) => {
  expect(readOrder(JSON.stringify(shopifyOrder(fields)))).toMatchObject({
    kind: 'unreadable',
    problem: expect.stringContaining(problem),
  });
});

test.each(['null', '[]', '5', '"x"'])('%s is no order', (text) => {
  expect(readOrder(text)).toMatchObject({ kind: 'unreadable' });
});
