import { z } from 'zod';
import type { OrderGid } from './ids.ts';
import { jsonId, jsonText, parseJson } from './json.ts';

/** Major units as Shopify's decimal string, e.g. "214.90". */
export type Money = { amount: string; currency: string };
export const PHONE_SOURCES = [
  'order',
  'customer',
  'shipping_address',
  'billing_address',
  'customer_default_address',
] as const;
/** Where on the order a phone number was, strongest first. */
export type PhoneSource = (typeof PHONE_SOURCES)[number];

export type Order = {
  gid: OrderGid;
  legacyId: string;
  name: string;
  /** The moment of checkout. */
  placedAt: Date;
  createdAt: Date;
  updatedAt: Date;
  cancelledAt: Date | null;
  financialStatus: string | null;
  test: boolean;
  sourceName: string | null;
  /** In the shop's currency. */
  total: Money;
  presentmentTotal: Money;
  phones: { source: PhoneSource; raw: string; country: string | null }[];
  email: string | null;
  customerGid: string | null;
  /** Hidden: a customer or an address is there, but Shopify blanked every personal field of it. */
  contactFields: 'present' | 'absent' | 'hidden';
  /** Line items that name a variant, else a product; prices in the shop's currency. */
  items: { id: string; quantity: number; price: string }[];
  country: string | null;
};

export type OrderReading = { kind: 'order'; order: Order } | { kind: 'unreadable'; problem: string };

const GID = /^gid:\/\/shopify\/Order\/(\d{1,20})$/;
const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/i;

