import fc from 'fast-check';
import { expect, test } from 'vitest';
import { creditClicks, creditEachWay, MODELS } from '../../app/domain/attribution.ts';
import type { Click } from '../../app/domain/attribution.ts';
import type { ConnectionId, ReferralId } from '../../app/domain/ids.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const PLACED_AT = new Date('2026-11-18T12:00:00Z');

const AD_CLICK = { sourceId: null, isAd: true, hasClickId: true, connectionId: 'c' as ConnectionId };

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
const model = fc.constantFrom(...MODELS);

function eligible(list: readonly Click[], days: number): Click[] {
  const age = (click: Click) => PLACED_AT.getTime() - click.clickedAt.getTime();
  return list.filter((click) => click.isAd && age(click) >= 0 && age(click) <= days * DAY_MS);
}

test('the order of the clicks does not matter', () => {
  const shuffled = clicks.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, windowDays, ([list, other], days) => {
      const input = { placedAt: PLACED_AT, windowDays: days };
      expect(creditEachWay({ ...input, clicks: other })).toEqual(creditEachWay({ ...input, clicks: list }));
    }),
  );
});

test('there is credit when an ad click is in the window and not after the order, for such clicks alone', () => {
  fc.assert(
    fc.property(clicks, windowDays, model, (list, days, by) => {
      const credit = creditClicks({ placedAt: PLACED_AT, clicks: list, windowDays: days, model: by });
      const candidates = eligible(list, days);
      expect(credit.kind === 'credited').toBe(candidates.length > 0);
      if (credit.kind !== 'credited') return;
      for (const { click, share } of credit.credits) {
        expect(candidates).toContain(click);
        expect(share).toBeGreaterThan(0);
      }
      expect(credit.credits.map(({ click }) => click)).toContain(credit.click);
    }),
  );
});

test('the shares of one order sum to exactly 1', () => {
  const inWindow = fc.integer({ min: 0, max: 7 * 24 * 60 }).map((minutes) => ({
    ...AD_CLICK,
    referralId: `r${minutes}` as ReferralId,
    clickedAt: new Date(PLACED_AT.getTime() - minutes * 60 * 1000),
  }));
  const many = fc.array(inWindow, { minLength: 1, maxLength: 100, size: 'max' });
  fc.assert(
    fc.property(many, model, (list, by) => {
      const credit = creditClicks({ placedAt: PLACED_AT, clicks: list, windowDays: 7, model: by });
      if (credit.kind !== 'credited') throw new Error(credit.reason);
      expect(credit.credits).toHaveLength(by === 'linear' ? list.length : 1);
      expect(credit.credits.reduce((sum, { share }) => sum + share, 0)).toBe(1);
    }),
  );
});

test('each model credits the clicks that it is named after', () => {
  fc.assert(
    fc.property(clicks, windowDays, (list, days) => {
      const ways = creditEachWay({ placedAt: PLACED_AT, clicks: list, windowDays: days });
      const { last_click: last, first_click: first, linear } = ways;
      if (last.kind !== 'credited' || first.kind !== 'credited' || linear.kind !== 'credited') return;
      const candidates = eligible(list, days);
      const times = candidates.map(({ clickedAt }) => clickedAt.getTime());
      expect(last.click.clickedAt.getTime()).toBe(Math.max(...times));
      expect(first.click.clickedAt.getTime()).toBe(Math.min(...times));
      expect(new Set(linear.credits.map(({ click }) => click))).toEqual(new Set(candidates));
      for (const { share } of linear.credits) expect(share).toBeCloseTo(1 / candidates.length, 12);
      expect(linear.click.hasClickId).toBe(candidates.some(({ hasClickId }) => hasClickId));
    }),
  );
});

test('the models agree when there is one click to credit', () => {
  fc.assert(
    fc.property(clicks, windowDays, (list, days) => {
      const [one, ...more] = eligible(list, days);
      const rest = list.filter((click) => !more.includes(click));
      const ways = Object.values(creditEachWay({ placedAt: PLACED_AT, clicks: rest, windowDays: days }));
      if (one === undefined) return;
      for (const credit of ways) {
        expect(credit).toMatchObject({ click: one, credits: [{ click: one, share: 1 }] });
      }
    }),
  );
});

test('a wider window never takes a credit away', () => {
  fc.assert(
    fc.property(clicks, windowDays, windowDays, model, (list, a, b, by) => {
      const credited = (days: number) => {
        const credit = creditClicks({ placedAt: PLACED_AT, clicks: list, windowDays: days, model: by });
        return credit.kind === 'credited';
      };
      expect(!credited(Math.min(a, b)) || credited(Math.max(a, b))).toBe(true);
    }),
  );
});
