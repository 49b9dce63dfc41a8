import type { ContactId } from './ids.ts';
import type { IdentitySource } from './link.ts';

/** What a person may be known by. `key` is opaque and differs from shop to shop. */
export type Identity = { key: string; kind: 'phone' | 'user_id' };
export type KnownIdentity = Identity & {
  contactId: ContactId;
  source: IdentitySource;
  /** For user ids: the WhatsApp Business accounts (WABA ids) that named it. */
  accounts: readonly string[];
};
/** One update in which WhatsApp names a person. */
export type Sighting = {
  /** The WhatsApp Business account (WABA id) that it came through. */
  account: string;
  at: Date;
  userId: string | null;
  phone: string | null;
  learned: readonly (Identity & { by: IdentitySource })[];
  /** For the contact that is made when nobody known is meant. */
  newId: ContactId;
};
export type KnownPeople = {
  /** All identities of every contact that one of the sightings may be about. */
  identities: readonly KnownIdentity[];
  contacts: readonly { id: ContactId; firstMessageAt: Date }[];
  /** Pairs that a person took apart again. */
  apart: readonly { contactIds: readonly [ContactId, ContactId]; since: Date }[];
  /** Keys of the shops' own numbers. */
  ownNumbers: ReadonlySet<string>;
};
export type Learned = {
  /** Whose each sighting is, as it was before the merges. */
  contactIds: ContactId[];
  created: { id: ContactId; at: Date }[];
  /** Identities as they are to be written, before the merges; `told` is the sighting that said so last. */
  identities: (KnownIdentity & { change: 'new' | 'moved' | 'updated'; told: number })[];
  merges: { from: ContactId; into: ContactId; by: IdentitySource }[];
};

type Contact = { id: ContactId; stored: boolean; at: Date; mergedInto: Contact | null; by: IdentitySource };
type Held = Omit<KnownIdentity, 'contactId'> & { contact: Contact };
type Book = {
  people: KnownPeople;
  contacts: Map<ContactId, Contact>;
  held: Map<string, Held>;
  heldBy: Map<Contact, Held[]>;
  told: Map<string, number>;
};

/**
 * Works out, from what was known and what WhatsApp said since, whose each update is, which identities are new or change
 * hands, and which contacts are one person. Pure; the updates are taken in their order.
 *
 * A message that shows a user id and a number shows that they are one person's. But numbers are given to new owners,
 * while a user id changes only with a notice: a number whose contact has another user id on the same WhatsApp account
 * goes to the sender, and nothing merges. User ids are scoped to a business portfolio:
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
 */
export function learnIdentities(people: KnownPeople, sightings: readonly Sighting[]): Learned {
  const book = openBook(people);
  const contacts = sightings.map((sighting, index) => learn(book, sighting, index));
  const before = new Map(people.identities.map((identity) => [identity.key, identity]));
  return {
    contactIds: contacts.map(({ id }) => id),
    created: [...book.contacts.values()].filter(({ stored }) => !stored).map(({ id, at }) => ({ id, at })),
    identities: [...book.told].flatMap(([key, told]) => {
      const held = book.held.get(key);
      if (held === undefined) return [];
      const { contact, ...identity } = held;
      const was = before.get(key);
      const change = was === undefined ? 'new' : was.contactId === contact.id ? 'updated' : 'moved';
      return [{ ...identity, contactId: contact.id, change, told }];
    }),
    merges: [...book.contacts.values()].flatMap((contact) => {
      const into = current(contact);
      return into === contact ? [] : [{ from: contact.id, into: into.id, by: contact.by }];
    }),
  };
}

function learn(book: Book, sighting: Sighting, index: number): Contact {
  const contact = whose(book, sighting) ?? create(book, sighting);
  const show = (identity: Identity, by: IdentitySource): void =>
    connect(book, { contact: current(contact), sighting, index }, identity, by);
  const { userId, phone, learned } = sighting;
  if (userId !== null) show({ key: userId, kind: 'user_id' }, 'message');
  // A notice's user id first: with it the number's holder is no stranger any more.
  for (const { by, ...identity } of learned) if (identity.kind === 'user_id') show(identity, by);
  if (phone !== null) show({ key: phone, kind: 'phone' }, 'message');
  for (const { by, ...identity } of learned) if (identity.kind === 'phone') show(identity, by);
  return contact;
}

/** The contact that the sender already has: by user id if there is one, else by a number that leads to nobody else. */
function whose(book: Book, sighting: Sighting): Contact | null {
  const { userId, phone, learned } = sighting;
  const known = userId === null ? undefined : book.held.get(userId);
  if (known !== undefined) return current(known.contact);
  const shown = learned.filter(({ by }) => by !== 'shared_contact').map(({ key }) => key);
  for (const key of [...(phone === null ? [] : [phone]), ...shown]) {
    const held = book.held.get(key);
    if (held === undefined || held.source === 'shared_contact') continue;
    if (held.kind === 'user_id' || !isAnothers(book, held, sighting, null)) return current(held.contact);
  }
  return null;
}

type Person = { contact: Contact; sighting: Sighting; index: number };

