import type { Shop } from '../../prisma/generated/client.ts';
import { readShopifyCredentials } from '../environment.ts';
import { loadCoverage, type Coverage } from '../pages/coverage.ts';
import { createOpenAdmin } from '../pipeline/admin-access.ts';
import type { Pipeline } from '../pipeline/context.ts';
import { reconciledSince } from '../pipeline/reconcile.ts';
import { countPaidOrders } from '../platforms/shopify/admin.ts';
import type { AdminClient } from '../platforms/shopify/admin-client.ts';
import { readFlags, requireShop, shopDomain, table, UsageError, type Command } from './command.ts';

// A person waits: a few seconds of throttling are waited for, an outage of Shopify is not.
const COUNT_TRIES = 3;

export const coverage: Command = {
  usage: 'coverage --shop DOMAIN [--since DATE]',
  purpose: "counts paid orders per state and reason, and says whether they add up to the shop's paid orders",
  prepare(args) {
    const flags = readFlags(args, ['shop'], ['since']);
    const domain = shopDomain(flags.shop);
    const given = flags.since === null ? null : readDate(flags.since);
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const client = await shopifyClient(pipeline, domain);
      const since = given ?? (await coverageStart(pipeline, shop, client !== null));
      const count = client === null ? null : await countPaidOrders(client, since);
      const report = await loadCoverage(
        pipeline,
        shop.id,
        since,
        count?.kind === 'answered' ? count.data : null,
      );
      return { json: report, text: words(report) };
    };
  },
};

function readDate(given: string): Date {
  const date = new Date(given);
  if (Number.isNaN(date.getTime()))
    throw new UsageError(`--since must be a date like 2026-11-20, not ${given}`);
  return date;
}

/**
 * Where counting starts. Shopify's list is compared from the day that reconcile began with; before a first order of
 * ours, nothing can be said without it.
 */
async function coverageStart(pipeline: Pipeline, shop: Shop, byShopify: boolean): Promise<Date> {
  if (byShopify) return reconciledSince(pipeline, shop);
  const { _min } = await pipeline.db.order.aggregate({
    where: { shopId: shop.id },
    _min: { placedAt: true },
  });
  return _min.placedAt ?? shop.installedAt;
}

/** Null without Shopify's variables or without a session of the shop. */
async function shopifyClient(pipeline: Pipeline, domain: string): Promise<AdminClient | null> {
  const credentials = readShopifyCredentials(process.env);
  if (credentials === null) return null;
  const access = await createOpenAdmin(pipeline, { ...credentials, tries: COUNT_TRIES })(domain);
  return access.kind === 'open' ? access.client : null;
}

function words(report: Coverage): string {
  const by = report.counted_by === 'shopify' ? 'Shopify' : 'their payment status';
  const verdict = report.complete
    ? `${report.total} paid orders, each in one state, as many as ${by} counts`
    : `${report.total} paid orders have a state, ${by} counts ${report.paid_orders}`;
  return `${table(report.counts, 'no paid orders')}\n${verdict}`;
}
