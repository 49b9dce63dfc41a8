import { expect, test } from 'vitest';
import { orderState } from '../../app/domain/order-state.ts';
import type { EventState } from '../../app/domain/order-state.ts';

function reported(state: EventState, attempts: number, reason: string | null = null) {
  return orderState({ decision: 'report', reason: null, event: { state, attempts, reason } });
}

test('before an event there is only the decision', () => {
  expect(orderState({ decision: 'pending', reason: null, event: null })).toEqual({
    state: 'unpaid',
    reason: null,
  });
  expect(orderState({ decision: 'not_attributed', reason: 'no_phone', event: null })).toEqual({
    state: 'not_attributed',
    reason: 'no_phone',
  });
  expect(orderState({ decision: 'withheld', reason: 'zero_value', event: null })).toEqual({
    state: 'withheld',
    reason: 'zero_value',
  });
});

test.each([
  ['accepted', 1, 'reported'],
  ['due', 0, 'queued'],
  ['due', 1, 'retrying'],
  ['sending', 1, 'queued'],
  ['sending', 2, 'retrying'],
  ['unknown', 1, 'unknown'],
  ['refused', 1, 'refused'],
  ['withheld', 0, 'withheld'],
  ['expired', 9, 'withheld'],
] as const)('an event %s after %i attempts makes the order %s', (state, attempts, expected) => {
  expect(reported(state, attempts).state).toBe(expected);
});

test('the reason of the event is the reason of the order', () => {
  expect(reported('due', 3, 'throttled')).toEqual({ state: 'retrying', reason: 'throttled' });
  expect(reported('refused', 1, 'refused_click_id')).toEqual({
    state: 'refused',
    reason: 'refused_click_id',
  });
  expect(reported('expired', 1, 'throttled')).toEqual({ state: 'withheld', reason: 'expired' });
});

test('a reason outside the closed list is not passed on', () => {
  expect(reported('refused', 1, 'because')).toEqual({ state: 'refused', reason: null });
});
