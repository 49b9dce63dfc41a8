import { EnvironmentError, readEnvironment, type Environment } from '../environment.ts';
import { loadCoverage, type Coverage } from '../pages/coverage.ts';
import type { Pipeline } from '../pipeline/context.ts';
import { countPaidOrders } from '../platforms/shopify/admin.ts';
import { offlineGraphql } from '../platforms/shopify/app.ts';
import { createServices } from '../services.ts';
import { readFlags, requireShop, shopDomain, table, UsageError, type Command } from './command.ts';

export const coverage: Command = {
  usage: 'coverage --shop DOMAIN [--since DATE]',
  purpose: "counts paid orders per state and reason, and says whether they add up to the shop's paid orders",
  prepare(args) {
    const flags = readFlags(args, ['shop'], ['since']);
    const domain = shopDomain(flags.shop);
    const given = flags.since === null ? null : readDate(flags.since);
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      // Before its first order a shop has nothing to be covered, so that is where counting starts.
      const since = given ?? (await firstOrder(pipeline, shop.id)) ?? shop.installedAt;
      const report = await loadCoverage(
        pipeline,
        shop.id,
        since,
        await shopifyCount(pipeline, domain, since),
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

async function firstOrder(pipeline: Pipeline, shopId: number): Promise<Date | null> {
  const { _min } = await pipeline.db.order.aggregate({ where: { shopId }, _min: { placedAt: true } });
  return _min.placedAt;
}

/** Shopify's own count; null without Shopify's variables or without a session of the shop. */
async function shopifyCount(pipeline: Pipeline, domain: string, since: Date): Promise<number | null> {
  const environment = shopifyEnvironment();
  if (environment === null) return null;
  const graphql = await offlineGraphql(createServices(pipeline, environment).shopify, domain);
  return graphql === null ? null : countPaidOrders(graphql, since);
}

function shopifyEnvironment(): Environment | null {
  try {
    return readEnvironment(process.env);
  } catch (error) {
    if (error instanceof EnvironmentError) return null;
    throw error;
  }
}

function words(report: Coverage): string {
  const by = report.counted_by === 'shopify' ? 'Shopify' : 'their payment status';
  const verdict = report.complete
    ? `${report.total} paid orders, each in one state, as many as ${by} counts`
    : `${report.total} paid orders have a state, ${by} counts ${report.paid_orders}`;
  return `${table(report.counts, 'no paid orders')}\n${verdict}`;
}
