import type { ContactId } from '../../app/domain/ids.ts';
import type { Signal } from '../../app/domain/link.ts';
import type { Order, PhoneSource } from '../../app/domain/order.ts';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';
import { checkout, CHECKOUT_SHARES } from './year-checkout.ts';
import type { Checkout, CheckoutKind } from './year-checkout.ts';
import { DAY, peopleMaker, whatsappIdOf, YEAR_START } from './year-people.ts';
import type { Contact, Owner, Person } from './year-people.ts';

/** What made an order hard to link. */
export type Circumstance =
  CheckoutKind | 'forwarded_link' | 'leaked_code' | 'reception' | 'family' | 'recycled';
export type YearOrder = {
  order: Pick<
    Order,
    'references' | 'discountCodes' | 'phones' | 'contactFields' | 'country' | 'customerGid' | 'placedAt'
  >;
  fromDraft: boolean;
  truth: {
    circumstance: Circumstance;
    contactId: ContactId | null;
    /** The signals on the order that truly belong to the buyer's conversation; none: it cannot be linked. */
    signals: Signal[];
  };
};
export type Year = {
  /** By time of checkout. */
  orders: YearOrder[];
  contacts: number;
  /** What WhatsApp and the shop's chat links tell, by plain values. */
  phones: Map<string, Owner>;
  references: Map<string, Owner>;
  discountCodes: Map<string, Owner>;
};

const CONTACTS = 20_000;
const ORDERS = 50_000;
const STRANGERS = 9_000;
const FRIENDS_CARD_SHARE = 0.1;
const FRIEND_BUYS_SHARE = 0.1;
/** Front desks that many customers give as their phone; the first has written to the shop itself. */
const RECEPTIONS = 5;
const RECEPTION_USERS = 60;
/** In a year a hundredth of the numbers changes hands; very few of the new holders buy at this very shop. */
const RECYCLED = 3;
const BUYERS = { contact: 70, stranger: 28, family: 1.5, reception: 0.5 } as const;
const CHAT_CLUES = { none: 75, chat_link: 12, draft_order: 8, discount_code: 5 } as const;
const PASSED_ON_SHARE = 0.001;
const TOKEN_PLACES = { attribute: 80, landing_site: 15, tag: 5 } as const;

type World = {
  random: Random;
  maker: ReturnType<typeof peopleMaker>;
  contacts: readonly [Contact, ...Contact[]];
  strangers: readonly [Person, ...Person[]];
  receptions: readonly { desk: Person; users: readonly [Person, ...Person[]] }[];
  recycled: Person[];
  year: Year;
};

/** A shop's year of 50,000 orders and 20,000 conversations, of which it is known who bought through which chat. */
export function buildYear(seed: number): Year {
  const world = populate(seededRandom(seed));
  const { year, recycled } = world;
  for (const person of recycled) year.orders.push(ordered(world, person, 'recycled'));
  while (year.orders.length < ORDERS) year.orders.push(nextOrder(world));
  year.orders.sort((a, b) => a.order.placedAt.getTime() - b.order.placedAt.getTime());
  return year;
}

function populate(random: Random): World {
  const maker = peopleMaker(random);
  const contacts = many(CONTACTS, maker.contact);
  const strangers = many(STRANGERS, maker.stranger);
  const year: Year = {
    orders: [],
    contacts: CONTACTS,
    phones: new Map(),
    references: new Map(),
    discountCodes: new Map(),
  };
  for (const contact of contacts) learnNumber(contact, { year, random, strangers, maker });

  const receptions = Array.from({ length: RECEPTIONS }, (_, n) => ({
    desk: { ...random.pick(n === 0 ? (contacts.filter(wroteOpenly) as [Contact]) : strangers) },
    users: many(RECEPTION_USERS, () => random.pick(random.chance(0.5) ? contacts : strangers)),
  }));
  // The old holder is gone; the new one has bought, but not written.
  const recycled = many(RECYCLED, () => ({
    ...random.pick(contacts.filter(wroteOpenly) as [Contact]),
    customerGid: maker.stranger().customerGid,
    contactId: null,
  }));
  return { random, maker, contacts, strangers, receptions, recycled, year };
}

