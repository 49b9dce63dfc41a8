import { z } from 'zod';
import { PAID_STATUSES } from '../../domain/order.ts';
import type { AdminAnswer, AdminClient } from './admin-client.ts';

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

const shopInfo = z.object({
  shop: z.object({
    id: z.string(),
    name: z.string(),
    currencyCode: z.string(),
    ianaTimezone: z.string(),
    shopAddress: z.object({ countryCodeV2: z.string().nullish() }).nullish(),
    plan: z.object({ publicDisplayName: z.string() }).nullish(),
  }),
});

/** What Shopify says of the shop; null when it cannot say now. Never throws. */
export async function readShopInfo(client: AdminClient): Promise<ShopInfo | null> {
  const answer = await client({ query: SHOP_INFO, variables: {}, data: shopInfo });
  if (answer.kind !== 'answered') return null;
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

const ordersCount = z.object({ ordersCount: z.object({ count: z.number(), precision: z.string() }) });

/** How many orders placed since `since` Shopify counts as paid, refunded ones included. Never throws. */
export async function countPaidOrders(client: AdminClient, since: Date): Promise<AdminAnswer<number>> {
  const paid = PAID_STATUSES.map((status) => `financial_status:${status}`).join(' OR ');
  const query = `processed_at:>='${since.toISOString()}' AND (${paid})`;
  const answer = await client({ query: ORDERS_COUNT, variables: { query }, data: ordersCount });
  if (answer.kind !== 'answered') return answer;
  const { count, precision } = answer.data.ordersCount;
  return precision === 'EXACT'
    ? { kind: 'answered', data: count }
    : { kind: 'refused', problem: 'Shopify does not count this many orders' };
}
