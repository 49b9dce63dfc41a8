import { isAdClick } from '../domain/referral.ts';
import type { Click } from '../domain/attribution.ts';
import type { AutomaticPurchase } from '../domain/automatic-event.ts';
import type { ConnectionId, ContactId, ReferralId, ShopId } from '../domain/ids.ts';
import type { ConnectionState } from '../domain/report.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { clueKey, countBuyers, currentContacts, findOwners, numberHints } from './clues.ts';
import type { NumberHints, Owner } from './clues.ts';
import { loadDetected } from './automatic.ts';
import { loadAnswers, type SaleAnswer } from './customer-answers.ts';
import type { Case } from './judge.ts';

/** `clickHash`: the click id's hash in hex, by which Meta's own events are found. */
export type StoredClick = Click & {
  messageKey: string;
  sealedClickId: string | null;
  clickHash: string | null;
};
type ConnectionRow = {
  shopId: ShopId;
  id: ConnectionId;
  datasetId: string;
  state: ConnectionState;
  parkedEvents: string[];
};
export type NumberFacts = ConnectionRow & { wabaId: string; displayNumber: string };
export type PixelFacts = ConnectionRow;
export type ShopNumbers = {
  connections: readonly NumberFacts[];
  /** Where website and point-of-sale events go. */
  pixel: PixelFacts | null;
  hints: NumberHints;
};
/** All that orders are judged by, beside themselves. */
export type Known = {
  numbers: ReadonlyMap<ShopId, ShopNumbers>;
  /** By `clueKey`. */
  owners: ReadonlyMap<string, Owner>;
  /** By `clueKey`. */
  buyers: ReadonlyMap<string, number>;
  clicks: ReadonlyMap<ContactId, StoredClick[]>;
  /** What Meta itself detected in the chats of these people. */
  detected: ReadonlyMap<ContactId, AutomaticPurchase[]>;
  /** What Shopify said of the customers, by `orderKey` with the customer's gid. */
  answers: ReadonlyMap<string, SaleAnswer>;
  /** Who the contacts that people named are by now. */
  current: ReadonlyMap<ContactId, ContactId>;
};
type ContactRow = { shopId: ShopId; contactId: ContactId };
/** To decide, what each detected purchase stands for is held until the transaction ends; to compare it is only read. */
export type Purpose = 'to_decide' | 'to_compare';

// More clicks than anybody makes in the longest window; it bounds what one contact can cost.
const MAX_CLICKS_PER_CONTACT = 500;

/** The WhatsApp numbers of these shops, disconnected ones too: an old click still came through one. */
export async function loadNumbers(
  tx: Transaction,
  shops: readonly ShopId[],
): Promise<Map<ShopId, ShopNumbers>> {
  const rows = await tx.connection.findMany({
    where: { shopId: { in: [...new Set(shops)] } },
    select: {
      shopId: true,
      id: true,
      wabaId: true,
      datasetId: true,
      displayNumber: true,
      state: true,
      parkedEvents: true,
    },
  });
  const facts = rows.map((row) => ({ ...row, shopId: row.shopId as ShopId, id: row.id as ConnectionId }));
  return new Map(
    [...Map.groupBy(facts, (row) => row.shopId)].map(([shopId, all]) => {
      const connections = all.flatMap(({ wabaId, displayNumber, ...row }) =>
        wabaId === null || displayNumber === null ? [] : [{ ...row, wabaId, displayNumber }],
      );
      const hints = numberHints(connections.map(({ displayNumber }) => displayNumber));
      return [shopId, { connections, pixel: all.find(({ wabaId }) => wabaId === null) ?? null, hints }];
    }),
  );
}

/** Looks up whom the clues of these cases lead to, the ad clicks of those people, and what was said of them. */
export async function loadKnown(
  tx: Transaction,
  cases: readonly Case[],
  numbers: Known['numbers'],
  purpose: Purpose,
): Promise<Known> {
  const asked = cases.flatMap(({ shop, clues }) => clues.map((clue) => ({ ...clue, shopId: shop.id })));
  const owners = await findOwners(tx, asked);
  const buyers = await countBuyers(tx, asked, owners);
  const named = cases.flatMap(({ shop, staff }) =>
    [staff?.contactId ?? [], staff?.rejected ?? []]
      .flat()
      .map((contactId) => ({ shopId: shop.id, contactId })),
  );
  const current = await currentContacts(tx, named);
  const contacts = cases.flatMap(({ shop, clues, kept, staff }) => {
    const found = clues.flatMap(({ hash }) => owners.get(clueKey(shop.id, hash))?.contactId ?? []);
    const said = staff?.contactId ? (current.get(staff.contactId) ?? []) : [];
    return [found, said, kept?.contactId ?? []].flat().map((contactId) => ({ shopId: shop.id, contactId }));
  });
  const clicks = await loadClicks(tx, contacts);
  const shopOf = new Map(contacts.map(({ contactId, shopId }) => [contactId, shopId]));
  const tapped = [...clicks].flatMap(([contactId, all]) =>
    all.flatMap(({ clickHash }) => {
      const shopId = shopOf.get(contactId);
      return clickHash === null || shopId === undefined ? [] : [{ shopId, contactId, clickHash }];
    }),
  );
  const detected = await loadDetected(tx, tapped, purpose);
  return { numbers, owners, buyers, current, clicks, detected, answers: await loadAnswers(tx, cases) };
}

/** The latest clicks of these contacts. */
async function loadClicks(
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
      clickHash: string | null;
    }[]
  >(Prisma.sql`
    SELECT r.* FROM ${asked(contacts)} CROSS JOIN LATERAL (
      SELECT contact_id AS "contactId", id AS "referralId", connection_id AS "connectionId", message_key AS "messageKey",
        clicked_at AS "clickedAt", source_id AS "sourceId", source_type AS "sourceType", click_id AS "clickId",
        encode(click_hash, 'hex') AS "clickHash"
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
