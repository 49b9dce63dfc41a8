import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { addressEvent, checkEvent, draftEvent } from '../../app/domain/conversion-event.ts';
import type { ConversionEventPayload } from '../../app/domain/conversion-event.ts';
import { readOrder } from '../../app/domain/order.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { shopifyLineItem, shopifyOrder } from '../builders/shopify.ts';

const NOW = new Date('2026-11-18T12:00:00Z');
const DECISION = {
  kind: 'report',
  eventName: 'Purchase',
  channel: 'business_messaging',
  eventId: 'shopify:order:5512345678901:Purchase',
  eventTime: new Date('2026-11-18T11:59:00Z'),
  deadline: new Date('2026-11-25T10:59:00Z'),
} as const;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function orderWith(body: Record<string, unknown> = {}) {
  const read = readOrder(JSON.stringify(shopifyOrder(body)));
  if (read.kind !== 'order') throw new Error(read.kind);
  return read.order;
}

function purchase(
  fields: Partial<Parameters<typeof draftEvent>[0]> = {},
  body: Record<string, unknown> = {},
) {
  const order = orderWith(body);
  const phones = ['5511987654321', '551187654321', '5511987654321'] as PhoneDigits[];
  const draft = draftEvent({ order, paidTotal: order.total, settings: DEFAULT_SETTINGS, phones, ...fields });
  return addressEvent(draft, { decision: DECISION, wabaId: '102290129340398', clickId: 'Aff-n8ZT' });
}

function problems(change: (payload: ConversionEventPayload) => unknown): string[] {
  const payload = purchase();
  const changed = Object.assign(structuredClone(payload), change(payload));
  return checkEvent(changed, NOW).map((problem) => problem.field);
}

test('the payload is exactly what Meta documents for WhatsApp', () => {
  expect(purchase()).toEqual({
    event_name: 'Purchase',
    event_time: 1795003140,
    event_id: 'shopify:order:5512345678901:Purchase',
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: {
      whatsapp_business_account_id: '102290129340398',
      ctwa_clid: 'Aff-n8ZT',
      ph: [sha256('5511987654321'), sha256('551187654321')],
      em: [sha256('maria@example.com')],
    },
    custom_data: {
      currency: 'BRL',
      value: 214.9,
      order_id: '5512345678901',
      content_type: 'product',
      content_ids: ['44100000000001'],
      contents: [{ id: '44100000000001', quantity: 1, item_price: 209.9 }],
    },
  });
  expect(checkEvent(purchase(), NOW)).toEqual([]);
});

test('a draft that was kept as text makes the same event, and knows neither the click nor the person', () => {
  const draft = draftEvent({
    order: orderWith(),
    paidTotal: { amount: '214.90', currency: 'BRL' },
    settings: DEFAULT_SETTINGS,
    phones: ['5511987654321' as PhoneDigits],
  });
  const to = { decision: DECISION, wabaId: '102290129340398', clickId: 'Aff-n8ZT' };
  const kept = JSON.stringify(draft);
  expect(addressEvent(JSON.parse(kept), to)).toEqual(addressEvent(draft, to));
  expect(kept).not.toMatch(/98765|maria|example|Aff|10229|Purchase/);
});

test('an OrderCreated differs by its name, its id and its time only', () => {
  const decision = {
    ...DECISION,
    eventName: 'OrderCreated',
    eventId: 'shopify:order:5512345678901:OrderCreated',
  } as const;
  const draft = draftEvent({
    order: orderWith(),
    paidTotal: { amount: '214.90', currency: 'BRL' },
    settings: DEFAULT_SETTINGS,
    phones: [],
  });
  const event = addressEvent(draft, { decision, wabaId: '102290129340398', clickId: 'Aff-n8ZT' });
  expect(event).toMatchObject({
    event_name: 'OrderCreated',
    event_id: decision.eventId,
    custom_data: { value: 214.9 },
  });
  expect(checkEvent(event, NOW)).toEqual([]);
});

test('without leave to send hashes only the click says who bought', () => {
  const { user_data } = purchase({ settings: { ...DEFAULT_SETTINGS, sendCustomerHashes: false } });
  expect(user_data).toEqual({ whatsapp_business_account_id: '102290129340398', ctwa_clid: 'Aff-n8ZT' });
});

test('what the order does not have is left out', () => {
  const bare = { email: null, contact_email: null, customer: null, line_items: [] };
  const payload = purchase({ phones: [] }, bare);
  expect(Object.keys(payload.user_data)).toEqual(['whatsapp_business_account_id', 'ctwa_clid']);
  expect(Object.keys(payload.custom_data)).toEqual(['currency', 'value', 'order_id']);
});

test('a browser’s traces on the order never reach the payload', () => {
  expect(JSON.stringify(purchase())).not.toMatch(/203\.0\.113|Mozilla|client_|fbc|fbp|page_id|maria/);
});

test('the value is what was paid first, and prices of another currency stay away', () => {
  const payload = purchase({ paidTotal: { amount: '40.10', currency: 'USD' } });
  expect(payload.custom_data).toMatchObject({ value: 40.1, currency: 'USD' });
  expect(payload.custom_data.contents).toEqual([{ id: '44100000000001', quantity: 1 }]);
});

test('a product on two lines is named once', () => {
  const { custom_data } = purchase({}, { line_items: [shopifyLineItem(), shopifyLineItem({ quantity: 2 })] });
  expect(custom_data.content_ids).toEqual(['44100000000001']);
  expect(custom_data.contents?.map((item) => item.quantity)).toEqual([1, 2]);
});

test.each([
  ['event_name', { event_name: 'Lead' }],
  ['event_time', { event_time: 1795003140 - 8 * 86400 }],
  ['event_time', { event_time: 1795003201 }],
  ['event_time', { event_time: 1795003140000 }],
  ['event_time', { event_time: 1795003140.5 }],
  ['event_time', { event_time: Number.NaN }],
  ['event_id', { event_id: ' ' }],
  ['action_source', { action_source: 'website' }],
  ['messaging_channel', { messaging_channel: 'WhatsApp' }],
])('a wrong %s is found', (field, change) => {
  expect(problems(() => change)).toEqual([field]);
});

test('an event of exactly seven days is still in time', () => {
  expect(problems(() => ({ event_time: NOW.getTime() / 1000 - 7 * 86400 }))).toEqual([]);
  expect(problems(() => ({ event_time: NOW.getTime() / 1000 - 7 * 86400 - 1 }))).toEqual(['event_time']);
});

test.each([
  ['whatsapp_business_account_id', 'waba-1'],
  ['ctwa_clid', ''],
  ['ctwa_clid', 'Aff n8ZT'],
  ['ctwa_clid', undefined],
  ['client_ip_address', '203.0.113.24'],
  ['client_user_agent', 'Mozilla'],
  ['fbc', 'fb.1'],
  ['fbp', 'fb.1'],
  ['page_id', '1'],
  ['ph', ['+55 11 98765-4321']],
  ['em', ['maria@example.com']],
])('user_data with %s = %j is found', (key, value) => {
  expect(problems(({ user_data }) => ({ user_data: { ...user_data, [key]: value } }))).toEqual([
    `user_data.${key}`,
  ]);
});

test.each([
  ['value', undefined],
  ['value', Number.NaN],
  ['value', -1],
  ['currency', 'reais'],
  ['currency', 'brl'],
  ['contents', [{ quantity: 1 }]],
])('custom_data with %s = %j is found', (key, value) => {
  expect(problems(({ custom_data }) => ({ custom_data: { ...custom_data, [key]: value } }))).toEqual([
    `custom_data.${key}`,
  ]);
});
