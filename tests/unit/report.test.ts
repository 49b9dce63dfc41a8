import { expect, test } from 'vitest';
import { DEADLINE_MARGIN_MS, decideReport, META_MAX_AGE_MS } from '../../app/domain/report.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';

type Input = Parameters<typeof decideReport>[0];

function input(fields: Partial<Input> = {}, order: Partial<Input['order']> = {}): Input {
  const total = { amount: '214.90', currency: 'BRL' };
  const plain = { legacyId: '5512345678901', test: false, total, cancelledAt: null } as const;
  return {
    eventName: 'Purchase',
    order: { ...plain, provenance: 'online_store', ...order },
    at: new Date('2026-11-18T12:00:00.750Z'),
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
  const decision = decideReport(input({ at: new Date('2026-11-18T13:00:00Z') }));
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

test('an OrderCreated happens at checkout, has its own id and its own switch', () => {
  const created = input({ eventName: 'OrderCreated', at: new Date('2026-11-18T11:00:00Z') });
  expect(decideReport(created)).toEqual({ kind: 'withheld', reason: 'reporting_off' });
  const settings = { ...DEFAULT_SETTINGS, reportOrderCreated: true, reportPurchase: false };
  expect(decideReport({ ...created, settings })).toEqual({
    kind: 'report',
    eventName: 'OrderCreated',
    channel: 'business_messaging',
    eventId: 'shopify:order:5512345678901:OrderCreated',
    eventTime: new Date('2026-11-18T11:00:00Z'),
    deadline: new Date('2026-11-25T10:00:00Z'),
  });
});

test('a renewal is told to Meta only if the shop wants it', () => {
  const renewal = input({}, { provenance: 'renewal' });
  expect(decideReport(renewal)).toEqual({ kind: 'withheld', reason: 'renewal' });
  const settings = { ...DEFAULT_SETTINGS, reportRenewals: true };
  expect(decideReport({ ...renewal, settings })).toMatchObject({ kind: 'report' });
});

test('with several grounds the first of the list is given', () => {
  const zero = { total: { amount: '0.00', currency: 'BRL' } };
  const grounds: Partial<Input>[] = [
    { now: new Date('2026-12-18T12:00:00Z') },
    { connectionState: 'disconnected' },
    { click: { hasClickId: false } },
    { settings: { ...DEFAULT_SETTINGS, reportPurchase: false } },
  ];
  const orders: Partial<Input['order']>[] = [
    { provenance: 'renewal' },
    { cancelledAt: new Date('2026-11-18T13:00:00Z') },
    zero,
    { test: true },
  ];
  const all: Partial<Input> = Object.assign({}, ...grounds);
  const reasons = [
    ...grounds.map((_, n) => decideReport(input(Object.assign({}, ...grounds.slice(0, n + 1))))),
    ...orders.map((_, n) => decideReport(input(all, Object.assign({}, ...orders.slice(0, n + 1))))),
  ];
  expect(reasons).toEqual(
    [
      ...['too_old', 'disconnected', 'no_click_id', 'reporting_off'],
      ...['renewal', 'cancelled', 'zero_value', 'test_order'],
    ].map((reason) => ({ kind: 'withheld', reason })),
  );
});
