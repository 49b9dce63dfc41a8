import { expect, test } from 'vitest';
import { takeToken, type Bucket } from '../../app/domain/rate-limit.ts';

const RATE = { perSecond: 50, burst: 3 };
const START = new Date('2026-11-20T12:00:00Z');
const after = (ms: number): Date => new Date(START.getTime() + ms);

function take(bucket: Bucket | null, ms: number): [Bucket, number] {
  const taken = takeToken(bucket, after(ms), RATE);
  return [taken.bucket, taken.waitMs];
}

test('a quiet bucket gives its burst at once, and then what time brings', () => {
  const waits: number[] = [];
  let bucket: Bucket | null = null;
  for (const ms of [0, 0, 0, 0, 19, 20, 20, 60, 60, 60]) {
    const [next, wait] = take(bucket, ms);
    bucket = next;
    waits.push(wait);
  }
  expect(waits).toEqual([0, 0, 0, 20, 1, 0, 20, 0, 0, 20]);
});

test('waiting as long as it says is enough, and a day’s rest fills no more than the burst', () => {
  const empty: Bucket = { thousandths: 400, at: START };
  const [, wait] = take(empty, 0);
  expect(wait).toBe(12);
  expect(take(empty, wait)[1]).toBe(0);
  expect(take(empty, 86_400_000)[0].thousandths).toBe(2_000);
});

test('a clock that was set back neither fills nor empties a bucket', () => {
  const [bucket, wait] = take({ thousandths: 2_000, at: START }, -3_600_000);
  expect([bucket.thousandths, wait]).toEqual([1_000, 0]);
});
