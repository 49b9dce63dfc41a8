import { expect, test } from 'vitest';
import type { Provenance } from '../../app/domain/provenance.ts';
import { decideReport, type Destination } from '../../app/domain/report.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../app/domain/settings.ts';

type Input = Parameters<typeof decideReport>[0];

const HASH = 'a'.repeat(64);
const BROWSER = { userAgent: 'Mozilla/5.0', ip: null, page: 'https://loja.example.com/', fbc: null };
const OPEN = { state: 'active', parkedEvents: [] } as const;

function decide(
  settings: Partial<Settings>,
  order: Partial<Input['order']> = {},
  fields: Partial<Omit<Input, 'order' | 'settings'>> = {},
) {
  const total = { amount: '214.90', currency: 'BRL' };
  return decideReport({
    eventName: 'Purchase',
    order: {
      ...{ legacyId: '7', test: false, total, cancelledAt: null, provenance: 'online_store' as const },
      checkoutToken: 'c0ffee',
      ...order,
    },
    words: { customer: { em: [HASH] }, browser: BROWSER },
    at: new Date('2026-11-18T12:00:00Z'),
    now: new Date('2026-11-18T12:00:05Z'),
    click: { hasClickId: true },
    settings: { ...DEFAULT_SETTINGS, ...settings },
    to: { number: OPEN, pixel: OPEN },
    consent: { said: null, saleOptOut: null },
    detected: false,
    ...fields,
  });
}
const withheld = (reason: string) => ({ kind: 'withheld', reason });

test.each<[Provenance, Partial<Settings>, string]>([
  ['in_chat', { channelInChat: 'none' }, 'in_chat_off'],
  ['chat_link', { channelChatLink: 'none' }, 'chat_link_off'],
  ['online_store', { channelOnlineStore: 'none' }, 'online_store_off'],
  ['point_of_sale', { channelPointOfSale: 'none' }, 'point_of_sale_off'],
  ['renewal', {}, 'renewal'],
  ['other_channel', { channelOtherChannel: 'none' }, 'other_channel_off'],
])(
  'an order of the kind %s is kept back when its shop chose so, and no other is',
  (provenance, settings, reason) => {
    expect(decide(settings, { provenance })).toEqual(withheld(reason));
    expect(
      decide(settings, { provenance: provenance === 'in_chat' ? 'chat_link' : 'in_chat' }),
    ).toMatchObject({
      kind: 'report',
    });
  },
);

test.each<[Provenance, Partial<Settings>, string]>([
  ['chat_link', { channelChatLink: 'website' }, 'website'],
  ['online_store', { channelOnlineStore: 'website' }, 'website'],
  ['point_of_sale', { channelPointOfSale: 'physical_store' }, 'physical_store'],
  ['renewal', { channelRenewal: 'business_messaging' }, 'business_messaging'],
  ['renewal', { channelRenewal: 'website' }, 'website'],
  ['other_channel', { channelOtherChannel: 'website' }, 'website'],
])('an order of the kind %s is told by %j as %s', (provenance, settings, channel) => {
  expect(decide(settings, { provenance })).toMatchObject({ kind: 'report', channel });
});

test('a test and a free order have no channel', () => {
  expect(decide({}, { provenance: 'test' })).toEqual(withheld('test_order'));
  expect(decide({}, { provenance: 'free' })).toEqual(withheld('zero_value'));
});

const WEBSITE = { channelOnlineStore: 'website' } as const;

test('an order in a store has 62 days', () => {
  const decision = decide({ channelPointOfSale: 'physical_store' }, { provenance: 'point_of_sale' });
  expect(decision).toMatchObject({ deadline: new Date('2027-01-19T11:00:00Z') });
});

test.each([
  ['shopify:order:{order_id}:{event_name}', 'c0ffee', 'shopify:order:7:Purchase'],
  ['{checkout_token}', 'c0ffee', 'c0ffee'],
  ['{checkout_token}', null, 'shopify:order:7:Purchase'],
  ['sale-{order_id}-{order_id}', null, 'sale-7-7'],
])(
  'by the rule %s an order with the checkout %s has the event id %s',
  (websiteEventId, checkoutToken, eventId) => {
    expect(decide({ ...WEBSITE, websiteEventId }, { checkoutToken })).toMatchObject({ eventId });
  },
);

test('the rule for website events does not touch the ids of chats', () => {
  expect(decide({ websiteEventId: '{checkout_token}' })).toMatchObject({
    eventId: 'shopify:order:7:Purchase',
  });
});

