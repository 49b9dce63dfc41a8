import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ORDER_STATES, REASONS } from '../../app/domain/reason.ts';
import { setUp } from '../../app/pages/overview/set-up.ts';
import { attention, keyFigures, segments } from '../../app/pages/overview/tally.ts';
import type { OrderGroup } from '../../app/pages/overview/tally.ts';

function group(over: Partial<OrderGroup>): OrderGroup {
  return { state: 'reported', reason: null, currency: 'BRL', tied: true, orders: 1, revenue: 100, ...over };
}

test('the figures count only credited orders as tied, and only their revenue', () => {
  const groups = [
    group({ orders: 3, revenue: 600 }),
    group({ state: 'not_attributed', tied: false, orders: 9, revenue: 5_000 }),
  ];
  expect(keyFigures(groups, 'BRL')).toEqual({ paid: '12', tied: '3', revenue: 'R$600.00', share: '25%' });
});

test('without paid orders there is no share to speak of', () => {
  expect(keyFigures([], 'BRL')).toEqual({ paid: '0', tied: '0', revenue: 'R$0.00', share: null });
});

test('the parts of the picture add up to all orders, whatever the groups are', () => {
  const groups = fc.array(
    fc.record({
      state: fc.constantFrom(...ORDER_STATES),
      reason: fc.option(fc.constantFrom(...REASONS)),
      currency: fc.constantFrom('BRL', 'USD'),
      tied: fc.boolean(),
      orders: fc.integer({ min: 1, max: 10_000 }),
      revenue: fc.integer({ min: 0, max: 1_000_000 }),
    }),
  );
  fc.assert(
    fc.property(groups, (all) => {
      const parts = segments(all);
      const total = all.reduce((sum, { orders }) => sum + orders, 0);
      expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(total);
      expect(new Set(parts.map(({ state }) => state)).size).toBe(parts.length);
    }),
  );
});

test('the parts keep the order of the closed list and leave empty states out', () => {
  const parts = segments([group({ state: 'refused', orders: 1 }), group({ state: 'reported', orders: 3 })]);
  expect(parts.map(({ state, share }) => `${state} ${share}`)).toEqual(['reported 75%', 'refused 25%']);
});

test('refused and unknown orders are told about once per reason, over all their groups', () => {
  const items = attention([
    group({ state: 'refused', reason: 'refused_amount', orders: 2 }),
    group({ state: 'refused', reason: 'refused_amount', currency: 'USD', orders: 1 }),
    group({ state: 'unknown', reason: 'no_answer', orders: 1 }),
    group({ state: 'retrying', reason: 'throttled', orders: 7 }),
  ]);
  expect(items.map(({ title }) => title)).toEqual(['Refused: 3 orders', 'Unknown: 1 order']);
  expect(items.every(({ fix }) => fix !== null)).toBe(true);
});

const NUMBER = { displayNumber: '+55 11 4000-0000', state: 'active' } as const;

test('set-up is done only when every step is seen in the data', () => {
  const facts = { connections: [NUMBER], adClick: true, paidOrder: true, accepted: false };
  expect(setUp(facts, false)).toMatchObject({ kind: 'in_progress', dismissed: false });
  expect(setUp({ ...facts, accepted: true }, true)).toEqual({
    kind: 'connected',
    numbers: ['+55 11 4000-0000'],
  });
});

test('a paused number is not called connected', () => {
  const facts = {
    connections: [{ ...NUMBER, state: 'paused' as const }],
    adClick: true,
    paidOrder: true,
    accepted: true,
  };
  expect(setUp(facts, false)).toEqual({ kind: 'connected', numbers: [] });
});
