import { expect, test } from 'vitest';
import { orderClues } from '../../app/domain/clue.ts';
import { isPaidStatus } from '../../app/domain/graphql-order.ts';
import type { ContactId } from '../../app/domain/ids.ts';
import { linkOrder } from '../../app/domain/link.ts';
import { readOrder } from '../../app/domain/order.ts';
import { provenanceOf } from '../../app/domain/provenance.ts';
import { decideReport } from '../../app/domain/report.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { shopifyAddress, shopifyCustomer, shopifyOrder, withoutPersonalData } from '../builders/shopify.ts';

const NOW = new Date('2026-11-18T14:00:00Z');
// The builder's phone counts down, as made-up numbers do.
const [MADE_UP, REAL] = ['98765-4321', '98765-1234'];
const TOKEN = 'k7Qx9mB2k7Qx9mB2';
const NO_BUYER = {
  customer: null,
  shipping_address: null,
  billing_address: null,
  email: null,
  contact_email: null,
};
const IN_PERSON = { checkout_token: null, cart_token: null, landing_site: null, client_details: null };

/**
 * What comes of an order's body: where it was made, its phones, and what Meta is told. Every clue leads to one chat
 * with a click; a paid order was paid just now, and OrderCreated is switched on.
 */
function outcomeOf(body: Record<string, unknown>) {
  const text = JSON.stringify(shopifyOrder(body)).replaceAll(MADE_UP, REAL);
  const read = readOrder(text);
  if (read.kind !== 'order') throw new Error(read.kind);
  const { order } = read;
  const { clues, phones } = orderClues(order, { shopCountry: 'BR', numberCountries: [], ownNumbers: [] });
  const found = { contactId: 'c' as ContactId, lastMessageAt: NOW, by: 'message' as const };
  const owned = clues.filter(({ kind }) => kind !== 'discount_code');
  const link = linkOrder({
    phones,
    fromDraft: order.sourceName === 'shopify_draft_order',
    clues: owned.map((clue) => ({ ...clue, buyers: 1, found })),
    staff: null,
    phoneLimit: DEFAULT_SETTINGS.phoneLimit,
  });
  const signal = link.kind === 'linked' ? link.signal : null;
  const { provenance, channel } = provenanceOf({ ...order, total: order.total.amount }, signal);
  const paid = isPaidStatus(order.financialStatus);
  const decision = decideReport({
    eventName: paid ? 'Purchase' : 'OrderCreated',
    order: { ...order, provenance },
    words: { customer: {} },
    at: paid ? NOW : order.placedAt,
    now: NOW,
    click: { hasClickId: true },
    settings: { ...DEFAULT_SETTINGS, reportOrderCreated: true },
    to: { number: { state: 'active', parkedEvents: [] }, pixel: null },
    consent: { said: order.consent, saleOptOut: null },
    detected: false,
  });
  const told = decision.kind === 'report' ? decision.eventName : decision.reason;
  return { provenance, channel, phones, signal, told };
}

type Outcome = ReturnType<typeof outcomeOf>;
const STORE: Outcome = {
  provenance: 'online_store',
  channel: null,
  phones: 'given',
  signal: 'customer_phone',
  told: 'Purchase',
};

