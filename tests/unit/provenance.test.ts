import { expect, test } from 'vitest';
import { provenanceOf } from '../../app/domain/provenance.ts';

type Origin = Parameters<typeof provenanceOf>[0];

function origin(fields: Partial<Origin> = {}): Origin {
  return {
    sourceName: 'web',
    appId: '580111',
    gateways: ['shopify_payments'],
    test: false,
    total: '214.90',
    hasCheckout: true,
    tags: [],
    ...fields,
  };
}

function of(fields: Partial<Origin>, signal: Parameters<typeof provenanceOf>[1] = null) {
  const { provenance, channel } = provenanceOf(origin(fields), signal);
  return channel === null ? provenance : `${provenance}: ${channel}`;
}

test.each<[string, Partial<Origin>]>([
  ['online_store', {}],
  ['online_store', { sourceName: null }],
  ['point_of_sale', { sourceName: 'pos', hasCheckout: false, gateways: ['cash'] }],
  ['in_chat', { sourceName: 'shopify_draft_order', gateways: [] }],
  ['in_chat', { sourceName: 'shopify_draft_order', gateways: ['shopify_payments'] }],
  ['in_chat', { sourceName: 'shopify_admin', hasCheckout: false }],
  ['in_chat', { sourceName: null, hasCheckout: false, gateways: ['manual'] }],
  ['in_chat', { hasCheckout: false, gateways: ['Manual'] }],
  ['online_store', { gateways: ['manual'] }],
  ['renewal', { sourceName: 'subscription_contract' }],
  ['renewal', { sourceName: 'subscription_contract_checkout_one' }],
  ['renewal', { tags: ['VIP', 'Subscription Recurring Order'] }],
  ['online_store', { tags: ['Subscription First Order'] }],
  ['other_channel: 283439955969', { sourceName: '283439955969' }],
  ['other_channel: 283439955969', { sourceName: '283439955969', hasCheckout: false, gateways: ['manual'] }],
  ['other_channel: constructor', { sourceName: 'constructor' }],
  ['other_channel: 77', { sourceName: null, hasCheckout: false, appId: '77' }],
  ['other_channel', { sourceName: null, hasCheckout: false, appId: null }],
  ['free', { total: '0.00' }],
  ['test', { test: true }],
])('%s: %j', (expected, fields) => {
  expect(of(fields)).toBe(expected);
});

test('a signal tells a chat link’s order from other store orders', () => {
  expect(of({}, 'chat_link')).toBe('chat_link');
  expect(of({}, 'order_phone')).toBe('online_store');
  expect(of({}, 'draft_order')).toBe('in_chat');
  expect(of({ sourceName: '283439955969' }, 'chat_link')).toBe('chat_link: 283439955969');
});

test('what is no sale of the chat stays so whatever the signal, and a test before all', () => {
  expect(of({ sourceName: 'pos' }, 'chat_link')).toBe('point_of_sale');
  expect(of({ sourceName: 'subscription_contract_checkout_one' }, 'chat_link')).toBe('renewal');
  expect(of({ sourceName: 'subscription_contract_checkout_one', test: true })).toBe('test');
  expect(of({ sourceName: 'shopify_draft_order', total: '0.00' }, 'draft_order')).toBe('free');
  expect(of({ sourceName: 'tiktok', test: true })).toBe('test: tiktok');
});