test.each<[Destination['pixel'], string | null]>([
  [null, 'no_pixel'],
  [{ ...OPEN, state: 'disconnected' }, 'no_pixel'],
  [{ ...OPEN, parkedEvents: ['OrderShipped'] }, null],
  [{ ...OPEN, state: 'paused' }, null],
  [{ ...OPEN, state: 'lost' }, null],
])('a website event to the pixel %j is kept back for %s', (pixel, reason) => {
  const number = { state: 'disconnected', parkedEvents: ['Purchase'] } as const;
  const decision = decide(WEBSITE, {}, { to: { number, pixel } });
  expect(decision).toMatchObject(reason === null ? { kind: 'report' } : withheld(reason));
});

test('a pixel needs no click id, a chat does', () => {
  const click = { hasClickId: false };
  expect(decide(WEBSITE, {}, { click })).toMatchObject({ channel: 'website' });
  expect(decide({}, {}, { click })).toEqual(withheld('no_click_id'));
});

const STORE = { channelPointOfSale: 'physical_store', channelOnlineStore: 'website' } as const;
test.each<[Provenance, Partial<Input>, string | null]>([
  ['online_store', { words: { customer: { em: [HASH] } } }, 'no_browser'],
  ['online_store', { words: { customer: {}, browser: BROWSER } }, null],
  [
    'online_store',
    { words: { customer: {}, browser: BROWSER }, click: { hasClickId: false } },
    'no_customer_data',
  ],
  [
    'online_store',
    { words: { customer: { ct: [HASH] }, browser: BROWSER }, click: { hasClickId: false } },
    'no_customer_data',
  ],
  [
    'online_store',
    { words: { customer: {}, browser: { ...BROWSER, ip: '203.0.113.1' } }, click: { hasClickId: false } },
    null,
  ],
  ['point_of_sale', { words: { customer: {}, browser: BROWSER } }, 'no_customer_data'],
  ['point_of_sale', { words: { customer: { ph: [HASH] } }, click: { hasClickId: false } }, null],
  ['in_chat', { words: { customer: {} } }, null],
])('an order of the kind %s with %j is kept back for %s', (provenance, fields, reason) => {
  const decision = decide(STORE, { provenance }, fields);
  expect(decision).toMatchObject(reason === null ? { kind: 'report' } : withheld(reason));
});

test('the names parked on a pixel are its own', () => {
  const parked = { ...OPEN, parkedEvents: ['Purchase'] };
  expect(decide(WEBSITE, {}, { to: { number: OPEN, pixel: parked } })).toMatchObject({ parked: true });
  expect(decide(WEBSITE, {}, { to: { number: parked, pixel: OPEN } })).toMatchObject({ parked: false });
  expect(decide({}, {}, { to: { number: parked, pixel: OPEN } })).toMatchObject({ parked: true });
});

test('a pixel is told of purchases alone', () => {
  const settings = { ...WEBSITE, reportOrderCreated: true, reportOrderShipped: true };
  for (const eventName of ['OrderCreated', 'OrderShipped'] as const) {
    expect(decide(settings, {}, { eventName })).toEqual(withheld('chat_event_only'));
  }
});

test('a purchase that Meta saw in the chat by itself is told on no channel again, unless the shop wants it', () => {
  expect(decide({}, {}, { detected: true })).toEqual(withheld('reported_automatically'));
  expect(decide({ automaticEvents: 'report' }, {}, { detected: true })).toMatchObject({ kind: 'report' });
  expect(decide(WEBSITE, {}, { detected: true })).toEqual(withheld('reported_automatically'));
  const placed = { eventName: 'OrderCreated', detected: true } as const;
  expect(decide({ reportOrderCreated: true }, {}, placed)).toMatchObject({ kind: 'report' });
});

test.each<[Input['consent'], Partial<Settings>, string | null]>([
  [{ said: 'denied', saleOptOut: null }, {}, 'consent_denied'],
  [{ said: 'denied', saleOptOut: false }, { dataSaleOptOut: 'limit' }, 'consent_denied'],
  [{ said: 'granted', saleOptOut: null }, {}, null],
  [{ said: null, saleOptOut: true }, {}, 'data_sale_opt_out'],
  [{ said: 'granted', saleOptOut: true }, {}, 'data_sale_opt_out'],
  [{ said: null, saleOptOut: true }, { dataSaleOptOut: 'limit' }, null],
  [{ said: null, saleOptOut: false }, {}, null],
])('a buyer who said %j is, by %j, kept back for %s', (consent, settings, reason) => {
  for (const channel of [{}, WEBSITE]) {
    const decision = decide({ ...settings, ...channel }, {}, { consent });
    expect(decision).toMatchObject(reason === null ? { kind: 'report' } : withheld(reason));
  }
});
