import type { ZodError } from 'zod';
import { readToken, REFERENCE_ATTRIBUTE, REFERENCE_PARAMETER } from './chat-link.ts';
import type { Browser, Region } from './conversion-event.ts';
import { readTimes, type Parcel } from './follow-up.ts';
import type { OrderGid } from './ids.ts';
import { parseJson } from './json.ts';
import { readAmounts, type Amounts } from './order-amounts.ts';
import { orderBody, type OrderBody } from './order-body.ts';
import { readBrowser, readBuyer, readConsent, type Person } from './order-buyer.ts';

export type { Amounts } from './order-amounts.ts';
export { CONSENT_ATTRIBUTE, type Person } from './order-buyer.ts';

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

/** A chat link's token, and where on the order it came back. */
export type Reference = { source: 'attribute' | 'landing_site' | 'tag'; token: string };

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
  /** The app or sales channel that made it. */
  appId: string | null;
  gateways: string[];
  tags: string[];
  discountCodes: string[];
  /** Tokens of chat links that came back with the order, strongest source first. */
  references: Reference[];
  /** The buyer went through Shopify's checkout. */
  hasCheckout: boolean;
  /** In the shop's currency. */
  total: Money;
  presentmentTotal: Money;
  /** The total now, after edits and refunds, in the shop's currency. */
  currentTotal: string;
  /** What is still to be paid, in the shop's currency. */
  outstanding: string | null;
  phones: { source: PhoneSource; raw: string; country: string | null }[];
  email: string | null;
  customerGid: string | null;
  /** Hidden: a customer or an address is there, but Shopify blanked every personal field of it. */
  contactFields: 'present' | 'absent' | 'hidden';
  /** Line items that name a variant or a product; prices in the shop's currency. */
  items: { variantId: string | null; productId: string | null; quantity: number; price: string }[];
  country: string | null;
  checkoutToken: string | null;
  /** In the shop's currency and in the buyer's. */
  amounts: { shop: Amounts; buyer: Amounts };
  person: Person;
  /** The browser of the checkout; null where there was none, as at a point of sale. */
  browser: Browser | null;
  region: Region;
  /** What the buyer said of marketing at the shop. */
  consent: 'granted' | 'denied' | null;
  parcels: Parcel[];
  /** The first of each that is told of. */
  shippedAt: Date | null;
  deliveredAt: Date | null;
  returnedAt: Date | null;
};
export type OrderReading = { kind: 'order'; order: Order } | { kind: 'unreadable'; problem: string };

// Shopify hides an attribute that begins with two underscores; its documents and its samples differ on where they stand.
const REFERENCE_ATTRIBUTES: ReadonlySet<string> = new Set([
  REFERENCE_ATTRIBUTE,
  ...[`${REFERENCE_PARAMETER}__`, `_${REFERENCE_PARAMETER}`, REFERENCE_PARAMETER],
]);
const REFERENCE_PARAMETERS = [REFERENCE_PARAMETER, `attributes[${REFERENCE_ATTRIBUTE}]`];
const REFERENCE_TAG = `${REFERENCE_PARAMETER}:`;
const GID = /^gid:\/\/shopify\/Order\/(\d{1,20})$/;

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
  const amounts = readAmounts(body);
  const { person, region } = readBuyer(body);
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
    appId: body.app_id,
    gateways: body.payment_gateway_names,
    tags: readTags(body),
    discountCodes: body.discount_codes.flatMap((discount) => discount?.code?.trim() ?? []),
    references: readReferences(body),
    hasCheckout: body.checkout_token !== null,
    total,
    presentmentTotal: { amount: amounts.buyer.total, currency: amounts.buyer.currency },
    currentTotal: body.current_total_price ?? body.total_price,
    outstanding: body.total_outstanding,
    phones: readPhones(body),
    email: body.email ?? body.contact_email ?? body.customer?.email ?? null,
    customerGid: readCustomerGid(body),
    contactFields: readContactFields(body),
    items: body.line_items.flatMap(readItem),
    country: person.country,
    checkoutToken: body.checkout_token,
    amounts,
    person,
    browser: readBrowser(body, createdAt),
    region,
    consent: readConsent(body),
    ...readTimes(body),
  };
}

// A webhook joins the tags with commas: no tag has one in it.
function readTags(body: OrderBody): string[] {
  return body.tags.flatMap((tags) => tags.split(',')).flatMap((tag) => tag.trim() || []);
}

function readReferences(body: OrderBody): Reference[] {
  const attributes = body.note_attributes.flatMap((note) =>
    REFERENCE_ATTRIBUTES.has(note?.name ?? '') ? (note?.value ?? []) : [],
  );
  const tags = readTags(body).filter((tag) => tag.startsWith(REFERENCE_TAG));
  const written: [Reference['source'], string[]][] = [
    ['attribute', attributes],
    ['landing_site', body.landing_site.flatMap(readParameters)],
    ['tag', tags.map((tag) => tag.slice(REFERENCE_TAG.length))],
  ];
  const sources = new Map<string, Reference['source']>();
  for (const [source, texts] of written) {
    for (const token of texts.map(readToken)) {
      if (token !== null && !sources.has(token)) sources.set(token, source);
    }
  }
  return [...sources].map(([token, source]) => ({ source, token }));
}

// A webhook gives the path with its query, GraphQL the whole address.
function readParameters(page: string): string[] {
  const parameters = new URLSearchParams(/\?([^#]*)/.exec(page)?.[1]);
  return REFERENCE_PARAMETERS.flatMap((name) => parameters.getAll(name));
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

function readItem(item: OrderBody['line_items'][number]): Order['items'] {
  if (item === null || (item.variant_id === null && item.product_id === null)) return [];
  const { variant_id: variantId, product_id: productId, quantity, price } = item;
  return [{ variantId, productId, quantity, price }];
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

function firstProblem(error: ZodError): string {
  const where = error.issues[0]?.path.join('.') ?? '';
  return where === '' ? 'The body is not an order.' : `The order's ${where} is missing or not readable.`;
}

function unreadable(problem: string): { kind: 'unreadable'; problem: string } {
  return { kind: 'unreadable', problem };
}
