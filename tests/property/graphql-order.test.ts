import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paymentTimeOf, readGraphqlOrder } from '../../app/domain/graphql-order.ts';
import { readOrder } from '../../app/domain/order.ts';
import type { AdminClient } from '../../app/platforms/shopify/admin-client.ts';
import { readOrders } from '../../app/platforms/shopify/admin-orders.ts';
import {
  shopifyAddress,
  shopifyCustomer,
  shopifyFulfillment,
  shopifyLineItem,
  shopifyOrder,
  shopifyRefund,
  shopifyShippingLine,
  withoutPersonalData,
} from '../builders/shopify.ts';
import { answerGraphql } from '../sandbox/graphql.ts';
import { newShop, type OrderRecord } from '../sandbox/shopify-shop.ts';

const TOKEN = 'k7Qx9mB2k7Qx9mB2';
const OTHER = 'Zz11Yy22Xx33Ww44';
const PLACE = { currency: 'BRL', country: 'BR', timezone: 'America/Sao_Paulo' };

/** The pretend Shopify's GraphQL over one order, without HTTP. */
function clientOver(order: OrderRecord): AdminClient {
  const shop = newShop({ domain: 'loja-exemplo.myshopify.com', name: 'Loja', ...PLACE }, 1);
  shop.orders.set(String(order['admin_graphql_api_id']), { transactions: [], ...order });
  return ({ query, variables, data }) => {
    shop.bucket = null;
    const body = JSON.stringify({ query, variables });
    const answer = answerGraphql({ shop, body, now: new Date(0), throttled: false });
    return Promise.resolve({ kind: 'answered', data: data.parse((answer.body as { data: unknown }).data) });
  };
}

async function overGraphql(order: OrderRecord) {
  const answer = await readOrders(clientOver(order), [String(order['admin_graphql_api_id'])]);
  const [node] = answer.kind === 'answered' ? answer.data : [];
  if (!node) throw new Error(JSON.stringify(answer));
  return node;
}

function inBoth(shop: string, buyer: string) {
  return {
    shop_money: { amount: shop, currency_code: 'BRL' },
    presentment_money: { amount: buyer, currency_code: 'JPY' },
  };
}

const phone = fc.constantFrom(null, '(11) 98765-4321', '+5511987654321');
const address = fc.option(
  fc
    .record({
      phone,
      country_code: fc.constantFrom('BR', 'US', null),
      first_name: fc.constantFrom(null, 'Maria'),
      city: fc.constantFrom(null, 'Recife'),
      province: fc.constantFrom(null, 'Pernambuco'),
      province_code: fc.constantFrom(null, 'PE'),
      zip: fc.constantFrom(null, '50010-000'),
    })
    .map((fields) => shopifyAddress(fields)),
);
const customer = fc.option(
  fc
    .record({ phone, email: fc.constantFrom(null, 'maria@example.com'), default_address: address })
    .map((fields) => shopifyCustomer(fields)),
);
const amount = fc.constantFrom('214.90', '214.9', '0.00', '1000', '1.500', '12345678.05');
const line = fc.record({
  price: amount,
  quantity: fc.integer({ min: 1, max: 9 }),
  variant_id: fc.option(fc.constantFrom(44100000000001, 44100000000002)),
  product_id: fc.option(fc.constant(7900000000001)),
});
const time = fc.constantFrom('2026-11-18T10:22:29-03:00', '2026-11-19T00:00:00Z');
const tax = fc.tuple(amount, amount).map(([shop, buyer]) => ({ price_set: inBoth(shop, buyer) }));
const shippingLine = fc
  .record({
    tax_lines: fc.array(tax, { maxLength: 2 }),
    discounted_price_set: fc.tuple(amount, amount).map(([shop, buyer]) => inBoth(shop, buyer)),
  })
  .map((fields) => shopifyShippingLine(fields));
const shipment = fc
  .record({
    id: fc.integer({ min: 1, max: 5 }),
    status: fc.constantFrom('success', 'cancelled', 'pending', 'open'),
    shipment_status: fc.constantFrom(null, 'in_transit', 'delivered'),
    created_at: time,
    updated_at: time,
  })
  .map((fields) =>
    shopifyFulfillment({ ...fields, admin_graphql_api_id: `gid://shopify/Fulfillment/${fields.id}` }),
  );
const restock = fc.constantFrom('return', 'cancel', 'no_restock', 'legacy_restock');
const refund = fc
  .record({
    id: fc.integer({ min: 1, max: 1e9 }),
    created_at: time,
    refund_line_items: fc.array(
      restock.map((restock_type) => ({ restock_type })),
      { maxLength: 5 },
    ),
  })
  .map((fields) => shopifyRefund({ ...fields, admin_graphql_api_id: `gid://shopify/Refund/${fields.id}` }));
