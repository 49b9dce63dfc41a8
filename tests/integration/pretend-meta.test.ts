import { expect, test } from 'vitest';
import { BUSINESS, CLICK, DAY, EVENTS, HASH, NOW, PHONE, SECONDS } from './pretend-meta-world.ts';
import { call, codes, purchase, send, startMeta } from './pretend-meta-world.ts';
import type { Change } from './pretend-meta-world.ts';

test('accepts the WhatsApp sample of Meta’s business messaging page and gives its receipt', async () => {
  const meta = await startMeta();
  const { status, body } = await send(meta, purchase());
  expect([status, body]).toEqual([
    200,
    { events_received: 1, messages: [], fbtrace_id: expect.stringMatching(/^A[\w-]{22}$/) },
  ]);
  expect(meta.accepted()).toEqual([
    { datasetId: BUSINESS.datasetId, event: purchase(), at: NOW, fbtraceId: body['fbtrace_id'] },
  ]);
});

test('accepts the fuller body with hashes and contents, and a currency in lower case', async () => {
  const meta = await startMeta();
  const contents = [{ id: 'sku-1', quantity: 1, item_price: 129.9 }];
  const sale = { currency: 'brl', value: 129.9, order_id: '5678901234', content_type: 'product', contents };
  const { status } = await send(meta, purchase({ user: { ph: [HASH], em: `${HASH}.AQQCAQIB` }, sale }));
  expect(status).toBe(200);
});

test('refuses the Automatic Events sample, which names no account: integrators report 2804116 for it', async () => {
  const meta = await startMeta();
  const event = { messaging_outcome_data: { outcome_type: 'automatic_events' } };
  expect(codes(await send(meta, purchase({ event, user: { whatsapp_business_account_id: null } })))).toEqual([
    400, 100, 2804116,
  ]);
});

test.each<[number | undefined, string, Change]>([
  [2804066, 'an event name outside the fourteen', { event: { event_name: 'Lead' } }],
  [undefined, 'no event name', { event: { event_name: null } }],
  [2804003, 'an event older than seven days', { event: { event_time: SECONDS - 7 * DAY - 1 } }],
  [2804004, 'an event of the future', { event: { event_time: SECONDS + 1 } }],
  [2804004, 'a time in milliseconds', { event: { event_time: NOW.getTime() } }],
  [undefined, 'a time as text', { event: { event_time: String(SECONDS) } }],
  [undefined, 'a website event', { event: { action_source: 'website' } }],
  [2804063, 'no messaging channel', { event: { messaging_channel: null } }],
  [undefined, 'another messaging channel', { event: { messaging_channel: 'WHATSAPP' } }],
  [2804069, 'a Messenger event without a Page', { event: { messaging_channel: 'messenger' } }],
  [
    2804131,
    'a Messenger event of a Page',
    { event: { messaging_channel: 'messenger' }, user: { page_id: '1234567890' } },
  ],
  [2804075, 'an Instagram event without a person', { event: { messaging_channel: 'instagram' } }],
  [
    2804079,
    'an Instagram event without an account',
    { event: { messaging_channel: 'instagram' }, user: { ig_sid: '1' } },
  ],
  [
    2804133,
    'an Instagram event of an account',
    {
      event: { messaging_channel: 'instagram' },
      user: { ig_sid: '1', instagram_business_account_id: '2' },
    },
  ],
  [2804064, 'an IP address', { user: { client_ip_address: '203.0.113.24' } }],
  [2804064, 'a user agent', { user: { client_user_agent: 'Mozilla/5.0' } }],
  [2804064, 'a browser id', { user: { fbp: 'fb.1.1.1' } }],
  [2804064, 'a browser click id', { user: { fbc: 'fb.1.1.abc' } }],
  [2804116, 'neither account nor page', { user: { whatsapp_business_account_id: null } }],
  [2804131, 'a page id', { user: { page_id: '1234567890' } }],
  [2804132, 'the account of another dataset', { user: { whatsapp_business_account_id: '999' } }],
  [2804071, 'no click id', { user: { ctwa_clid: null } }],
  [2804073, 'a person of a Page', { user: { page_scoped_user_id: '1' } }],
  [2804073, 'a person of a Page instead of a click', { user: { page_scoped_user_id: '1', ctwa_clid: null } }],
  [2804087, 'an invented click id', { user: { ctwa_clid: 'Affake' } }],
  [2804087, 'a click id in lower case', { user: { ctwa_clid: CLICK.toLowerCase() } }],
  [undefined, 'a phone number that is not hashed', { user: { ph: ['5511987654321'] } }],
  [undefined, 'a hash in upper case', { user: { em: [HASH.toUpperCase()] } }],
  [2804009, 'a purchase without value', { sale: { value: null } }],
  [2804009, 'a purchase without custom data', { event: { custom_data: null } }],
  [
    2804081,
    'an order created without currency',
    { event: { event_name: 'OrderCreated' }, sale: { currency: null } },
  ],
  [2804023, 'a value without currency', { sale: { currency: null } }],
  [undefined, 'a value as text', { sale: { value: '129.90' } }],
  [undefined, 'a currency that is none', { sale: { currency: 'REAIS' } }],
  [undefined, 'an order id as number', { sale: { order_id: 5678901234 } }],
  [2804008, 'contents without an id', { sale: { contents: [{ quantity: 1 }] } }],
])('refuses with 100/%s: %s', async (subcode, _, change) => {
  const meta = await startMeta();
  expect(codes(await send(meta, purchase(change)))).toEqual([400, 100, subcode]);
  expect(meta.accepted()).toEqual([]);
});

