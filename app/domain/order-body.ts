import { z } from 'zod';
import { jsonArray, jsonId, jsonText } from './json.ts';

const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/i;

const text = z.unknown().optional().transform(jsonText);
const id = z.unknown().optional().transform(jsonId);
const time = z.unknown().optional().transform(readTime);
const country = z.unknown().optional().transform(readCountry);
const texts = z.unknown().optional().transform(readTexts);
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
    country_code: country,
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
  total_price_set: z
    .object({ presentment_money: z.object({ amount, currency_code: currency }) })
    .nullable()
    .catch(null),
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
