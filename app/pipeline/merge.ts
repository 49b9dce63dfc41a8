import { z } from 'zod';
import type { ContactId, ShopId } from '../domain/ids.ts';
import type { IdentitySource } from '../domain/link.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { isUuid, uuidv7 } from '../storage/uuid.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { LATE_EVIDENCE_MS, moveOrders } from './reconsider-mark.ts';

export type Merge = { shopId: ShopId; from: ContactId; into: ContactId; by: IdentitySource };
type Hash = { shopId: ShopId; hash: Buffer<ArrayBuffer> };
type Marks = {
  shopId: ShopId;
  id: ContactId;
  maskedPhone: string | null;
  firstMessageAt: Date;
  lastMessageAt: Date;
  messages: number;
  mergedInto: ContactId | null;
};

// The marks that the staying contact had, to be restored when the merge is taken back.
const marksSchema = z.object({
  maskedPhone: z.string().nullable(),
  firstMessageAt: z.coerce.date(),
  lastMessageAt: z.coerce.date(),
});
/** What a merge moved, as it is kept: identities as hashes in hex. */
const movedSchema = z.object({
  identities: z.array(z.string()),
  referrals: z.array(z.string()),
  orders: z.array(z.string()),
  chatLinks: z.array(z.string()),
  messages: z.number(),
  stayed: marksSchema,
});
type Moved = z.infer<typeof movedSchema>;

/**
 * Makes one contact of each pair: what belongs to `from` becomes `into`'s, and a row records it. Orders that carry one
 * of the identities are marked to be decided again, with those of the merged contacts. The shops' contacts must be held
 * alone; `into` must not itself be merged.
 */
export async function mergeContacts(
  pipeline: Pick<Pipeline, 'clock'>,
  tx: Transaction,
  { merges, identities }: { merges: readonly Merge[]; identities: readonly Hash[] },
): Promise<void> {
  const now = pipeline.clock();
  const since = new Date(now.getTime() - LATE_EVIDENCE_MS);
  if (merges.length === 0 && identities.length === 0) return;
  if (merges.length === 0) return void (await moveOrders(tx, { identities, moves: [], since }));

  const before = await lockMarks(tx, merges);
  const pairs = unnestPairs(merges);
  const moved = await tx.$queryRaw<{ from: ContactId; hash: Uint8Array<ArrayBuffer> }[]>(Prisma.sql`
    UPDATE contact_identities i SET contact_id = m.into_id FROM ${pairs}
    WHERE i.shop_id = m.shop_id AND i.contact_id = m.from_id RETURNING m.from_id AS "from", i.hash`);
  const referrals = await tx.$queryRaw<{ from: ContactId; id: string }[]>(Prisma.sql`
    UPDATE referrals r SET contact_id = m.into_id FROM ${pairs}
    WHERE r.shop_id = m.shop_id AND r.contact_id = m.from_id RETURNING m.from_id AS "from", r.id`);
  const chatLinks = await tx.$queryRaw<
    {
      from: ContactId;
      id: string;
      tokenHash: Uint8Array<ArrayBuffer>;
      discountHash: Uint8Array<ArrayBuffer> | null;
    }[]
  >(Prisma.sql`
    UPDATE chat_links l SET contact_id = m.into_id FROM ${pairs}
    WHERE l.shop_id = m.shop_id AND l.contact_id = m.from_id
    RETURNING m.from_id AS "from", l.id, l.token_hash AS "tokenHash", l.discount_hash AS "discountHash"`);

  const shopOf = new Map(merges.map(({ from, shopId }) => [from, shopId]));
  const hashes = [
    ...moved,
    ...chatLinks.flatMap(({ from, tokenHash, discountHash }) =>
      [tokenHash, discountHash].flatMap((hash) => (hash === null ? [] : [{ from, hash }])),
    ),
  ].flatMap(({ from, hash }) => {
    const shopId = shopOf.get(from);
    return shopId === undefined ? [] : [{ shopId, hash: Buffer.from(hash) }];
  });
  // The orders of who stays gain the other's clicks.
  const stays = merges.map(({ shopId, into }) => ({ shopId, from: into, into }));
  const moves = [...merges, ...stays];
  const orders = await moveOrders(tx, { identities: [...identities, ...hashes], moves, since });
  await saveMarks(tx, mergedMarks(before, merges));
  await tx.$executeRaw(Prisma.sql`
    UPDATE contacts c SET answered_at = GREATEST(c.answered_at, a.at)
    FROM (
      SELECT m.shop_id, m.into_id, max(f.answered_at) AS at
      FROM ${pairs} JOIN contacts f ON f.shop_id = m.shop_id AND f.id = m.from_id GROUP BY 1, 2
    ) a
    WHERE c.shop_id = a.shop_id AND c.id = a.into_id AND a.at IS NOT NULL`);

  const of = <Row extends { from: ContactId }>(rows: readonly Row[]) => Map.groupBy(rows, (row) => row.from);
  const [hashesOf, referralsOf, linksOf, ordersOf] = [of(moved), of(referrals), of(chatLinks), of(orders)];
  await tx.contactMerge.createMany({
    data: merges.map(({ shopId, from, into, by }) => {
      const stayed = marksOf(before, into);
      const record: Moved = {
        identities: (hashesOf.get(from) ?? []).map(({ hash }) => Buffer.from(hash).toString('hex')),
        referrals: (referralsOf.get(from) ?? []).map(({ id }) => id),
        orders: (ordersOf.get(from) ?? []).map(({ gid }) => gid),
        chatLinks: (linksOf.get(from) ?? []).map(({ id }) => id),
        messages: marksOf(before, from).messages,
        stayed,
      };
      const written = JSON.parse(JSON.stringify(record)) as Prisma.InputJsonObject;
      return {
        shopId,
        id: uuidv7(now),
        contactId: into,
        mergedId: from,
        shownBy: by,
        mergedAt: now,
        moved: written,
      };
    }),
  });
}

