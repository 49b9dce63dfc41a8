import { expect, test } from 'vitest';
import {
  learnIdentities,
  type KnownIdentity,
  type KnownPeople,
  type Learned,
  type Sighting,
} from '../../app/domain/contact-identity.ts';
import type { ContactId } from '../../app/domain/ids.ts';

const AT = new Date('2026-11-18T13:00:00Z');
const A = 'A' as ContactId;
const B = 'B' as ContactId;

function known(identities: (Partial<KnownIdentity> & { key: string; contactId: ContactId })[]): KnownPeople {
  const all = identities.map((identity) => ({
    kind: identity.key.startsWith('U') ? ('user_id' as const) : ('phone' as const),
    source: 'message' as const,
    accounts: identity.key.startsWith('U') ? ['W'] : [],
    ...identity,
  }));
  const contacts = [...new Set(all.map(({ contactId }) => contactId))];
  const firstMessageAt = (id: ContactId) => new Date(AT.getTime() + (id === A ? 0 : 1000));
  return {
    identities: all,
    contacts: contacts.map((id) => ({ id, firstMessageAt: firstMessageAt(id) })),
    apart: [],
    ownNumbers: new Set(),
  };
}

function seen(fields: Partial<Sighting>): Sighting {
  return {
    account: 'W',
    at: AT,
    userId: null,
    phone: null,
    learned: [],
    newId: 'NEW' as ContactId,
    ...fields,
  };
}

/** Who holds what in the end. */
function holders(people: KnownPeople, learned: Learned): Record<string, string> {
  const into = new Map(learned.merges.map((merge) => [merge.from, merge.into]));
  const all = [...people.identities, ...learned.identities];
  return Object.fromEntries(all.map(({ key, contactId }) => [key, into.get(contactId) ?? contactId]));
}

function learn(people: KnownPeople, ...sightings: Partial<Sighting>[]) {
  const learned = learnIdentities(people, sightings.map(seen));
  return { ...learned, holders: holders(people, learned) };
}

const phone = (key: string, by: 'contact_request' | 'shared_contact' | 'changed') =>
  ({ kind: 'phone', key, by }) as const;
const userId = (key: string) => ({ kind: 'user_id', key, by: 'changed' }) as const;

test('somebody nobody knows gets a contact with all that the message shows', () => {
  const { created, holders, contactIds } = learn(known([]), { userId: 'U1', phone: 'P1' });
  expect(created).toEqual([{ id: 'NEW', at: AT }]);
  expect(contactIds).toEqual(['NEW']);
  expect(holders).toEqual({ U1: 'NEW', P1: 'NEW' });
});

test('a message that says nothing new changes nothing', () => {
  const people = known([
    { key: 'U1', contactId: A },
    { key: 'P1', contactId: A },
  ]);
  const { identities, created, merges } = learn(people, { userId: 'U1', phone: 'P1' }, { phone: 'P1' });
  expect({ identities, created, merges }).toEqual({ identities: [], created: [], merges: [] });
});

test('a message with both shows that the contact of the user id and that of the number are one', () => {
  const people = known([
    { key: 'U1', contactId: B },
    { key: 'P1', contactId: A },
  ]);
  const { merges, holders, contactIds } = learn(people, { userId: 'U1', phone: 'P1' });
  expect(merges).toEqual([{ from: B, into: A, by: 'message' }]);
  expect(holders).toEqual({ U1: A, P1: A });
  expect(contactIds).toEqual([B]);
});

test('a number that another user id of the same WhatsApp account holds has a new owner, and nothing merges', () => {
  const people = known([
    { key: 'U1', contactId: A },
    { key: 'P1', contactId: A },
  ]);
  const { merges, holders, identities } = learn(people, { userId: 'U2', phone: 'P1' });
  expect(merges).toEqual([]);
  expect(holders).toEqual({ U1: A, U2: 'NEW', P1: 'NEW' });
  expect(identities).toMatchObject([
    { key: 'U2', change: 'new' },
    { key: 'P1', change: 'moved' },
  ]);
});

test('two user ids of different WhatsApp accounts with one number are one person', () => {
  const people = known([
    { key: 'U1', contactId: A, accounts: ['W'] },
    { key: 'P1', contactId: A },
    { key: 'U2', contactId: B, accounts: ['OTHER'] },
  ]);
  const { merges } = learn(people, { account: 'OTHER', userId: 'U2', phone: 'P1' });
  expect(merges).toEqual([{ from: B, into: A, by: 'message' }]);
});

test('a user id that another account of the same portfolio names is remembered there as well', () => {
  const people = known([{ key: 'U1', contactId: A }]);
  expect(learn(people, { account: 'OTHER', userId: 'U1' }).identities).toMatchObject([
    { key: 'U1', accounts: ['W', 'OTHER'], change: 'updated' },
  ]);
});

test('an answer to a request for the number adds it, and merges as a message with both does', () => {
  const answer = { userId: 'U1', learned: [phone('P1', 'contact_request')] };
  expect(learn(known([]), answer).identities).toMatchObject([
    { key: 'U1' },
    { key: 'P1', source: 'contact_request' },
  ]);
  const people = known([
    { key: 'U1', contactId: A },
    { key: 'P1', contactId: B },
  ]);
  expect(learn(people, answer).merges).toEqual([{ from: B, into: A, by: 'contact_request' }]);
});

