import { expect, test } from 'vitest';
import { API_STATES, draftOfReport, readReport } from '../../app/domain/api-event.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const SALE = {
  event_name: 'Purchase',
  conversation: { phone: '+55 11 98665-4321' },
  occurred_at: '2026-11-20T08:30:00.5-03:00',
  value: { amount: '129.9', currency: 'BRL' },
};
const LEAD = {
  event_name: 'QualifiedLead',
  conversation: { user_id: 'BR.1' },
  occurred_at: '2026-11-20T11:00:00Z',
};

const problemsOf = (body: unknown): Record<string, string> => {
  const read = readReport(body, NOW);
  return read.kind === 'event'
    ? {}
    : Object.fromEntries(read.problems.map(({ path, message }) => [path, message]));
};
const eventOf = (body: unknown) => {
  const read = readReport(body, NOW);
  if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
  return read.event;
};
const amountOf = (amount: unknown, currency: string) =>
  eventOf({ ...SALE, value: { amount, currency } }).value?.amount;

test('a sale is read with all that it says', () => {
  const items = [
    { id: '40', quantity: 2, item_price: 10.1 },
    { id: '41', quantity: 1 },
  ];
  expect(eventOf({ ...SALE, reference: 'booking-4711', contents: items })).toEqual({
    eventName: 'Purchase',
    conversation: { kind: 'phone', value: '+55 11 98665-4321' },
    at: new Date('2026-11-20T11:30:00.500Z'),
    value: { amount: '129.90', currency: 'BRL' },
    reference: 'booking-4711',
    contents: [
      { id: '40', quantity: 2, itemPrice: '10.10' },
      { id: '41', quantity: 1, itemPrice: null },
    ],
  });
});

test('a lead needs nothing but its name, its conversation and its time', () => {
  expect(eventOf(LEAD)).toMatchObject({
    conversation: { kind: 'user_id', value: 'BR.1' },
    value: null,
    reference: null,
    contents: [],
  });
  expect(eventOf({ ...LEAD, conversation: { contact_id: 'x' } }).conversation).toEqual({
    kind: 'contact_id',
    value: 'x',
  });
});

test.each([
  ['129.9', 'BRL', '129.90'],
  ['0129.900', 'BRL', '129.90'],
  ['999999999999.99', 'BRL', '999999999999.99'],
  ['100.00', 'JPY', '100'],
  ['1.5', 'KWD', '1.500'],
  [129.9, 'BRL', '129.90'],
  [0.1 + 0.2, 'BRL', '0.30'],
  [19.989999999999998, 'BRL', '19.99'],
  [1234, 'JPY', '1234'],
  [1.5, 'BHD', '1.500'],
])('the amount %j in %s is %s', (given, currency, amount) => {
  expect(amountOf(given, currency)).toBe(amount);
});

test.each<[string, object, Record<string, string>]>([
  ['no value', { value: undefined }, { value: 'is missing; Purchase must have one' }],
  ['zero', { value: { amount: 0, currency: 'BRL' } }, { 'value.amount': 'must be above zero for Purchase' }],
  [
    'what rounds to zero',
    { value: { amount: 0.001, currency: 'BRL' } },
    { 'value.amount': 'must be above zero for Purchase' },
  ],
  [
    'too many decimals',
    { value: { amount: '1.5', currency: 'JPY' } },
    { 'value.amount': 'has more decimals than JPY, which has 0' },
  ],
  [
    'a currency that is none',
    { value: { amount: '1', currency: 'ABC' } },
    { 'value.currency': 'is no currency of ISO 4217' },
  ],
  [
    'the future',
    { occurred_at: '2026-11-20T12:05:00.001Z' },
    { occurred_at: 'is in the future; it is 2026-11-20T12:00:00.000Z now' },
  ],
  ['a field that there is not', { ocurred: 1 }, { ocurred: 'is no field that this takes' }],
  [
    'a field that there is not, deeper',
    { value: { ...SALE.value, tax: 1 } },
    { 'value.tax': 'is no field that this takes' },
  ],
  [
    'a phone that is no text',
    { conversation: { phone: 55 } },
    { 'conversation.phone': 'must be a text of 1 to 40 characters in one line' },
  ],
  [
    'an empty user id',
    { conversation: { user_id: '' } },
    { 'conversation.user_id': 'must be a text of 1 to 256 characters in one line' },
  ],
  ['two lines', { reference: 'a\nb' }, { reference: 'must be a text of 1 to 64 characters in one line' }],
  [
    'an item without an id',
    { contents: [{ id: '1', quantity: 1 }, { quantity: 1 }] },
    { 'contents[1].id': 'is missing; it must be a text of 1 to 100 characters in one line' },
  ],
  [
    'half an item',
    { contents: [{ id: '1', quantity: 0.5 }] },
    { 'contents[0].quantity': 'must be a whole number from 1 to 1,000,000' },
  ],
  ['no items', { contents: [] }, { contents: 'must be a list of 1 to 100 items' }],
  [
    'too many items',
    { contents: Array(101).fill({ id: '1', quantity: 1 }) },
    { contents: 'must be a list of 1 to 100 items' },
  ],
  [
    'a price too exact',
    { contents: [{ id: '1', quantity: 1, item_price: '1.001' }] },
    { 'contents[0].item_price': 'has more decimals than BRL, which has 2' },
  ],
])('%s is one problem, told at its field', (_, fields, problems) => {
  expect(problemsOf({ ...SALE, ...fields })).toEqual(problems);
});