function learnNumber(
  contact: Contact,
  { year, random, strangers, maker }: Pick<World, 'year' | 'random' | 'strangers' | 'maker'>,
): void {
  const { contactId, lastMessageAt, knownBy } = contact;
  if (knownBy === null) return;
  let person: Person = contact;
  if (knownBy === 'shared_contact' && random.chance(FRIENDS_CARD_SHARE)) {
    person = random.chance(FRIEND_BUYS_SHARE) ? random.pick(strangers) : maker.stranger();
    contact.knownBy = null;
  }
  year.phones.set(whatsappIdOf(person, random), { contactId, lastMessageAt, by: knownBy });
}

function nextOrder(world: World): YearOrder {
  const { random, contacts, strangers, receptions } = world;
  switch (random.among(BUYERS)) {
    case 'contact':
      return contactOrder(world, random.pick(contacts));
    case 'stranger':
      return ordered(world, random.pick(strangers), null);
    case 'family': {
      // Two people with one phone: the conversation is the household's.
      const household = random.pick(contacts);
      const customerGid = `${household.customerGid}0000`;
      return ordered(world, { ...household, customerGid }, 'family');
    }
    case 'reception': {
      const { desk, users } = random.pick(receptions as [(typeof receptions)[number]]);
      const user = random.pick(users);
      const { contactId, customerGid } = user;
      return ordered(world, { ...desk, contactId, customerGid, knownBy: null }, 'reception');
    }
  }
}

function contactOrder(world: World, buyer: Contact): YearOrder {
  const { random, year } = world;
  const clue = random.among(CHAT_CLUES);
  if (clue === 'none') return ordered(world, buyer, null);

  const passedOn = clue !== 'draft_order' && random.chance(PASSED_ON_SHARE);
  const owner: Owner = { contactId: buyer.contactId, lastMessageAt: buyer.lastMessageAt, by: 'chat_link' };
  const friend = random.chance(0.2) ? random.pick(world.contacts) : random.pick(world.strangers);
  const circumstance = clue === 'discount_code' ? 'leaked_code' : 'forwarded_link';
  const made = passedOn ? ordered(world, friend, circumstance) : ordered(world, buyer, null);
  if (!passedOn) made.truth.signals.unshift(clue);
  made.fromDraft = clue === 'draft_order';
  // Staff fill in a draft's phone about every other time.
  if (made.fromDraft && random.chance(0.5)) withoutPhones(made);

  if (clue === 'discount_code') {
    const code = `ZAP-${random.digits(8)}`;
    year.discountCodes.set(code, owner);
    made.order.discountCodes.push(random.chance(0.2) ? code.toLowerCase() : code);
  } else {
    const token = random.digits(16);
    year.references.set(token, owner);
    made.order.references.push({ source: random.among(TOKEN_PLACES), token });
  }
  return made;
}

function withoutPhones({ order, truth }: YearOrder): void {
  order.phones = [];
  truth.signals = truth.signals.filter((signal) => !signal.endsWith('_phone'));
}

function ordered(world: World, buyer: Person, circumstance: Circumstance | null): YearOrder {
  const { random } = world;
  const kind = circumstance === null ? random.among(CHECKOUT_SHARES) : 'clean';
  const other = () => (random.chance(0.03) ? random.pick(world.contacts) : world.maker.stranger());
  const made = checkout(kind, { buyer, other, spare: world.maker.number, random });
  return {
    order: {
      references: [],
      discountCodes: random.chance(0.1) ? ['WELCOME10'] : [],
      phones: made.phones,
      contactFields: kind === 'hidden' ? 'hidden' : 'present',
      country: made.country,
      customerGid: buyer.customerGid,
      placedAt: new Date(YEAR_START + random.below(365 * DAY)),
    },
    fromDraft: false,
    truth: {
      circumstance: circumstance ?? kind,
      contactId: buyer.contactId,
      signals: phoneSignals(made, buyer),
    },
  };
}

function phoneSignals({ mine }: Checkout, { contactId, knownBy }: Person): Signal[] {
  if (contactId === null || knownBy === null) return [];
  const signals = mine.map((source) => phoneSignal(source, knownBy));
  return [...new Set(signals)];
}

function phoneSignal(source: PhoneSource, knownBy: NonNullable<Person['knownBy']>): Signal {
  if (knownBy === 'contact_request' || knownBy === 'shared_contact') return 'shared_phone';
  return source === 'order' ? 'order_phone' : 'customer_phone';
}

function wroteOpenly({ knownBy }: Person): boolean {
  return knownBy === 'message';
}

function many<T>(count: number, make: () => T): [T, ...T[]] {
  return [make(), ...Array.from({ length: count - 1 }, make)];
}
