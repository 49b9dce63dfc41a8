import { expect, test } from 'vitest';
import { checkEvent } from '../../app/domain/event-check.ts';

type Json = Record<string, unknown>;

const NOW = new Date('2026-11-18T12:00:00Z');
const NOW_SECONDS = NOW.getTime() / 1000;
const DAY = 86_400;
const HASH = '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f';

const CHAT = {
  event_name: 'Purchase',
  event_time: NOW_SECONDS - 60,
  event_id: 'shopify:order:5512345678901:Purchase',
  action_source: 'business_messaging',
  messaging_channel: 'whatsapp',
  user_data: { whatsapp_business_account_id: '102290129340398', ctwa_clid: 'Aff-n8ZT', em: [HASH] },
  custom_data: { currency: 'BRL', value: 214.9, order_id: '5512345678901' },
};
const WEBSITE = {
  event_name: 'Purchase',
  event_time: NOW_SECONDS - 60,
  action_source: 'website',
  event_source_url: 'https://loja.example.com/',
  user_data: { client_user_agent: 'Mozilla/5.0', client_ip_address: '203.0.113.24' },
  custom_data: { currency: 'BRL', value: 214.9 },
};
const STORE = {
  event_name: 'Purchase',
  event_time: NOW_SECONDS - 60,
  action_source: 'physical_store',
  user_data: { em: [HASH] },
  custom_data: { currency: 'BRL', value: 214.9 },
};

const fields = (event: unknown) => checkEvent(event, NOW).map(({ field }) => field);

test('Meta’s own sample of an event from a chat is fine', () => {
  // https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
  const sample = {
    event_name: 'Purchase',
    event_time: 1675999999,
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: {
      whatsapp_business_account_id: '102290129340398',
      ctwa_clid:
        'ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0-eM-GABDLOPaOdRMv-_zfUQ2a',
    },
    custom_data: { currency: 'USD', value: 123 },
  };
  expect(checkEvent(sample, new Date('2023-02-10T12:00:00Z'))).toEqual([]);
});

test('an event of each channel is fine', () => {
  expect([CHAT, WEBSITE, STORE].map(fields)).toEqual([[], [], []]);
});

test.each([
  ['event_name', { event_name: 'Lead' }],
  ['event_name', { event_name: '' }],
  ['event_time', { event_time: NOW_SECONDS - 8 * DAY }],
  ['event_time', { event_time: NOW_SECONDS + 1 }],
  ['event_time', { event_time: NOW.getTime() }],
  ['event_time', { event_time: NOW_SECONDS - 0.5 }],
  ['event_time', { event_time: Number.NaN }],
  ['event_id', { event_id: 5 }],
  ['messaging_channel', { messaging_channel: 'WhatsApp' }],
  ['messaging_channel', { messaging_channel: undefined }],
  ['opt_out', { opt_out: 'yes' }],
  ['messaging_outcome_data', { messaging_outcome_data: {} }],
  ['original_event_data', { original_event_data: 'x' }],
  ['data_processing_options', { data_processing_options: 'LDU' }],
  ['data_processing_options_country', { data_processing_options_country: 7 }],
  ['data_processing_options_state', { data_processing_options: ['LDU'], data_processing_options_country: 1 }],
  ['data_processing_options_state', { data_processing_options_state: 1000 }],
  ['data_processing_options_state', { data_processing_options_country: 1, data_processing_options_state: 5 }],
  ['user_data', { user_data: 'x' }],
  ['custom_data', { custom_data: [] }],
])('a wrong %s is found: %j', (field, change) => {
  expect(fields({ ...CHAT, ...change })).toEqual([field]);
});

test('only one of the three channels is known', () => {
  expect(checkEvent({ ...STORE, action_source: 'app' }, NOW)).toEqual([
    { field: 'action_source', problem: 'It must be one of business_messaging, website, physical_store.' },
  ]);
});

