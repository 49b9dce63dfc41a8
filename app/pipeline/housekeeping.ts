import { Prisma } from '../storage/database.ts';
import type { Job } from '../storage/jobs.ts';
import type { Pipeline } from './context.ts';
import { parkedSalesJob } from './parked-events.ts';
import { forgetSetAside } from './set-aside.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
// Meta repeats a webhook for up to 7 days, so a delivery must be remembered for longer than that.
const DELIVERIES_DAYS = 30;
const BEATS_DAYS = 1;
// Left behind by a process that died while it held one; it names a shop.
const LEASES_DAYS = 1;
// How long a person has to look into what could not be read or worked; it may hold a message's text.
const SET_ASIDE_DAYS = 30;
// Meta takes an event for 7 days, counted from the payment, and a sale in a store for 62.
const DRAFTS_DAYS = 8;
const STORE_DRAFTS_DAYS = 63;
// Longer than any checkout is told of; its webhooks are repeated for two days at most.
const CHECKOUTS_DAYS = 30;
// For so long a repeated request of a program is answered and not reported again.
const API_REQUESTS_DAYS = 30;
const CLEARED_ALERTS_DAYS = 90;
// Asked again for each order, so that a person's change of mind counts. A “no” is kept until it is taken back.
const CONSENTS_DAYS = 30;

/** What is done each night: the database is kept from growing, and sales whose name was refused are tried again. */
export function housekeeping(pipeline: Pipeline): Job[] {
  return [{ name: 'housekeeping', cron: '17 3 * * *', run: () => tidy(pipeline) }, parkedSalesJob(pipeline)];
}

/**
 * Deletes deliveries long done, beats of workers long gone, the bodies of what was set aside and never asked for, what an
 * event would say that Meta does not take any more, and what was only kept for a while: checkouts, requests of programs,
 * alerts that are over and what Shopify said of customers' consent, but for those who opted out.
 */
export async function tidy(pipeline: Pipeline): Promise<void> {
  const before = (days: number): Date => new Date(pipeline.clock().getTime() - days * DAY_MS);
  const { count } = await pipeline.db.delivery.deleteMany({
    where: { state: 'done', receivedAt: { lt: before(DELIVERIES_DAYS) } },
  });
  await pipeline.db.delivery.updateMany({
    where: { state: { in: ['flagged', 'dead'] }, receivedAt: { lt: before(SET_ASIDE_DAYS) } },
    data: { body: null },
  });
  await forgetSetAside(pipeline);
  const { db } = pipeline;
  // As `draftAgeMs` has it.
  await db.$executeRaw(Prisma.sql`
    UPDATE orders o SET draft = NULL FROM shops s
    WHERE s.id = o.shop_id AND o.draft IS NOT NULL AND COALESCE(o.paid_at, o.placed_at) < CASE
      WHEN o.provenance = 'point_of_sale' AND s.settings->>'channelPointOfSale' = 'physical_store'
        THEN ${before(STORE_DRAFTS_DAYS)}::timestamptz
      ELSE ${before(DRAFTS_DAYS)}::timestamptz END`);
  await db.checkout.deleteMany({ where: { changedAt: { lt: before(CHECKOUTS_DAYS) } } });
  await db.apiRequest.deleteMany({ where: { createdAt: { lt: before(API_REQUESTS_DAYS) } } });
  await db.alert.deleteMany({ where: { clearedAt: { lt: before(CLEARED_ALERTS_DAYS) } } });
  const isNoRefusal = [{ saleOptOut: false }, { saleOptOut: null }];
  await db.customerConsent.deleteMany({
    where: { askedAt: { lt: before(CONSENTS_DAYS) }, OR: isNoRefusal },
  });
  await pipeline.db.workerBeat.deleteMany({ where: { at: { lt: before(BEATS_DAYS) } } });
  await pipeline.db.lease.deleteMany({ where: { until: { lt: before(LEASES_DAYS) } } });
  pipeline.log.info({ deliveries: count }, 'housekeeping done');
}
