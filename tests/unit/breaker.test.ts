import { expect, test } from 'vitest';
import { afterRequest, restFor, isHalfOpen } from '../../app/domain/breaker.ts';
import type { Outcome } from '../../app/domain/outcome.ts';

const NOW = new Date('2026-11-18T12:00:00Z');
const error = { code: 2, subcode: null, fbtraceId: null, transient: true };
const retry = (waitSeconds: number | null = null): Outcome => ({
  kind: 'retry',
  reason: 'throttled',
  waitSeconds,
  error,
});
const unknown: Outcome = { kind: 'unknown', reason: 'no_answer', error: null };

function holdSeconds(failures: number, outcome: Outcome, random = 0.5): number | null {
  const { holdUntil } = afterRequest(failures, outcome, NOW, random);
  return holdUntil && (holdUntil.getTime() - NOW.getTime()) / 1000;
}

test.each([retry(), unknown])('the breaker opens at the third failure in a row: %j', (outcome) => {
  expect([0, 1, 2, 3, 4, 5, 6, 50].map((failures) => holdSeconds(failures, outcome))).toEqual([
    null,
    null,
    15,
    30,
    60,
    120,
    300,
    300,
  ]);
  expect(
    [0, 1, 2, 3].map((failures) => isHalfOpen(afterRequest(failures, outcome, NOW, 0).failures)),
  ).toEqual([false, false, true, true]);
});

test('jitter is at most a fifth to either side', () => {
  expect([0, 1].map((random) => holdSeconds(2, retry(), random))).toEqual([12, 18]);
});

test('what Meta asks to wait holds at once and can only delay', () => {
  expect(holdSeconds(0, retry(90))).toBe(90);
  expect(holdSeconds(3, retry(10))).toBe(30);
});

test.each<Outcome>([
  { kind: 'accepted', fbtraceId: null, warnings: [] },
  { kind: 'refused', reason: 'refused_payload', error },
  { kind: 'wiring', reason: 'wiring_token', error },
])('a judgement closes the breaker: %j', (outcome) => {
  expect(afterRequest(9, outcome, NOW, 0.5)).toEqual({ failures: 0, holdUntil: null, wholeApp: false });
});

test('only a limit of the whole Meta app holds more than its dataset', () => {
  const wide = (code: number): boolean =>
    afterRequest(
      0,
      { kind: 'retry', reason: 'throttled', waitSeconds: 60, error: { ...error, code } },
      NOW,
      0.5,
    ).wholeApp;
  expect([4, 341].map(wide)).toEqual([true, true]);
  expect([2, 17, 613, 80004].map(wide)).toEqual([false, false, false, false]);
});

test.each([
  [null, null],
  [0, null],
  [89.9, null],
  [Number.NaN, null],
  [90, 30],
  [99.9, 30],
  [100, 300],
  [140, 300],
])('an answer that says %j %% are used lets the dataset rest for %j s', (percent, seconds) => {
  const until = seconds === null ? null : new Date(NOW.getTime() + seconds * 1000);
  expect(restFor(percent, NOW)).toEqual(until);
});
