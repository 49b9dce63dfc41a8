import type { ConnectionId, ContactId, ShopId } from '../domain/ids.ts';
import type { EventReason } from '../domain/reason.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { lockConnections } from './connected-numbers.ts';
import { phoneHashes } from './contact-search.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import type { ShopFacts } from './shop.ts';

/** Deletes everything of a shop but the delivery that asks for it, which is settled with the rest of its batch. */
export async function eraseShop(tx: Transaction, shop: ShopFacts, asking: bigint): Promise<void> {
  // What is being decided at this moment would add clues and events of orders that are gone.
  await holdContacts(tx, [shop.id], 'alone');
  await tx.conversionEvent.deleteMany({ where: { shopId: shop.id } });
  await tx.order.deleteMany({ where: { shopId: shop.id } });
  await tx.orderClue.deleteMany({ where: { shopId: shop.id } });
  await tx.delivery.deleteMany({ where: { account: shop.domain, source: 'shopify', id: { not: asking } } });
  const connections = await tx.connection.findMany({
    where: { shopId: shop.id },
    select: { id: true },
  });
  await tx.delivery.deleteMany({
    where: { account: { in: connections.map(({ id }) => id) }, source: 'whatsapp' },
  });
  await tx.session.deleteMany({ where: { shop: shop.domain } });
  await lockConnections(
    tx,
    connections.map(({ id }) => id as ConnectionId),
  );
  // Contacts with what is known of them, their merges, chat links and connections go with it.
  await tx.shop.delete({ where: { id: shop.id } });
}

/**
 * Forgets a customer, known by phone or by the orders to redact: their WhatsApp contact with its clicks, chat links and
 * what it was merged from, their checkouts, what ties their orders to a person, and what was sent of them. The orders'
 * totals and states stay, so the shop's figures still add up.
 */
export async function eraseCustomer(
  pipeline: Pipeline,
  tx: Transaction,
  shop: ShopFacts,
  customer: { id?: string | null; phone: string | null; orderIds: readonly string[] },
): Promise<void> {
  await holdContacts(tx, [shop.id], 'alone');
  // Its examples show masked numbers. A run's row is taken before its orders, as by those who carry it on.
  await tx.$executeRaw(Prisma.sql`
    UPDATE attribution_reruns SET difference = difference - 'examples' WHERE shop_id = ${shop.id}`);
  const gids = customer.orderIds.map((id) => `gid://shopify/Order/${id}`);
  const { contactIds, hashes } = await whoIs(pipeline, tx, shop, { phone: customer.phone, gids });
  const theirs = {
    shopId: shop.id,
    OR: [{ gid: { in: gids } }, { contactId: { in: contactIds } }],
  };
  const orders = await tx.order.findMany({ where: theirs, select: { gid: true, customerGid: true } });
  const ofOrders = orders.map((order) => order.gid);
  await eraseEvents(pipeline, tx, shop.id, { subjects: ofOrders, contactIds });
  await eraseBrowsing(tx, shop.id, {
    contactIds,
    customers: [
      ...(customer.id ? [`gid://shopify/Customer/${customer.id}`] : []),
      ...orders.flatMap(({ customerGid }) => customerGid ?? []),
    ],
  });
  await eraseEvidence(tx, shop.id, { contactIds, hashes });
  await tx.orderClue.deleteMany({ where: { shopId: shop.id, gid: { in: ofOrders } } });
  // Their number on an order that somebody else was linked to would still be theirs, in each form of what was written.
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM order_clues k USING order_clues t
    WHERE t.shop_id = ${shop.id} AND t.hash = ANY(${hashes}::bytea[])
      AND k.shop_id = t.shop_id AND k.gid = t.gid AND k.kind = t.kind AND k.source = t.source`);
  await tx.order.updateMany({
    where: theirs,
    data: {
      contactId: null,
      referralId: null,
      evidence: [],
      credits: [],
      customerGid: null,
      staffLink: Prisma.DbNull,
      draft: null,
      // There is nothing left to decide it by, and what was decided stays.
      reconsider: false,
    },
  });
  await tx.contactMerge.deleteMany({
    where: { shopId: shop.id, OR: [{ contactId: { in: contactIds } }, { mergedId: { in: contactIds } }] },
  });
  await tx.contact.deleteMany({ where: { shopId: shop.id, id: { in: contactIds } } });
  await tx.contactIdentity.deleteMany({ where: { shopId: shop.id, hash: { in: hashes } } });
}

/**
 * Empties what is told or to be told of these orders, and of whatever the ad clicks of these people earned. What has not
 * been sent yet is not sent any more: the person asked to be forgotten.
 */
async function eraseEvents(
  pipeline: Pick<Pipeline, 'clock'>,
  tx: Transaction,
  shopId: ShopId,
  theirs: { subjects: readonly string[]; contactIds: readonly ContactId[] },
): Promise<void> {
  const reason: EventReason = 'customer_erased';
  await tx.$executeRaw(Prisma.sql`
    WITH theirs AS (
      SELECT e.id FROM conversion_events e WHERE e.shop_id = ${shopId} AND e.subject = ANY(${theirs.subjects}::text[])
      UNION
      SELECT e.id FROM referrals r JOIN conversion_events e ON e.shop_id = r.shop_id AND e.referral_id = r.id
      WHERE r.shop_id = ${shopId} AND r.contact_id = ANY(${theirs.contactIds}::uuid[])
    )
    UPDATE conversion_events e SET payload = '',
      state = CASE e.state WHEN 'due' THEN 'withheld' ELSE e.state END,
      reason = CASE e.state WHEN 'due' THEN ${reason} ELSE e.reason END,
      settled_at = CASE e.state WHEN 'due' THEN ${pipeline.clock()}::timestamptz ELSE e.settled_at END
    FROM theirs t WHERE e.shop_id = ${shopId} AND e.id = t.id`);
}

/** Deletes these people's checkouts, what Meta detected in their chats, and what Shopify said of their consent. */
async function eraseBrowsing(
  tx: Transaction,
  shopId: ShopId,
  theirs: { contactIds: readonly ContactId[]; customers: readonly string[] },
): Promise<void> {
  const { contactIds, customers } = theirs;
  await tx.checkout.deleteMany({ where: { shopId, contactId: { in: [...contactIds] } } });
  await tx.customerConsent.deleteMany({ where: { shopId, customerGid: { in: [...customers] } } });
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM automatic_events a USING referrals r
    WHERE r.shop_id = ${shopId} AND r.contact_id = ANY(${contactIds}::uuid[])
      AND a.shop_id = r.shop_id AND a.click_hash = r.click_hash`);
}

