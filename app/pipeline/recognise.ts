import {
  learnIdentities,
  type KnownPeople,
  type Learned,
  type Sighting,
} from '../domain/contact-identity.ts';
import type { LearnedIdentity } from '../domain/identity-notice.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { phoneFromDisplay, whatsappForms, type PhoneDigits } from '../domain/phone.ts';
import type { Transaction } from '../storage/database.ts';
import { uuidv7 } from '../storage/uuid.ts';
import {
  holdContacts,
  insertContacts,
  loadApart,
  loadPeople,
  saveIdentities,
  type People,
} from './contacts.ts';
import type { Pipeline } from './context.ts';
import { mergeContacts } from './merge.ts';

/** What an update says of its person. */
export type Seen = {
  shopId: ShopId;
  /** The WhatsApp Business account (WABA id) that it came through. */
  account: string;
  at: Date;
  phone: PhoneDigits | null;
  userId: string | null;
  learned: LearnedIdentity[];
};
export type Recognised<One extends Seen> = {
  /** Each update with its contact as it is until `finish` has merged some. */
  seen: (One & { contactId: ContactId })[];
  /** Merges what turned out to be one person, and marks the orders that this may lead to another decision. */
  finish(): Promise<void>;
};
type Work = Pick<Pipeline, 'index' | 'clock'>;
type OfShop<One> = { shopId: ShopId; seen: One[]; learned: Learned };

/**
 * Finds each person's contact by any identity, makes one for whom nobody knows yet, and writes down what is newly known
 * of them. What is saved for a contact before `finish` is merged with it. Holds the shops' contacts alone.
 */
export async function recognise<One extends Seen>(
  pipeline: Work,
  tx: Transaction,
  seen: readonly One[],
): Promise<Recognised<One>> {
  const byShop = Map.groupBy(seen, ({ shopId }) => shopId);
  await holdContacts(tx, [...byShop.keys()], 'alone');
  const shops = await learn(pipeline, tx, byShop);
  await insertContacts(
    tx,
    shops.flatMap(({ shopId, learned }) => learned.created.map((contact) => ({ ...contact, shopId }))),
  );
  await saveIdentities(
    tx,
    shops.flatMap((shop) =>
      shop.learned.identities.map(({ told, ...identity }) => ({
        ...identity,
        shopId: shop.shopId,
        learnedAt: shop.seen[told]?.at ?? pipeline.clock(),
      })),
    ),
  );
  const merges = shops.flatMap(({ shopId, learned }) =>
    learned.merges.map((merge) => ({ ...merge, shopId })),
  );
  return {
    seen: shops.flatMap((shop) =>
      shop.seen.flatMap((one, index) => {
        const contactId = shop.learned.contactIds[index];
        return contactId === undefined ? [] : [{ ...one, contactId }];
      }),
    ),
    finish: () => mergeContacts(pipeline, tx, { merges, identities: shops.flatMap(changedPhones) }),
  };
}

// A user id stands on no order.
function changedPhones({ shopId, learned }: OfShop<Seen>): { shopId: ShopId; hash: Buffer<ArrayBuffer> }[] {
  return learned.identities
    .filter(({ kind, change }) => kind === 'phone' && change !== 'updated')
    .map(({ key }) => ({ shopId, hash: Buffer.from(key, 'hex') }));
}

async function learn<One extends Seen>(
  pipeline: Work,
  tx: Transaction,
  byShop: ReadonlyMap<ShopId, One[]>,
): Promise<OfShop<One>[]> {
  const asked = [...byShop].map(([shopId, seen]) => {
    const sightings = seen.map((one) => sightingOf(pipeline, one));
    return { shopId, seen, sightings };
  });
  const keys = asked.flatMap(({ shopId, sightings }) =>
    sightings.flatMap(keysOf).map((key) => ({ shopId, hash: Buffer.from(key, 'hex') })),
  );
  const people = await loadPeople(tx, keys);
  const ownNumbers = await loadOwnNumbers(pipeline, tx, byShop);
  const judge = (apart: KnownPeople['apart']): OfShop<One>[] =>
    asked.map(({ shopId, seen, sightings }) => {
      const known: People = people.get(shopId) ?? { identities: [], contacts: [] };
      return { shopId, seen, learned: learnIdentities({ ...known, apart, ownNumbers }, sightings) };
    });

  const shops = judge([]);
  if (shops.every(({ learned }) => learned.merges.length === 0)) return shops;
  const contacts = [...people].flatMap(([shopId, known]) =>
    known.contacts.map(({ id }) => ({ shopId, contactId: id })),
  );
  const apart = await loadApart(tx, contacts);
  return apart.length === 0 ? shops : judge(apart);
}

function sightingOf({ index, clock }: Work, { shopId, account, at, phone, userId, learned }: Seen): Sighting {
  const key = (kind: 'phone' | 'user_id', value: string) => index(shopId, kind, value).toString('hex');
  return {
    account,
    at,
    userId: userId === null ? null : key('user_id', userId),
    phone: phone === null ? null : key('phone', phone),
    learned: learned.map(({ kind, value, by }) => ({ kind, by, key: key(kind, value) })),
    newId: uuidv7(clock()) as ContactId,
  };
}

function keysOf({ userId, phone, learned }: Sighting): string[] {
  return [userId, phone, ...learned.map(({ key }) => key)].filter((key) => key !== null);
}

/** Only for who sent a card: nobody else's number is compared with the shop's own. */
async function loadOwnNumbers(
  { index }: Work,
  tx: Transaction,
  byShop: ReadonlyMap<ShopId, Seen[]>,
): Promise<Set<string>> {
  const shops = [...byShop].filter(([, seen]) =>
    seen.some(({ learned }) => learned.some(({ by }) => by === 'shared_contact')),
  );
  if (shops.length === 0) return new Set();
  const numbers = await tx.connection.findMany({
    where: { shopId: { in: shops.map(([shopId]) => shopId) } },
    select: { shopId: true, displayNumber: true },
  });
  return new Set(
    numbers.flatMap(({ shopId, displayNumber }) => {
      const digits = displayNumber === null ? null : phoneFromDisplay(displayNumber);
      const forms = digits === null ? [] : whatsappForms(digits);
      return forms.map((form) => index(shopId as ShopId, 'phone', form.digits).toString('hex'));
    }),
  );
}
