import { z } from 'zod';
import type { AdminAnswer, AdminClient } from './admin-client.ts';

/** How many nodes one question may name (https://shopify.dev/docs/api/usage/limits). */
export const MOST_CUSTOMERS = 250;

const SALE_OPT_OUTS = `#graphql
  query DataSaleOptOuts($ids: [ID!]!) {
    nodes(ids: $ids) { ... on Customer { id dataSaleOptOut } }
  }`;

const saleOptOuts = z.object({
  nodes: z.array(z.object({ id: z.string().optional(), dataSaleOptOut: z.boolean().optional() }).nullable()),
});

/**
 * Which of these customers, 250 at most, opted out of the sale of their data. One that Shopify does not know any more is
 * left out. Never throws.
 * https://shopify.dev/docs/api/admin-graphql/latest/objects/Customer#field-Customer.fields.dataSaleOptOut
 */
export async function readSaleOptOuts(
  client: AdminClient,
  gids: readonly string[],
): Promise<AdminAnswer<Map<string, boolean>>> {
  const answer = await client({ query: SALE_OPT_OUTS, variables: { ids: gids }, data: saleOptOuts });
  if (answer.kind !== 'answered') return answer;
  const said = answer.data.nodes.flatMap((node) =>
    node?.id === undefined || node.dataSaleOptOut === undefined
      ? []
      : [[node.id, node.dataSaleOptOut] as const],
  );
  return { kind: 'answered', data: new Map(said) };
}
