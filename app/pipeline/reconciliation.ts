import type { Shop } from '../../prisma/generated/client.ts';
import { Prisma } from '../storage/database.ts';
import type { Job } from '../storage/jobs.ts';
import type { OpenAdmin } from './admin-access.ts';
import type { Pipeline } from './context.ts';
import { reconcileShop } from './reconcile.ts';

const SIDE_BY_SIDE = 4;
// Under the quarter of an hour after which the next run begins; what is left goes on there.
const RUN_MS = 12 * 60_000;

/** The scheduled comparison of every shop's orders with Shopify's own list. */
export function reconciliation(pipeline: Pipeline, openAdmin: OpenAdmin, stopping: AbortSignal): Job {
  return {
    name: 'reconcile',
    cron: '*/15 * * * *',
    run: () => reconcileAll(pipeline, openAdmin, stopping),
  };
}

/**
 * Reconciles every installed shop, those first that have waited longest. A shop that fails or waits for Shopify holds up
 * nobody but a fourth of the others.
 */
export async function reconcileAll(
  pipeline: Pipeline,
  openAdmin: OpenAdmin,
  stopping: AbortSignal,
): Promise<void> {
  const end = pipeline.clock().getTime() + RUN_MS;
  const isOver = (): boolean => stopping.aborted || pipeline.clock().getTime() >= end;
  const shops = await installedShops(pipeline);
  const next = async (): Promise<void> => {
    for (let shop = shops.shift(); shop !== undefined && !isOver(); shop = shops.shift()) {
      await reconcileOne(pipeline, openAdmin, shop, isOver);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, next));
}

async function reconcileOne(
  pipeline: Pipeline,
  openAdmin: OpenAdmin,
  shop: Shop,
  isOver: () => boolean,
): Promise<void> {
  const { log } = pipeline;
  try {
    const run = await reconcileShop(pipeline, openAdmin, shop, isOver);
    switch (run.kind) {
      case 'skipped':
        return log.info({ shop: shop.domain, problem: run.problem }, 'shop not reconciled');
      case 'stopped':
        return log.warn({ shop: shop.domain, ...run }, 'reconciling a shop was stopped');
      case 'done':
        if (run.healed > 0) log.info({ shop: shop.domain, ...run }, 'orders healed');
    }
  } catch (error) {
    log.error({ err: error, shop: shop.domain }, 'reconciling a shop failed');
  }
}

function installedShops({ db }: Pipeline): Promise<Shop[]> {
  return db.$queryRaw<Shop[]>(Prisma.sql`
    SELECT s.id, s.domain, s.gid, s.name, s.currency, s.country, s.timezone, s.plan, s.settings,
      s.installed_at AS "installedAt", s.uninstalled_at AS "uninstalledAt"
    FROM shops s
    JOIN sessions t ON t.id = 'offline_' || s.domain
    LEFT JOIN reconciliations r ON r.shop_id = s.id
    WHERE s.uninstalled_at IS NULL ORDER BY r.ran_at NULLS FIRST, s.id`);
}
