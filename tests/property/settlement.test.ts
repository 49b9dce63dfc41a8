import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../app/domain/outcome.ts';
import { MAX_RESENDS, settlementOf } from '../../app/domain/settlement.ts';

const NOW = new Date('2026-11-18T12:00:00Z');
const error = { code: 1, subcode: null, fbtraceId: null, transient: false };
const wait = fc.option(fc.nat(100_000));
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant<Outcome>({ kind: 'accepted', fbtraceId: null, warnings: [] }),
  fc.constant<Outcome>({ kind: 'refused', reason: 'refused_payload', error }),
  fc.constant<Outcome>({ kind: 'wiring', reason: 'wiring_token', error }),
  fc.constant<Outcome>({ kind: 'unknown', reason: 'no_answer', error: null }),
  wait.map((waitSeconds): Outcome => ({ kind: 'retry', reason: 'throttled', waitSeconds, error })),
);
const tried = fc.record({
  attempts: fc.integer({ min: 1, max: 40 }),
  uncertain: fc.nat(6),
  deadline: fc.integer({ min: 0, max: 7 * 24 * 3_600_000 }).map((ms) => new Date(NOW.getTime() + ms)),
  unknownOutcome: fc.constantFrom('hold' as const, 'resend' as const),
  now: fc.constant(NOW),
  random: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('only what is due has a next try, which is neither in the past nor after the deadline', () => {
  fc.assert(
    fc.property(outcome, tried, (result, event) => {
      const { state, nextAttemptAt } = settlementOf(result, event);
      expect(nextAttemptAt !== null).toBe(state === 'due');
      if (nextAttemptAt === null) return;
      expect(nextAttemptAt.getTime()).toBeGreaterThanOrEqual(NOW.getTime());
      expect(nextAttemptAt.getTime()).toBeLessThanOrEqual(event.deadline.getTime());
    }),
  );
});

test('whatever is not accepted has a reason', () => {
  fc.assert(
    fc.property(outcome, tried, (result, event) => {
      const { state, reason } = settlementOf(result, event);
      expect(reason === null).toBe(state === 'accepted');
    }),
  );
});

test('an unknown outcome is never sent again where the shop holds it, and at most three times elsewhere', () => {
  fc.assert(
    fc.property(tried, (event) => {
      const settled = settlementOf({ kind: 'unknown', reason: 'no_answer', error: null }, event);
      expect(['due', 'unknown']).toContain(settled.state);
      expect(settled.uncertain).toBe(event.uncertain + 1);
      if (event.unknownOutcome === 'hold' || event.uncertain >= MAX_RESENDS)
        expect(settled.state).toBe('unknown');
    }),
  );
});

test('only an unknown outcome counts as uncertain', () => {
  fc.assert(
    fc.property(outcome, tried, (result, event) => {
      fc.pre(result.kind !== 'unknown');
      expect(settlementOf(result, event).uncertain).toBe(event.uncertain);
    }),
  );
});
