import { isAdClick } from '../domain/referral.ts';
import type { Click } from '../domain/attribution.ts';
import type { ConnectionId, ContactId, ReferralId, ShopId } from '../domain/ids.ts';
import type { KnownContact } from '../domain/link.ts';
import { Prisma, type Transaction } from '../storage/database.ts';

export type StoredClick = Click & { messageKey: string; sealedClickId: string | null };
export type ConnectionFacts = {
  shopId: ShopId;
  id: ConnectionId;
  wabaId: string;
  datasetId: string;
  displayNumber: string;
  state: 'active' | 'paused' | 'disconnected';
};
type ContactRow = { shopId: ShopId; contactId: ContactId };

// More clicks than anybody makes in the longest window; it bounds what one contact can cost.
const MAX_CLICKS_PER_CONTACT = 500;

/** The WhatsApp numbers of these shops, disconnected ones too: an old click still came through one. */
export async function loadConnections(
  tx: Transaction,
  shops: readonly ShopId[],
): Promise<Map<ShopId, ConnectionFacts[]>> {
  const rows = await tx.whatsAppConnection.findMany({
    where: { shopId: { in: [...shops] } },
    select: { shopId: true, id: true, wabaId: true, datasetId: true, displayNumber: true, state: true },
  });
  const facts = rows.map((row) => ({ ...row, shopId: row.shopId as ShopId, id: row.id as ConnectionId }));
  return Map.groupBy(facts, (row) => row.shopId);
}

export async function loadContacts(
  tx: Transaction,
  contacts: readonly ContactRow[],
): Promise<Map<ContactId, KnownContact>> {
  if (contacts.length === 0) return new Map();
  const rows = await tx.$queryRaw<KnownContact[]>(Prisma.sql`
    SELECT c.id AS "contactId", c.last_message_at AS "lastMessageAt"
    FROM contacts c JOIN ${asked(contacts)} ON c.shop_id = asked.shop_id AND c.id = asked.id`);
  return new Map(rows.map((row) => [row.contactId, row]));
}

/** The latest clicks of these contacts. */
export async function loadClicks(
  tx: Transaction,
  contacts: readonly ContactRow[],
): Promise<Map<ContactId, StoredClick[]>> {
  if (contacts.length === 0) return new Map();
  const rows = await tx.$queryRaw<
    {
      contactId: ContactId;
      referralId: ReferralId;
      connectionId: ConnectionId;
      messageKey: string;
      clickedAt: Date;
      sourceId: string | null;
      sourceType: string | null;
      clickId: string | null;
    }[]
  >(Prisma.sql`
    SELECT r.* FROM ${asked(contacts)} CROSS JOIN LATERAL (
      SELECT contact_id AS "contactId", id AS "referralId", connection_id AS "connectionId", message_key AS "messageKey",
        clicked_at AS "clickedAt", source_id AS "sourceId", source_type AS "sourceType", click_id AS "clickId"
      FROM referrals WHERE shop_id = asked.shop_id AND contact_id = asked.id
      ORDER BY clicked_at DESC LIMIT ${MAX_CLICKS_PER_CONTACT}) r`);
  const clicks = rows.map(({ clickId, sourceType, ...row }) => ({
    ...row,
    isAd: isAdClick({ clickId, sourceType }),
    hasClickId: clickId !== null,
    sealedClickId: clickId,
  }));
  return Map.groupBy(clicks, (click) => click.contactId);
}

function asked(contacts: readonly ContactRow[]): Prisma.Sql {
  const distinct = [
    ...new Map(contacts.map((contact) => [`${contact.shopId} ${contact.contactId}`, contact])).values(),
  ];
  return Prisma.sql`unnest(${distinct.map((c) => c.shopId)}::int[], ${distinct.map((c) => c.contactId)}::uuid[]) AS asked(shop_id, id)`;
}
