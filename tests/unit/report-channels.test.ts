import { expect, test } from 'vitest';
import type { Provenance } from '../../app/domain/provenance.ts';
import { decideReport, type Destination } from '../../app/domain/report.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../app/domain/settings.ts';

type Input = Parameters<typeof decideReport>[0];

const OPEN = { state: 'active', parkedEvents: [] } as const;

function decide(
  settings: Partial<Settings>,
  order: Partial<Input['order']> = {},
  fields: Partial<Omit<Input, 'order' | 'settings'>> = {},
) {
  const total = { amount: '214.90', currency: 'BRL' };
  const known = { checkoutToken: 'c0ffee', hasBrowser: true, hasCustomer: true };
  return decideReport({
    eventName: 'Purchase',
    order: {
      ...{ legacyId: '7', test: false, total, cancelledAt: null, provenance: 'online_store' as const },
      ...known,
      ...order,
    },
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
  [{ ...OPEN, parkedEvents: ['Purchase'] }, 'event_name_parked'],
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

test('a website event needs a browser, one of a store a customer; what is not kept of an old order is no ground', () => {
  const store = { channelPointOfSale: 'physical_store' } as const;
  const sale = { provenance: 'point_of_sale' } as const;
  expect(decide(WEBSITE, { hasBrowser: false })).toEqual(withheld('no_browser'));
  expect(decide(WEBSITE, { hasBrowser: null, hasCustomer: false })).toMatchObject({ kind: 'report' });
  expect(decide(store, { ...sale, hasCustomer: false })).toEqual(withheld('no_customer_data'));
  expect(decide(store, { ...sale, hasCustomer: null, hasBrowser: false })).toMatchObject({ kind: 'report' });
  expect(decide({}, { hasBrowser: false, hasCustomer: false })).toMatchObject({ kind: 'report' });
});

test('a pixel is told of purchases alone', () => {
  const settings = { ...WEBSITE, reportOrderCreated: true, reportOrderShipped: true };
  for (const eventName of ['OrderCreated', 'OrderShipped'] as const) {
    expect(decide(settings, {}, { eventName })).toEqual(withheld('chat_event_only'));
  }
});

test('a purchase that Meta saw in the chat by itself is not told there again, unless the shop wants it', () => {
  expect(decide({}, {}, { detected: true })).toEqual(withheld('reported_automatically'));
  expect(decide({ automaticEvents: 'report' }, {}, { detected: true })).toMatchObject({ kind: 'report' });
  expect(decide(WEBSITE, {}, { detected: true })).toMatchObject({ kind: 'report', channel: 'website' });
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