/** Contacts in one order, with what they say of themselves. */
function lockMarks(
  tx: Transaction,
  merges: readonly Pick<Merge, 'shopId' | 'from' | 'into'>[],
): Promise<Marks[]> {
  const all = merges.flatMap(({ shopId, from, into }) => [from, into].map((id) => ({ shopId, id })));
  return tx.$queryRaw<Marks[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.id, c.masked_phone AS "maskedPhone", c.first_message_at AS "firstMessageAt",
      c.last_message_at AS "lastMessageAt", c.messages, c.merged_into AS "mergedInto"
    FROM contacts c WHERE (c.shop_id, c.id) IN (
      SELECT * FROM unnest(${all.map((c) => c.shopId)}::int[], ${all.map((c) => c.id)}::uuid[]))
    ORDER BY c.shop_id, c.id FOR NO KEY UPDATE`);
}

/** The staying contacts with the marks of those that merge into them, which keep their own. */
function mergedMarks(before: readonly Marks[], merges: readonly Merge[]): Marks[] {
  const staying = [...Map.groupBy(merges, ({ into }) => into)].map(([into, group]) =>
    group.map(({ from }) => marksOf(before, from)).reduce(withMarks, marksOf(before, into)),
  );
  const gone = merges.map(({ from, into }) => ({ ...marksOf(before, from), mergedInto: into }));
  return [...staying, ...gone];
}

function withMarks(one: Marks, other: Marks): Marks {
  const messages = one.messages + other.messages;
  // A contact that is only known from a notice has no message, and so no time of one.
  const told = [one, other].filter((marks) => marks.messages > 0);
  const [earlier, later] = one.lastMessageAt <= other.lastMessageAt ? [one, other] : [other, one];
  const times = told.length > 0 ? told : [one, other];
  return {
    ...one,
    messages,
    maskedPhone: later.maskedPhone ?? earlier.maskedPhone,
    firstMessageAt: new Date(Math.min(...times.map((marks) => marks.firstMessageAt.getTime()))),
    lastMessageAt: new Date(Math.max(...times.map((marks) => marks.lastMessageAt.getTime()))),
  };
}

function marksOf(marks: readonly Marks[], id: ContactId): Marks {
  const found = marks.find((row) => row.id === id);
  if (!found) throw new Error(`the contact ${id} is not there to be merged`);
  return found;
}

async function saveMarks(tx: Transaction, marks: readonly Marks[]): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE contacts c SET masked_phone = m.masked_phone, first_message_at = m.first, last_message_at = m.last,
      messages = m.messages, merged_into = m.merged_into
    FROM unnest(${marks.map((m) => m.shopId)}::int[], ${marks.map((m) => m.id)}::uuid[],
      ${marks.map((m) => m.maskedPhone)}::text[], ${marks.map((m) => m.firstMessageAt)}::timestamptz[],
      ${marks.map((m) => m.lastMessageAt)}::timestamptz[], ${marks.map((m) => m.messages)}::int[],
      ${marks.map((m) => m.mergedInto)}::uuid[])
      AS m(shop_id, id, masked_phone, first, last, messages, merged_into)
    WHERE c.shop_id = m.shop_id AND c.id = m.id`);
}

function unnestPairs(merges: readonly Pick<Merge, 'shopId' | 'from' | 'into'>[]): Prisma.Sql {
  return Prisma.sql`unnest(${merges.map((m) => m.shopId)}::int[], ${merges.map((m) => m.from)}::uuid[],
    ${merges.map((m) => m.into)}::uuid[]) AS m(shop_id, from_id, into_id)`;
}

