import { expect, test } from 'vitest';
import { changeSetting, DEFAULT_SETTINGS, readSettings, settingsAsWords } from '../../app/domain/settings.ts';

test('the defaults are a week, reporting on, hashes on, and nothing sent twice', () => {
  expect(DEFAULT_SETTINGS).toEqual({
    windowDays: 7,
    reportPurchase: true,
    sendCustomerHashes: true,
    unknownOutcome: 'hold',
  });
});

test('a corrupt field falls back alone', () => {
  const stored = {
    windowDays: 91,
    reportPurchase: false,
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
  ['unknown_outcome', 'on'],
])('%s=%s is refused with what was expected', (key, value) => {
  expect(changeSetting(DEFAULT_SETTINGS, key, value)).toMatchObject({ kind: 'bad_value' });
});

test.each(['windowDays', 'toString', ''])('%j is no setting, and the answer names those there are', (key) => {
  expect(changeSetting(DEFAULT_SETTINGS, key, '1')).toEqual({
    kind: 'unknown_key',
    keys: ['window_days', 'report_purchase', 'send_customer_hashes', 'unknown_outcome'],
  });
});

test('settings in the operator’s words can be given back to change them', () => {
  const words = settingsAsWords({
    windowDays: 30,
    reportPurchase: false,
    sendCustomerHashes: true,
    unknownOutcome: 'resend',
  });
  expect(words).toEqual({
    window_days: 30,
    report_purchase: false,
    send_customer_hashes: true,
    unknown_outcome: 'resend',
  });
  for (const [key, value] of Object.entries(words)) {
    expect(changeSetting(DEFAULT_SETTINGS, key, String(value)).kind).toBe('changed');
  }
});
