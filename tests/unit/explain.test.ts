import { expect, test } from 'vitest';
import {
  explainProvenance,
  explainSignal,
  explainStrength,
  explainWhy,
} from '../../app/domain/explain-evidence.ts';
import { explain, explainState } from '../../app/domain/explain.ts';
import { SET_ASIDE, SIGNALS, STRENGTHS } from '../../app/domain/link.ts';
import { PROVENANCES } from '../../app/domain/provenance.ts';
import { EVENT_REASONS, isReason, ORDER_STATES, REASONS } from '../../app/domain/reason.ts';

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

test.each([
  ['provenance', PROVENANCES.map(explainProvenance)],
  ['signal', SIGNALS.map(explainSignal)],
  ['strength', STRENGTHS.map(explainStrength)],
  ['ground to set evidence aside', SET_ASIDE.map(explainWhy)],
])('every %s has a label for a badge and a sentence of its own, without jargon', (_, words) => {
  for (const { label, sentence } of words) {
    expect(label).toMatch(/^[A-Z][a-z -]{3,23}$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/s);
    expect(sentence).not.toMatch(JARGON);
  }
  expect(new Set(words.map(({ label }) => label)).size).toBe(words.length);
  expect(new Set(words.map(({ sentence }) => sentence)).size).toBe(words.length);
});

test('what Meta is told before the payment is called an order, never a purchase', () => {
  const words = [
    ...EVENT_REASONS.map((reason) => explain(reason, 'OrderCreated')),
    ...ORDER_STATES.map((state) => ({ ...explainState(state, 'OrderCreated'), fix: null })),
  ];
  for (const { sentence, fix } of words) expect(`${sentence} ${fix ?? ''}`).not.toMatch(/purchase/i);
  expect(explain('refused_amount', 'OrderCreated').sentence).toBe(
    'Meta refused the order because of its amount or currency.',
  );
  expect(explain('refused_amount').sentence).toContain('the purchase');
});

test.each(['no_phone', 'phone_invalid', 'phone_shared', 'no_conversation'] as const)(
  'an order that is not linked for %s can be linked by hand, and says so',
  (reason) => expect(explain(reason).fix).toContain('link the order to it'),
);

test('what needs a person says what to do', () => {
  const critical = REASONS.filter((reason) => explain(reason).tone === 'critical');
  expect(critical.filter((reason) => explain(reason).fix === null)).toEqual([]);
});

test('only the listed reasons are reasons', () => {
  expect([...REASONS].every(isReason)).toBe(true);
  expect(['', 'toString', 'because'].some(isReason)).toBe(false);
});
