import fc from 'fast-check';
import { expect, test } from 'vitest';
import { creditClick } from '../../app/domain/attribution.ts';
import type { Click } from '../../app/domain/attribution.ts';
import type { ConnectionId, ReferralId } from '../../app/domain/ids.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const PLACED_AT = new Date('2026-11-18T12:00:00Z');

// Whole hours, so that clicks often share a moment with each other and with the edges of the window.
const hoursBefore = fc.integer({ min: -48, max: 24 * 12 });
const clicks = fc
  .array(fc.record({ hours: hoursBefore, isAd: fc.boolean(), hasClickId: fc.boolean() }), { maxLength: 12 })
  .map((list) =>
    list.map(({ hours, isAd, hasClickId }, n): Click => ({
      referralId: `r${n}` as ReferralId,
      clickedAt: new Date(PLACED_AT.getTime() - hours * 60 * 60 * 1000),
      sourceId: null,
      isAd,
      hasClickId,
      connectionId: 'c' as ConnectionId,
    })),
  );
const windowDays = fc.integer({ min: 1, max: 10 });

test('the order of the clicks does not matter', () => {
  const shuffled = clicks.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, windowDays, ([list, other], days) => {
      const input = { placedAt: PLACED_AT, windowDays: days };
      expect(creditClick({ ...input, clicks: other })).toEqual(creditClick({ ...input, clicks: list }));
    }),
  );
});

test('the credited click is an ad click inside the window, and none inside it is later', () => {
  fc.assert(
    fc.property(clicks, windowDays, (list, days) => {
      const age = (click: Click) => PLACED_AT.getTime() - click.clickedAt.getTime();
      const eligible = list.filter((click) => click.isAd && age(click) >= 0 && age(click) <= days * DAY_MS);
      const credit = creditClick({ placedAt: PLACED_AT, clicks: list, windowDays: days });
      expect(credit.kind === 'credited').toBe(eligible.length > 0);
      if (credit.kind !== 'credited') return;
      expect(eligible).toContain(credit.click);
      expect(age(credit.click)).toBe(Math.min(...eligible.map(age)));
    }),
  );
});

test('a wider window never takes a credit away', () => {
  fc.assert(
    fc.property(clicks, windowDays, windowDays, (list, a, b) => {
      const credited = (days: number) =>
        creditClick({ placedAt: PLACED_AT, clicks: list, windowDays: days }).kind === 'credited';
      expect(!credited(Math.min(a, b)) || credited(Math.max(a, b))).toBe(true);
    }),
  );
});
