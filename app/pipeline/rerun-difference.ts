import { z } from 'zod';
import type { ContactId } from '../domain/ids.ts';
import type { Decision } from '../domain/order-state.ts';
import { linkedContact, type Verdict } from './judge.ts';
import type { StandingOrder } from './stored-case.ts';
import { storedCredits } from './verdicts.ts';

/** How an order is decided, in the words of app/domain. */
const side = z.object({
  decision: z.enum(['pending', 'report', 'withheld', 'not_attributed']),
  reason: z.string().nullable(),
  adId: z.string().nullable(),
  contactMask: z.string().nullable(),
});
/** What would change if a period's orders were decided again; money in major units of its currency. */
export const differenceSchema = z.object({
  /** Orders that change at all. */
  changed: z.number().default(0),
  /** Those that an ad gets the credit for, and did not before. */
  gained: z.number().default(0),
  lost: z.number().default(0),
  /** Those whose credit, or whose conversation, becomes another one's. */
  moved: z.number().default(0),
  revenue: z.record(z.string(), z.object({ gained: z.string(), lost: z.string() })).default({}),
  /** Those that Meta would be told of, and was not before. */
  willReport: z.number().default(0),
  examples: z.array(z.object({ gid: z.string(), name: z.string(), before: side, after: side })).default([]),
});
export type RerunDifference = z.infer<typeof differenceSchema>;
export type RerunSide = z.infer<typeof side>;

/** What of an order another view of it may change. */
type View = {
  decision: Decision;
  reason: string | null;
  contactId: string | null;
  referralId: string | null;
  credits: { referralId: string; share: number }[];
};
export type Change = { row: StandingOrder; before: View; after: View; willReport: boolean };

const MOST_EXAMPLES = 20;

/**
 * What a new verdict changes of an order; null when nothing. `event`: its Purchase, and whether it can still be taken
 * back; what Meta has or may have keeps its decision.
 */
export function changeOf(
  row: StandingOrder,
  verdict: Verdict,
  event: { unsent: boolean } | null,
): Change | null {
  const told = event !== null && !event.unsent;
  const before: View = row;
  const after: View = {
    decision: told ? row.decision : verdict.kind,
    reason: told ? row.reason : verdict.reason,
    contactId: linkedContact(verdict),
    referralId: verdict.click?.referralId ?? null,
    credits: storedCredits(verdict),
  };
  const isSame =
    before.decision === after.decision &&
    before.reason === after.reason &&
    before.contactId === after.contactId &&
    before.referralId === after.referralId &&
    sharesOf(before) === sharesOf(after);
  return isSame ? null : { row, before, after, willReport: event === null && after.decision === 'report' };
}

/** A difference with more changes; `names` say which ad a referral is of and how a contact is shown. */
export function addChanges(
  sum: RerunDifference,
  changes: readonly Change[],
  names: { ads: ReadonlyMap<string, string | null>; masks: ReadonlyMap<string, string | null> },
): RerunDifference {
  const sideOf = ({ decision, reason, referralId, contactId }: View): RerunSide => ({
    decision,
    reason,
    adId: referralId === null ? null : (names.ads.get(referralId) ?? null),
    contactMask: contactId === null ? null : (names.masks.get(contactId) ?? null),
  });
  const count = (is: (change: Change) => boolean): number => changes.filter(is).length;
  return {
    changed: sum.changed + changes.length,
    gained: sum.gained + count(isGained),
    lost: sum.lost + count(isLost),
    moved: sum.moved + count(isMoved),
    revenue: changes.reduce(withRevenue, sum.revenue),
    willReport: sum.willReport + count(({ willReport }) => willReport),
    examples: [
      ...sum.examples,
      ...changes.slice(0, MOST_EXAMPLES - sum.examples.length).map(({ row, before, after }) => ({
        gid: row.gid,
        name: row.name,
        before: sideOf(before),
        after: sideOf(after),
      })),
    ],
  };
}

/** The referrals and contacts that examples of these changes name. */
export function namedIn(sum: RerunDifference, changes: readonly Change[]) {
  const views = changes
    .slice(0, MOST_EXAMPLES - sum.examples.length)
    .flatMap(({ before, after }) => [before, after]);
  return {
    referrals: [...new Set(views.flatMap(({ referralId }) => referralId ?? []))],
    contacts: [...new Set(views.flatMap(({ contactId }) => contactId ?? []))] as ContactId[],
  };
}

const isGained = ({ before, after }: Change) => before.referralId === null && after.referralId !== null;
const isLost = ({ before, after }: Change) => before.referralId !== null && after.referralId === null;

function isMoved(change: Change): boolean {
  const { before, after } = change;
  if (isGained(change) || isLost(change)) return false;
  return before.contactId !== after.contactId || sharesOf(before) !== sharesOf(after);
}

function sharesOf({ credits, referralId }: View): string {
  // Orders from before shares were kept have one click alone.
  const shares = credits.length === 0 && referralId !== null ? [{ referralId, share: 1 }] : credits;
  return [referralId, ...shares.map((credit) => `${credit.referralId} ${credit.share}`).toSorted()].join();
}

function withRevenue(sum: RerunDifference['revenue'], change: Change): RerunDifference['revenue'] {
  const side = isGained(change) ? 'gained' : isLost(change) ? 'lost' : null;
  if (side === null) return sum;
  const { currency, revenue } = change.row;
  const known = sum[currency] ?? { gained: '0', lost: '0' };
  return { ...sum, [currency]: { ...known, [side]: plus(known[side], revenue) } };
}

// Amounts have at most four decimals, as the database keeps them; adding them as doubles would lose some.
function plus(a: string, b: string): string {
  const total = inTenThousandths(a) + inTenThousandths(b);
  const digits = String(total < 0n ? -total : total).padStart(5, '0');
  const decimals = digits.slice(-4).replace(/0{1,2}$/, '');
  return `${total < 0n ? '-' : ''}${digits.slice(0, -4)}.${decimals}`;
}

function inTenThousandths(amount: string): bigint {
  const [, sign = '', whole = '0', decimals = ''] = /^(-?)(\d+)(?:\.(\d{0,4})\d*)?$/.exec(amount) ?? [];
  return BigInt(`${sign}${whole}${decimals.padEnd(4, '0')}`);
}
