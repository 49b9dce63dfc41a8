import type { ShopId } from '../../domain/ids.ts';
import { applyRerun, startRerun } from '../../pipeline/rerun.ts';
import type { Services } from '../../services.ts';
import { shopClock } from '../format.ts';
import { readPeriod } from './period.ts';
import type { PeriodProblems } from './period.ts';

/** What came of a form of the page. */
export type RerunOutcome =
  | { kind: 'started' }
  | { kind: 'invalid_period'; problems: PeriodProblems }
  | { kind: 'applying' }
  /** It was not compared to the end, or is applied already: the page shows which. */
  | { kind: 'not_compared' }
  | { kind: 'settings_changed' }
  | { kind: 'not_found' }
  | { kind: 'unknown_intent' };

type Shop = { id: number; timezone: string | null };

/** Carries out the one thing that a form of the page asks for. `by` is who asks, for the record. */
export async function actOnRerun(
  services: Services,
  shop: Shop,
  { form, by }: { form: FormData; by: string },
): Promise<RerunOutcome> {
  const shopId = shop.id as ShopId;
  switch (field(form, 'intent')) {
    case 'compare': {
      const asked = { days: field(form, 'days'), since: field(form, 'since'), until: field(form, 'until') };
      const read = readPeriod(asked, { now: services.clock(), zone: shopClock(shop.timezone).zone });
      if (read.kind === 'invalid_period') return read;
      await startRerun(services, { shop: shopId, ...read.period, by });
      return { kind: 'started' };
    }
    case 'apply': {
      const { kind } = await applyRerun(services, { shopId, id: field(form, 'id') });
      return { kind };
    }
    default:
      return { kind: 'unknown_intent' };
  }
}

function field(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
