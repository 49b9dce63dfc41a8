import { shopifyAddress, shopifyCustomer, shopifyLineItem } from './shopify.ts';

type Json = Record<string, unknown>;

/** The body of Shopify's checkout webhooks, with synthetic values; `fields` replace top-level keys. */
export function shopifyCheckout(fields: Json = {}): Json {
  return {
    id: 38100000000001,
    token: 'c0ffee00c0ffee00c0ffee00c0ffee00',
    cart_token: 'hWN8EXAMPLEcartTOKEN0000',
    email: 'maria@example.com',
    gateway: null,
    buyer_accepts_marketing: false,
    buyer_accepts_sms_marketing: false,
    sms_marketing_phone: null,
    created_at: '2026-11-18T10:20:00-03:00',
    updated_at: '2026-11-18T10:21:00-03:00',
    landing_site: '/',
    note: null,
    note_attributes: [],
    referring_site: '',
    shipping_lines: [],
    taxes_included: true,
    total_weight: 200,
    currency: 'BRL',
    presentment_currency: 'BRL',
    completed_at: null,
    customer_locale: 'pt-BR',
    line_items: [shopifyLineItem({ quantity: 2, price: '99.95' })],
    name: '#38100000000001',
    abandoned_checkout_url: 'https://loja-exemplo.myshopify.com/1/checkouts/ac/recover',
    discount_codes: [],
    tax_lines: [],
    source_name: 'web',
    phone: null,
    total_discounts: '0.00',
    total_line_items_price: '199.90',
    total_price: '214.90',
    total_tax: '0.00',
    subtotal_price: '199.90',
    shipping_address: shopifyAddress(),
    billing_address: shopifyAddress(),
    customer: shopifyCustomer(),
    ...fields,
  };
}

/** The body of Shopify's cart webhooks. */
export function shopifyCart(fields: Json = {}): Json {
  const token = 'hWN8EXAMPLEcartTOKEN0000';
  return {
    ...{ id: token, token, note: null },
    line_items: [
      {
        id: 44100000000001,
        variant_id: 44100000000001,
        product_id: 7900000000001,
        title: 'Camiseta - M',
        quantity: 1,
        price: '209.90',
        line_price: '209.90',
        gift_card: false,
      },
    ],
    updated_at: '2026-11-18T13:25:00.000Z',
    created_at: '2026-11-18T13:25:00.000Z',
    ...fields,
  };
}
