import { z } from 'zod';
import {
  graphqlLineItem,
  graphqlOrder,
  graphqlRefundLines,
  type GraphqlLineItem,
  type GraphqlOrder,
  type GraphqlRefundLine,
} from '../../domain/graphql-order.ts';
import type { AdminAnswer, AdminClient } from './admin-client.ts';

// A question may cost 1,000 points at most: an object is one point, a connection its page size times what it holds
// (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits). So the list is read thin, and whole orders
// only a few at a time, with so many of their lines.
export const PAGE = 50;
export const WHOLE_ORDERS = 5;
const LINES = 9;
const MORE_LINES = 150;
const MORE_REFUNDED = 250;

export type ListedOrder = { gid: string; updatedAt: Date; status: string | null };
export type OrderPage = { orders: ListedOrder[]; next: string | null };

const time = z
  .string()
  .transform((text) => new Date(text))
  .refine((at) => !Number.isNaN(at.getTime()));
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() });

const ORDERS_UPDATED = `#graphql
  query OrdersUpdatedSince($query: String!, $first: Int!, $after: String) {
    orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
      nodes { id updatedAt displayFinancialStatus }
      pageInfo { hasNextPage endCursor }
    }
  }`;

const ordersPage = z.object({
  orders: z.object({
    nodes: z.array(
      z.object({ id: z.string(), updatedAt: time, displayFinancialStatus: z.string().nullish() }),
    ),
    pageInfo,
  }),
});

/** One page of the orders that changed since, the earliest change first. Never throws. */
export async function listOrders(
  client: AdminClient,
  { since, after }: { since: Date; after: string | null },
): Promise<AdminAnswer<OrderPage>> {
  // Shopify's times are whole seconds.
  const from = since.toISOString().replace(/\.\d+/, '');
  const variables = { query: `updated_at:>='${from}'`, first: PAGE, after };
  const answer = await client({ query: ORDERS_UPDATED, variables, data: ordersPage });
  if (answer.kind !== 'answered') return answer;
  const { nodes, pageInfo: page } = answer.data.orders;
  const orders = nodes.map(({ id, updatedAt, displayFinancialStatus }) => ({
    gid: id,
    updatedAt,
    status: displayFinancialStatus?.toLowerCase() ?? null,
  }));
  return { kind: 'answered', data: { orders, next: page.hasNextPage ? (page.endCursor ?? null) : null } };
}

const LINE = `quantity originalUnitPriceSet { shopMoney { amount currencyCode } } variant { id } product { id }`;
const PLACE = `firstName lastName name phone address1 address2 city zip province provinceCode countryCodeV2`;
const MONEY = `{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }`;

const REFUNDED = `{ nodes { restockType } pageInfo { hasNextPage endCursor } }`;

const WHOLE = `#graphql
  query WholeOrders($ids: [ID!]!, $lines: Int!) {
    nodes(ids: $ids) {
      ... on Order {
        id name createdAt processedAt updatedAt cancelledAt displayFinancialStatus test sourceName phone email
        app { id } paymentGatewayNames tags discountCodes checkoutToken customAttributes { key value }
        customerJourneySummary { lastVisit { landingPage } firstVisit { landingPage } }
        currentTotalPriceSet { shopMoney { amount currencyCode } }
        totalOutstandingSet { shopMoney { amount currencyCode } }
        taxesIncluded totalPriceSet ${MONEY} subtotalPriceSet ${MONEY} totalShippingPriceSet ${MONEY} totalTaxSet ${MONEY}
        shippingLines(first: 3) { nodes { discountedPriceSet ${MONEY} taxLines { priceSet ${MONEY} } } }
        fulfillments(first: 10) { id status displayStatus createdAt updatedAt deliveredAt }
        refunds(first: 6) { id createdAt refundLineItems(first: 2) ${REFUNDED} }
        shippingAddress { ${PLACE} }
        billingAddress { ${PLACE} }
        customer {
          id firstName lastName
          defaultPhoneNumber { phoneNumber }
          defaultEmailAddress { emailAddress }
          defaultAddress { ${PLACE} }
        }
        transactions(first: 50) { kind status processedAt }
        lineItems(first: $lines) { nodes { ${LINE} } pageInfo { hasNextPage endCursor } }
      }
    }
  }`;