// The kinds of https://shopify.dev/docs/api/admin-rest/latest/resources/order, and what they come to.
test.each<[string, Record<string, unknown>, Partial<Outcome>]>([
  ['paid by card in the store', {}, {}],
  [
    'paid by card, with a chat link',
    { landing_site: `/?wa_ref=${TOKEN}` },
    { provenance: 'chat_link', signal: 'chat_link' },
  ],
  [
    'authorized, to be captured by hand',
    { financial_status: 'authorized', total_outstanding: '214.90' },
    { told: 'OrderCreated' },
  ],
  [
    'cash on delivery, not paid yet',
    {
      financial_status: 'pending',
      payment_gateway_names: ['Cash on Delivery (COD)'],
      total_outstanding: '214.90',
    },
    { told: 'OrderCreated' },
  ],
  [
    'cash on delivery, marked as paid',
    { financial_status: 'paid', payment_gateway_names: ['Cash on Delivery (COD)'] },
    { told: 'Purchase' },
  ],
  ['a bank transfer that came', { payment_gateway_names: ['Bank Deposit'] }, { told: 'Purchase' }],
  [
    'a discount of 100 %',
    { total_price: '0.00', payment_gateway_names: [] },
    { provenance: 'free', told: 'zero_value' },
  ],
  [
    'a draft completed by staff',
    { source_name: 'shopify_draft_order', payment_gateway_names: [], ...IN_PERSON },
    { provenance: 'in_chat' },
  ],
  [
    'a draft with the mark of a conversation, paid by its invoice',
    { source_name: 'shopify_draft_order', tags: `wa_ref:${TOKEN}` },
    { provenance: 'in_chat', signal: 'draft_order' },
  ],
  [
    'entered by staff',
    { source_name: null, payment_gateway_names: ['manual'], ...IN_PERSON },
    { provenance: 'in_chat' },
  ],
  [
    'point of sale without a customer',
    { source_name: 'pos', app_id: 129785, ...IN_PERSON, ...NO_BUYER },
    { provenance: 'point_of_sale', phones: 'absent', signal: null },
  ],
  [
    'point of sale, the first of two payments made',
    { source_name: 'pos', financial_status: 'partially_paid', total_outstanding: '100.00', ...IN_PERSON },
    { provenance: 'point_of_sale', told: 'OrderCreated' },
  ],
  [
    'a subscription’s renewal',
    { source_name: 'subscription_contract_checkout_one', tags: 'Subscription, Subscription Recurring Order' },
    { provenance: 'renewal', told: 'renewal' },
  ],
  [
    'a renewal from before 2025',
    { source_name: 'subscription_contract' },
    { provenance: 'renewal', told: 'renewal' },
  ],
  ['a subscription’s first order', { tags: 'Subscription, Subscription First Order' }, {}],
  [
    'a sales channel or mobile app',
    { source_name: '283439955969', app_id: 283439955969 },
    { provenance: 'other_channel', channel: '283439955969' },
  ],
  [
    'edited upward after payment',
    { financial_status: 'partially_paid', total_outstanding: '20.00' },
    { told: 'OrderCreated' },
  ],
  ['edited upward and paid again', { current_total_price: '234.90' }, {}],
  ['refunded in part', { financial_status: 'partially_refunded', current_total_price: '100.00' }, {}],
  [
    'imported, long since placed, and paid now',
    { processed_at: '2025-01-05T10:00:00-03:00', checkout_token: null, source_name: '1234567' },
    { provenance: 'other_channel', channel: '1234567' },
  ],
  [
    'imported, long since placed, and not paid',
    {
      processed_at: '2025-01-05T10:00:00-03:00',
      checkout_token: null,
      source_name: '1234567',
      financial_status: 'pending',
    },
    { provenance: 'other_channel', channel: '1234567', told: 'too_old' },
  ],
  [
    'pickup, the phone on the billing address only',
    { shipping_address: null, customer: shopifyCustomer({ default_address: null }) },
    {},
  ],
  [
    'a made-up phone as the contact, a real one on the address',
    { phone: '+5511999999999' },
    { signal: 'customer_phone' },
  ],
  ['a phone as the contact', { phone: '+5511987651234' }, { signal: 'order_phone' }],
  [
    'a test order',
    { test: true, payment_gateway_names: ['bogus'] },
    { provenance: 'test', told: 'test_order' },
  ],
  [
    'a test of a renewal',
    { test: true, source_name: 'subscription_contract_checkout_one' },
    { provenance: 'test', told: 'test_order' },
  ],
  [
    'cancelled before payment',
    { financial_status: 'voided', cancelled_at: '2026-11-18T10:30:00-03:00' },
    { told: 'cancelled' },
  ],
  [
    'an app without approval for customer data',
    {
      ...{ email: null, contact_email: null, customer: withoutPersonalData(shopifyCustomer()) },
      shipping_address: withoutPersonalData(shopifyAddress()),
      billing_address: withoutPersonalData(shopifyAddress()),
    },
    { phones: 'hidden', signal: null },
  ],
  [
    'a phone that cannot be called',
    {
      customer: null,
      shipping_address: shopifyAddress({ phone: '123' }),
      billing_address: shopifyAddress({ phone: 'none' }),
    },
    { phones: 'invalid', signal: null },
  ],
])('%s', (_, body, expected) => {
  expect(outcomeOf(body)).toEqual({ ...STORE, ...expected });
});
