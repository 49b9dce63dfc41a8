import { explain, explainState } from '../../domain/explain.ts';
import { isReason } from '../../domain/reason.ts';
import type { RerunDifference, RerunSide } from '../../pipeline/rerun-difference.ts';
import { formatCount, formatMoney } from '../format.ts';

/** What a comparison found, ready to read. */
export type Difference = {
  /** Orders that are decided otherwise; 0: nothing changes. */
  changed: number;
  /** Whether nothing changes, and how many orders are newly reported, as it is or would be. */
  nothing: string;
  newlyReported: string;
  counts: { label: string; value: string; sentence: string }[];
  money: { currency: string; gained: string; lost: string }[];
  examples: { gid: string; name: string; url: string; before: string; after: string }[];
};

/** The difference in words, before it is applied or after; `changed` is the sum of its counts. */
export function differenceInWords(
  difference: RerunDifference,
  { applied }: { applied: boolean } = { applied: false },
): Difference {
  const { changed, gained, lost, moved, revenue, willReport, examples } = difference;
  const decidedOnly = changed - gained - lost - moved;
  const count = (label: string, orders: number, sentence: string) => ({
    label,
    value: formatCount(orders),
    sentence,
  });
  return {
    changed,
    nothing: applied
      ? 'Nothing changed: every order of this period had the credit that the rules give it.'
      : 'Nothing would change: every order of this period has the credit that the rules give it.',
    newlyReported: `Orders that ${applied ? 'are now' : 'would newly be'} reported to Meta: ${formatCount(willReport)}.`,
    counts: [
      count('Gain an ad', gained, 'No ad has the credit before.'),
      count('Lose their ad', lost, 'No ad has the credit after.'),
      count('Change', moved, 'Another ad, another share, or another chat.'),
      ...(decidedOnly === 0
        ? []
        : [count('Decided otherwise', decidedOnly, 'The same ad or none, for another reason.')]),
    ],
    money: Object.entries(revenue)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, sums]) => ({
        currency,
        gained: formatMoney(sums.gained, currency),
        lost: formatMoney(sums.lost, currency),
      })),
    examples: examples.map(({ gid, name, before, after }) => ({
      gid,
      name,
      url: `/app/orders/${gid.slice(gid.lastIndexOf('/') + 1)}`,
      ...sidesInWords(before, after),
    })),
  };
}

function sidesInWords(before: RerunSide, after: RerunSide): { before: string; after: string } {
  const [was, is] = [sideInWords(before), sideInWords(after)];
  return { before: was, after: was === is ? 'The same ad and chat, with another share of the credit.' : is };
}

function sideInWords({ decision, reason, adId, contactMask }: RerunSide): string {
  const why = reason !== null && isReason(reason) ? explain(reason).sentence : null;
  switch (decision) {
    case 'pending':
      return explainState('unpaid').sentence;
    case 'not_attributed':
      return why ?? explainState('not_attributed').sentence;
    case 'withheld':
    case 'report': {
      // What Meta was told stays reported, also when no ad has the credit any more.
      const ad = adId === null ? 'No ad with an id' : `Ad ${adId}`;
      const chat = contactMask === null ? 'no chat with a number' : `chat of ${contactMask}`;
      return why === null ? `${ad}, ${chat}.` : `${ad}, ${chat}. ${why}`;
    }
  }
}