/** Ties an identity to the person who was seen with it: it is added, or its holder merges, or it changes hands. */
function connect(book: Book, person: Person, identity: Identity, by: IdentitySource): void {
  const { contact, sighting, index } = person;
  const held = book.held.get(identity.key);
  if (held === undefined) {
    if (by === 'shared_contact' && !mayBeTheirs(book, contact, identity)) return;
    const accounts = identity.kind === 'user_id' ? [sighting.account] : [];
    const added = { ...identity, source: by, accounts, contact };
    book.held.set(identity.key, added);
    heldBy(book, contact).push(added);
    book.told.set(identity.key, index);
    return;
  }
  const holder = current(held.contact);
  if (holder === contact) return confirm(book, held, person, by);
  // A card may be a friend's: it takes nothing from anybody.
  if (by === 'shared_contact') return;
  const strangers =
    held.kind === 'phone' && (held.source === 'shared_contact' || isAnothers(book, held, sighting, contact));
  const apart = apartSince(book, contact, holder);
  if (!strangers && apart === null) return merge(book, contact, holder, by);
  // What was said before a person took them apart does not count any more.
  if (strangers || (apart !== null && sighting.at > apart)) move(book, held, person, by);
}

/** Whether the number's holder is known by another user id on an account that knows this person by theirs. */
function isAnothers(book: Book, phone: Held, sighting: Sighting, contact: Contact | null): boolean {
  // A notice of a new number does not always name the user id that comes with it.
  if (phone.source === 'changed') return false;
  const theirs = contact === null ? [] : userIds(book, contact);
  const accounts = new Set(theirs.flatMap((held) => held.accounts));
  if (sighting.userId !== null) accounts.add(sighting.account);
  return userIds(book, current(phone.contact)).some(
    (held) => held.key !== sighting.userId && held.accounts.some((account) => accounts.has(account)),
  );
}

function mayBeTheirs(book: Book, contact: Contact, card: Identity): boolean {
  return !book.people.ownNumbers.has(card.key) && !heldBy(book, contact).some(({ kind }) => kind === 'phone');
}

// A stronger source replaces a weaker one.
const RANK: readonly IdentitySource[] = ['shared_contact', 'changed', 'contact_request', 'message'];

function confirm(book: Book, held: Held, { sighting, index }: Person, by: IdentitySource): void {
  const newAccount = held.kind === 'user_id' && !held.accounts.includes(sighting.account);
  // Until a user id is seen with it, a number of a notice still waits for the one that comes with it.
  const waits = held.source === 'changed' && sighting.userId === null;
  const stronger = RANK.indexOf(by) > RANK.indexOf(held.source) && !waits;
  if (!newAccount && !stronger) return;
  if (newAccount) held.accounts = [...held.accounts, sighting.account];
  if (stronger) held.source = by;
  book.told.set(held.key, index);
}

function move(book: Book, held: Held, { contact, index }: Person, by: IdentitySource): void {
  const holder = current(held.contact);
  const left = heldBy(book, holder).filter((other) => other !== held);
  book.heldBy.set(holder, left);
  held.contact = contact;
  held.source = by;
  heldBy(book, contact).push(held);
  book.told.set(held.key, index);
}

/** The older one stays. */
function merge(book: Book, one: Contact, other: Contact, by: IdentitySource): void {
  const [into, from] = isOlder(one, other) ? [one, other] : [other, one];
  from.mergedInto = into;
  from.by = by;
  heldBy(book, into).push(...heldBy(book, from));
  book.heldBy.delete(from);
}

function isOlder(one: Contact, other: Contact): boolean {
  if (one.stored !== other.stored) return one.stored;
  const difference = one.at.getTime() - other.at.getTime();
  return difference < 0 || (difference === 0 && one.id < other.id);
}

function apartSince({ people }: Book, one: Contact, other: Contact): Date | null {
  const pair = people.apart.find(
    ({ contactIds }) => contactIds.includes(one.id) && contactIds.includes(other.id),
  );
  return pair?.since ?? null;
}

function create(book: Book, { newId, at }: Sighting): Contact {
  const contact: Contact = { id: newId, stored: false, at, mergedInto: null, by: 'message' };
  book.contacts.set(newId, contact);
  return contact;
}

function current(contact: Contact): Contact {
  let found = contact;
  while (found.mergedInto !== null) found = found.mergedInto;
  return found;
}

function heldBy(book: Book, contact: Contact): Held[] {
  const held = book.heldBy.get(contact) ?? [];
  book.heldBy.set(contact, held);
  return held;
}

function userIds(book: Book, contact: Contact): Held[] {
  return heldBy(book, contact).filter(({ kind }) => kind === 'user_id');
}

function openBook(people: KnownPeople): Book {
  const contacts = new Map(
    people.contacts.map(({ id, firstMessageAt }): [ContactId, Contact] => [
      id,
      { id, stored: true, at: firstMessageAt, mergedInto: null, by: 'message' },
    ]),
  );
  const all = people.identities.flatMap(({ contactId, ...identity }): Held[] => {
    const contact = contacts.get(contactId);
    return contact === undefined ? [] : [{ ...identity, contact }];
  });
  return {
    people,
    contacts,
    held: new Map(all.map((held) => [held.key, held])),
    heldBy: Map.groupBy(all, (held) => held.contact),
    told: new Map(),
  };
}
