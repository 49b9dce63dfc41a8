import { expect, test } from 'vitest';
import { EVENT_NAMES } from '../../app/domain/event-name.ts';
import { DEADLINE_MARGIN_MS, datesOf, decideReport } from '../../app/domain/report.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';

type Input = Parameters<typeof decideReport>[0];

const DAY_MS = 24 * 60 * 60 * 1000;
const NUMBER = { state: 'active', parkedEvents: [] } as const;

function input(fields: Partial<Input> = {}, order: Partial<Input['order']> = {}): Input {
  const total = { amount: '214.90', currency: 'BRL' };
  const plain = { legacyId: '5512345678901', test: false, total, cancelledAt: null } as const;
  return {
    eventName: 'Purchase',
    order: { ...plain, checkoutToken: 'c0ffee', provenance: 'online_store', ...order },
    words: { customer: {} },
    at: new Date('2026-11-18T12:00:00.750Z'),
    now: new Date('2026-11-18T12:00:05Z'),
    click: { hasClickId: true },
    settings: DEFAULT_SETTINGS,
    to: { number: NUMBER, pixel: null },
    consent: { said: null, saleOptOut: null },
    detected: false,
    ...fields,
  };
}

test('a paid order is a Purchase at the moment of payment, to be told within seven days less an hour', () => {
  expect(decideReport(input())).toEqual({
    kind: 'report',
    eventName: 'Purchase',
    channel: 'business_messaging',
    eventId: 'shopify:order:5512345678901:Purchase',
    parked: false,
    eventTime: new Date('2026-11-18T12:00:00Z'),
    deadline: new Date('2026-11-25T11:00:00Z'),
  });
});

test('a payment that Shopify’s clock puts in the future happens now', () => {
  const decision = decideReport(input({ at: new Date('2026-11-18T13:00:00Z') }));
  expect(decision).toMatchObject({ eventTime: new Date('2026-11-18T12:00:05Z') });
});

test.each(['paused', 'lost'] as const)('a %s connection still reports: the row waits', (state) => {
  const to = { number: { ...NUMBER, state }, pixel: null };
  expect(decideReport(input({ to }))).toMatchObject({ kind: 'report' });
});

test('the deadline itself is in time, a millisecond later is not', () => {
  const deadline = Date.parse('2026-11-18T12:00:00Z') + 7 * DAY_MS - DEADLINE_MARGIN_MS;
  expect(decideReport(input({ now: new Date(deadline) }))).toMatchObject({ kind: 'report' });
  expect(decideReport(input({ now: new Date(deadline + 1) }))).toEqual({
    kind: 'withheld',
    reason: 'too_old',
  });
});

test.each([
  ['business_messaging', 7],
  ['website', 7],
  ['physical_store', 62],
] as const)('as %s an event can be told for %d days less an hour', (channel, days) => {
  const at = new Date('2026-11-18T12:00:00Z');
  const deadline = new Date(at.getTime() + days * DAY_MS - DEADLINE_MARGIN_MS);
  expect(datesOf({ at, now: at, channel })).toEqual({ eventTime: at, deadline });
  expect(datesOf({ at, now: deadline, channel })).not.toBeNull();
  expect(datesOf({ at, now: new Date(deadline.getTime() + 1), channel })).toBeNull();
});

test.each(EVENT_NAMES.filter((name) => name.startsWith('Order')))(
  'an %s has its own id, its own time and its own switch',
  (name) => {
    const eventName = name as Input['eventName'];
    const told = input({ eventName, at: new Date('2026-11-18T11:00:00Z') });
    expect(decideReport(told)).toEqual({ kind: 'withheld', reason: 'reporting_off' });
    const settings = { ...DEFAULT_SETTINGS, [`report${name}`]: true, reportPurchase: false };
    expect(decideReport({ ...told, settings })).toEqual({
      kind: 'report',
      eventName,
      channel: 'business_messaging',
      eventId: `shopify:order:5512345678901:${name}`,
      parked: false,
      eventTime: new Date('2026-11-18T11:00:00Z'),
      deadline: new Date('2026-11-25T10:00:00Z'),
    });
  },
);

test('of a cancelled order only the cancellation is told', () => {
  const settings = { ...DEFAULT_SETTINGS, reportOrderCanceled: true, reportOrderShipped: true };
  const decide = (eventName: Input['eventName']) =>
    decideReport(input({ eventName, settings }, { cancelledAt: new Date('2026-11-18T12:00:00Z') }));
  expect(decide('OrderCanceled')).toMatchObject({ kind: 'report' });
  expect(decide('OrderShipped')).toEqual({ kind: 'withheld', reason: 'cancelled' });
  expect(decide('Purchase')).toEqual({ kind: 'withheld', reason: 'cancelled' });
});

test('with several grounds the first of the list is given', () => {
  const zero = { total: { amount: '0.00', currency: 'BRL' } };
  const grounds: Partial<Input>[] = [
    { now: new Date('2026-12-18T12:00:00Z') },
    { to: { number: { state: 'disconnected', parkedEvents: ['Purchase'] }, pixel: null } },
    { click: { hasClickId: false } },
    { detected: true },
    { consent: { said: null, saleOptOut: true } },
    { consent: { said: 'denied', saleOptOut: true } },
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
      ...['too_old', 'disconnected', 'no_click_id', 'reported_automatically'],
      ...['data_sale_opt_out', 'consent_denied', 'reporting_off'],
      ...['renewal', 'cancelled', 'zero_value', 'test_order'],
    ].map((reason) => ({ kind: 'withheld', reason })),
  );
});

test('an event whose name is parked is reported all the same, and waits', () => {
  const to = { number: { ...NUMBER, parkedEvents: ['Purchase'] }, pixel: null };
  expect(decideReport(input({ to }))).toMatchObject({ kind: 'report', parked: true });
  expect(decideReport(input({ to, now: new Date('2026-12-18T12:00:00Z') }))).toEqual({
    kind: 'withheld',
    reason: 'too_old',
  });
});

test('an order of which nothing is left by the shop’s rule for values is worth nothing, cancelled or not', () => {
  const words = (value: number) => ({ customer: {}, order: { value, currency: 'BRL' } });
  expect(decideReport(input({ words: words(0.01) }))).toMatchObject({ kind: 'report' });
  const zero = { kind: 'withheld', reason: 'zero_value' };
  expect(decideReport(input({ words: words(0) }))).toEqual(zero);
  expect(decideReport(input({ words: words(0) }, { cancelledAt: new Date('2026-11-18T13:00:00Z') }))).toEqual(
    zero,
  );
});