/** The contacts of a customer, and the hashes of what is surely theirs. */
async function whoIs(
  pipeline: Pipeline,
  tx: Transaction,
  shop: ShopFacts,
  { phone, gids }: { phone: string | null; gids: string[] },
): Promise<{ contactIds: ContactId[]; hashes: Uint8Array<ArrayBuffer>[] }> {
  const named = await tx.order.findMany({
    where: { shopId: shop.id, gid: { in: gids }, contactId: { not: null } },
    select: { contactId: true },
  });
  const given = phone === null ? [] : await phoneHashes(pipeline, tx, shop, phone);
  // A number from a card that somebody sent is not surely the sender's own.
  const known = await tx.contactIdentity.findMany({
    where: { shopId: shop.id, hash: { in: given }, source: { not: 'shared_contact' } },
    select: { contactId: true },
  });
  const contactIds = await withMerged(tx, shop.id, [
    ...known.map(({ contactId }) => contactId as ContactId),
    ...named.flatMap(({ contactId }) => (contactId === null ? [] : [contactId as ContactId])),
  ]);
  const own = await tx.contactIdentity.findMany({
    where: { shopId: shop.id, contactId: { in: contactIds }, source: { not: 'shared_contact' } },
    select: { hash: true },
  });
  return { contactIds, hashes: [...given, ...own.map(({ hash }) => hash)] };
}

/** Takes the names of these contacts out of orders that somebody else was linked to. */
async function eraseEvidence(
  tx: Transaction,
  shopId: ShopId,
  { contactIds, hashes }: { contactIds: readonly ContactId[]; hashes: readonly Uint8Array[] },
): Promise<void> {
  if (contactIds.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    WITH hashes(hash) AS (
      SELECT unnest(${hashes}::bytea[])
      UNION SELECT hash FROM contact_identities WHERE shop_id = ${shopId} AND contact_id = ANY(${contactIds}::uuid[])
      UNION SELECT unnest(ARRAY[token_hash, discount_hash]) FROM chat_links
        WHERE shop_id = ${shopId} AND contact_id = ANY(${contactIds}::uuid[])
    ), locked AS (
      SELECT o.gid FROM orders o
      WHERE o.shop_id = ${shopId} AND o.gid IN (
        SELECT k.gid FROM hashes h JOIN order_clues k ON k.shop_id = ${shopId} AND k.hash = h.hash)
        AND EXISTS (SELECT FROM jsonb_array_elements(o.evidence) e WHERE e->>'contactId' = ANY(${contactIds}::text[]))
      ORDER BY o.gid FOR NO KEY UPDATE
    )
    UPDATE orders o SET
      evidence = COALESCE((
        SELECT jsonb_agg(e ORDER BY rank) FROM jsonb_array_elements(o.evidence) WITH ORDINALITY AS t(e, rank)
        WHERE e->>'contactId' <> ALL(${contactIds}::text[])), '[]'),
      staff_link = jsonb_set(o.staff_link, '{rejected}', (o.staff_link->'rejected') - ${contactIds}::text[])
    FROM locked l WHERE o.shop_id = ${shopId} AND o.gid = l.gid`);
}

/** These contacts and all that merged into them; one that was taken apart again is somebody else. */
async function withMerged(
  tx: Transaction,
  shopId: ShopId,
  contactIds: readonly ContactId[],
): Promise<ContactId[]> {
  if (contactIds.length === 0) return [];
  const rows = await tx.$queryRaw<{ id: ContactId }[]>(Prisma.sql`
    WITH RECURSIVE theirs(id) AS (
      SELECT unnest(${contactIds}::uuid[])
      UNION
      SELECT m.merged_id FROM theirs t
      JOIN contact_merges m ON m.shop_id = ${shopId} AND m.contact_id = t.id AND m.undone_at IS NULL
    )
    SELECT id FROM theirs`);
  return rows.map(({ id }) => id);
}
