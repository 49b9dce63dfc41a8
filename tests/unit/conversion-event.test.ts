import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../app/domain/channel.ts';
import {
  addressEvent,
  asSwitched,
  lackOf,
  tellsOfCustomer,
  withoutCustomer,
  type DraftEvent,
} from '../../app/domain/conversion-event.ts';
import { CUSTOMER_KEYS } from '../../app/domain/customer-data.ts';
import { draftEvent } from '../../app/domain/draft-event.ts';
import { checkEvent } from '../../app/domain/event-check.ts';
import { readOrder } from '../../app/domain/order.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import type { Report } from '../../app/domain/report.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { shopifyOrder } from '../builders/shopify.ts';

type Json = Record<string, unknown>;
type To = Partial<Omit<Parameters<typeof addressEvent>[1], 'report'>> & { report?: Partial<Report> };

const NOW = new Date('2026-11-18T12:00:00Z');
const HASH = '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f';
const REPORT: Report = {
  kind: 'report',
  eventName: 'Purchase',
  channel: 'business_messaging',
  eventId: 'shopify:order:5512345678901:Purchase',
  eventTime: new Date('2026-11-18T11:59:00Z'),
  deadline: new Date('2026-11-25T10:59:00Z'),
};

function drafted(body: Json = {}): DraftEvent {
  const read = readOrder(JSON.stringify(shopifyOrder(body)));
  if (read.kind !== 'order') throw new Error(read.kind);
  const { order } = read;
  const phones = ['5511987654321' as PhoneDigits];
  return draftEvent({ order, paid: order.amounts, settings: DEFAULT_SETTINGS, phones });
}

function told(draft: DraftEvent, { report, ...to }: To = {}) {
  const limits = { optOut: false, limitedTo: null };
  return addressEvent(draft, {
    ...{ wabaId: '102290129340398', clickId: 'Aff-n8ZT', limits },
    ...to,
    report: { ...REPORT, ...report },
  });
}

test('an event of a chat is exactly what Meta documents for WhatsApp', () => {
  const draft = drafted();
  const event = told(draft);
  expect(event).toEqual({
    event_name: 'Purchase',
    event_time: 1795003140,
    event_id: 'shopify:order:5512345678901:Purchase',
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: { whatsapp_business_account_id: '102290129340398', ctwa_clid: 'Aff-n8ZT', ...draft.customer },
    custom_data: draft.order,
  });
  expect(checkEvent(event, NOW)).toEqual([]);
});

test('an event of a website has the browser and the page beside the person', () => {
  const draft = drafted({ landing_site: '/products/camiseta?fbclid=IwAR2F4' });
  const event = told(draft, { report: { channel: 'website', eventId: 'my-id' } });
  expect(event).toEqual({
    event_name: 'Purchase',
    event_time: 1795003140,
    event_id: 'my-id',
    action_source: 'website',
    event_source_url: 'https://loja.example.com/products/camiseta',
    user_data: {
      client_user_agent: 'Mozilla/5.0',
      client_ip_address: '203.0.113.24',
      fbc: 'fb.1.1795008151000.IwAR2F4',
      ctwa_clid: 'Aff-n8ZT',
      ...draft.customer,
    },
    custom_data: draft.order,
  });
  expect(checkEvent(event, NOW)).toEqual([]);
});

test('an event of a store knows the buyer by hashes, and has no browser', () => {
  const draft = drafted();
  const event = told(draft, { report: { channel: 'physical_store' }, clickId: null });
  expect(event).toMatchObject({ action_source: 'physical_store', user_data: draft.customer });
  expect(JSON.stringify(event)).not.toMatch(/Mozilla|203\.0|messaging|ctwa|loja/);
  expect(checkEvent(event, NOW)).toEqual([]);
});

test('a browser’s traces never reach a chat, wherever a stored draft has them', () => {
  const traces = {
    client_ip_address: '203.0.113.24',
    client_user_agent: 'Mozilla',
    fbc: 'fb.1',
    page_id: '1',
  };
  const draft = { ...drafted(), customer: { em: [HASH], ...traces } };
  const event = told(draft);
  expect(event?.user_data).toEqual({
    whatsapp_business_account_id: '102290129340398',
    ctwa_clid: 'Aff-n8ZT',
    em: [HASH],
  });
  expect(JSON.stringify(event)).not.toMatch(/203\.0\.113|Mozilla|client_|fbc|page_id|loja/);
});

