import { fingerprint } from '../domain/fingerprint.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { maskPhone } from '../domain/phone.ts';
import { readUpdate, type InboundMessage } from '../domain/whatsapp-update.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { uuidv7 } from '../storage/uuid.ts';
import { findContacts, identityKey, saveIdentities, type Identity } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { workInbox, type Delivery, type Settled } from './inbox.ts';
import { referralField } from './sealed.ts';

type Number = { shopId: ShopId; connectionId: string; phoneNumberId: string };
/** One message as one shop sees it; a number may belong to two shops, and each gets its own contact and click. */
type Arrival = { shopId: ShopId; connectionId: string; message: InboundMessage; identities: Identity[] };

const BATCH = 500;

/** Turns WhatsApp deliveries into contacts, message marks and ad clicks. Returns how many deliveries it took. */
export function captureBatch(pipeline: Pipeline): Promise<number> {
  return workInbox(
    pipeline,
    { source: 'whatsapp', topics: Prisma.sql`TRUE`, limit: BATCH },
    (tx, deliveries) => capture(pipeline, tx, deliveries),
  );
}

async function capture(pipeline: Pipeline, tx: Transaction, deliveries: Delivery[]): Promise<Settled[]> {
  const read = deliveries.map((delivery) => ({ delivery, update: readUpdate(delivery.text) }));
  const ids = read.flatMap(({ update }) => (update.kind === 'message' ? [update.phoneNumberId] : []));
  const numbers = await connectedNumbers(tx, [...new Set(ids)]);

  const arrivals: Arrival[] = [];
  const settled = read.map(({ delivery, update }): Settled => {
    switch (update.kind) {
      case 'status':
      case 'echo':
      case 'other':
        return { id: delivery.id, state: 'done', reason: null };
      case 'unknown':
        return { id: delivery.id, state: 'flagged', reason: update.problem };
      case 'message': {
        const owners = (numbers.get(update.phoneNumberId) ?? []).filter(
          (number) => delivery.account === '' || delivery.account === number.connectionId,
        );
        for (const { shopId, connectionId } of owners) {
          const identities = identitiesOf(pipeline, shopId, update.message);
          arrivals.push({ shopId, connectionId, message: update.message, identities });
        }
        return owners.length > 0
          ? { id: delivery.id, state: 'done', reason: null }
          : { id: delivery.id, state: 'flagged', reason: 'no shop has connected this WhatsApp number' };
      }
    }
  });
  if (arrivals.length > 0) await keep(pipeline, tx, arrivals);
  return settled;
}

async function connectedNumbers(tx: Transaction, phoneNumberIds: string[]): Promise<Map<string, Number[]>> {
  if (phoneNumberIds.length === 0) return new Map();
  const rows = await tx.$queryRaw<Number[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.id AS "connectionId", c.phone_number_id AS "phoneNumberId"
    FROM whatsapp_connections c JOIN shops s ON s.id = c.shop_id AND s.uninstalled_at IS NULL
    WHERE c.phone_number_id = ANY(${phoneNumberIds}) AND c.state <> 'disconnected'`);
  return Map.groupBy(rows, (row) => row.phoneNumberId);
}

function identitiesOf(pipeline: Pipeline, shopId: ShopId, { phone, userId }: InboundMessage): Identity[] {
  return [
    ...(userId === null
      ? []
      : [{ shopId, kind: 'user_id' as const, hash: pipeline.index(shopId, 'user_id', userId) }]),
    ...(phone === null
      ? []
      : [{ shopId, kind: 'phone' as const, hash: pipeline.index(shopId, 'phone', phone) }]),
  ];
}

async function keep(pipeline: Pipeline, tx: Transaction, arrivals: Arrival[]): Promise<void> {
  const contactOf = await resolveContacts(pipeline, tx, arrivals);
  const placed = arrivals.flatMap((arrival) => {
    const contactId = contactOf(arrival);
    return contactId === undefined ? [] : [{ ...arrival, contactId }];
  });
  await countMessages(tx, placed);
  await saveReferrals(pipeline, tx, placed);
}

/** Finds each sender's contact by any of its identities; makes a contact for a sender nobody knows yet. */
async function resolveContacts(pipeline: Pipeline, tx: Transaction, arrivals: Arrival[]) {
  const known = await findContacts(
    tx,
    arrivals.flatMap((arrival) => arrival.identities),
  );
  const created = new Map<string, { id: ContactId; shopId: ShopId; at: Date }>();
  const learned: (Identity & { contactId: ContactId })[] = [];
  for (const { shopId, identities, message } of arrivals) {
    const keys = identities.map(identityKey);
    let contactId = keys.map((key) => known.get(key)).find((id) => id !== undefined);
    if (contactId === undefined) {
      contactId = uuidv7(pipeline.clock()) as ContactId;
      created.set(contactId, { id: contactId, shopId, at: message.at });
    }
    for (const identity of identities) {
      if (known.has(identityKey(identity))) continue;
      known.set(identityKey(identity), contactId);
      learned.push({ ...identity, contactId });
    }
  }
  await insertContacts(tx, [...created.values()]);
  if (learned.length > 0) {
    await saveIdentities(tx, learned);
    // Another worker may have met one of these people in the same moment: what is stored now is what holds.
    const stored = await findContacts(tx, learned);
    const yielded = new Map(
      learned.flatMap((identity) => {
        const holder = stored.get(identityKey(identity));
        const mine = created.has(identity.contactId) && holder !== identity.contactId;
        return mine && holder !== undefined ? [[identity.contactId, { ...identity, holder }] as const] : [];
      }),
    );
    if (yielded.size > 0) await yieldContacts(tx, [...yielded.values()]);
    for (const [key, contactId] of stored) known.set(key, yielded.get(contactId)?.holder ?? contactId);
  }
  return ({ identities }: Arrival): ContactId | undefined =>
    identities.map((identity) => known.get(identityKey(identity))).find((id) => id !== undefined);
}

async function insertContacts(
  tx: Transaction,
  contacts: { id: string; shopId: ShopId; at: Date }[],
): Promise<void> {
  if (contacts.length === 0) return;
  await tx.contact.createMany({
    data: contacts.map(({ id, shopId, at }) => ({ id, shopId, firstMessageAt: at, lastMessageAt: at })),
  });
}

/** Gives up contacts made a moment ago, with the identities nobody else knew, for those that other workers made. */
async function yieldContacts(
  tx: Transaction,
  yielded: readonly { shopId: ShopId; contactId: ContactId; holder: ContactId }[],
): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE contact_identities i SET contact_id = y.holder
    FROM unnest(${yielded.map((y) => y.shopId)}::int[], ${yielded.map((y) => y.contactId)}::uuid[],
      ${yielded.map((y) => y.holder)}::uuid[]) AS y(shop_id, contact_id, holder)
    WHERE i.shop_id = y.shop_id AND i.contact_id = y.contact_id`);
  const given = yielded.map(({ shopId, contactId }) => ({ shopId, id: contactId }));
  await tx.contact.deleteMany({ where: { OR: given } });
}