test.each([
  ['a negative amount', { value: { amount: -1, currency: 'BRL' } }, 'value.amount'],
  ['an amount with a comma', { value: { amount: '1,50', currency: 'BRL' } }, 'value.amount'],
  ['an amount that no table of ours holds', { value: { amount: 1e12, currency: 'BRL' } }, 'value.amount'],
  ['an amount beyond all numbers', { value: { amount: 10n ** 30n, currency: 'BRL' } }, 'value.amount'],
  ['a currency in small letters', { value: { amount: '1', currency: 'brl' } }, 'value.currency'],
  ['a name that Meta does not take', { event_name: 'Lead' }, 'event_name'],
  ['a time without an offset', { occurred_at: '2026-11-20T11:00:00' }, 'occurred_at'],
  ['a day that there is not', { occurred_at: '2026-02-30T11:00:00Z' }, 'occurred_at'],
  ['a time in seconds', { occurred_at: 1_763_600_000 }, 'occurred_at'],
  ['nobody', { conversation: {} }, 'conversation'],
  ['two people', { conversation: { phone: '+5511986654321', user_id: 'BR.1' } }, 'conversation'],
  ['a conversation by its number alone', { conversation: '+5511986654321' }, 'conversation'],
])('%s is refused at %3$s', (_, fields, path) => {
  const problems = problemsOf({ ...SALE, ...fields });
  expect(Object.keys(problems)).toEqual([path]);
  expect(problems[path]).toMatch(/^must be /);
});

test('a clock that is five minutes ahead is forgiven', () => {
  expect(eventOf({ ...SALE, occurred_at: '2026-11-20T12:05:00Z' }).at).toEqual(
    new Date('2026-11-20T12:05:00Z'),
  );
});

test('all that is wrong is told at once, but no more than twenty things', () => {
  expect(Object.keys(problemsOf({}))).toEqual(['event_name', 'conversation', 'occurred_at']);
  expect(
    Object.keys(problemsOf(Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`f${n}`, n])))),
  ).toHaveLength(20);
  for (const body of [null, [], 'x', 1, undefined]) expect(Object.keys(problemsOf(body))).toEqual(['body']);
});

test('an order needs a value as a purchase does: Meta wants its currency', () => {
  expect(problemsOf({ ...LEAD, event_name: 'OrderCreated' })).toEqual({
    value: 'is missing; OrderCreated must have one',
  });
  expect(eventOf({ ...SALE, event_name: 'OrderCreated' }).value).toEqual({
    amount: '129.90',
    currency: 'BRL',
  });
});

test('a price without a value has no currency', () => {
  expect(problemsOf({ ...LEAD, contents: [{ id: '1', quantity: 1, item_price: '1' }] })).toEqual({
    'contents[0].item_price': 'needs a value, whose currency it is in',
  });
});

test('what Meta gets has the catalogue’s kind of ids, numbers for amounts, and nothing that was not said', () => {
  const items = [
    { id: '40', quantity: 2, item_price: '10.10' },
    { id: '41', quantity: 1 },
  ];
  const sale = eventOf({ ...SALE, reference: 'booking-4711', contents: items });
  const order = {
    currency: 'BRL',
    value: 129.9,
    order_id: 'booking-4711',
    content_type: 'product',
    content_ids: ['40', '41'],
    contents: [
      { id: '40', quantity: 2, item_price: 10.1 },
      { id: '41', quantity: 1 },
    ],
  };
  expect(draftOfReport(sale, { contentIds: 'variant' })).toEqual({ customer: {}, order });
  expect(draftOfReport(sale, { contentIds: 'product' }).order?.content_type).toBe('product_group');
  expect(draftOfReport(eventOf(LEAD), { contentIds: 'variant' })).toEqual({ customer: {} });
});

test('an event has the states of an order that can be told', () => {
  expect(API_STATES).toEqual(['reported', 'queued', 'retrying', 'unknown', 'refused', 'withheld']);
});