const wholeOrders = z.object({ nodes: z.array(graphqlOrder.nullable()) });

/** These orders with all that a decision needs, at most `WHOLE_ORDERS`; one deleted meanwhile is left out. Never throws. */
export async function readOrders(
  client: AdminClient,
  gids: readonly string[],
): Promise<AdminAnswer<GraphqlOrder[]>> {
  const answer = await client({ query: WHOLE, variables: { ids: gids, lines: LINES }, data: wholeOrders });
  if (answer.kind !== 'answered') return answer;
  const orders = answer.data.nodes.filter((node) => node !== null);
  for (const order of orders) {
    for (const { id, refundLineItems: lines } of order.refunds ?? []) {
      // One line that was sent back says all.
      if (!lines?.pageInfo.hasNextPage || lines.nodes.some(isReturned)) continue;
      const rest = await readRefund(client, id, lines.pageInfo.endCursor ?? null);
      if (rest.kind !== 'answered') return rest;
      lines.nodes = [...lines.nodes, ...rest.data];
    }
    const { nodes, pageInfo: page } = order.lineItems;
    if (!page.hasNextPage) continue;
    const rest = await readLines(client, order.id, page.endCursor ?? null);
    if (rest.kind !== 'answered') return rest;
    order.lineItems.nodes = [...nodes, ...rest.data];
  }
  return { kind: 'answered', data: orders };
}

const LINES_AFTER = `#graphql
  query OrderLines($id: ID!, $first: Int!, $after: String) {
    order(id: $id) {
      lineItems(first: $first, after: $after) { nodes { ${LINE} } pageInfo { hasNextPage endCursor } }
    }
  }`;

const orderLines = z.object({
  order: z.object({ lineItems: z.object({ nodes: z.array(graphqlLineItem), pageInfo }) }).nullable(),
});

async function readLines(
  client: AdminClient,
  id: string,
  after: string | null,
): Promise<AdminAnswer<GraphqlLineItem[]>> {
  const lines: GraphqlLineItem[] = [];
  for (let cursor = after; cursor !== null;) {
    const variables = { id, first: MORE_LINES, after: cursor };
    const answer = await client({ query: LINES_AFTER, variables, data: orderLines });
    if (answer.kind !== 'answered') return answer;
    const page = answer.data.order?.lineItems;
    if (!page) break;
    lines.push(...page.nodes);
    cursor = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null;
  }
  return { kind: 'answered', data: lines };
}

const isReturned = ({ restockType }: GraphqlRefundLine): boolean => restockType === 'RETURN';

const REFUND_LINES_AFTER = `#graphql
  query RefundLines($id: ID!, $first: Int!, $after: String) {
    refund(id: $id) { refundLineItems(first: $first, after: $after) ${REFUNDED} }
  }`;

const refundLines = z.object({ refund: z.object({ refundLineItems: graphqlRefundLines }).nullable() });

/** The rest of a refund's lines, as far as the first that was sent back. */
async function readRefund(
  client: AdminClient,
  id: string,
  after: string | null,
): Promise<AdminAnswer<GraphqlRefundLine[]>> {
  const lines: GraphqlRefundLine[] = [];
  for (let cursor = after; cursor !== null;) {
    const variables = { id, first: MORE_REFUNDED, after: cursor };
    const answer = await client({ query: REFUND_LINES_AFTER, variables, data: refundLines });
    if (answer.kind !== 'answered') return answer;
    const page = answer.data.refund?.refundLineItems;
    if (!page) break;
    lines.push(...page.nodes);
    if (page.nodes.some(isReturned)) break;
    cursor = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null;
  }
  return { kind: 'answered', data: lines };
}