type Placed = Arrival & { contactId: ContactId };

async function countMessages(tx: Transaction, placed: Placed[]): Promise<void> {
  const marks = [...Map.groupBy(placed, (arrival) => `${arrival.shopId} ${arrival.contactId}`).values()].map(
    (group) => {
      const times = group.map((arrival) => arrival.message.at.getTime());
      const phone = group.map((arrival) => arrival.message.phone).find((digits) => digits !== null);
      return {
        shopId: group[0]?.shopId ?? null,
        contactId: group[0]?.contactId ?? null,
        messages: group.length,
        first: new Date(Math.min(...times)),
        last: new Date(Math.max(...times)),
        masked: phone ? maskPhone(phone) : null,
      };
    },
  );
  await tx.$executeRaw(Prisma.sql`
    UPDATE contacts c SET messages = c.messages + m.messages,
      first_message_at = LEAST(c.first_message_at, m.first), last_message_at = GREATEST(c.last_message_at, m.last),
      masked_phone = COALESCE(m.masked, c.masked_phone)
    FROM unnest(${marks.map((m) => m.shopId)}::int[], ${marks.map((m) => m.contactId)}::uuid[],
      ${marks.map((m) => m.messages)}::int[], ${marks.map((m) => m.first)}::timestamptz[],
      ${marks.map((m) => m.last)}::timestamptz[], ${marks.map((m) => m.masked)}::text[])
      AS m(shop_id, contact_id, messages, first, last, masked)
    WHERE c.shop_id = m.shop_id AND c.id = m.contact_id`);
}

async function saveReferrals(pipeline: Pipeline, tx: Transaction, placed: Placed[]): Promise<void> {
  const rows = placed.flatMap(({ shopId, connectionId, contactId, message }) => {
    const { referral } = message;
    if (!referral) return [];
    const messageKey = fingerprint(message.id);
    const seal = (column: 'click_id' | 'raw', text: string): string =>
      pipeline.vault.seal(text, referralField(shopId, messageKey, column));
    return {
      shopId,
      id: uuidv7(pipeline.clock()),
      contactId,
      connectionId,
      messageKey,
      clickedAt: message.at,
      sourceType: referral.sourceType,
      sourceId: referral.sourceId,
      sourceUrl: referral.sourceUrl,
      headline: referral.headline,
      mediaType: referral.mediaType,
      clickId: referral.clickId === null ? null : seal('click_id', referral.clickId),
      raw: seal('raw', referral.raw),
    };
  });
  if (rows.length > 0) await tx.referral.createMany({ data: rows, skipDuplicates: true });
}
