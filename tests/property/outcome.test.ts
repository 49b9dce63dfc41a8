import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../app/domain/explain.ts';
import { classifyOutcome } from '../../app/domain/outcome.ts';

const error = fc.record(
  {
    code: fc.oneof(fc.integer(), fc.constantFrom(1, 2, 4, 10, 100, 190, 200, 368), fc.string()),
    error_subcode: fc.oneof(fc.integer(), fc.constantFrom(33, 99, 2804003, 2804087, 2804131)),
    is_transient: fc.oneof(fc.boolean(), fc.string()),
    fbtrace_id: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const received = fc.oneof(fc.integer({ min: -2, max: 5 }), fc.double(), fc.jsonValue());
const body = fc.oneof(
  fc.string(),
  fc.json(),
  fc.record({ events_received: received, messages: fc.jsonValue() }).map((value) => JSON.stringify(value)),
  error.map((value) => JSON.stringify({ error: value })),
);
const status = fc.oneof(fc.constantFrom(200, 201, 302, 400, 401, 403, 404, 429, 500, 503), fc.integer());
const answer = fc.record({
  kind: fc.constant('answered' as const),
  status,
  body,
  retryAfterSeconds: fc.option(fc.double()),
  usageWaitSeconds: fc.option(fc.double()),
});

test('no answer makes it throw, and every reason has words', () => {
  fc.assert(
    fc.property(answer, fc.integer({ min: 1, max: 3 }), (result, sent) => {
      const outcome = classifyOutcome(result, sent);
      if (outcome.kind !== 'accepted') expect(explain(outcome.reason).sentence).not.toBe('');
    }),
    { numRuns: 500 },
  );
});

test('accepted means a success whose receipt counts what was sent', () => {
  fc.assert(
    fc.property(answer, fc.integer({ min: 0, max: 3 }), (result, sent) => {
      if (classifyOutcome(result, sent).kind !== 'accepted') return;
      const receipt = JSON.parse(result.body) as { events_received: number };
      expect(Math.floor(result.status / 100)).toBe(2);
      expect(receipt.events_received).toBe(sent);
    }),
    { numRuns: 1000 },
  );
});

test('an event is sent again by itself only after a readable refusal or a 429', () => {
  fc.assert(
    fc.property(answer, (result) => {
      const outcome = classifyOutcome(result, 1);
      if (outcome.kind === 'retry') expect(outcome.error !== null || result.status === 429).toBe(true);
      if (outcome.kind === 'retry') expect(outcome.waitSeconds ?? 1).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});
