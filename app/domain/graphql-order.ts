import { z } from 'zod';
import { PAID_STATUSES, readOrderBody, type Order, type OrderReading } from './order.ts';

const text = z.string().nullish();
const amount = z.object({ amount: z.string(), currencyCode: z.string() });
const shopAmount = z.object({ shopMoney: amount }).nullish();
const moneySet = z.object({ shopMoney: amount, presentmentMoney: amount }).nullish();
const visit = z.object({ landingPage: text }).nullish();
const gid = z.object({ id: z.string() }).nullish();
const address = z
  .object({
    firstName: text,
    lastName: text,
    name: text,
    phone: text,
    address1: text,
    address2: text,
    city: text,
    zip: text,
    province: text,
    provinceCode: text,
    countryCodeV2: text,
  })
  .nullish();

const nodes = <T extends z.ZodType>(node: T) => z.object({ nodes: z.array(node) }).nullish();

export const graphqlLineItem = z.object({
  quantity: z.number(),
  originalUnitPriceSet: z.object({ shopMoney: amount }),
  variant: gid,
  product: gid,
});
export type GraphqlLineItem = z.infer<typeof graphqlLineItem>;

const refundLine = z.object({ restockType: z.string() });
export type GraphqlRefundLine = z.infer<typeof refundLine>;
export const graphqlRefundLines = z.object({
  nodes: z.array(refundLine),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: text }),
});

/** An order as Shopify's GraphQL gives it, with all that a decision needs. */
export const graphqlOrder = z.object({
  id: z.string(),
  name: text,
  createdAt: z.string(),
  processedAt: text,
  updatedAt: z.string(),
  cancelledAt: text,
  displayFinancialStatus: text,
  test: z.boolean(),
  sourceName: text,
  app: gid,
  paymentGatewayNames: z.array(z.string()).nullish(),
  tags: z.array(z.string()).nullish(),
  discountCodes: z.array(z.string()).nullish(),
  customAttributes: z.array(z.object({ key: z.string(), value: text })).nullish(),
  customerJourneySummary: z.object({ lastVisit: visit, firstVisit: visit }).nullish(),
  checkoutToken: text,
  phone: text,
  email: text,
  totalPriceSet: z.object({ shopMoney: amount, presentmentMoney: amount }),
  currentTotalPriceSet: shopAmount,
  totalOutstandingSet: shopAmount,
  taxesIncluded: z.boolean().nullish(),
  subtotalPriceSet: moneySet,
  totalShippingPriceSet: moneySet,
  totalTaxSet: moneySet,
  shippingLines: nodes(
    z.object({ discountedPriceSet: moneySet, taxLines: z.array(z.object({ priceSet: moneySet })) }),
  ),
  fulfillments: z
    .array(
      z.object({
        id: z.string(),
        status: z.string(),
        displayStatus: text,
        createdAt: z.string(),
        updatedAt: z.string(),
        deliveredAt: text,
      }),
    )
    .nullish(),
  refunds: z
    .array(z.object({ id: z.string(), createdAt: text, refundLineItems: graphqlRefundLines.nullish() }))
    .nullish(),
  shippingAddress: address,
  billingAddress: address,
  customer: z
    .object({
      id: z.string(),
      firstName: text,
      lastName: text,
      defaultPhoneNumber: z.object({ phoneNumber: text }).nullish(),
      defaultEmailAddress: z.object({ emailAddress: text }).nullish(),
      defaultAddress: address,
    })
    .nullish(),
  transactions: z.array(z.object({ kind: z.string(), status: z.string(), processedAt: text })),
  lineItems: z.object({
    nodes: z.array(graphqlLineItem),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: text }),
  }),
});
export type GraphqlOrder = z.infer<typeof graphqlOrder>;

/**
 * Reads an order of Shopify's GraphQL by giving it the names of the webhooks, so that the same order is the same however
 * it came; only the buyer's browser GraphQL does not know. https://shopify.dev/docs/api/admin-graphql/latest/objects/Order
 */
