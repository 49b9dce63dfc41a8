import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  learnIdentities,
  type KnownIdentity,
  type KnownPeople,
  type Sighting,
} from '../../app/domain/contact-identity.ts';
import type { ContactId } from '../../app/domain/ids.ts';

const AT = new Date('2026-11-18T13:00:00Z');
const ACCOUNTS = ['W1', 'W2'] as const;
type Said = Omit<Sighting, 'newId' | 'at'>;

/** Works the sightings in batches of these sizes, each on what the one before left. */
function play(said: readonly Said[], sizes: readonly number[]): KnownPeople {
  let people: KnownPeople = { identities: [], contacts: [], apart: [], ownNumbers: new Set() };
  let done = 0;
  for (let round = 0; done < said.length; round += 1) {
    const size = sizes.length === 0 ? said.length : (sizes[round % sizes.length] ?? 1);
    const batch = said.slice(done, done + size).map((one, index): Sighting => {
      const order = done + index;
      return { ...one, at: new Date(AT.getTime() + order), newId: `C${order}` as ContactId };
    });
    people = after(people, batch);
    done += size;
  }
  return people;
}

function after(people: KnownPeople, batch: readonly Sighting[]): KnownPeople {
  const learned = learnIdentities(people, batch);
  const identities = new Map(people.identities.map((identity) => [identity.key, identity]));
  for (const identity of learned.identities) identities.set(identity.key, identity);
  const into = new Map(learned.merges.map((merge) => [merge.from, merge.into]));
  const created = learned.created.map(({ id, at }) => ({ id, firstMessageAt: at }));
  return {
    ...people,
    identities: [...identities.values()].map((one): KnownIdentity => ({
      ...one,
      contactId: into.get(one.contactId) ?? one.contactId,
    })),
    contacts: [...people.contacts, ...created].filter(({ id }) => !into.has(id)),
  };
}

/** The keys of each contact, in an order of their own. */
function groups({ identities }: KnownPeople): string[] {
  const byContact = Map.groupBy(identities, ({ contactId }) => contactId);
  return [...byContact.values()]
    .map((held) =>
      held
        .map(({ key }) => key)
        .toSorted()
        .join(' '),
    )
    .toSorted();
}

/** What is connected by being said together. */
function connected(said: readonly Said[]): string[] {
  let sets: Set<string>[] = [];
  for (const one of said) {
    const keys = [one.userId, one.phone, ...one.learned.map(({ key }) => key)].filter((key) => key !== null);
    const touching = sets.filter((set) => keys.some((key) => set.has(key)));
    sets = [
      ...sets.filter((set) => !touching.includes(set)),
      new Set([...keys, ...touching.flatMap((set) => [...set])]),
    ];
  }
  return sets.map((set) => [...set].toSorted().join(' ')).toSorted();
}

const userOf = (person: number, account: string, version: number) => `U${person}.${version}@${account}`;
const phoneOf = (person: number, version: number) => `P${person}.${version}`;

/** A message of a person before or after a change of number, showing the user id, the number or both. */
const message = fc
  .record({
    person: fc.nat(4),
    account: fc.constantFrom(...ACCOUNTS),
    version: fc.nat(1),
    shows: fc.constantFrom('both', 'user_id', 'phone', 'answer'),
  })
  .map(({ person, account, version, shows }): Said => {
    const userId = userOf(person, account, version);
    const phone = phoneOf(person, version);
    const learned =
      shows === 'answer' ? [{ kind: 'phone' as const, key: phone, by: 'contact_request' as const }] : [];
    return {
      account,
      userId: shows === 'phone' ? null : userId,
      phone: shows === 'both' || shows === 'phone' ? phone : null,
      learned,
    };
  });
/** WhatsApp's notices to every account that the number changed. */
const notices = (person: number): Said[] =>
  ACCOUNTS.map((account) => ({
    account,
    userId: userOf(person, account, 0),
    phone: phoneOf(person, 0),
    learned: [
      { kind: 'user_id', key: userOf(person, account, 1), by: 'changed' },
      { kind: 'phone', key: phoneOf(person, 1), by: 'changed' },
    ],
  }));
const told = fc
  .array(message, { maxLength: 25 })
  .map((messages) => [...messages, ...[0, 1, 2, 3, 4].flatMap(notices)]);
const shuffled = told.chain((said) => fc.shuffledSubarray(said, { minLength: said.length }));
const sizes = fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 4 });

test('messages and notices in any order and any batches end with the same contacts: what was said together', () => {
  fc.assert(
    fc.property(shuffled, sizes, (said, batches) => {
      expect(groups(play(said, batches))).toEqual(connected(said));
    }),
    { numRuns: 500 },
  );
});

test('two people never become one contact', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([0, 1, 2, 3, 4].flatMap(notices)),
      fc.array(message),
      sizes,
      (some, said, batches) => {
        for (const { identities } of [play([...said, ...some], batches), play([...some, ...said], batches)]) {
          const people = Map.groupBy(identities, ({ contactId }) => contactId);
          for (const held of people.values()) {
            expect(new Set(held.map(({ key }) => key.slice(1, 2))).size).toBe(1);
          }
        }
      },
    ),
  );
});

/** Numbers of a small town: anybody may come to own any of them, and send anybody's card. */
const townsman = fc
  .record({
    account: fc.constantFrom(...ACCOUNTS),
    person: fc.nat(5),
    phone: fc.option(fc.nat(3)),
    card: fc.option(fc.nat(3), { freq: 4 }),
  })
  .map(({ account, person, phone, card }): Said => ({
    account,
    userId: userOf(person, account, 0),
    phone: phone === null ? null : phoneOf(phone, 0),
    learned: card === null ? [] : [{ kind: 'phone', key: phoneOf(card, 0), by: 'shared_contact' }],
  }));

test('without a notice nobody has two user ids of one account, however numbers change hands and cards go round', () => {
  fc.assert(
    fc.property(fc.array(townsman, { maxLength: 40 }), sizes, (said, batches) => {
      const { identities } = play(said, batches);
      for (const held of Map.groupBy(identities, ({ contactId }) => contactId).values()) {
        for (const account of ACCOUNTS) {
          const ids = held.filter(({ kind, accounts }) => kind === 'user_id' && accounts.includes(account));
          expect(ids.length).toBeLessThanOrEqual(1);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a number belongs to whoever wrote from it last', () => {
  fc.assert(
    fc.property(fc.array(townsman, { minLength: 1, maxLength: 40 }), sizes, (said, batches) => {
      const { identities } = play(said, batches);
      const owner = (key: string) => identities.find((identity) => identity.key === key)?.contactId;
      const last = new Map(
        said.flatMap(({ phone, userId }) => (phone === null ? [] : [[phone, userId ?? '']])),
      );
      for (const [phone, userId] of last) expect(owner(phone)).toBe(owner(userId));
    }),
  );
});

test('cards alone never merge anybody', () => {
  fc.assert(
    fc.property(fc.array(townsman, { maxLength: 40 }), sizes, (said, batches) => {
      const cards = said.map((one) => ({ ...one, phone: null }));
      const senders = new Set(cards.map(({ userId }) => userId));
      expect(play(cards, batches).contacts).toHaveLength(senders.size);
    }),
  );
});

test('learning twice what was said changes nothing', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 25 }), (said) => {
      const people = play(said, []);
      const again = learnIdentities(
        people,
        said.map((one, index) => ({ ...one, at: AT, newId: `AGAIN${index}` as ContactId })),
      );
      expect([again.created, again.merges]).toEqual([[], []]);
    }),
  );
});
