import { expect, test } from 'vitest';
import { CHANNEL_CHOICES, type OrderClass } from '../../app/domain/channel.ts';
import { EVENT_NAMES } from '../../app/domain/event-name.ts';
import {
  changeSetting,
  channelFor,
  DEFAULT_SETTINGS,
  expectedOf,
  readSettings,
  settingsAsWords,
  settingsSchema,
  switchOf,
  type SettingKey,
} from '../../app/domain/settings.ts';

const KEYS = Object.keys(DEFAULT_SETTINGS) as SettingKey[];

test('by default payments alone are reported, as orders linked to a chat, and nothing is sent twice', () => {
  expect(DEFAULT_SETTINGS).toEqual({
    windowDays: 7,
    model: 'last_click',
    phoneLimit: 5,
    reportLeadSubmitted: false,
    reportQualifiedLead: false,
    reportViewContent: false,
    reportAddToCart: false,
    reportInitiateCheckout: false,
    reportCartAbandoned: false,
    reportOrderCreated: false,
    reportPurchase: true,
    reportOrderShipped: false,
    reportOrderDelivered: false,
    reportOrderCanceled: false,
    reportOrderReturned: false,
    reportRatingProvided: false,
    reportReviewProvided: false,
    qualifiedLeadMessages: 0,
    qualifiedLeadReply: true,
    cartAbandonedHours: 4,
    channelInChat: 'business_messaging',
    channelChatLink: 'business_messaging',
    channelOnlineStore: 'business_messaging',
    channelPointOfSale: 'business_messaging',
    channelRenewal: 'none',
    channelOtherChannel: 'business_messaging',
    channelsChosen: false,
    automaticEvents: 'withhold',
    valueRule: 'total',
    valueCurrency: 'shop',
    contentIds: 'variant',
    sendCustomerHashes: true,
    websiteEventId: 'shopify:order:{order_id}:{event_name}',
    limitedDataUse: 'off',
    dataSaleOptOut: 'withhold',
    attributionOnly: false,
    unknownOutcome: 'hold',
    alertEmail: '',
  });
});

test('every event has a switch', () => {
  const on = EVENT_NAMES.filter((name) => DEFAULT_SETTINGS[switchOf(name)]);
  expect(on).toEqual(['Purchase']);
});

test('every kind of order has a channel, by default the first that it may have', () => {
  for (const [kind, choices] of Object.entries(CHANNEL_CHOICES)) {
    expect(channelFor(DEFAULT_SETTINGS, kind as OrderClass)).toBe(choices[0]);
    for (const choice of ['business_messaging', 'website', 'physical_store', 'none']) {
      const change = changeSetting(DEFAULT_SETTINGS, `channel_${kind}`, choice);
      const allowed = choices.some((one) => one === choice);
      expect([kind, choice, change.kind]).toEqual([kind, choice, allowed ? 'changed' : 'bad_value']);
      if (change.kind === 'changed') expect(channelFor(change.settings, kind as OrderClass)).toBe(choice);
    }
  }
});

test('a corrupt field falls back alone', () => {
  const stored = {
    windowDays: 91,
    model: 'best_click',
    reportPurchase: false,
    reportOrderCreated: 1,
    channelPointOfSale: 'website',
    websiteEventId: '{name}',
    alertEmail: 'nobody',
    cartAbandonedHours: 0,
    phoneLimit: 0,
    sendCustomerHashes: 'yes',
    unknownOutcome: 'guess',
    channelRenewal: 'website',
  };
  expect(readSettings(stored)).toEqual({
    ...DEFAULT_SETTINGS,
    reportPurchase: false,
    channelRenewal: 'website',
  });
});

test.each([null, undefined, 'x', [], 5])('stored %j reads as the defaults', (stored) => {
  expect(readSettings(stored)).toEqual(DEFAULT_SETTINGS);
});