test('an event of exactly seven days is still in time, and in a store one of 62', () => {
  const aged = (event: Json, seconds: number) =>
    checkEvent({ ...event, event_time: NOW_SECONDS - seconds }, NOW);
  expect(aged(CHAT, 7 * DAY)).toEqual([]);
  expect(aged(WEBSITE, 7 * DAY + 1)).toEqual([
    { field: 'event_time', problem: 'It is more than 7 days ago.' },
  ]);
  expect(aged(STORE, 62 * DAY)).toEqual([]);
  expect(aged(STORE, 62 * DAY + 1)).toEqual([
    { field: 'event_time', problem: 'It is more than 62 days ago.' },
  ]);
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
  ['page_scoped_user_id', '1'],
  ['ph', ['+55 11 98765-4321']],
  ['em', ['maria@example.com']],
  ['zp', null],
  ['external_id', 5],
])('a chat’s user_data with %s = %j is found', (key, value) => {
  expect(fields({ ...CHAT, user_data: { ...CHAT.user_data, [key]: value } })).toEqual([`user_data.${key}`]);
});

test('a hash may carry the mark of Meta’s own library', () => {
  expect(fields({ ...STORE, user_data: { em: `${HASH}.AQQCAQIB` } })).toEqual([]);
  expect(fields({ ...STORE, user_data: { em: `${HASH}.AQQC` } })).toContain('user_data.em');
});

test.each([
  ['event_source_url', { event_source_url: undefined }],
  ['event_source_url', { event_source_url: '/products' }],
  ['messaging_channel', { messaging_channel: 'whatsapp' }],
  ['user_data.client_user_agent', { user_data: { em: [HASH] } }],
  ['user_data', { user_data: { client_user_agent: 'Mozilla/5.0', ct: [HASH], country: [HASH], zp: [HASH] } }],
  ['user_data', { user_data: { client_user_agent: 'Mozilla/5.0', db: [HASH] } }],
])('a website event with a wrong %s is found', (field, change) => {
  expect(fields({ ...WEBSITE, ...change })).toEqual([field]);
});

test.each([
  [{}],
  [{ ge: [HASH], fn: [HASH] }],
  [{ ge: HASH, ln: HASH }],
  [{ em: [], ctwa_clid: 'Aff-n8ZT' }],
])('a store’s buyer who is known by %j cannot be found', (user_data) => {
  expect(checkEvent({ ...STORE, user_data }, NOW)).toEqual([
    { field: 'user_data', problem: 'It says too little for Meta to find anybody by.' },
  ]);
});

test.each([
  ['value', undefined],
  ['value', Number.NaN],
  ['value', '214.90'],
  ['currency', 'reais'],
  ['currency', undefined],
  ['order_id', 5512345678901],
  ['content_type', 'bundle'],
  ['content_ids', '1'],
  ['content_ids', [null]],
  ['contents', 'x'],
  ['contents', [{ quantity: 1 }]],
  ['contents', [{ id: '1', quantity: 1.5 }]],
  ['contents', [{ id: '1', item_price: '9' }]],
  ['contents', [{ id: '1', delivery_category: 'drone' }]],
  ['contents', [{ id: {} }]],
  ['num_items', -1],
  ['net_revenue', '1'],
  ['status', 5],
  ['delivery_category', 'drone'],
])('custom_data with %s = %j is found', (key, value) => {
  expect(fields({ ...CHAT, custom_data: { ...CHAT.custom_data, [key]: value } })).toEqual([
    `custom_data.${key}`,
  ]);
});

test('only a purchase needs a value, and an order that was placed a currency', () => {
  const { custom_data, ...bare } = CHAT;
  expect(fields(bare)).toEqual(['custom_data.value']);
  expect(fields({ ...bare, event_name: 'OrderShipped' })).toEqual([]);
  expect(fields({ ...bare, event_name: 'OrderCreated' })).toEqual(['custom_data.currency']);
  expect(fields({ ...bare, event_name: 'QualifiedLead', custom_data: { value: 5 } })).toEqual([
    'custom_data.currency',
  ]);
  expect(custom_data.value).toBe(214.9);
});

test.each([[null], [undefined], [5], ['x'], [[]]])('%j is no event', (anything) => {
  expect(checkEvent(anything, NOW)).toEqual([{ field: 'data', problem: 'It is not an event.' }]);
});
