import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, largerOf, roundTo, smallerOf, subtract } from '../../app/domain/fixed-point.ts';

const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: 0, max: 4 }))
  .map(([units, places]) => roundTo(String(units), places));

test('cents are exact where doubles are not', () => {
  expect(add('0.1', '0.2')).toBe('0.3');
  expect(subtract('214.90', '15')).toBe('199.90');
  expect(subtract('9007199254740993.01', '0.01')).toBe('9007199254740993.00');
  expect(subtract('1.00', '1.50')).toBe('-0.50');
});

test('a half is rounded away from zero', () => {
  expect(['1.005', '-1.005', '1.0049', '0.5', '1'].map((one) => roundTo(one, 2))).toEqual([
    ...['1.01', '-1.01', '1.00', '0.50', '1.00'],
  ]);
  expect(['214.90', '0.5', '-0.5', '-0.4', '1.499'].map((one) => roundTo(one, 0))).toEqual([
    ...['215', '1', '-1', '0', '1'],
  ]);
});

test('what is added can be taken off again, and of two amounts one is the smaller', () => {
  fc.assert(
    fc.property(amount, amount, (a, b) => {
      expect(Number(subtract(subtract(add(a, b), b), a))).toBe(0);
      expect([smallerOf(a, b), largerOf(a, b)].toSorted()).toEqual([a, b].toSorted());
      expect(subtract(largerOf(a, b), smallerOf(a, b))).not.toMatch(/^-/);
    }),
  );
});

test('rounding moves an amount by half a step at most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -999_999, max: 999_999 }),
      fc.integer({ min: 0, max: 4 }),
      (units, places) => {
        const exact = `${units < 0 ? '-' : ''}${Math.floor(Math.abs(units) / 1e4)}.${String(Math.abs(units) % 1e4).padStart(4, '0')}`;
        expect(Math.abs(Number(subtract(roundTo(exact, places), exact)))).toBeLessThanOrEqual(
          0.5 / 10 ** places,
        );
      },
    ),
  );
});

test.each(['', 'x', '1e3', '1.', '.5', '--1', ' 1'])('%j is no amount', (text) => {
  expect(() => add(text, '1')).toThrow(RangeError);
});
