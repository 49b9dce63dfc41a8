import { EnvironmentError, readShopifyCredentials } from '../environment.ts';
import { createOpenAdmin } from '../pipeline/admin-access.ts';
import { reconcileShop, type Reconciliation } from '../pipeline/reconcile.ts';
import { readFlags, requireShop, shopDomain, type Command, type Result } from './command.ts';

export const reconcile: Command = {
  usage: 'reconcile --shop DOMAIN',
  purpose: "compares the shop's orders with Shopify's list and makes good what webhooks did not bring",
  prepare(args) {
    const domain = shopDomain(readFlags(args, ['shop']).shop);
    return async (pipeline) => {
      const credentials = readShopifyCredentials(process.env);
      if (credentials === null)
        throw new EnvironmentError('SHOPIFY_API_KEY and SHOPIFY_API_SECRET are required to ask Shopify');
      const shop = await requireShop(pipeline, domain);
      return asResult(await reconcileShop(pipeline, createOpenAdmin(pipeline, credentials), shop));
    };
  },
};

function asResult(run: Reconciliation): Result {
  if (run.kind === 'skipped') throw new Error(`not reconciled: ${run.problem}`);
  const json = {
    looked_at: run.lookedAt,
    healed: run.healed,
    cursor: run.cursor.toISOString(),
    stopped: run.kind === 'stopped' ? run.problem : null,
  };
  const done = `${run.lookedAt} orders looked at, ${run.healed} healed, compared until ${json.cursor}`;
  if (run.kind === 'done') return { json, text: done };
  return { json, text: `${done}\nstopped: ${run.problem}; the next run goes on from there`, failed: true };
}
