import type { ConnectionId, ReferralId } from './ids.ts';

export type Click = {
  referralId: ReferralId;
  clickedAt: Date;
  sourceId: string | null;
  isAd: boolean;
  hasClickId: boolean;
  connectionId: ConnectionId;
};
/** How the credit for an order is given to the ad clicks before it. */
export const MODELS = ['last_click', 'first_click', 'linear'] as const;
export type Model = (typeof MODELS)[number];
/** A part of an order's credit; the shares of one order sum to 1. */
export type Share = { click: Click; share: number };
export type Credit =
  | {
      kind: 'credited';
      model: Model;
      windowDays: number;
      /** The one that is told to Meta and shown first. */
      click: Click;
      /** Earliest click first. */
      credits: Share[];
    }
  | { kind: 'no_credit'; reason: 'no_ad_click' | 'click_outside_window' | 'click_after_order' };

type CreditInput = { placedAt: Date; clicks: readonly Click[]; windowDays: number; model: Model };

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Gives the order to the ad clicks at or before the moment of checkout and at most `windowDays` × 24 hours old: to the
 * last, to the first, or to all of them alike. The order of `clicks` does not matter.
 */
export function creditClicks(input: CreditInput): Credit {
  const { placedAt, windowDays, model } = input;
  const ads = input.clicks.filter((click) => click.isAd);
  if (ads.length === 0) return { kind: 'no_credit', reason: 'no_ad_click' };

  const before = ads.filter((click) => click.clickedAt <= placedAt);
  if (before.length === 0) return { kind: 'no_credit', reason: 'click_after_order' };

  const opens = placedAt.getTime() - windowDays * DAY_MS;
  const inWindow = before.filter((click) => click.clickedAt.getTime() >= opens);
  const credits = sharesOf(inWindow, model);
  const last = credits.at(-1)?.click;
  if (last === undefined) return { kind: 'no_credit', reason: 'click_outside_window' };

  // Of several only one can be told to Meta, and none without a click id.
  const click = credits.findLast((credit) => credit.click.hasClickId)?.click ?? last;
  return { kind: 'credited', model, windowDays, click, credits };
}

/** The credit under each model, to be seen side by side. */
export function creditEachWay(input: Omit<CreditInput, 'model'>): Record<Model, Credit> {
  return {
    last_click: creditClicks({ ...input, model: 'last_click' }),
    first_click: creditClicks({ ...input, model: 'first_click' }),
    linear: creditClicks({ ...input, model: 'linear' }),
  };
}

function sharesOf(clicks: readonly Click[], model: Model): Share[] {
  switch (model) {
    case 'last_click':
      return clicks.toSorted(byTime).slice(-1).map(whole);
    case 'first_click':
      return clicks.toSorted(byTimeFromFirst).slice(0, 1).map(whole);
    case 'linear':
      return equalShares(clicks.toSorted(byTime));
  }
}

function whole(click: Click): Share {
  return { click, share: 1 };
}

// Sums of fractions are rounded. The last share is what the others leave, so that adding them up gives 1 exactly.
function equalShares(clicks: readonly Click[]): Share[] {
  const each = 1 / clicks.length;
  let given = 0;
  return clicks.map((click, index) => {
    const share = index === clicks.length - 1 ? 1 - given : each;
    given += share;
    return { click, share };
  });
}

// WhatsApp's timestamps are whole seconds, so two clicks can share one; the reportable one is worth more.
function byTime(a: Click, b: Click): number {
  return a.clickedAt.getTime() - b.clickedAt.getTime() || byWorth(b, a);
}

function byTimeFromFirst(a: Click, b: Click): number {
  return a.clickedAt.getTime() - b.clickedAt.getTime() || byWorth(a, b);
}

function byWorth(a: Click, b: Click): number {
  return Number(b.hasClickId) - Number(a.hasClickId) || (a.referralId < b.referralId ? -1 : 1);
}
