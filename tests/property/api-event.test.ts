import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draftOfReport, readReport, reportSchema, type ReportedEvent } from '../../app/domain/api-event.ts';
import { addressEvent } from '../../app/domain/conversion-event.ts';
import { checkEvent } from '../../app/domain/event-check.ts';
import { EVENT_NAMES } from '../../app/domain/event-name.ts';
import { parseJson, writeJson } from '../../app/domain/json.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const DIGITS: Readonly<Record<string, number>> = { BRL: 2, JPY: 0, KWD: 3 };

const text = (maxLength: number) =>
  fc
    .string({ minLength: 1, maxLength, unit: fc.constantFrom(...'aé7 -_:"\\ç漢') })
    .filter((one) => one.trim() !== '');
const money = fc.constantFrom('BRL', 'JPY', 'KWD').chain((currency) =>
  fc.integer({ min: 1, max: 2_000_000_000 }).map((units) => ({
    currency,
    amount: (units / 10 ** (DIGITS[currency] ?? 0)).toFixed(DIGITS[currency]),
  })),
);
const reports = fc.record(
  {
    event_name: fc.constantFrom(...EVENT_NAMES),
    conversation: fc.oneof(
      text(40).map((phone) => ({ phone })),
      text(64).map((contact_id) => ({ contact_id })),
      text(256).map((user_id) => ({ user_id })),
    ),
    occurred_at: fc
      .date({ min: new Date('2020-01-01'), max: NOW, noInvalidDate: true })
      .map((date) => date.toISOString()),
    value: money,
    reference: text(64),
    contents: fc.array(fc.record({ id: text(100), quantity: fc.integer({ min: 1, max: 1_000_000 }) }), {
      minLength: 1,
      maxLength: 5,
    }),
  },
  { requiredKeys: ['event_name', 'conversation', 'occurred_at', 'value'] },
);

function eventOf(body: unknown): ReportedEvent {
  const read = readReport(body, NOW);
  if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
  return read.event;
}

test('whatever is fine is read with the very amount that was written, as a text or as a number', () => {
  fc.assert(
    fc.property(reports, (report) => {
      const event = eventOf(report);
      expect(event.value).toEqual(report.value);
      expect(event.at.toISOString()).toBe(report.occurred_at);
      const asNumber = { ...report, value: { ...report.value, amount: Number(report.value.amount) } };
      expect(eventOf(asNumber)).toEqual(event);
    }),
  );
});

test('the sequence of the keys and white space change nothing, not even the text that repetitions are known by', () => {
  fc.assert(
    fc.property(reports, (report) => {
      const turned = JSON.stringify(Object.fromEntries(Object.entries(report).reverse()), null, 3);
      expect(JSON.stringify(eventOf(JSON.parse(turned)))).toBe(JSON.stringify(eventOf(report)));
    }),
  );
});

test('no JSON makes it fail: everything else is refused with words at a field', () => {
  fc.assert(
    fc.property(fc.json({ depthSize: 'large' }), (body) => {
      const parsed = parseJson(body);
      const read = readReport(parsed.kind === 'value' ? parsed.value : null, NOW);
      expect(read.kind).toBe('problems');
    }),
  );
});

test('one part replaced by anything is refused at that part, or is fine by the schema too', () => {
  const parts = ['event_name', 'conversation', 'occurred_at', 'value', 'reference', 'contents'] as const;
  fc.assert(
    fc.property(reports, fc.constantFrom(...parts), fc.jsonValue(), (report, part, anything) => {
      const changed: unknown = JSON.parse(writeJson({ ...report, [part]: anything }));
      const read = readReport(changed, NOW);
      if (read.kind === 'event') expect(reportSchema.safeParse(changed).success).toBe(true);
      else
        for (const { path, message } of read.problems) {
          expect(path.startsWith(part)).toBe(true);
          expect(message).toMatch(/^(is|must|has|needs) /);
        }
    }),
    { numRuns: 500 },
  );
});

test('Meta has nothing to refuse about what is taken', () => {
  const kinds = fc.constantFrom('variant', 'product');
  fc.assert(
    fc.property(reports, kinds, (report, contentIds) => {
      const { eventName, ...event } = eventOf({ ...report, occurred_at: NOW.toISOString() });
      const payload = addressEvent(draftOfReport({ eventName, ...event }, { contentIds }), {
        report: {
          kind: 'report',
          eventName,
          channel: 'business_messaging',
          eventId: 'tieback:api:1',
          eventTime: NOW,
          deadline: NOW,
        },
        wabaId: '102290129340398',
        clickId: 'click',
        limits: { optOut: false, limitedTo: null },
      });
      expect(payload && checkEvent(payload, NOW)).toEqual([]);
    }),
  );
});
