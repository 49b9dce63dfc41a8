import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { creditsOtherwise, draftOf, isDirty, sentFields } from '../../app/pages/settings/draft.ts';
import type { Draft } from '../../app/pages/settings/draft.ts';

const SAVED = DEFAULT_SETTINGS;

test('an untouched form has nothing to save', () => {
  expect(isDirty(draftOf(SAVED), SAVED)).toBe(false);
  expect(isDirty(draftOf({ ...SAVED, windowDays: 14 }), { ...SAVED, windowDays: 14 })).toBe(false);
});

test('a window that is no preset is a number of days of its own', () => {
  expect(draftOf({ ...SAVED, windowDays: 14 })).toMatchObject({ window: 'custom', customDays: '14' });
  expect(draftOf({ ...SAVED, windowDays: 28 })).toMatchObject({ window: '28' });
});

test.each<Partial<Draft>>([
  { window: '28' },
  { model: 'linear' },
  { phoneLimit: '9' },
  { reportPurchase: false },
  { reportOrderCreated: true },
  { reportRenewals: true },
  { sendCustomerHashes: false },
  { unknownOutcome: 'resend' },
])('a setting that differs makes the form dirty: %o', (change) => {
  expect(isDirty({ ...draftOf(SAVED), ...change }, SAVED)).toBe(true);
});

test('the same window typed by hand is no change, an empty one is', () => {
  const draft = { ...draftOf(SAVED), window: 'custom' };
  expect(isDirty({ ...draft, customDays: ' 7 ' }, SAVED)).toBe(false);
  expect(isDirty({ ...draft, customDays: '' }, SAVED)).toBe(true);
});

test('every setting is sent, a preset by its days', () => {
  expect(sentFields({ ...draftOf(SAVED), window: '28', reportRenewals: true })).toEqual({
    windowDays: '28',
    model: 'last_click',
    phoneLimit: '5',
    reportPurchase: 'on',
    reportOrderCreated: 'off',
    reportRenewals: 'on',
    sendCustomerHashes: 'on',
    unknownOutcome: 'hold',
  });
});

test('only rules of credit and linking concern orders of the past', () => {
  expect(creditsOtherwise(SAVED, { ...SAVED, windowDays: 28 })).toBe(true);
  expect(creditsOtherwise(SAVED, { ...SAVED, model: 'first_click' })).toBe(true);
  expect(creditsOtherwise(SAVED, { ...SAVED, phoneLimit: 9 })).toBe(true);
  expect(creditsOtherwise(SAVED, { ...SAVED, reportPurchase: false, unknownOutcome: 'resend' })).toBe(false);
});
