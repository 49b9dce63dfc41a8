import { z } from 'zod';
import type { AdminAnswer, AdminClient } from './admin-client.ts';

/** What shopify.app.toml asks a merchant for; a test compares the two. */
export const SHOPIFY_SCOPES = [
  'read_customers',
  'read_fulfillments',
  'read_orders',
  'write_app_proxy',
] as const;

const ACCESS_SCOPES = `#graphql
  query GrantedScopes {
    currentAppInstallation { accessScopes { handle } }
  }`;

const accessScopes = z.object({
  currentAppInstallation: z.object({ accessScopes: z.array(z.object({ handle: z.string() })) }),
});

/** The scopes that the merchant granted. Never throws. */
export async function readGrantedScopes(client: AdminClient): Promise<AdminAnswer<string[]>> {
  const answer = await client({ query: ACCESS_SCOPES, variables: {}, data: accessScopes });
  if (answer.kind !== 'answered') return answer;
  const { accessScopes: granted } = answer.data.currentAppInstallation;
  return { kind: 'answered', data: granted.map(({ handle }) => handle) };
}

const LATEST_ORDER = `#graphql
  query CustomerOfLatestOrder {
    orders(first: 1, sortKey: UPDATED_AT, reverse: true) {
      nodes { id phone customer { id defaultPhoneNumber { phoneNumber } } }
    }
  }`;

const latestOrder = z.object({ orders: z.object({ nodes: z.array(z.object({ id: z.string() })) }) });

/**
 * Whether Shopify gives the fields that are protected customer data: it answers with an error for what an app is not
 * approved for, so the answer is `refused` with Shopify's words
 * (https://shopify.dev/docs/apps/launch/protected-customer-data). The values themselves are not kept.
 */
export async function readCustomerAccess(client: AdminClient): Promise<AdminAnswer<'shown' | 'no_orders'>> {
  const answer = await client({ query: LATEST_ORDER, variables: {}, data: latestOrder });
  if (answer.kind !== 'answered') return answer;
  return { kind: 'answered', data: answer.data.orders.nodes.length > 0 ? 'shown' : 'no_orders' };
}