test('a draft that lacks what its channel must have makes no event', () => {
  const { browser, ...noBrowser } = drafted();
  const stranger = { ...noBrowser, customer: { country: [HASH], fn: undefined } } as unknown as DraftEvent;
  expect(told(drafted(), { clickId: null })).toBeNull();
  expect(told(noBrowser, { report: { channel: 'website' } })).toBeNull();
  expect(told({ ...noBrowser, customer: {} }, { report: { channel: 'physical_store' } })).toBeNull();
  expect(told(stranger, { report: { channel: 'physical_store' } })).toBeNull();
  if (!browser) throw new Error('no browser');
  const anonymous = { customer: {}, browser: { ...browser, ip: null } };
  expect(told(anonymous, { report: { channel: 'website' }, clickId: null })).toBeNull();
  expect(told(anonymous, { report: { channel: 'website' } })).not.toBeNull();
});

test('a draft that was kept as text makes the same event, and knows neither the click nor the person', () => {
  const draft = drafted();
  const kept = JSON.stringify(draft);
  for (const channel of ['business_messaging', 'website', 'physical_store'] as const) {
    expect(told(JSON.parse(kept) as DraftEvent, { report: { channel } })).toEqual(
      told(draft, { report: { channel } }),
    );
  }
  expect(kept).not.toMatch(/98765|maria|silva|Aff|10229|Purchase/i);
});

test('how Meta is to limit its use of the event is said beside it', () => {
  const limits = { optOut: true, limitedTo: { country: 1, state: 1000 } };
  const event = told(drafted(), { limits });
  expect(event).toMatchObject({
    opt_out: true,
    data_processing_options: ['LDU'],
    data_processing_options_country: 1,
    data_processing_options_state: 1000,
  });
  expect(checkEvent(event, NOW)).toEqual([]);
  expect(Object.keys(told(drafted()) ?? {})).not.toContain('opt_out');
});

test('an event about no order says nothing of one', () => {
  for (const draft of [{ customer: {} }, { customer: {}, order: {} }]) {
    const event = told(draft, { report: { eventName: 'LeadSubmitted' } });
    expect(event).not.toHaveProperty('custom_data');
    expect(checkEvent(event, NOW)).toEqual([]);
  }
});

const keys = fc.subarray([...CUSTOMER_KEYS]);
const browser = fc.record({
  userAgent: fc.constant('Mozilla/5.0'),
  ip: fc.constantFrom('203.0.113.24', null),
  page: fc.constant('https://loja.example.com/'),
  fbc: fc.constantFrom('fb.1.1795003140000.IwAR2F4', null),
});
const hashes = keys.map((all) => Object.fromEntries(all.map((key) => [key, [HASH]])));
const sold = fc.constant({ value: 1.99, currency: 'BRL' });
const anyDraft = fc.record(
  { customer: hashes, browser, order: sold },
  { requiredKeys: ['customer', 'order'] },
);
const place = fc.record({
  channel: fc.constantFrom(...CHANNELS),
  clickId: fc.constantFrom('Aff-n8ZT', null),
});

test('there is an event exactly where its draft lacks nothing, and Meta takes it with and without customer data', () => {
  fc.assert(
    fc.property(anyDraft, place, (draft: DraftEvent, { channel, clickId }) => {
      const event = told(draft, { report: { channel }, clickId });
      const lack = lackOf(draft, { channel, hasClickId: clickId !== null });
      expect(event === null).toBe(lack !== null);
      if (event === null) return;
      expect(checkEvent(event, NOW)).toEqual([]);
      expect(tellsOfCustomer(event)).toBe(Object.keys(draft.customer).length > 0);
      const spared = asSwitched(draft, { sendCustomerHashes: false });
      expect(withoutCustomer(event)).toEqual(told(spared, { report: { channel }, clickId }));
    }),
  );
});
