import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceInWords } from '../../app/pages/rerun/difference.ts';
import { dateIn, readPeriod, startOfDay } from '../../app/pages/rerun/period.ts';

const SAO_PAULO = { now: new Date('2026-11-20T01:30:00Z'), zone: 'America/Sao_Paulo' };
const dates = (since: string, until: string) => ({ days: 'dates', since, until });

test('the last days end with today, as the shop’s calendar has it', () => {
  expect(readPeriod({ days: '7', since: '', until: '' }, SAO_PAULO)).toEqual({
    kind: 'period',
    period: { since: new Date('2026-11-13T03:00:00Z'), until: new Date('2026-11-20T03:00:00Z') },
  });
});

test('two dates are both in the period', () => {
  expect(readPeriod(dates('2026-11-01', '2026-11-02'), SAO_PAULO)).toEqual({
    kind: 'period',
    period: { since: new Date('2026-11-01T03:00:00Z'), until: new Date('2026-11-03T03:00:00Z') },
  });
});

test('a period that cannot be is refused at the date that is wrong', () => {
  expect(readPeriod(dates('', '2026-02-30'), SAO_PAULO)).toMatchObject({
    kind: 'invalid_period',
    problems: { since: 'Choose a date.', until: 'Choose a date.' },
  });
  expect(readPeriod(dates('2026-11-10', '2026-11-09'), SAO_PAULO)).toMatchObject({
    problems: { since: null, until: 'Choose a day on or after the first one.' },
  });
  // It is still the 19th in São Paulo.
  expect(readPeriod(dates('2026-11-20', '2026-11-20'), SAO_PAULO)).toMatchObject({
    problems: { since: 'This day is still to come.', until: null },
  });
});

test('a day begins at its first moment, also where the clock skips midnight', () => {
  const zone = fc.constantFrom(
    'UTC',
    'America/Sao_Paulo',
    'America/New_York',
    'Asia/Kolkata',
    'Africa/Cairo',
    'Asia/Beirut',
    'Pacific/Kiritimati',
    'Pacific/Pago_Pago',
  );
  const day = fc
    .date({ min: new Date('2015-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 10));
  fc.assert(
    fc.property(zone, day, (where, date) => {
      const start = startOfDay(date, where);
      expect(dateIn(where, start)).toBe(date);
      expect(dateIn(where, new Date(start.getTime() - 1)) < date).toBe(true);
    }),
  );
});

const SIDE = { reason: null, adId: '120226305854810726', contactMask: '+55 ••••• 4321' } as const;
const DIFFERENCE = {
  changed: 1206,
  gained: 1200,
  lost: 3,
  moved: 1,
  revenue: { BRL: { gained: '214.90', lost: '0' } },
  willReport: 12,
  examples: [],
};

test('a difference is counted in words that add up to all that changed', () => {
  const { counts, money, newlyReported } = differenceInWords(DIFFERENCE);
  expect(counts.map(({ label, value }) => `${label}: ${value}`)).toEqual([
    'Gain an ad: 1,200',
    'Lose their ad: 3',
    'Change: 1',
    'Decided otherwise: 2',
  ]);
  expect(money).toEqual([{ currency: 'BRL', gained: 'R$214.90', lost: 'R$0.00' }]);
  expect(newlyReported).toBe('Orders that would newly be reported to Meta: 12.');
});

test('a difference that was applied is told as done', () => {
  const done = differenceInWords(DIFFERENCE, { applied: true });
  expect(done.newlyReported).toBe('Orders that are now reported to Meta: 12.');
  expect(done.nothing).toMatch(/^Nothing changed:/);
  expect(differenceInWords(DIFFERENCE).nothing).toMatch(/^Nothing would change:/);
});

test('an order of a difference says how it stood and how it would stand', () => {
  const examples = [
    {
      gid: 'gid://shopify/Order/42',
      name: '#1001',
      before: { ...SIDE, decision: 'not_attributed', reason: 'no_ad_click', adId: null } as const,
      after: { ...SIDE, decision: 'report' } as const,
    },
    {
      gid: 'gid://shopify/Order/43',
      name: '#1002',
      before: { ...SIDE, decision: 'report' } as const,
      after: { ...SIDE, decision: 'report', adId: null } as const,
    },
  ];
  expect(differenceInWords({ ...DIFFERENCE, examples }).examples).toEqual([
    {
      gid: 'gid://shopify/Order/42',
      name: '#1001',
      url: '/app/orders/42',
      before: 'The customer wrote to you on WhatsApp, but did not come from an ad.',
      after: 'Ad 120226305854810726, chat of +55 ••••• 4321.',
    },
    {
      gid: 'gid://shopify/Order/43',
      name: '#1002',
      url: '/app/orders/43',
      before: 'Ad 120226305854810726, chat of +55 ••••• 4321.',
      after: 'No ad with an id, chat of +55 ••••• 4321.',
    },
  ]);
});

test('an order whose shares alone change says so', () => {
  const side = { ...SIDE, decision: 'report' } as const;
  const examples = [{ gid: 'gid://shopify/Order/42', name: '#1001', before: side, after: { ...side } }];
  const [example] = differenceInWords({ ...DIFFERENCE, examples }).examples;
  expect(example?.after).toBe('The same ad and chat, with another share of the credit.');
});
