import fc from 'fast-check';
import { expect, test } from 'vitest';
import { qualifiedAt } from '../../app/domain/lead.ts';

const CLICK = new Date('2026-11-18T12:00:00Z');
const moments = fc.array(
  fc.integer({ min: -100, max: 10_000 }).map((s) => new Date(CLICK.getTime() + s * 1000)),
  {
    maxLength: 20,
  },
);
const settings = fc.record({
  qualifiedLeadMessages: fc.integer({ min: 0, max: 6 }),
  qualifiedLeadReply: fc.boolean(),
});
const byTime = (a: Date, b: Date) => a.getTime() - b.getTime();

test('however the messages are cut into batches, the same one makes the lead', () => {
  fc.assert(
    fc.property(moments, moments, settings, fc.integer({ min: 1, max: 7 }), (told, answers, rule, size) => {
      const messages = told.toSorted(byTime);
      const lead = { clickedAt: CLICK, answers, settings: rule };
      const atOnce = qualifiedAt({ ...lead, counted: 0, messages });
      const batches = Array.from({ length: Math.ceil(messages.length / size) }, (_, nth) => nth * size);
      const inBatches = batches
        .map((from) => qualifiedAt({ ...lead, counted: from, messages: messages.slice(from, from + size) }))
        .find((at) => at !== null);
      expect(inBatches ?? null).toEqual(atOnce);
    }),
  );
});

test('a lead is made by one of the person’s own messages, whatever the sequence they are told in', () => {
  fc.assert(
    fc.property(moments, moments, settings, (messages, answers, rule) => {
      const lead = { clickedAt: CLICK, counted: 0, answers, settings: rule };
      const at = qualifiedAt({ ...lead, messages });
      expect(
        qualifiedAt({ ...lead, messages: messages.toReversed(), answers: answers.toReversed() }),
      ).toEqual(at);
      if (at !== null) expect(messages).toContainEqual(at);
    }),
  );
});
