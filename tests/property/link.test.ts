import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ContactId } from '../../app/domain/ids.ts';
import { linkOrder, SIGNALS, STRENGTHS } from '../../app/domain/link.ts';
import type { Evidence, FoundClue } from '../../app/domain/link.ts';
import { PHONE_SOURCES } from '../../app/domain/order.ts';

type Input = Parameters<typeof linkOrder>[0];

// Few contacts and few moments, so that clues often agree, disagree and tie.
const contactId = fc.constantFrom('a', 'b', 'c').map((id) => id as ContactId);
const lastMessageAt = fc.constantFrom('2026-11-01', '2026-11-02').map((day) => new Date(day));
const tokenClue = fc.record({
  kind: fc.constant('reference' as const),
  source: fc.constantFrom('attribute' as const, 'landing_site' as const, 'tag' as const),
  basis: fc.constant(null),
  masked: fc.constant(null),
  barred: fc.constant(null),
  buyers: fc.constant(0),
  found: fc.option(fc.record({ contactId, lastMessageAt, by: fc.constant('chat_link' as const) })),
});
const codeClue = fc.tuple(tokenClue, fc.integer({ min: 1, max: 3 })).map(([clue, buyers]) => ({
  ...clue,
  buyers,
  kind: 'discount_code' as const,
  source: 'discount_code' as const,
  masked: 'ZAP10',
}));
const by = fc.constantFrom(...(['message', 'contact_request', 'shared_contact', 'changed'] as const));
const phoneClue = fc.record({
  kind: fc.constant('phone' as const),
  source: fc.constantFrom(...PHONE_SOURCES),
  basis: fc.constantFrom('same' as const, 'brazil_ninth_digit' as const, 'argentina_mobile_nine' as const),
  masked: fc.constantFrom('+55 ••••• 4321', '+54 ••••• 6789'),
  barred: fc.constantFrom(
    null,
    null,
    null,
    'own_number' as const,
    'placeholder' as const,
    'recipient' as const,
  ),
  buyers: fc.integer({ min: 1, max: 9 }),
  found: fc.option(fc.record({ contactId, lastMessageAt, by })),
});
const clue: fc.Arbitrary<FoundClue> = fc.oneof(tokenClue, codeClue, phoneClue);
const staff = fc.record({
  contactId: fc.option(contactId),
  rejected: fc.uniqueArray(contactId, { maxLength: 2 }),
  by: fc.constant('Ana'),
  at: fc.constant('2026-11-20T10:00:00Z'),
});
const input: fc.Arbitrary<Input> = fc.record({
  phones: fc.constantFrom('given' as const, 'absent' as const, 'hidden' as const, 'invalid' as const),
  fromDraft: fc.boolean(),
  clues: fc.array(clue, { maxLength: 8 }),
  staff: fc.option(staff),
  phoneLimit: fc.integer({ min: 1, max: 6 }),
});

function counting(evidence: readonly Evidence[]): Evidence[] {
  return evidence.filter(({ verdict }) => verdict !== 'set_aside');
}

function rank({ strength, signal }: Pick<Evidence, 'strength' | 'signal'>): number {
  return STRENGTHS.indexOf(strength) * SIGNALS.length + SIGNALS.indexOf(signal);
}

test('the order of the clues does not matter', () => {
  const shuffled = input.chain((one) =>
    fc.tuple(fc.constant(one), fc.shuffledSubarray([...one.clues], { minLength: one.clues.length })),
  );
  fc.assert(
    fc.property(shuffled, ([one, clues]) => {
      expect(linkOrder({ ...one, clues })).toEqual(linkOrder(one));
    }),
    { numRuns: 500 },
  );
});

test('an order is linked when some evidence counts, to the contact of the one that is chosen', () => {
  fc.assert(
    fc.property(input, (one) => {
      const outcome = linkOrder(one);
      const chosen = outcome.evidence.filter((evidence) => evidence.chosen);
      expect(outcome.kind === 'linked').toBe(counting(outcome.evidence).length > 0);
      expect(chosen).toEqual(outcome.evidence.filter(({ verdict }) => verdict === 'chosen'));
      if (outcome.kind === 'not_linked') return;
      const { contactId: linked, signal, strength } = outcome;
      expect(chosen).toEqual([expect.objectContaining({ contactId: linked, signal, strength, why: null })]);
    }),
    { numRuns: 500 },
  );
});

test('evidence is set aside exactly when there is a reason, and then never counts', () => {
  fc.assert(
    fc.property(input, (one) => {
      const { evidence } = linkOrder(one);
      for (const { verdict, why } of evidence) expect(verdict === 'set_aside').toBe(why !== null);
      const rejected = one.staff?.rejected ?? [];
      const wrong = counting(evidence).filter(
        (entry) => entry.signal !== 'staff' && rejected.includes(entry.contactId),
      );
      expect(wrong).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('what more buyers share than may is never the reason for a link', () => {
  fc.assert(
    fc.property(input, (one) => {
      const isShared = ({ kind, buyers }: FoundClue): boolean =>
        (kind === 'discount_code' && buyers > 1) || (kind === 'phone' && buyers > one.phoneLimit);
      const without = one.clues.filter((entry) => !isShared(entry));
      expect(counting(linkOrder(one).evidence)).toEqual(
        counting(linkOrder({ ...one, clues: without }).evidence),
      );
    }),
    { numRuns: 500 },
  );
});

test('what a stronger signal says stands whatever else is there', () => {
  fc.assert(
    fc.property(input, clue, (one, extra) => {
      const [before, alone] = [linkOrder(one), linkOrder({ ...one, clues: [extra], staff: null })];
      const after = linkOrder({ ...one, clues: [...one.clues, extra] });
      if (before.kind !== 'linked') return;
      // A clue whose contact a person rejected says nothing.
      const rejected = alone.kind === 'linked' && one.staff?.rejected.includes(alone.contactId) === true;
      const weaker = alone.kind !== 'linked' || rejected || rank(alone) > rank(before);
      const stronger = alone.kind === 'linked' && !rejected && rank(alone) < rank(before);
      if (weaker) expect(after).toMatchObject({ contactId: before.contactId, signal: before.signal });
      if (stronger) expect(after).toMatchObject({ contactId: alone.contactId, signal: alone.signal });
    }),
    { numRuns: 1000 },
  );
});

test('there is disagreement if and only if evidence that counts points to another contact', () => {
  fc.assert(
    fc.property(input, (one) => {
      const outcome = linkOrder(one);
      if (outcome.kind !== 'linked') return;
      const contacts = new Set(counting(outcome.evidence).map((entry) => entry.contactId));
      expect(outcome.disagreement).toBe(contacts.size > 1);
    }),
    { numRuns: 500 },
  );
});

test('every clue with an owner is in the evidence, and nothing else but a person’s word', () => {
  fc.assert(
    fc.property(input, (one) => {
      const found = one.clues.flatMap((entry) => entry.found?.contactId ?? []);
      const said = one.staff?.contactId ?? [];
      expect(
        linkOrder(one)
          .evidence.map((entry) => entry.contactId)
          .sort(),
      ).toEqual([...found, said].flat().sort());
    }),
  );
});
