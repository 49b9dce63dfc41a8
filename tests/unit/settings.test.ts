import { expect, test } from 'vitest';
import { changeSetting, DEFAULT_SETTINGS, readSettings, settingsAsWords } from '../../app/domain/settings.ts';

test('the defaults are the last click of a week, payments reported with hashes, and nothing sent twice', () => {
  expect(DEFAULT_SETTINGS).toEqual({
    windowDays: 7,
    model: 'last_click',
    reportPurchase: true,
    reportOrderCreated: false,
    reportRenewals: false,
    sendCustomerHashes: true,
    unknownOutcome: 'hold',
    phoneLimit: 5,
  });
});

test('a corrupt field falls back alone', () => {
  const stored = {
    windowDays: 91,
    model: 'best_click',
    reportPurchase: false,
    reportOrderCreated: 1,
    reportRenewals: null,
    phoneLimit: 0,
    sendCustomerHashes: 'yes',
    unknownOutcome: 'guess',
  };
  expect(readSettings(stored)).toEqual({ ...DEFAULT_SETTINGS, reportPurchase: false });
});

test.each([null, undefined, 'x', [], 5])('stored %j reads as the defaults', (stored) => {
  expect(readSettings(stored)).toEqual(DEFAULT_SETTINGS);
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
  ['report_renewals', 'yes', { reportRenewals: true }],
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
  ['report_renewals', ''],
  ['unknown_outcome', 'on'],
  ['attribution_model', 'last'],
  ['attribution_model', ''],
  ['phone_limit', '0'],
  ['phone_limit', '51'],
  ['phone_limit', 'five'],
])('%s=%s is refused with what was expected', (key, value) => {
  expect(changeSetting(DEFAULT_SETTINGS, key, value)).toMatchObject({ kind: 'bad_value' });
});

test.each(['windowDays', 'toString', ''])('%j is no setting, and the answer names those there are', (key) => {
  expect(changeSetting(DEFAULT_SETTINGS, key, '1')).toEqual({
    kind: 'unknown_key',
    keys: [
      ...['window_days', 'attribution_model', 'report_purchase', 'report_order_created', 'report_renewals'],
      ...['send_customer_hashes', 'unknown_outcome', 'phone_limit'],
    ],
  });
});

test('settings in the operator’s words can be given back to change them', () => {
  const words = settingsAsWords({
    windowDays: 30,
    model: 'linear',
    reportPurchase: false,
    reportOrderCreated: true,
    reportRenewals: true,
    sendCustomerHashes: true,
    unknownOutcome: 'resend',
    phoneLimit: 9,
  });
  expect(words).toEqual({
    window_days: 30,
    attribution_model: 'linear',
    report_purchase: false,
    report_order_created: true,
    report_renewals: true,
    send_customer_hashes: true,
    unknown_outcome: 'resend',
    phone_limit: 9,
  });
  for (const [key, value] of Object.entries(words)) {
    expect(changeSetting(DEFAULT_SETTINGS, key, String(value)).kind).toBe('changed');
  }
});
