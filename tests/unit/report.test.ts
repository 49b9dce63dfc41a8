import { expect, test } from 'vitest';
import { DEADLINE_MARGIN_MS, decideReport, META_MAX_AGE_MS } from '../../app/domain/report.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';

type Input = Parameters<typeof decideReport>[0];

function input(fields: Partial<Input> = {}, order: Partial<Input['order']> = {}): Input {
  const total = { amount: '214.90', currency: 'BRL' };
  return {
    order: { legacyId: '5512345678901', test: false, total, cancelledAt: null, ...order },
    paidAt: new Date('2026-11-18T12:00:00.750Z'),
    now: new Date('2026-11-18T12:00:05Z'),
    click: { hasClickId: true },
    settings: DEFAULT_SETTINGS,
    connectionState: 'active',
    ...fields,
  };
}

test('a paid order is a Purchase at the moment of payment, to be told within seven days less an hour', () => {
  expect(decideReport(input())).toEqual({
    kind: 'report',
    eventName: 'Purchase',
    channel: 'business_messaging',
    eventId: 'shopify:order:5512345678901:Purchase',
    eventTime: new Date('2026-11-18T12:00:00Z'),
    deadline: new Date('2026-11-25T11:00:00Z'),
  });
});

test('a payment that Shopify’s clock puts in the future happens now', () => {
  const decision = decideReport(input({ paidAt: new Date('2026-11-18T13:00:00Z') }));
  expect(decision).toMatchObject({ eventTime: new Date('2026-11-18T12:00:05Z') });
});

test('a paused connection still reports: the row waits', () => {
  expect(decideReport(input({ connectionState: 'paused' }))).toMatchObject({ kind: 'report' });
});

test('the deadline itself is in time, a millisecond later is not', () => {
  const deadline = Date.parse('2026-11-18T12:00:00Z') + META_MAX_AGE_MS - DEADLINE_MARGIN_MS;
  expect(decideReport(input({ now: new Date(deadline) }))).toMatchObject({ kind: 'report' });
  expect(decideReport(input({ now: new Date(deadline + 1) }))).toEqual({
    kind: 'withheld',
    reason: 'too_old',
  });
});

test('with several grounds the first of the list is given', () => {
  const zero = { total: { amount: '0.00', currency: 'BRL' } };
  const grounds: Partial<Input>[] = [
    { now: new Date('2026-12-18T12:00:00Z') },
    { connectionState: 'disconnected' },
    { click: { hasClickId: false } },
    { settings: { ...DEFAULT_SETTINGS, reportPurchase: false } },
  ];
  const reasons = grounds.map((_, n) => decideReport(input(Object.assign({}, ...grounds.slice(0, n + 1)))));
  const all: Partial<Input> = Object.assign({}, ...grounds);
  expect([
    ...reasons,
    decideReport(input(all, zero)),
    decideReport(input(all, { ...zero, test: true })),
  ]).toEqual(
    ['too_old', 'disconnected', 'no_click_id', 'reporting_off', 'zero_value', 'test_order'].map((reason) => ({
      kind: 'withheld',
      reason,
    })),
  );
});
