import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROVENANCES } from '../../app/domain/provenance.ts';
import { ORDER_STATES, REASONS } from '../../app/domain/reason.ts';
import { channelName } from '../../app/pages/channel.ts';
import {
  ALL_ORDERS,
  containsPattern,
  orderUrl,
  ordersUrl,
  readFilter,
} from '../../app/pages/orders/filter.ts';
import { inState } from '../../app/pages/order-query.ts';

const cursor = fc.record({
  placedAt: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  gid: fc.bigInt({ min: 1n, max: 10n ** 19n }).map((id) => `gid://shopify/Order/${id}`),
});
const filter = fc
  .record({
    state: fc.option(fc.constantFrom(...ORDER_STATES)),
    reason: fc.option(fc.constantFrom(...REASONS)),
    name: fc.string({ maxLength: 40 }).map((name) => name.trim()),
    made: fc.option(fc.constantFrom(...PROVENANCES)),
    disagree: fc.boolean(),
    place: fc.option(cursor),
    above: fc.boolean(),
  })
  .map(({ place, above, ...narrowing }) => ({
    ...narrowing,
    after: above ? null : place,
    before: above ? place : null,
  }));

test('the address of a part of the list reads back as that part', () => {
  fc.assert(
    fc.property(filter, (asked) => {
      expect(readFilter(new URL(ordersUrl(asked), 'https://tieback.test').searchParams)).toEqual(asked);
    }),
  );
});

test('an order keeps the part of the list that it was opened from', () => {
  fc.assert(
    fc.property(filter, (asked) => {
      const { pathname, searchParams } = new URL(
        orderUrl('gid://shopify/Order/42', asked),
        'https://tieback.test',
      );
      expect(pathname).toBe('/app/orders/42');
      expect(readFilter(searchParams)).toEqual(asked);
    }),
  );
});

test('what an address says wrongly is left out', () => {
  const parameters = new URLSearchParams({
    state: 'lost',
    reason: 'bad luck',
    made: 'moon',
    disagree: '1',
    after: '12',
    before: 'x-1',
  });
  expect(readFilter(parameters)).toEqual(ALL_ORDERS);
});

test('wildcards in a search are looked for, not obeyed', () => {
  expect(containsPattern('100%_\\')).toBe('%100\\%\\_\\\\%');
});

test('a state filter passes every value as a parameter', () => {
  const { sql, values } = inState('retrying');
  expect(sql).not.toContain('retrying');
  expect(values).toEqual(['report', 'due', 1, 'report', 'sending', 2]);
});

test('a channel goes by its own name when Tieback has none for it', () => {
  expect(channelName('web')).toBeNull();
  expect(channelName(null)).toBeNull();
  expect(channelName('283439955969')).toBe('283439955969');
});
