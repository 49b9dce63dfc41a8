import type { Job } from '../storage/jobs.ts';
import type { Pipeline } from './context.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
// Meta repeats a webhook for up to 7 days, so a delivery must be remembered for longer than that.
const DELIVERIES_DAYS = 30;
const BEATS_DAYS = 1;
// Left behind by a process that died while it held one; it names a shop.
const LEASES_DAYS = 1;
// How long a person has to look into what could not be read or worked; it may hold a message's text.
const SET_ASIDE_DAYS = 30;
// Meta takes an event for 7 days, counted from the payment.
const DRAFTS_DAYS = 8;

/** What keeps the database from growing with work long done. */
export function housekeeping(pipeline: Pipeline): Job[] {
  return [{ name: 'housekeeping', cron: '17 3 * * *', run: () => tidy(pipeline) }];
}

/**
 * Deletes deliveries long done, beats of workers long gone, the bodies of what was set aside and never asked for, and
 * what an event would say that Meta does not take any more.
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
  const isOver = { lt: before(DRAFTS_DAYS) };
  await pipeline.db.order.updateMany({
    where: { draft: { not: null }, OR: [{ paidAt: isOver }, { paidAt: null, placedAt: isOver }] },
    data: { draft: null },
  });
  await pipeline.db.workerBeat.deleteMany({ where: { at: { lt: before(BEATS_DAYS) } } });
  await pipeline.db.lease.deleteMany({ where: { until: { lt: before(LEASES_DAYS) } } });
  pipeline.log.info({ deliveries: count }, 'housekeeping done');
}