test('accepts an event of exactly seven days ago and one of this very second', async () => {
  const meta = await startMeta();
  const times = [SECONDS - 7 * DAY, SECONDS].map((event_time) => purchase({ event: { event_time } }));
  expect((await send(meta, ...times)).body['events_received']).toBe(2);
});

test('refuses the click id of another business', async () => {
  const meta = await startMeta();
  const other = { ...BUSINESS, wabaId: '555', datasetId: '556', token: 'EAAother', phoneNumbers: [] };
  meta.addBusiness(other);
  const event = purchase({ user: { whatsapp_business_account_id: '555' } });
  const body = { data: [event] };
  expect(codes(await call(meta, '/v26.0/556/events', { method: 'POST', token: 'EAAother', body }))).toEqual([
    400, 100, 2804087,
  ]);
});

test('refuses a whole batch for one wrong event, and takes at most 1,000', async () => {
  const meta = await startMeta();
  const old = purchase({ event: { event_time: SECONDS - 8 * DAY } });
  expect(codes(await send(meta, purchase(), old, purchase()))).toEqual([400, 100, 2804003]);
  expect(codes(await send(meta))).toEqual([400, 100, undefined]);
  expect(codes(await send(meta, ...Array.from({ length: 1001 }, () => purchase())))).toEqual([
    400,
    100,
    undefined,
  ]);
  expect(meta.accepted()).toHaveLength(0);
  const { body } = await send(meta, ...Array.from({ length: 1000 }, () => purchase()));
  expect([body['events_received'], meta.accepted().length]).toEqual([1000, 1000]);
});

test('takes every name of the business messaging page, and refuses one with 2804066 while told to', async () => {
  const meta = await startMeta();
  const names = [
    'LeadSubmitted',
    'InitiateCheckout',
    'AddToCart',
    'ViewContent',
    'OrderCreated',
    'OrderShipped',
  ];
  names.push('OrderDelivered', 'OrderCanceled', 'OrderReturned', 'CartAbandoned', 'QualifiedLead');
  names.push('RatingProvided', 'ReviewProvided', 'Purchase');
  const events = names.map((event_name) => purchase({ event: { event_name } }));
  expect((await send(meta, ...events)).body['events_received']).toBe(14);
  meta.refuseEventName('QualifiedLead');
  const lead = purchase({ event: { event_name: 'QualifiedLead' } });
  expect(codes(await send(meta, lead))).toEqual([400, 100, 2804066]);
  meta.takeEventName('QualifiedLead');
  expect((await send(meta, lead)).status).toBe(200);
});

test('looks a click up last: an invented one is told of only when nothing else is wrong', async () => {
  const meta = await startMeta();
  const probe = (change: Change) =>
    send(meta, purchase({ ...change, user: { ctwa_clid: 'fake', ...change.user } }));
  expect(codes(await probe({}))).toEqual([400, 100, 2804087]);
  expect(codes(await probe({ sale: { value: null } }))).toEqual([400, 100, 2804009]);
  expect(codes(await probe({ user: { em: ['maria@example.com'] } }))).toEqual([400, 100, undefined]);
  expect(codes(await probe({ event: { opt_out: 'yes' } }))).toEqual([400, 100, undefined]);
});

test('tells the pixel, the account and a number from the dataset of the account', async () => {
  const meta = await startMeta();
  const options = { method: 'POST', body: { data: [purchase()] } };
  const to = (id: string) => call(meta, `/v26.0/${id}/events`, options);
  expect(codes(await to(BUSINESS.wabaId))).toEqual([400, 100, 33]);
  expect(codes(await to(PHONE.id))).toEqual([400, 100, 33]);
  expect(codes(await to('880011223344556'))).toEqual([400, 100, 33]);
  const { body } = options;
  const own = await call(meta, '/v26.0/880011223344556/events', { method: 'POST', token: 'EAApixel', body });
  expect(codes(own)).toEqual([400, 100, 2804132]);
});

test('keeps the test code of an event and counts it like any other', async () => {
  const meta = await startMeta();
  const body = { data: [purchase()], test_event_code: 'TEST123', upload_tag: 'ignored' };
  expect((await call(meta, EVENTS, { method: 'POST', body })).body['events_received']).toBe(1);
  expect(meta.accepted()).toMatchObject([{ testEventCode: 'TEST123' }]);
  const wrong = { data: [purchase()], test_event_code: 123 };
  expect(codes(await call(meta, EVENTS, { method: 'POST', body: wrong }))).toEqual([400, 100, undefined]);
  const agent = { data: [purchase()], partner_agent: ['tieback'] };
  expect(codes(await call(meta, EVENTS, { method: 'POST', body: agent }))).toEqual([400, 100, undefined]);
});

test.each(['en', 'fr', 'pt-BR'] as const)('answers in %s with the same codes', async (locale) => {
  const meta = await startMeta({ locale });
  const { body } = await send(meta, purchase({ event: { event_time: SECONDS - 8 * DAY } }));
  const title = {
    en: 'Event Timestamp Too Old',
    fr: 'Horodatage de l’évènement trop ancien',
    'pt-BR': 'Data do evento muito antiga',
  }[locale];
  expect(body).toEqual({
    error: {
      message: 'Invalid parameter',
      type: 'OAuthException',
      code: 100,
      error_subcode: 2804003,
      is_transient: false,
      error_user_title: title,
      error_user_msg: expect.stringMatching(/\.$/),
      fbtrace_id: expect.stringMatching(/^A[\w-]{22}$/),
    },
  });
});