const inCurrencies = fc.option(fc.tuple(amount, amount).map(([shop, buyer]) => inBoth(shop, buyer)));
const order = fc
  .record({
    total_price: amount,
    currency: fc.constantFrom('BRL', 'JPY', 'KWD'),
    financial_status: fc.constantFrom(
      ...[
        'pending',
        'authorized',
        'partially_paid',
        'paid',
        'partially_refunded',
        'refunded',
        'voided',
        'expired',
      ],
    ),
    processed_at: time,
    updated_at: time,
    cancelled_at: fc.option(time),
    test: fc.boolean(),
    source_name: fc.constantFrom('web', 'pos', 'shopify_draft_order', null),
    app_id: fc.constantFrom(580111, 283439955969, null),
    payment_gateway_names: fc.subarray(['shopify_payments', 'Cash on Delivery (COD)', 'manual']),
    tags: fc
      .subarray(['VIP', `wa_ref:${TOKEN}`, 'Subscription Recurring Order'])
      .map((tags) => tags.join(', ')),
    discount_codes: fc
      .subarray(['ZAP10', 'natal'])
      .map((codes) => codes.map((code) => ({ code, amount: '10.00', type: 'fixed_amount' }))),
    note_attributes: fc.subarray([
      { name: '__wa_ref', value: OTHER },
      { name: 'gift', value: 'yes' },
      { name: 'wa_ref', value: 'no token' },
    ]),
    landing_site: fc.constantFrom(null, '/', `/products/camiseta?wa_ref=${TOKEN}&q=%C3%A9`),
    checkout_token: fc.constantFrom(null, '0f1e2d3c4b5a69788796a5b4c3d2e1f0'),
    current_total_price: amount,
    total_outstanding: amount,
    phone,
    email: fc.constantFrom(null, 'maria@example.com'),
    contact_email: fc.constant(null),
    customer,
    shipping_address: address,
    billing_address: address,
    presentment_currency: fc.constantFrom('BRL', 'JPY'),
    taxes_included: fc.boolean(),
    subtotal_price: fc.constant(null),
    total_tax: fc.constant(null),
    subtotal_price_set: inCurrencies,
    total_tax_set: inCurrencies,
    total_shipping_price_set: inCurrencies.filter((set) => set !== null),
    shipping_lines: fc.array(shippingLine, { maxLength: 2 }),
    fulfillments: fc.array(shipment, { maxLength: 3 }),
    refunds: fc.array(refund, { maxLength: 3 }),
    // GraphQL does not know the browser.
    client_details: fc.constant(null),
    line_items: fc.array(
      line.map((fields) => shopifyLineItem(fields)),
      { maxLength: 24 },
    ),
  })
  .map((fields) => shopifyOrder(fields));

test('an order is the same whether a webhook or GraphQL told of it', async () => {
  await fc.assert(
    fc.asyncProperty(order, fc.boolean(), async (told, hidden) => {
      const body = hidden ? withoutPersonalData(told) : told;
      // The order's own name is no personal data.
      const whole = { ...body, name: told['name'] };
      const webhook = readOrder(JSON.stringify(whole));
      expect(webhook.kind).toBe('order');
      expect(readGraphqlOrder(await overGraphql(whole))).toEqual(webhook);
    }),
    { numRuns: 200 },
  );
});

test('a chat link’s token is found on the first page of a visit, the last visit before the first', async () => {
  const visit = (token: string) => ({ landingPage: `https://loja.example.com/?wa_ref=${token}` });
  const customerJourneySummary = { firstVisit: visit(TOKEN), lastVisit: visit(OTHER) };
  const read = readGraphqlOrder(await overGraphql(shopifyOrder({ customerJourneySummary })));
  expect(read).toMatchObject({
    order: {
      references: [
        { source: 'landing_site', token: OTHER },
        { source: 'landing_site', token: TOKEN },
      ],
    },
  });
});

test.each([
  ['the latest capture that succeeded', ['capture', 'success', '10:23:15'], '10:23:15'],
  ['the sale, not a later refund', ['refund', 'success', '10:25:00'], '10:22:40'],
  ['the sale, not an authorization', ['authorization', 'success', '10:25:00'], '10:22:40'],
  ['the sale, not a capture that failed', ['capture', 'failure', '10:25:00'], '10:22:40'],
])('an order was paid with %s', async (_, [kind, status, at], expected) => {
  const sale = { kind: 'sale', status: 'success', processed_at: '2026-11-18T10:22:40-03:00' };
  const other = { kind, status, processed_at: `2026-11-18T${at}-03:00` };
  const node = await overGraphql(shopifyOrder({ transactions: [other, sale] }));
  const read = readGraphqlOrder(node);
  if (read.kind !== 'order') throw new Error(read.problem);
  expect(paymentTimeOf(node, read.order)).toEqual(new Date(`2026-11-18T${expected}-03:00`));
});

test.each(['pending', 'authorized', 'partially_paid', 'voided', 'expired'])(
  'an order that is %s was not paid',
  async (financial_status) => {
    const node = await overGraphql(shopifyOrder({ financial_status }));
    const read = readGraphqlOrder(node);
    if (read.kind !== 'order') throw new Error(read.problem);
    expect(paymentTimeOf(node, read.order)).toBeNull();
  },
);
