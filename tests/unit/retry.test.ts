import { expect, test } from 'vitest';
import { nextAttempt } from '../../app/domain/retry.ts';

const NOW = new Date('2026-11-18T12:00:00Z');
const LATE = new Date('2026-11-25T11:00:00Z');

function secondsAfter(attempts: number, random = 0.5, waitSeconds: number | null = null) {
  const next = nextAttempt({ attempts, now: NOW, deadline: LATE, waitSeconds, random });
  return next.kind === 'at' ? (next.at.getTime() - NOW.getTime()) / 1000 : null;
}

test('the ladder is 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, then every 4 h', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map((attempts) => secondsAfter(attempts))).toEqual([
    5, 30, 120, 600, 1800, 3600, 7200, 14400, 14400, 14400,
  ]);
});

test('jitter is at most a fifth to either side', () => {
  expect([0, 1].map((random) => secondsAfter(2, random))).toEqual([24, 36]);
});

test('what Meta asked for can only delay', () => {
  expect(secondsAfter(1, 0, 90)).toBe(90);
  expect(secondsAfter(1, 0, 90.0001)).toBe(90.001);
  expect(secondsAfter(4, 0.5, 90)).toBe(600);
});

test('there is no try after the deadline', () => {
  const deadline = new Date(NOW.getTime() + 5000);
  const input = { attempts: 1, now: NOW, waitSeconds: null, deadline };
  expect(nextAttempt({ ...input, random: 0.5 })).toEqual({ kind: 'at', at: deadline });
  expect(nextAttempt({ ...input, random: 0.6 })).toEqual({ kind: 'never' });
  expect(nextAttempt({ ...input, random: 0, waitSeconds: 6 })).toEqual({ kind: 'never' });
});
