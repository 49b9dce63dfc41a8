import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextAttempt } from '../../app/domain/retry.ts';

const NOW = new Date('2026-11-18T12:00:00Z');
const LADDER = [5, 30, 120, 600, 1800, 3600, 7200];
const attempts = fc.integer({ min: 1, max: 60 });
const random = fc.double({ min: 0, max: 1, noNaN: true });
const wait = fc.option(fc.nat(100_000));

function delay(input: { attempts: number; random: number; waitSeconds: number | null; untilMs?: number }) {
  const deadline = new Date(NOW.getTime() + (input.untilMs ?? 1e12));
  const next = nextAttempt({ ...input, now: NOW, deadline });
  return next.kind === 'at' ? next.at.getTime() - NOW.getTime() : null;
}

test('the delay is the rung ± 20 %, or longer only because Meta asked for it', () => {
  fc.assert(
    fc.property(attempts, random, wait, (made, chance, waitSeconds) => {
      const rung = (LADDER[made - 1] ?? 14400) * 1000;
      const waitMs = (waitSeconds ?? 0) * 1000;
      const ms = delay({ attempts: made, random: chance, waitSeconds });
      expect(ms).toBeGreaterThanOrEqual(Math.max(rung * 0.8, waitMs));
      expect(ms).toBeLessThanOrEqual(Math.max(rung * 1.2, waitMs));
    }),
  );
});

test('more attempts never mean a shorter delay', () => {
  fc.assert(
    fc.property(attempts, attempts, random, wait, (a, b, chance, waitSeconds) => {
      const [fewer, more] = [Math.min(a, b), Math.max(a, b)];
      const first = delay({ attempts: fewer, random: chance, waitSeconds }) ?? 0;
      expect(delay({ attempts: more, random: chance, waitSeconds })).toBeGreaterThanOrEqual(first);
    }),
  );
});

test('a try is at or before the deadline, and only left out if it would come after', () => {
  fc.assert(
    fc.property(
      attempts,
      random,
      wait,
      fc.integer({ min: -1000, max: 20_000_000 }),
      (made, chance, waitSeconds, untilMs) => {
        const input = { attempts: made, random: chance, waitSeconds };
        const free = delay(input) ?? 0;
        expect(delay({ ...input, untilMs })).toBe(free <= untilMs ? free : null);
      },
    ),
  );
});
