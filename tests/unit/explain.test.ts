import { expect, test } from 'vitest';
import { explain, explainState } from '../../app/domain/explain.ts';
import { isReason, ORDER_STATES, REASONS } from '../../app/domain/reason.ts';

const JARGON = /CAPI|API|payload|ctwa|clid|dataset id|HTTP|JSON|webhook|null|undefined|_/;

test.each(REASONS)('%s is explained in whole sentences without jargon', (reason) => {
  const { sentence, fix } = explain(reason);
  for (const text of [sentence, ...(fix === null ? [] : [fix])]) {
    expect(text).toMatch(/^[A-Z].*\.$/s);
    expect(text).not.toMatch(JARGON);
  }
});

test.each(ORDER_STATES)('%s has a label that fits a badge and a whole sentence', (state) => {
  const { label, sentence } = explainState(state);
  expect(label).toMatch(/^[A-Z][a-z ]{3,16}$/);
  expect(sentence).toMatch(/^[A-Z].*\.$/s);
});

test('no two reasons and no two states read the same', () => {
  expect(new Set(REASONS.map((reason) => explain(reason).sentence)).size).toBe(REASONS.length);
  expect(new Set(ORDER_STATES.map((state) => explainState(state).label)).size).toBe(ORDER_STATES.length);
});

test('what needs a person says what to do', () => {
  const critical = REASONS.filter((reason) => explain(reason).tone === 'critical');
  expect(critical.filter((reason) => explain(reason).fix === null)).toEqual([]);
});

test('only the listed reasons are reasons', () => {
  expect([...REASONS].every(isReason)).toBe(true);
  expect(['', 'toString', 'because'].some(isReason)).toBe(false);
});
