import { expect, test } from 'vitest';
import { detectedAs, type AutomaticPurchase } from '../../app/domain/automatic-event.ts';

const HOUR_MS = 60 * 60_000;
const PLACED = new Date('2026-11-18T12:00:00Z');
const hours = (count: number): Date => new Date(PLACED.getTime() + count * HOUR_MS);
const ORDER = { gid: 'gid://shopify/Order/1', clickedAt: hours(-100), placedAt: PLACED, paidAt: hours(48) };

function seen(key: string, at: Date, orderGid: string | null = null): AutomaticPurchase {
  return { key, at, orderGid };
}
const keyOf = (detected: readonly AutomaticPurchase[], order = ORDER): string | null =>
  detectedAs(order, detected)?.key ?? null;

test.each([
  [-72, true],
  [-72.001, false],
  [0, true],
  [48 + 72, true],
  [48 + 72.001, false],
])('one from %d hours after the order was placed may be the order: %s', (at, may) => {
  expect(keyOf([seen('a', hours(at))])).toBe(may ? 'a' : null);
});

test('one from before the credited click is another sale', () => {
  const order = { ...ORDER, clickedAt: hours(-2) };
  expect(keyOf([seen('a', hours(-2.001))], order)).toBeNull();
  expect(keyOf([seen('a', hours(-2))], order)).toBe('a');
});

test('the first that is free counts, whatever their sequence', () => {
  const detected = [seen('c', hours(3)), seen('b', hours(2)), seen('a', hours(1), 'gid://shopify/Order/2')];
  expect(keyOf(detected)).toBe('b');
  expect(keyOf(detected.toReversed())).toBe('b');
});

test('what stands for the order already goes on to, also beside an earlier one', () => {
  expect(keyOf([seen('a', hours(1)), seen('b', hours(2), ORDER.gid)])).toBe('b');
});

test('of two at one moment always the same counts', () => {
  expect(keyOf([seen('b', hours(1)), seen('a', hours(1))])).toBe('a');
});

test('nothing detected is nothing', () => {
  expect(keyOf([])).toBeNull();
});
