import { expect, test } from 'vitest';
import {
  formatDuration,
  formatGap,
  formatMoney,
  formatShare,
  formatSums,
  shopClock,
} from '../../app/pages/format.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('a duration is written in its two largest units', () => {
  expect(formatDuration(2 * HOUR + 10 * MINUTE + 59 * SECOND)).toBe('2 h 10 min');
  expect(formatDuration(3 * DAY + 4 * HOUR)).toBe('3 d 4 h');
  expect(formatDuration(59 * SECOND + 999)).toBe('59 s');
});

test('a unit of which there is none is left out and not replaced by a smaller one', () => {
  expect(formatDuration(DAY + 5 * MINUTE)).toBe('1 d');
  expect(formatDuration(HOUR)).toBe('1 h');
});

test('a gap says in which direction time went', () => {
  const noon = new Date('2026-11-20T12:00:00Z');
  expect(formatGap(noon, new Date(noon.getTime() + 90 * SECOND))).toBe('1 min 30 s later');
  expect(formatGap(noon, new Date(noon.getTime() - 2 * HOUR))).toBe('2 h earlier');
  expect(formatGap(noon, new Date(noon.getTime() + 400))).toBe('at the same time');
});

test('money has the digits and the symbol of its currency', () => {
  expect(formatMoney('184.3000', 'BRL')).toBe('R$184.30');
  expect(formatMoney('1200.0000', 'JPY')).toBe('¥1,200');
  expect(formatMoney(12.5, 'KWD')).toBe('KWD 12.500');
});

test('money in a currency that is no ISO code is still an amount with its code', () => {
  expect(formatMoney('1234.5', '??')).toBe('1,234.5 ??');
});

test("sums in several currencies stand side by side, the shop's own first", () => {
  const sums = new Map([
    ['USD', 30],
    ['BRL', 1200],
  ]);
  expect(formatSums(sums, 'BRL')).toBe('R$1,200.00 + $30.00');
  expect(formatSums(new Map([['USD', 30]]), 'BRL')).toBe('$30.00');
  expect(formatSums(new Map(), 'BRL')).toBe('R$0.00');
  expect(formatSums(new Map(), null)).toBe('0');
});

test('a share is never rounded to nothing or to all', () => {
  expect(formatShare(1, 8)).toBe('12.5%');
  expect(formatShare(1, 100_000)).toBe('<0.1%');
  expect(formatShare(99_999, 100_000)).toBe('>99.9%');
  expect(formatShare(0, 5)).toBe('0%');
  expect(formatShare(5, 5)).toBe('100%');
  expect(formatShare(0, 0)).toBeNull();
});

test("a moment is written in the shop's time zone", () => {
  const clock = shopClock('America/Sao_Paulo');
  expect(clock.time(new Date('2026-11-20T02:30:00Z'))).toBe('Nov 19, 2026, 11:30 PM');
  expect(clock.zoneName).toBe('America/Sao Paulo');
});

test('a shop without a known time zone is shown UTC', () => {
  expect(shopClock(null).zone).toBe('UTC');
  expect(shopClock('Mars/Olympus').time(new Date('2026-11-20T02:30:00Z'))).toBe('Nov 20, 2026, 2:30 AM');
});
