import { createHmac } from 'node:crypto';
import { shopifyAddress, shopifyCustomer, shopifyLineItem, shopifyOrder } from '../builders/shopify.ts';

const BODY_BYTES = 10_240;

/** An order's webhook body of about 10 KB, as a text in which only what differs from order to order is filled in. */
export type OrderTemplate = (order: { id: number; phone: string; at: string }) => string;

export function orderTemplate(): OrderTemplate {
  const id = 987_654_321_012;
  const phone = '%PHONE%';
  const at = '%AT%';
  const item = (index: number) =>
    shopifyLineItem({ id: 14_800_000_000_000 + index, name: `Camiseta ${index} - M` });
  const order = (padding: string) =>
    JSON.stringify(
      shopifyOrder({
        id,
        name: '#%NAME%',
        created_at: at,
        processed_at: at,
        updated_at: at,
        line_items: [1, 2, 3, 4].map(item),
        customer: shopifyCustomer({ phone: null, default_address: shopifyAddress({ phone }) }),
        billing_address: shopifyAddress({ phone }),
        shipping_address: shopifyAddress({ phone }),
        note: padding,
      }),
    );
  const text = order('x'.repeat(Math.max(0, BODY_BYTES - order('').length)));
  const parts = text.split(/(%PHONE%|%AT%|%NAME%|987654321012)/);
  return (values) => {
    const number = String(values.id);
    return parts
      .map((part) => {
        if (part === '%PHONE%') return values.phone;
        if (part === '%AT%') return values.at;
        return part === '%NAME%' || part === String(id) ? number : part;
      })
      .join('');
  };
}

/** The headers of an orders/paid delivery of this body. */
export function paidHeaders(input: { shop: string; body: Buffer; secret: string; id: string; at: string }) {
  return {
    'content-type': 'application/json',
    'content-length': input.body.length,
    'x-shopify-topic': 'orders/paid',
    'x-shopify-shop-domain': input.shop,
    'x-shopify-api-version': '2026-10',
    'x-shopify-webhook-id': input.id,
    'x-shopify-triggered-at': input.at,
    'x-shopify-hmac-sha256': createHmac('sha256', input.secret).update(input.body).digest('base64'),
  };
}