const text = z.unknown().optional().transform(jsonText);
const id = z.unknown().optional().transform(jsonId);
const time = z.unknown().optional().transform(readTime);
const country = z.unknown().optional().transform(readCountry);
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
const orderBody = z.object({
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
  currency,
  total_price: amount,
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
type OrderBody = z.infer<typeof orderBody>;

/**
 * Reads the body of Shopify's order webhooks. Everything may be missing but the id, the total with its currency and
 * the time of creation. https://shopify.dev/docs/api/admin-rest/latest/resources/order
 */
export function readOrder(body: string): OrderReading | { kind: 'not_json' } {
  const parsed = parseJson(body);
  return parsed.kind === 'not_json' ? parsed : readOrderBody(parsed.value);
}

/** The same for a body that is parsed already. */
export function readOrderBody(body: unknown): OrderReading {
  const read = orderBody.safeParse(body);
  if (!read.success) return unreadable(firstProblem(read.error));

  const legacyId = readLegacyId(read.data);
  if (legacyId === null) return unreadable('The order has no id.');
  const createdAt = read.data.created_at;
  if (createdAt === null) return unreadable('The order does not say when it was created.');
  return { kind: 'order', order: toOrder(read.data, legacyId, createdAt) };
}

/** What Shopify counts as paid, in the spelling of its webhooks. */
export const PAID_STATUSES = ['paid', 'partially_refunded', 'refunded'] as const;

// https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderDisplayFinancialStatus
const PAYMENT_PROGRESS = [
  'pending',
  'authorized',
  'partially_paid',
  'paid',
  'partially_refunded',
  'refunded',
  'voided',
];

/**
 * Whether one body tells of its order at the time of another or later. Shopify promises no sequence of deliveries, and
 * its times are whole seconds: of two from the same second, the one in which the order has come further is later.
 */
export function isAsNewAs(
  one: Pick<Order, 'updatedAt' | 'cancelledAt' | 'financialStatus'>,
  other: Pick<Order, 'updatedAt' | 'cancelledAt' | 'financialStatus'>,
): boolean {
  const ahead =
    one.updatedAt.getTime() - other.updatedAt.getTime() ||
    Number(one.cancelledAt !== null) - Number(other.cancelledAt !== null) ||
    PAYMENT_PROGRESS.indexOf(one.financialStatus ?? '') -
      PAYMENT_PROGRESS.indexOf(other.financialStatus ?? '');
  return ahead >= 0;
}

function toOrder(body: OrderBody, legacyId: string, createdAt: Date): Order {
  const total = { amount: body.total_price, currency: body.currency };
  const presentment = body.total_price_set?.presentment_money;
  return {
    gid: `gid://shopify/Order/${legacyId}` as OrderGid,
    legacyId,
    name: body.name ?? legacyId,
    placedAt: body.processed_at ?? createdAt,
    createdAt,
    updatedAt: body.updated_at ?? createdAt,
    cancelledAt: body.cancelled_at,
    financialStatus: body.financial_status,
    test: body.test,
    sourceName: body.source_name,
    total,
    presentmentTotal: presentment
      ? { amount: presentment.amount, currency: presentment.currency_code }
      : total,
    phones: readPhones(body),
    email: body.email ?? body.contact_email ?? body.customer?.email ?? null,
    customerGid: readCustomerGid(body),
    contactFields: readContactFields(body),
    items: body.line_items.flatMap(readItem),
    country:
      body.shipping_address?.country_code ??
      body.billing_address?.country_code ??
      body.customer?.default_address?.country_code ??
      null,
  };
}

function readPhones(body: OrderBody): Order['phones'] {
  const home = body.customer?.default_address ?? null;
  const found: Record<PhoneSource, { phone: string | null; country_code: string | null } | null> = {
    order: { phone: body.phone, country_code: null },
    customer: { phone: body.customer?.phone ?? null, country_code: home?.country_code ?? null },
    shipping_address: body.shipping_address,
    billing_address: body.billing_address,
    customer_default_address: home,
  };
  return PHONE_SOURCES.flatMap((source) => {
    const raw = found[source]?.phone ?? null;
    return raw === null ? [] : [{ source, raw, country: found[source]?.country_code ?? null }];
  });
}

// Without approval for protected customer data the objects come with their personal fields empty; the rest of an
// address stays: https://shopify.dev/docs/apps/launch/protected-customer-data
function readContactFields(body: OrderBody): Order['contactFields'] {
  const { customer: person, shipping_address, billing_address } = body;
  const personal = [
    ...[body.phone, body.email, body.contact_email],
    ...[person?.email, person?.phone, person?.first_name, person?.last_name],
    ...[shipping_address, billing_address, person?.default_address].flatMap((place) => [
      ...[place?.phone, place?.first_name, place?.last_name, place?.name],
      ...[place?.address1, place?.address2],
    ]),
  ];
  if (personal.some((field) => typeof field === 'string')) return 'present';
  return person !== null || shipping_address !== null || billing_address !== null ? 'hidden' : 'absent';
}

function readItem(item: z.infer<typeof lineItem>): Order['items'] {
  const itemId = item?.variant_id ?? item?.product_id ?? null;
  return item === null || itemId === null ? [] : [{ id: itemId, quantity: item.quantity, price: item.price }];
}

function readLegacyId(body: OrderBody): string | null {
  const fromGid = GID.exec(body.admin_graphql_api_id ?? '')?.[1] ?? null;
  return fromGid ?? (body.id !== null && /^\d{1,20}$/.test(body.id) ? body.id : null);
}

function readCustomerGid(body: OrderBody): string | null {
  const { customer: person } = body;
  if (person === null) return null;
  return person.admin_graphql_api_id ?? (person.id === null ? null : `gid://shopify/Customer/${person.id}`);
}

function readTime(value: unknown): Date | null {
  if (typeof value !== 'string' || !WITH_OFFSET.test(value)) return null;
  const read = new Date(value);
  return Number.isNaN(read.getTime()) ? null : read;
}

function readCountry(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z]{2}$/i.test(value) ? value.toUpperCase() : null;
}

function firstProblem(error: z.ZodError): string {
  const where = error.issues[0]?.path.join('.') ?? '';
  return where === '' ? 'The body is not an order.' : `The order's ${where} is missing or not readable.`;
}

function unreadable(problem: string): { kind: 'unreadable'; problem: string } {
  return { kind: 'unreadable', problem };
}
