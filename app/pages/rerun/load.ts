import type { ShopId } from '../../domain/ids.ts';
import { readSettings } from '../../domain/settings.ts';
import type { Settings } from '../../domain/settings.ts';
import { findRerun, JUDGED_BY } from '../../pipeline/rerun.ts';
import type { Rerun } from '../../pipeline/rerun.ts';
import type { Services } from '../../services.ts';
import { formatCount, shopClock } from '../format.ts';
import { modelLabel } from '../order/credit.ts';
import { differenceInWords } from './difference.ts';
import type { Difference } from './difference.ts';
import { dateIn } from './period.ts';

export type RerunView = {
  id: string;
  state: Rerun['state'];
  /** "Nov 1, 2026 – Nov 20, 2026". */
  period: string;
  /** The rules that it compares with. */
  rules: string;
  startedAt: string;
  startedBy: string;
  lookedAt: string;
  /** How much of the period is compared, 0 to 100. */
  progress: number;
  /** Whether other rules hold now, so that it cannot be applied any more. */
  outdated: boolean;
  difference: Difference | null;
};
export type RerunPageData = { today: string; zoneName: string; rules: string; run: RerunView | null };
type Shop = { id: number; timezone: string | null; settings: unknown };

/** The latest comparison of past orders with today's rules, and what a new one would compare with. */
export async function loadRerun(services: Services, shop: Shop): Promise<RerunPageData> {
  const clock = shopClock(shop.timezone);
  const settings = readSettings(shop.settings);
  const rules = rulesInWords(settings);
  const run = await findRerun(services, shop.id as ShopId);
  return {
    today: dateIn(clock.zone, services.clock()),
    zoneName: clock.zoneName,
    rules,
    run: run && {
      id: run.id,
      state: run.state,
      period: periodInWords(run, clock.zone),
      rules: rulesInWords(run.settings),
      startedAt: clock.time(run.startedAt),
      startedBy: run.startedBy,
      lookedAt: formatCount(run.lookedAt),
      progress: run.state === 'comparing' ? await progress(services, run) : 100,
      outdated: JUDGED_BY.some((key) => run.settings[key] !== settings[key]),
      difference:
        run.state === 'comparing'
          ? null
          : differenceInWords(run.difference, { applied: run.state === 'applied' }),
    },
  };
}

async function progress({ db }: Services, { shopId, since, until, lookedAt }: Rerun): Promise<number> {
  const orders = await db.order.count({
    where: { shopId, placedAt: { gte: since, lt: until }, paidAt: { not: null } },
  });
  return orders === 0 ? 100 : Math.min(100, Math.round((lookedAt / orders) * 100));
}

function periodInWords({ since, until }: Rerun, zone: string): string {
  const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: zone });
  const [first, last] = [format.format(since), format.format(new Date(until.getTime() - 1))];
  return first === last ? first : `${first} – ${last}`;
}

function rulesInWords({ model, windowDays, phoneLimit }: Settings): string {
  const days = windowDays === 1 ? '1 day' : `${windowDays} days`;
  return `${modelLabel(model)}, ad clicks of the ${days} before the order, phone numbers on at most ${phoneLimit} ${phoneLimit === 1 ? 'customer’s' : 'customers’'} orders`;
}
