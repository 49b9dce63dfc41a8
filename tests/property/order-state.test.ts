import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../app/domain/explain.ts';
import { orderState, stateFilter } from '../../app/domain/order-state.ts';
import type { StateFilter } from '../../app/domain/order-state.ts';
import { ORDER_STATES, REASONS } from '../../app/domain/reason.ts';

type Row = Parameters<typeof orderState>[0];

const reason = fc.option(fc.oneof(fc.constantFrom(...REASONS), fc.string()));
const event = fc.record({
  state: fc.constantFrom('due', 'sending', 'accepted', 'refused', 'unknown', 'withheld', 'expired'),
  attempts: fc.nat(4),
  reason,
});
const row: fc.Arbitrary<Row> = fc.oneof(
  fc.record({ decision: fc.constant('report'), reason, event }),
  fc.record({
    decision: fc.constantFrom('pending', 'withheld', 'not_attributed'),
    reason,
    event: fc.option(event),
  }),
);

function matches(filter: StateFilter, { decision, event }: Row): boolean {
  if (filter.decision !== decision) return false;
  if (filter.eventStates === null) return true;
  if (event === null || !filter.eventStates.includes(event.state)) return false;
  const { minAttempts, maxAttempts } = filter;
  return event.attempts >= (minAttempts ?? 0) && event.attempts <= (maxAttempts ?? Infinity);
}

test('an order is in exactly one state, and only the filter of that state finds it', () => {
  fc.assert(
    fc.property(row, (order) => {
      const found = ORDER_STATES.filter((state) =>
        stateFilter(state).some((filter) => matches(filter, order)),
      );
      expect(found).toEqual([orderState(order).state]);
    }),
  );
});

test('no two alternatives of a filter find the same order, so their counts may be added', () => {
  fc.assert(
    fc.property(row, (order) => {
      const all = ORDER_STATES.flatMap(stateFilter).filter((filter) => matches(filter, order));
      expect(all).toHaveLength(1);
    }),
  );
});

test('every reason that comes out has words', () => {
  fc.assert(
    fc.property(row, (order) => {
      const { reason: given } = orderState(order);
      if (given !== null) expect(explain(given).sentence).not.toBe('');
    }),
  );
});
