import { explain, explainState } from '../../domain/explain.ts';
import { ORDER_STATES } from '../../domain/reason.ts';
import type { OrderState, Reason, Tone } from '../../domain/reason.ts';
import { formatCount, formatShare, formatSums } from '../format.ts';

/** Paid orders that share a state, a reason, a currency and whether an ad click is credited; a test order never counts as that. */
export type OrderGroup = {
  state: OrderState;
  reason: Reason | null;
  currency: string;
  tied: boolean;
  orders: number;
  /** What was paid, in major units. */
  revenue: number;
};

export type KeyFigures = { paid: string; tied: string; revenue: string; share: string | null };

/** One part of the picture of all paid orders. */
export type Segment = { state: OrderState; label: string; count: number; countText: string; share: string };

/** Something that waits for the merchant: how many orders, what happened to them, what to do. */
export type Attention = {
  state: OrderState;
  reason: Reason | null;
  title: string;
  sentence: string;
  fix: string | null;
  tone: Tone;
};

/** The four figures over the groups; share is null when nothing was paid. */
export function keyFigures(groups: readonly OrderGroup[], shopCurrency: string | null): KeyFigures {
  const tied = groups.filter((group) => group.tied);
  const revenue = new Map<string, number>();
  for (const group of tied) revenue.set(group.currency, (revenue.get(group.currency) ?? 0) + group.revenue);
  const [paidCount, tiedCount] = [sumOrders(groups), sumOrders(tied)];
  return {
    paid: formatCount(paidCount),
    tied: formatCount(tiedCount),
    revenue: formatSums(revenue, shopCurrency),
    share: formatShare(tiedCount, paidCount),
  };
}

/** The picture's parts in the order of the closed list; together they are all orders of the groups. */
export function segments(groups: readonly OrderGroup[]): Segment[] {
  const total = sumOrders(groups);
  return ORDER_STATES.flatMap((state) => {
    const count = sumOrders(groups.filter((group) => group.state === state));
    const share = formatShare(count, total);
    if (count === 0 || share === null) return [];
    return [{ state, label: explainState(state).label, count, countText: formatCount(count), share }];
  });
}

/** What to tell the merchant about events that Meta refused or whose outcome is not known, one entry per reason. */
export function attention(groups: readonly OrderGroup[]): Attention[] {
  const waiting = groups.filter((group) => group.state === 'refused' || group.state === 'unknown');
  const byReason = Map.groupBy(waiting, (group) => `${group.state}:${group.reason}`);
  return [...byReason.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { state, reason } = first;
    const count = sumOrders(same);
    const title = `${explainState(state).label}: ${formatCount(count)} ${count === 1 ? 'order' : 'orders'}`;
    const words = reason === null ? { ...explainState(state), fix: null } : explain(reason);
    return [{ state, reason, title, sentence: words.sentence, fix: words.fix, tone: words.tone }];
  });
}

function sumOrders(groups: readonly OrderGroup[]): number {
  return groups.reduce((sum, group) => sum + group.orders, 0);
}