export function readGraphqlOrder(node: GraphqlOrder): OrderReading {
  const { shopMoney } = node.totalPriceSet;
  const journey = node.customerJourneySummary;
  return readOrderBody({
    admin_graphql_api_id: node.id,
    name: node.name,
    created_at: node.createdAt,
    processed_at: node.processedAt,
    updated_at: node.updatedAt,
    cancelled_at: node.cancelledAt,
    financial_status: node.displayFinancialStatus?.toLowerCase(),
    test: node.test,
    source_name: node.sourceName,
    app_id: legacyId(node.app),
    payment_gateway_names: node.paymentGatewayNames,
    tags: node.tags,
    discount_codes: node.discountCodes?.map((code) => ({ code })),
    note_attributes: node.customAttributes?.map(({ key, value }) => ({ name: key, value })),
    landing_site: [journey?.lastVisit?.landingPage, journey?.firstVisit?.landingPage],
    checkout_token: node.checkoutToken,
    currency: shopMoney.currencyCode,
    total_price: shopMoney.amount,
    current_total_price: node.currentTotalPriceSet?.shopMoney.amount ?? null,
    total_outstanding: node.totalOutstandingSet?.shopMoney.amount ?? null,
    taxes_included: node.taxesIncluded,
    total_price_set: webhookMoney(node.totalPriceSet),
    subtotal_price_set: webhookMoney(node.subtotalPriceSet),
    total_shipping_price_set: webhookMoney(node.totalShippingPriceSet),
    total_tax_set: webhookMoney(node.totalTaxSet),
    shipping_lines: node.shippingLines?.nodes.map(({ discountedPriceSet, taxLines }) => ({
      discounted_price_set: webhookMoney(discountedPriceSet),
      tax_lines: taxLines.map(({ priceSet }) => ({ price_set: webhookMoney(priceSet) })),
    })),
    fulfillments: node.fulfillments?.map((shipment) => ({
      id: legacyId(shipment),
      status: shipment.status.toLowerCase(),
      shipment_status: shipment.displayStatus?.toLowerCase(),
      created_at: shipment.createdAt,
      updated_at: shipment.deliveredAt ?? shipment.updatedAt,
    })),
    refunds: node.refunds?.map(({ createdAt, refundLineItems }) => ({
      created_at: createdAt,
      refund_line_items: refundLineItems?.nodes.map((line) => ({
        restock_type: line.restockType.toLowerCase(),
      })),
    })),
    phone: node.phone,
    email: node.email,
    customer: webhookCustomer(node.customer),
    shipping_address: webhookAddress(node.shippingAddress),
    billing_address: webhookAddress(node.billingAddress),
    line_items: node.lineItems.nodes.map((line) => ({
      variant_id: legacyId(line.variant),
      product_id: legacyId(line.product),
      quantity: line.quantity,
      price: line.originalUnitPriceSet.shopMoney.amount,
    })),
  });
}

/** Whether Shopify counts an order of this payment status as paid, refunded ones included. */
export function isPaidStatus(status: string | null): boolean {
  return PAID_STATUSES.some((paid) => paid === status);
}

/**
 * When an order that is paid was paid: its latest successful sale or capture, which completed the payment. An order for
 * which no money moved, as one of a total of zero, was paid when it was placed. Null for one that is not paid.
 * https://shopify.dev/docs/api/admin-graphql/latest/objects/OrderTransaction
 */
export function paymentTimeOf(node: GraphqlOrder, order: Order): Date | null {
  if (!isPaidStatus(order.financialStatus)) return null;
  const times = node.transactions
    .filter(({ kind, status }) => status === 'SUCCESS' && (kind === 'SALE' || kind === 'CAPTURE'))
    .map(({ processedAt }) => Date.parse(processedAt ?? ''))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? order.placedAt : new Date(Math.max(...times));
}

function webhookMoney(set: z.infer<typeof moneySet>): unknown {
  const money = ({ amount: digits, currencyCode }: z.infer<typeof amount>) => ({
    amount: digits,
    currency_code: currencyCode,
  });
  return set && { shop_money: money(set.shopMoney), presentment_money: money(set.presentmentMoney) };
}

function webhookCustomer(customer: GraphqlOrder['customer']): unknown {
  return (
    customer && {
      admin_graphql_api_id: customer.id,
      first_name: customer.firstName,
      last_name: customer.lastName,
      phone: customer.defaultPhoneNumber?.phoneNumber,
      email: customer.defaultEmailAddress?.emailAddress,
      default_address: webhookAddress(customer.defaultAddress),
    }
  );
}

function webhookAddress(place: z.infer<typeof address>): unknown {
  return (
    place && {
      first_name: place.firstName,
      last_name: place.lastName,
      name: place.name,
      phone: place.phone,
      address1: place.address1,
      address2: place.address2,
      city: place.city,
      zip: place.zip,
      province: place.province,
      province_code: place.provinceCode,
      country_code: place.countryCodeV2,
    }
  );
}

function legacyId(owner: { id: string } | null | undefined): string | null {
  return /\d+$/.exec(owner?.id ?? '')?.[0] ?? null;
}
