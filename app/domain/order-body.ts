import { z } from 'zod';
import { jsonArray, jsonId, jsonText } from './json.ts';

const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/i;

const text = z.unknown().optional().transform(jsonText);
const id = z.unknown().optional().transform(jsonId);
const time = z.unknown().optional().transform(readTime);
const country = z.unknown().optional().transform(readCountry);
const texts = z.unknown().optional().transform(readTexts);
const ip = z.union([z.ipv4(), z.ipv6()]).nullable().catch(null);
const currency = z
  .string()
  .transform((code) => code.toUpperCase())
  .pipe(z.string().regex(/^[A-Z]{3}$/));
// Bounded by what the database's decimal(20, 4) holds. Shopify writes one amount as "10.00" in a webhook and as "10.0" in
// GraphQL, so it is given in one form: two decimals, more only where they are not zero.
const amount = z
  .union([z.string(), z.number().transform(String)])
  .pipe(z.string().regex(/^-?\d{1,16}(\.\d+)?$/))
  .transform((digits) => {
    const [whole = '0', decimals = ''] = digits.split('.');
    return `${whole}.${decimals.replace(/0+$/, '').padEnd(2, '0')}`;
  });

const address = z
  .object({
    first_name: text,
    last_name: text,
    name: text,
    phone: text,
    address1: text,
    address2: text,
    city: text,
    zip: text,
    province: text,
    province_code: text,
    country_code: country,
  })
  .nullable()
  .catch(null);
const money = z.object({ amount, currency_code: currency }).nullable().catch(null);
const moneySet = z.object({ shop_money: money, presentment_money: money }).nullable().catch(null);
const shippingLine = z
  .object({
    is_removed: z.boolean().catch(false),
    discounted_price_set: moneySet,
    tax_lines: z.array(z.object({ price_set: moneySet }).nullable().catch(null)).catch([]),
  })
  .nullable()
  .catch(null);
const fulfillment = z
  .object({ id, status: text, shipment_status: text, created_at: time, updated_at: time })
  .nullable()
  .catch(null);
const refund = z
  .object({
    created_at: time,
    refund_line_items: z.array(z.object({ restock_type: text }).nullable().catch(null)).catch([]),
  })
  .nullable()
  .catch(null);
const noteAttribute = z.object({ name: text, value: text }).nullable().catch(null);
const discountCode = z.object({ code: text }).nullable().catch(null);
const customer = z
  .object({
    admin_graphql_api_id: text,
    id,
    email: text,
    phone: text,
    first_name: text,
    last_name: text,
    default_address: address,
  })
  .nullable()
  .catch(null);
const lineItem = z
  .object({
    variant_id: id,
    product_id: id,
    quantity: z.int().positive().catch(1),
    price: amount.catch('0.00'),
  })
  .nullable()
  .catch(null);
/**
 * The body of Shopify's order webhooks, as far as it is read. Everything may be missing but the total and its currency.
 * https://shopify.dev/docs/api/admin-rest/latest/resources/order
 */
export const orderBody = z.object({
  admin_graphql_api_id: text,
  id,
  name: text,
  created_at: time,
  processed_at: time,
  updated_at: time,
  cancelled_at: time,
  financial_status: text,
  test: z.boolean().catch(false),
  source_name: text,
  app_id: id,
  payment_gateway_names: texts,
  tags: texts,
  discount_codes: z.array(discountCode).catch([]),
  note_attributes: z.array(noteAttribute).catch([]),
  landing_site: texts,
  checkout_token: text,
  currency,
  total_price: amount,
  current_total_price: amount.nullable().catch(null),
  total_outstanding: amount.nullable().catch(null),
  subtotal_price: amount.nullable().catch(null),
  total_tax: amount.nullable().catch(null),
  taxes_included: z.boolean().catch(false),
  total_price_set: moneySet,
  subtotal_price_set: moneySet,
  total_shipping_price_set: moneySet,
  total_tax_set: moneySet,
  shipping_lines: z.array(shippingLine).catch([]),
  fulfillments: z.array(fulfillment).catch([]),
  refunds: z.array(refund).catch([]),
  browser_ip: ip,
  client_details: z.object({ user_agent: text, browser_ip: ip }).nullable().catch(null),
  order_status_url: text,
  phone: text,
  email: text,
  contact_email: text,
  customer,
  shipping_address: address,
  billing_address: address,
  line_items: z.array(lineItem).catch([]),
});
export type OrderBody = z.infer<typeof orderBody>;

function readTime(value: unknown): Date | null {
  if (typeof value !== 'string' || !WITH_OFFSET.test(value)) return null;
  const read = new Date(value);
  return Number.isNaN(read.getTime()) ? null : read;
}

function readCountry(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z]{2}$/i.test(value) ? value.toUpperCase() : null;
}

// One text, or several where GraphQL knows more than one or has a list.
function readTexts(value: unknown): string[] {
  const all = typeof value === 'string' ? [value] : jsonArray(value);
  return all.map(jsonText).filter((one) => one !== null);
}
