import { expect, test } from 'vitest';
import { qualifiedAt } from '../../app/domain/lead.ts';

const CLICK = new Date('2026-11-18T12:00:00Z');
const after = (seconds: number) => new Date(CLICK.getTime() + seconds * 1000);

type Rule = { qualifiedLeadMessages?: number; qualifiedLeadReply?: boolean };
function qualified(input: { counted?: number; messages: number[]; answers?: number[] } & Rule) {
  const { qualifiedLeadMessages = 0, qualifiedLeadReply = false } = input;
  return qualifiedAt({
    clickedAt: CLICK,
    counted: input.counted ?? 0,
    messages: input.messages.map(after),
    answers: (input.answers ?? []).map(after),
    settings: { qualifiedLeadMessages, qualifiedLeadReply },
  });
}

test('the nth message since the click qualifies, in whatever sequence the messages come', () => {
  expect(qualified({ qualifiedLeadMessages: 3, messages: [0, 20, 10] })).toEqual(after(20));
  expect(qualified({ qualifiedLeadMessages: 3, counted: 1, messages: [30, 20, 10] })).toEqual(after(20));
  expect(qualified({ qualifiedLeadMessages: 3, counted: 1, messages: [10] })).toBeNull();
});

test('a number that was lowered since is reached by the next message', () => {
  expect(qualified({ qualifiedLeadMessages: 2, counted: 5, messages: [40, 50] })).toEqual(after(40));
});

test('who writes again after the business answered since the click is qualified', () => {
  const rule = { qualifiedLeadReply: true };
  expect(qualified({ ...rule, messages: [0, 60, 90], answers: [30] })).toEqual(after(60));
  expect(qualified({ ...rule, messages: [0, 60], answers: [] })).toBeNull();
  expect(qualified({ ...rule, messages: [60], answers: [-30] })).toBeNull();
  expect(qualified({ ...rule, messages: [60], answers: [60] })).toBeNull();
  expect(qualified({ ...rule, messages: [60], answers: [90, 0] })).toEqual(after(60));
});

test('of both rules the first that is met counts', () => {
  const both = { qualifiedLeadMessages: 3, qualifiedLeadReply: true };
  expect(qualified({ ...both, messages: [0, 10, 20, 40], answers: [30] })).toEqual(after(20));
  expect(qualified({ ...both, messages: [0, 10, 20], answers: [5] })).toEqual(after(10));
});

test('without a rule nobody is qualified', () => {
  expect(qualified({ messages: [0, 10, 20], answers: [5] })).toBeNull();
});
