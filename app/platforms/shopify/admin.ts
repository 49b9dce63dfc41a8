import { z } from 'zod';

/** Shopify's Admin GraphQL client for one shop, as shopify-app-remix hands it out. */
export type AdminGraphql = (
  query: string,
  options?: { variables?: Record<string, unknown> },
) => Promise<Response>;

export type ShopInfo = {
  gid: string;
  name: string;
  currency: string;
  country: string | null;
  timezone: string;
  plan: string | null;
};

const SHOP_INFO = `#graphql
  query ShopInfo {
    shop {
      id
      name
      currencyCode
      ianaTimezone
      shopAddress { countryCodeV2 }
      plan { publicDisplayName }
    }
  }`;

const shopInfoSchema = z.object({
  data: z.object({
    shop: z.object({
      id: z.string(),
      name: z.string(),
      currencyCode: z.string(),
      ianaTimezone: z.string(),
      shopAddress: z.object({ countryCodeV2: z.string().nullish() }).nullish(),
      plan: z.object({ publicDisplayName: z.string() }).nullish(),
    }),
  }),
});

/** What Shopify says of the shop; null when it cannot say now. Never throws. */
export async function readShopInfo(graphql: AdminGraphql): Promise<ShopInfo | null> {
  const answer = await ask(graphql, SHOP_INFO, {}, shopInfoSchema);
  if (answer === null) return null;
  const { shop } = answer.data;
  return {
    gid: shop.id,
    name: shop.name,
    currency: shop.currencyCode,
    country: shop.shopAddress?.countryCodeV2 ?? null,
    timezone: shop.ianaTimezone,
    plan: shop.plan?.publicDisplayName ?? null,
  };
}

const ORDERS_COUNT = `#graphql
  query PaidOrdersCount($query: String!) {
    ordersCount(query: $query, limit: null) { count precision }
  }`;

const countSchema = z.object({
  data: z.object({ ordersCount: z.object({ count: z.number(), precision: z.string() }) }),
});

/**
 * How many orders placed since `since` Shopify counts as paid, refunded ones included; null when it cannot say now.
 * Never throws.
 */
export async function countPaidOrders(graphql: AdminGraphql, since: Date): Promise<number | null> {
  const paid = ['paid', 'partially_refunded', 'refunded']
    .map((status) => `financial_status:${status}`)
    .join(' OR ');
  const query = `processed_at:>='${since.toISOString()}' AND (${paid})`;
  const answer = await ask(graphql, ORDERS_COUNT, { query }, countSchema);
  if (answer === null || answer.data.ordersCount.precision !== 'EXACT') return null;
  return answer.data.ordersCount.count;
}

async function ask<T>(
  graphql: AdminGraphql,
  query: string,
  variables: Record<string, unknown>,
  schema: z.ZodType<T>,
): Promise<T | null> {
  try {
    const response = await graphql(query, { variables });
    const answer = schema.safeParse(await response.json());
    return answer.success ? answer.data : null;
  } catch {
    // The client throws on GraphQL errors, network failures and throttling alike; the callers can do without an answer.
    return null;
  }
}