export type UndoOutcome =
  | { kind: 'undone'; contactId: ContactId; restoredId: ContactId }
  | { kind: 'not_found' }
  | { kind: 'already_undone'; at: Date }
  /** The contact that stayed was merged itself since; that merge is to be taken back first. */
  | { kind: 'merged_further'; mergeId: string };

/**
 * Takes a merge back: everything that it moved returns, but what has moved on since stays where it is. Orders of both
 * are marked to be decided again, and the same two are never merged by what was said before now.
 */
export async function undoMerge(
  pipeline: Pick<Pipeline, 'clock'>,
  tx: Transaction,
  shopId: ShopId,
  mergeId: string,
): Promise<UndoOutcome> {
  if (!isUuid(mergeId)) return { kind: 'not_found' };
  await holdContacts(tx, [shopId], 'alone');
  const merge = await tx.contactMerge.findUnique({ where: { shopId_id: { shopId, id: mergeId } } });
  if (!merge) return { kind: 'not_found' };
  if (merge.undoneAt !== null) return { kind: 'already_undone', at: merge.undoneAt };
  const [contactId, restoredId] = [merge.contactId as ContactId, merge.mergedId as ContactId];
  const later = await tx.contactMerge.findFirst({ where: { shopId, mergedId: contactId, undoneAt: null } });
  if (later) return { kind: 'merged_further', mergeId: later.id };

  const now = pipeline.clock();
  const moved = movedSchema.parse(merge.moved);
  const before = await lockMarks(tx, [{ shopId, from: restoredId, into: contactId }]);
  const others = await tx.contactMerge.findMany({
    where: { shopId, contactId, undoneAt: null, id: { not: mergeId } },
    select: { mergedId: true },
  });
  const siblings = await tx.contact.findMany({
    where: { shopId, id: { in: others.map(({ mergedId }) => mergedId) } },
  });
  await restoreRows(tx, {
    shopId,
    contactId,
    restoredId,
    moved,
    since: new Date(now.getTime() - LATE_EVIDENCE_MS),
  });
  const restored = marksOf(before, restoredId);
  await saveMarks(tx, [
    withoutMarks(marksOf(before, contactId), restored, [moved.stayed, ...siblings]),
    { ...restored, mergedInto: null },
  ]);
  await tx.contactMerge.update({ where: { shopId_id: { shopId, id: mergeId } }, data: { undoneAt: now } });
  return { kind: 'undone', contactId, restoredId };
}

async function restoreRows(
  tx: Transaction,
  undo: { shopId: ShopId; contactId: ContactId; restoredId: ContactId; moved: Moved; since: Date },
): Promise<void> {
  const { shopId, contactId, restoredId, moved, since } = undo;
  const hashes = moved.identities.map((hex) => Buffer.from(hex, 'hex'));
  const here = { shopId, contactId };
  const back = { contactId: restoredId };
  await tx.contactIdentity.updateMany({ where: { ...here, hash: { in: hashes } }, data: back });
  await tx.referral.updateMany({ where: { ...here, id: { in: moved.referrals } }, data: back });
  await tx.chatLink.updateMany({ where: { ...here, id: { in: moved.chatLinks } }, data: back });
  // All orders of the two are held and marked before some of them return.
  const moves = [{ shopId, from: contactId, into: contactId }];
  await moveOrders(tx, { identities: hashes.map((hash) => ({ shopId, hash })), moves, since });
  await tx.order.updateMany({ where: { ...here, gid: { in: moved.orders } }, data: back });
}

/** The marks of a contact without those that a merge gave it; `others` still belong to it. */
function withoutMarks(
  marks: Marks,
  restored: Marks,
  others: readonly Pick<Marks, 'maskedPhone' | 'firstMessageAt' | 'lastMessageAt'>[],
): Marks {
  const times = (of: 'firstMessageAt' | 'lastMessageAt') => others.map((other) => other[of].getTime());
  const isTheirs = (of: 'firstMessageAt' | 'lastMessageAt') => marks[of].getTime() === restored[of].getTime();
  return {
    ...marks,
    messages: marks.messages - restored.messages,
    firstMessageAt: isTheirs('firstMessageAt')
      ? new Date(Math.min(...times('firstMessageAt')))
      : marks.firstMessageAt,
    lastMessageAt: isTheirs('lastMessageAt')
      ? new Date(Math.max(...times('lastMessageAt')))
      : marks.lastMessageAt,
    maskedPhone:
      marks.maskedPhone === restored.maskedPhone
        ? (others.map((other) => other.maskedPhone).find((mask) => mask !== restored.maskedPhone) ?? null)
        : marks.maskedPhone,
  };
}
