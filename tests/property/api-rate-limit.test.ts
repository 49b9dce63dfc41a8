import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeToken, type Bucket } from '../../app/domain/rate-limit.ts';

const rates = fc.record({
  perSecond: fc.integer({ min: 1, max: 100 }),
  burst: fc.integer({ min: 1, max: 50 }),
});
const gaps = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 300 });

test('in no stretch of time more is let through than the burst and what the time brings', () => {
  fc.assert(
    fc.property(rates, gaps, (rate, waits) => {
      let bucket: Bucket | null = null;
      let ms = 0;
      const allowed: number[] = [];
      for (const wait of waits) {
        ms += wait;
        const taken = takeToken(bucket, new Date(ms), rate);
        bucket = taken.bucket;
        if (taken.waitMs === 0) allowed.push(ms);
      }
      for (const [first, from] of allowed.entries())
        for (const [last, until] of allowed.entries())
          if (last >= first)
            expect(last - first + 1).toBeLessThanOrEqual(
              rate.burst + ((until - from) * rate.perSecond) / 1000,
            );
    }),
    { numRuns: 50 },
  );
});

test('whoever waits as long as it says is let through, and no sooner', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 999 }), (rate, thousandths) => {
      const bucket = { thousandths, at: new Date(0) };
      const { waitMs } = takeToken(bucket, new Date(0), rate);
      expect(takeToken(bucket, new Date(waitMs), rate).waitMs).toBe(0);
      expect(takeToken(bucket, new Date(waitMs - 1), rate).waitMs).toBe(1);
    }),
  );
});
