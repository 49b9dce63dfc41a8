import { creditEachWay, MODELS } from '../../domain/attribution.ts';
import type { Click, Model } from '../../domain/attribution.ts';
import { formatMoney, formatShare } from '../format.ts';
import type { ShopClock } from '../format.ts';

/** An ad click with what people know it by. */
export type NamedClick = Click & { headline: string | null };
type Part = { model: Model; /** 0 to 1. */ share: number; percent: string; money: string };
/** What each model gives to one ad click; a model that gives it nothing has no part. */
export type CreditRow = { ad: string; adId: string | null; clickedAt: string; parts: Part[] };
export type CreditPicture = {
  models: { model: Model; label: string; own: boolean }[];
  windowDays: number;
  rows: CreditRow[];
};

const LABELS: Readonly<Record<Model, string>> = {
  last_click: 'Last click',
  first_click: 'First click',
  linear: 'Linear',
};

/** The name of a model, as merchants know it from their ads. */
export function modelLabel(model: Model): string {
  return LABELS[model];
}

/** The rule by which an order's credit was given, in words. */
export function ruleInWords(model: string | null, windowDays: number | null): string | null {
  const known = MODELS.find((one) => one === model);
  if (known === undefined || windowDays === null) return null;
  const age = `at most ${windowDays === 1 ? '1 day' : `${windowDays} days`} old`;
  switch (known) {
    case 'last_click':
      return `The last ad click before the order, ${age}`;
    case 'first_click':
      return `The first ad click before the order, ${age}`;
    case 'linear':
      return `All ad clicks before the order share the credit equally, ${age}; Meta is told of the last one`;
  }
}

/** The order's money under all three models, click by click in the order of time; null when no click earns any. */
export function creditPicture(input: {
  order: { placedAt: Date; net: number; currency: string };
  clicks: readonly NamedClick[];
  windowDays: number;
  /** The model by which the order was decided. */
  own: string;
  clock: ShopClock;
}): CreditPicture | null {
  const { order, clicks, windowDays, own, clock } = input;
  const credits = creditEachWay({ placedAt: order.placedAt, clicks, windowDays });
  const partsOf = (click: NamedClick): Part[] =>
    MODELS.flatMap((model) => {
      const credit = credits[model];
      const given = credit.kind === 'credited' ? credit.credits : [];
      const share = given.find((one) => one.click.referralId === click.referralId)?.share ?? 0;
      if (share === 0) return [];
      const percent = formatShare(share, 1) ?? '';
      return [{ model, share, percent, money: formatMoney(order.net * share, order.currency) }];
    });
  const rows = clicks
    .toSorted((a, b) => a.clickedAt.getTime() - b.clickedAt.getTime())
    .map((click) => ({
      ad: click.headline ?? click.sourceId ?? 'Ad without a name',
      adId: click.sourceId,
      clickedAt: clock.time(click.clickedAt),
      parts: partsOf(click),
    }))
    .filter(({ parts }) => parts.length > 0);
  if (rows.length === 0) return null;
  const models = MODELS.map((model) => ({ model, label: LABELS[model], own: model === own }));
  return { models, windowDays, rows };
}