test.each([
  ['the sender has a number already', { phone: 'P1' }, known([{ key: 'P1', contactId: A }])],
  ['somebody wrote from that number', { userId: 'U1' }, known([{ key: 'CARD', contactId: A }])],
  [
    'somebody else sent that card first',
    { userId: 'U1' },
    known([{ key: 'CARD', contactId: A, source: 'shared_contact' }]),
  ],
  ['it is the shop’s own number', { userId: 'U1' }, { ...known([]), ownNumbers: new Set(['CARD']) }],
] as const)('a card’s number is not the sender’s when %s', (_, sender, people) => {
  const { holders, merges } = learn(people, { ...sender, learned: [phone('CARD', 'shared_contact')] });
  expect(holders['CARD']).toBe(people.identities.find(({ key }) => key === 'CARD')?.contactId);
  expect(merges).toEqual([]);
});

test('a card’s number is taken for the sender’s as long as they have none, and goes when it writes itself', () => {
  const card = { userId: 'U1', learned: [phone('CARD', 'shared_contact')] };
  const people = known([{ key: 'U1', contactId: A }]);
  expect(learn(people, card).holders).toEqual({ U1: A, CARD: A });
  for (const self of [{ phone: 'CARD' }, { phone: 'CARD', userId: 'U2' }]) {
    const { holders, merges } = learn(people, card, self);
    expect(holders).toMatchObject({ U1: A, CARD: 'NEW' });
    expect(merges).toEqual([]);
  }
  // It was theirs after all.
  expect(learn(people, card, { userId: 'U1', phone: 'CARD' }).identities).toMatchObject([
    { key: 'CARD', contactId: A, source: 'message' },
  ]);
});

test('a new number is added, and the old one stays until somebody else writes from it', () => {
  const people = known([
    { key: 'U1', contactId: A },
    { key: 'P1', contactId: A },
  ]);
  const notice = { userId: 'U1', phone: 'P1', learned: [phone('P2', 'changed')] };
  expect(learn(people, notice).holders).toEqual({ U1: A, P1: A, P2: A });
  expect(learn(people, notice, { userId: 'U9', phone: 'P1' }).holders).toMatchObject({ P1: 'NEW', P2: A });
});

test('the contact of the new number merges', () => {
  const people = known([
    { key: 'P1', contactId: A },
    { key: 'P2', contactId: B },
  ]);
  expect(learn(people, { phone: 'P1', learned: [phone('P2', 'changed')] }).merges).toEqual([
    { from: B, into: A, by: 'changed' },
  ]);
});

test('the user id that comes with a new number is that person’s, named by the notice or not, and only one', () => {
  const people = known([
    { key: 'U1', contactId: A },
    { key: 'P1', contactId: A },
  ]);
  const notice = { userId: 'U1', phone: 'P1', learned: [phone('P2', 'changed')] };
  const { holders } = learn(people, notice, { userId: 'U2', phone: 'P2' });
  expect(holders).toEqual({ U1: A, P1: A, P2: A, U2: A });
  const third = learn(people, notice, { userId: 'U2', phone: 'P2' }, { userId: 'U3', phone: 'P2' });
  expect(third.holders).toMatchObject({ U2: A, U3: 'NEW', P2: 'NEW' });
});

test('a new number that was a stranger’s goes to its new owner without the stranger', () => {
  const people = known([
    { key: 'U1', contactId: A },
    { key: 'U9', contactId: B },
    { key: 'P2', contactId: B },
  ]);
  const notice = { userId: 'U1', learned: [userId('U2'), phone('P2', 'changed')] };
  const { holders, merges } = learn(people, notice);
  expect(holders).toEqual({ U1: A, U2: A, P2: A, U9: B });
  expect(merges).toEqual([]);
});

test('a changed user id merges the contacts of both', () => {
  const people = known([
    { key: 'U1', contactId: A },
    { key: 'U2', contactId: B },
    { key: 'P2', contactId: B },
  ]);
  const { merges, holders } = learn(people, { userId: 'U1', learned: [userId('U2')] });
  expect(merges).toEqual([{ from: B, into: A, by: 'changed' }]);
  expect(holders).toEqual({ U1: A, U2: A, P2: A });
});

test('merges of one batch all lead to the contact that stays in the end', () => {
  const people = known([
    { key: 'U1', contactId: A },
    { key: 'P1', contactId: B },
  ]);
  const { merges, contactIds } = learn(
    people,
    { phone: 'P2', newId: 'C' as ContactId },
    { phone: 'P1', learned: [phone('P2', 'contact_request')] },
    { userId: 'U1', phone: 'P1' },
  );
  expect(contactIds).toEqual(['C', B, A]);
  expect(merges.map(({ from, into }) => [from, into])).toEqual([
    [B, A],
    ['C', A],
  ]);
});

test('two that a person took apart do not merge by what was said before; later the identity goes to its sender', () => {
  const people: KnownPeople = {
    ...known([
      { key: 'U1', contactId: A },
      { key: 'P1', contactId: B },
    ]),
    apart: [{ contactIds: [A, B], since: AT }],
  };
  expect(learn(people, { userId: 'U1', phone: 'P1' }).holders).toEqual({ U1: A, P1: B });
  const later = learn(people, { userId: 'U1', phone: 'P1', at: new Date(AT.getTime() + 1) });
  expect(later.holders).toEqual({ U1: A, P1: A });
  expect(later.merges).toEqual([]);
});
