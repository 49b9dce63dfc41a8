import { fingerprint } from '../domain/fingerprint.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { maskPhone, type PhoneDigits } from '../domain/phone.ts';
import type { Referral } from '../domain/referral.ts';
import { readUpdate, type ReadUpdate } from '../domain/whatsapp-update.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { uuidv7 } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';
import { workInbox, type Delivery, type Settled } from './inbox.ts';
import { markLateClicks, type NewClick } from './late-clicks.ts';
import { recognise, type Seen } from './recognise.ts';
import { LATE_EVIDENCE_MS } from './reconsider-mark.ts';
import { referralField } from './sealed.ts';

type Number = { shopId: ShopId; connectionId: string; phoneNumberId: string; wabaId: string };
/** One update as one shop sees it; a number may belong to two shops, and each gets its own contact and click. */
type Arrival = Seen & {
  connectionId: string;
  /** Null for a notice, which is WhatsApp's and no message of the person. */
  message: { id: string; referral: Referral | null } | null;
};
type Placed = Arrival & { contactId: ContactId };
type AboutPerson = Extract<ReadUpdate, { kind: 'message' | 'identity' }>;

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
  const ownersOf = await connectedNumbers(
    tx,
    read.flatMap(({ update }) => (isAboutPerson(update) ? [update] : [])),
  );

  const arrivals: Arrival[] = [];
  const settled = read.map(({ delivery, update }): Settled => {
    switch (update.kind) {
      case 'status':
      case 'echo':
      case 'other':
        return { id: delivery.id, state: 'done', reason: null };
      case 'unknown':
        return { id: delivery.id, state: 'flagged', reason: update.problem };
      case 'message':
      case 'identity': {
        const owners = ownersOf(update).filter(
          (number) => delivery.account === '' || delivery.account === number.connectionId,
        );
        arrivals.push(...owners.flatMap((number) => arrivalAt(number, update, delivery)));
        return owners.length > 0
          ? { id: delivery.id, state: 'done', reason: null }
          : { id: delivery.id, state: 'flagged', reason: 'no shop has connected this WhatsApp number' };
      }
    }
  });
  if (arrivals.length > 0) await keep(pipeline, tx, arrivals);
  return settled;
}

function isAboutPerson(update: ReadUpdate): update is AboutPerson {
  return update.kind === 'message' || update.kind === 'identity';
}

/** A notice that says nothing of who its person is now arrives nowhere. */
function arrivalAt(number: Number, update: AboutPerson, delivery: Delivery): Arrival[] {
  const { shopId, connectionId, wabaId: account } = number;
  const to = { shopId, connectionId, account };
  if (update.kind === 'identity') {
    return [{ ...to, ...update.notice, at: update.at ?? delivery.receivedAt, message: null }];
  }
  const { id, at, phone, userId, type, referral, learned } = update.message;
  const isNotice = type === 'system';
  if (isNotice && learned.length === 0) return [];
  return [{ ...to, at, phone, userId, learned, message: isNotice ? null : { id, referral } }];
}

