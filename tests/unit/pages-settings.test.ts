import { expect, test } from 'vitest';
import { draftOf, isDirty } from '../../app/pages/settings/draft.ts';

const SAVED = { windowDays: 7, reportPurchase: true, sendCustomerHashes: true };

test('an untouched form has nothing to save', () => {
  expect(isDirty(draftOf(SAVED), SAVED)).toBe(false);
  expect(isDirty(draftOf({ ...SAVED, windowDays: 14 }), { ...SAVED, windowDays: 14 })).toBe(false);
});

test('a window that is no preset is a number of days of its own', () => {
  expect(draftOf({ ...SAVED, windowDays: 14 })).toMatchObject({ window: 'custom', customDays: '14' });
  expect(draftOf({ ...SAVED, windowDays: 28 })).toMatchObject({ window: '28' });
});

test('every setting that differs makes the form dirty', () => {
  const draft = draftOf(SAVED);
  expect(isDirty({ ...draft, window: '28' }, SAVED)).toBe(true);
  expect(isDirty({ ...draft, reportPurchase: false }, SAVED)).toBe(true);
  expect(isDirty({ ...draft, sendCustomerHashes: false }, SAVED)).toBe(true);
});

test('the same window typed by hand is no change, an empty one is', () => {
  const draft = { ...draftOf(SAVED), window: 'custom' };
  expect(isDirty({ ...draft, customDays: ' 7 ' }, SAVED)).toBe(false);
  expect(isDirty({ ...draft, customDays: '' }, SAVED)).toBe(true);
});