test('what was stored as JSON reads as it was', () => {
  const settings = {
    ...DEFAULT_SETTINGS,
    windowDays: 30,
    alertEmail: 'a@example.com',
    valueRule: 'subtotal',
  } as const;
  expect(readSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  expect(settingsSchema.safeParse(settings)).toEqual({ success: true, data: settings });
});

test.each([
  ['window_days', '14', { windowDays: 14 }],
  ['window_days', ' 90 ', { windowDays: 90 }],
  ['report_purchase', 'off', { reportPurchase: false }],
  ['report_purchase', 'No', { reportPurchase: false }],
  ['send_customer_hashes', 'false', { sendCustomerHashes: false }],
  ['send_customer_hashes', 'YES', { sendCustomerHashes: true }],
  ['unknown_outcome', 'Resend', { unknownOutcome: 'resend' }],
  ['attribution_model', 'first_click', { model: 'first_click' }],
  ['attribution_model', ' Linear', { model: 'linear' }],
  ['report_order_created', 'on', { reportOrderCreated: true }],
  ['report_review_provided', 'on', { reportReviewProvided: true }],
  ['channel_renewal', 'Website', { channelRenewal: 'website' }],
  ['channel_point_of_sale', 'physical_store', { channelPointOfSale: 'physical_store' }],
  ['value_rule', 'without_shipping_and_tax', { valueRule: 'without_shipping_and_tax' }],
  ['value_currency', 'buyer', { valueCurrency: 'buyer' }],
  ['content_ids', 'product', { contentIds: 'product' }],
  ['website_event_id', 'order-{order_id}', { websiteEventId: 'order-{order_id}' }],
  ['website_event_id', '{checkout_token}', { websiteEventId: '{checkout_token}' }],
  ['limited_data_use', 'us_states', { limitedDataUse: 'us_states' }],
  ['data_sale_opt_out', 'limit', { dataSaleOptOut: 'limit' }],
  ['attribution_only', 'on', { attributionOnly: true }],
  ['automatic_events', 'report', { automaticEvents: 'report' }],
  ['qualified_lead_messages', '3', { qualifiedLeadMessages: 3 }],
  ['cart_abandoned_hours', '72', { cartAbandonedHours: 72 }],
  ['alert_email', 'a@example.com', { alertEmail: 'a@example.com' }],
  ['alert_email', '', { alertEmail: '' }],
  ['phone_limit', '50', { phoneLimit: 50 }],
])('%s=%s is understood', (key, value, changed) => {
  expect(changeSetting(DEFAULT_SETTINGS, key, value)).toEqual({
    kind: 'changed',
    settings: { ...DEFAULT_SETTINGS, ...changed },
  });
});

test.each([
  ['window_days', '0'],
  ['window_days', '91'],
  ['window_days', '7.5'],
  ['window_days', '1e1'],
  ['window_days', ''],
  ['report_purchase', 'maybe'],
  ['report_lead_submitted', ''],
  ['channel_in_chat', 'website'],
  ['unknown_outcome', 'on'],
  ['attribution_model', 'last'],
  ['attribution_model', ''],
  ['website_event_id', 'purchase'],
  ['website_event_id', '{order_id} {event_name}'],
  ['website_event_id', '{order_id}{price}'],
  ['website_event_id', `{order_id}${'x'.repeat(100)}`],
  ['alert_email', 'a@example'],
  ['alert_email', 'a@example.com, b@example.com'],
  ['alert_email', 'A <a@example.com>'],
  ['cart_abandoned_hours', '73'],
  ['qualified_lead_messages', '-1'],
  ['phone_limit', '0'],
  ['phone_limit', '51'],
  ['phone_limit', 'five'],
])('%s=%s is refused with what was expected', (key, value) => {
  const refused = changeSetting(DEFAULT_SETTINGS, key, value);
  expect(refused).toEqual({ kind: 'bad_value', expected: expect.stringMatching(/.{5}/) });
});

test.each(['windowDays', 'toString', 'report_renewals', ''])(
  '%j is no setting, and the answer names those there are',
  (key) => {
    expect(changeSetting(DEFAULT_SETTINGS, key, '1')).toEqual({
      kind: 'unknown_key',
      keys: Object.keys(settingsAsWords(DEFAULT_SETTINGS)),
    });
  },
);

test('settings in the operator’s words can be given back to change them', () => {
  const words = settingsAsWords(DEFAULT_SETTINGS);
  expect(words).toMatchObject({
    window_days: 7,
    report_purchase: true,
    channel_online_store: 'business_messaging',
  });
  expect(Object.keys(words)).toHaveLength(KEYS.length);
  const back = Object.entries(words).reduce((settings, [key, value]) => {
    const change = changeSetting(settings, key, String(value));
    if (change.kind !== 'changed') throw new Error(`${key}=${String(value)}`);
    return change.settings;
  }, DEFAULT_SETTINGS);
  expect(back).toEqual(DEFAULT_SETTINGS);
});

test('what a setting takes is said in words', () => {
  expect(KEYS.map(expectedOf).filter((words) => words.length < 5)).toEqual([]);
  expect(expectedOf('cartAbandonedHours')).toBe('a whole number of hours from 1 to 72');
});