/** The connected numbers of each update: the one that it names, else all of its WhatsApp account. */
async function connectedNumbers(
  tx: Transaction,
  updates: readonly AboutPerson[],
): Promise<(update: AboutPerson) => Number[]> {
  if (updates.length === 0) return () => [];
  const ids = updates.map(({ phoneNumberId }) => phoneNumberId).filter((id) => id !== null);
  const wabaIds = updates
    .map((update) => (update.kind === 'identity' && update.phoneNumberId === null ? update.wabaId : null))
    .filter((id) => id !== null);
  const ofAccounts =
    wabaIds.length === 0 ? Prisma.empty : Prisma.sql`OR c.waba_id = ANY(${[...new Set(wabaIds)]})`;
  const rows = await tx.$queryRaw<Number[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.id AS "connectionId", c.phone_number_id AS "phoneNumberId", c.waba_id AS "wabaId"
    FROM whatsapp_connections c JOIN shops s ON s.id = c.shop_id AND s.uninstalled_at IS NULL
    WHERE (c.phone_number_id = ANY(${[...new Set(ids)]}) ${ofAccounts}) AND c.state <> 'disconnected'`);
  const byNumber = Map.groupBy(rows, (row) => row.phoneNumberId);
  const byAccount = Map.groupBy(rows, (row) => row.wabaId);
  return (update) => {
    if (update.phoneNumberId !== null) return byNumber.get(update.phoneNumberId) ?? [];
    const wabaId = update.kind === 'identity' ? update.wabaId : null;
    return wabaId === null ? [] : (byAccount.get(wabaId) ?? []);
  };
}

async function keep(pipeline: Pipeline, tx: Transaction, arrivals: Arrival[]): Promise<void> {
  const { seen, finish } = await recognise(pipeline, tx, arrivals);
  await countMessages(tx, seen);
  const clicks = await saveReferrals(pipeline, tx, seen);
  await markLateClicks(tx, clicks, new Date(pipeline.clock().getTime() - LATE_EVIDENCE_MS));
  await finish();
}

async function countMessages(tx: Transaction, placed: Placed[]): Promise<void> {
  const marks = [...Map.groupBy(placed, (arrival) => `${arrival.shopId} ${arrival.contactId}`).values()].map(
    (group) => {
      const times = group.flatMap(({ message, at }) => (message === null ? [] : [at.getTime()]));
      const phone = group.toSorted((a, b) => b.at.getTime() - a.at.getTime()).flatMap(ownPhones)[0];
      return {
        shopId: group[0]?.shopId ?? null,
        contactId: group[0]?.contactId ?? null,
        messages: times.length,
        first: times.length === 0 ? null : new Date(Math.min(...times)),
        last: times.length === 0 ? null : new Date(Math.max(...times)),
        masked: phone === undefined ? null : maskPhone(phone),
      };
    },
  );
  // A contact without a message is new or known from a notice alone: its times are nobody's message yet.
  await tx.$executeRaw(Prisma.sql`
    UPDATE contacts c SET messages = c.messages + m.messages,
      first_message_at = CASE WHEN c.messages = 0 THEN COALESCE(m.first, c.first_message_at)
        ELSE LEAST(c.first_message_at, m.first) END,
      last_message_at = CASE WHEN c.messages = 0 THEN COALESCE(m.last, c.last_message_at)
        ELSE GREATEST(c.last_message_at, m.last) END,
      masked_phone = COALESCE(m.masked, c.masked_phone)
    FROM unnest(${marks.map((m) => m.shopId)}::int[], ${marks.map((m) => m.contactId)}::uuid[],
      ${marks.map((m) => m.messages)}::int[], ${marks.map((m) => m.first)}::timestamptz[],
      ${marks.map((m) => m.last)}::timestamptz[], ${marks.map((m) => m.masked)}::text[])
      AS m(shop_id, contact_id, messages, first, last, masked)
    WHERE c.shop_id = m.shop_id AND c.id = m.contact_id`);
}

/** The numbers that are surely the person's, the latest known first; a card may name a friend. */
function ownPhones({ phone, learned }: Seen): PhoneDigits[] {
  const told = learned.flatMap((one) =>
    one.kind === 'phone' && one.by !== 'shared_contact' ? [one.value] : [],
  );
  return phone === null ? told : [...told, phone];
}

/** Keeps the ad clicks, and gives back those that were not known before. */
async function saveReferrals(pipeline: Pipeline, tx: Transaction, placed: Placed[]): Promise<NewClick[]> {
  const rows = placed.flatMap(({ shopId, connectionId, contactId, at, message }) => {
    if (!message?.referral) return [];
    const { id, referral } = message;
    const messageKey = fingerprint(id);
    const seal = (column: 'click_id' | 'raw', text: string): string =>
      pipeline.vault.seal(text, referralField(shopId, messageKey, column));
    return {
      shopId,
      id: uuidv7(pipeline.clock()),
      contactId,
      connectionId,
      messageKey,
      clickedAt: at,
      sourceType: referral.sourceType,
      sourceId: referral.sourceId,
      sourceUrl: referral.sourceUrl,
      headline: referral.headline,
      mediaType: referral.mediaType,
      clickId: referral.clickId === null ? null : seal('click_id', referral.clickId),
      raw: seal('raw', referral.raw),
    };
  });
  if (rows.length === 0) return [];
  const select = { shopId: true, contactId: true, clickedAt: true };
  const saved = await tx.referral.createManyAndReturn({ data: rows, skipDuplicates: true, select });
  return saved as NewClick[];
}
