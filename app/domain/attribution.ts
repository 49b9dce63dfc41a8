import type { ConnectionId, ReferralId } from './ids.ts';

export type Click = {
  referralId: ReferralId;
  clickedAt: Date;
  sourceId: string | null;
  isAd: boolean;
  hasClickId: boolean;
  connectionId: ConnectionId;
};
export type Credit =
  | { kind: 'credited'; click: Click; model: 'last_click'; windowDays: number }
  | { kind: 'no_credit'; reason: 'no_ad_click' | 'click_outside_window' | 'click_after_order' };

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Gives the order to the last ad click at or before the moment of checkout and at most `windowDays` × 24 hours old.
 * The order of `clicks` does not matter.
 */
export function creditClick(input: { placedAt: Date; clicks: readonly Click[]; windowDays: number }): Credit {
  const { placedAt, windowDays } = input;
  const ads = input.clicks.filter((click) => click.isAd);
  if (ads.length === 0) return { kind: 'no_credit', reason: 'no_ad_click' };

  const before = ads.filter((click) => click.clickedAt <= placedAt);
  if (before.length === 0) return { kind: 'no_credit', reason: 'click_after_order' };

  const opens = placedAt.getTime() - windowDays * DAY_MS;
  const [last] = before.filter((click) => click.clickedAt.getTime() >= opens).sort(byRecency);
  if (last === undefined) return { kind: 'no_credit', reason: 'click_outside_window' };

  return { kind: 'credited', click: last, model: 'last_click', windowDays };
}

// WhatsApp's timestamps are whole seconds, so two clicks can share one; the reportable one is worth more.
function byRecency(a: Click, b: Click): number {
  return (
    b.clickedAt.getTime() - a.clickedAt.getTime() ||
    Number(b.hasClickId) - Number(a.hasClickId) ||
    (a.referralId < b.referralId ? -1 : 1)
  );
}
