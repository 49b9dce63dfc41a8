import { randomBytes } from 'node:crypto';
import {
  mintToken,
  readChatLink,
  readToken,
  type ChatLinkProblem,
  type ChatLinkRequest,
  type ChatLinkTarget,
} from '../domain/chat-link.ts';
import { chatLinkAddress, shortAddress } from '../domain/chat-link-address.ts';
import { discountCodeKey } from '../domain/clue.ts';
import type { ChatLinkId, ContactId, OrderGid, ShopId } from '../domain/ids.ts';
import type { ChatLink } from '../../prisma/generated/client.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { isUuid, uuidv7 } from '../storage/uuid.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { LATE_EVIDENCE_MS, LATEST_ORDERS, markReconsider } from './reconsider-mark.ts';
import { chatLinkToken } from './sealed.ts';

type Shop = { id: ShopId; domain: string };
type Work = Pick<Pipeline, 'db' | 'vault' | 'index' | 'clock'>;

export type NewChatLink = { shop: Shop; contactId: string; request: ChatLinkRequest; by: string };
/** A link ready to be pasted into the chat. */
export type MadeChatLink = ChatLinkTarget & {
  id: ChatLinkId;
  contactId: ContactId;
  token: string;
  /** What staff paste: its openings are counted. */
  shortUrl: string;
  /** Where that leads, with the token. */
  url: string;
};
export type ChatLinkOutcome =
  | { kind: 'created'; link: MadeChatLink }
  | { kind: 'invalid'; problems: ChatLinkProblem[] }
  | { kind: 'unknown_contact' }
  /** The code was already made for another conversation, so an order with it would not tell which of the two bought. */
  | { kind: 'discount_taken'; contactId: ContactId }
  /** Orders that are not this conversation's, or more than one customer's, carry the code: it is no conversation's own. */
  | { kind: 'code_in_use' };

/**
 * Makes a link for one conversation; for a conversation that was merged into another, for that one. Orders of the last
 * days that carry its discount code already are decided again.
 */
export async function createChatLink(
  pipeline: Work,
  { shop, contactId, request, by }: NewChatLink,
): Promise<ChatLinkOutcome> {
  const reading = readChatLink(request, shop.domain);
  if (reading.kind === 'invalid') return reading;
  return pipeline.db.$transaction(async (tx): Promise<ChatLinkOutcome> => {
    // Against a merge of this moment, which would leave the link behind, and an order that is just being decided.
    await holdContacts(tx, [shop.id], 'alone');
    const contact = await currentContact(tx, shop.id, contactId);
    if (contact === null) return { kind: 'unknown_contact' };
    return saveLink(pipeline, tx, { shop, contactId: contact, link: reading.link, by });
  });
}

async function saveLink(
  pipeline: Work,
  tx: Transaction,
  { shop, contactId, link, by }: { shop: Shop; contactId: ContactId; link: ChatLinkTarget; by: string },
): Promise<ChatLinkOutcome> {
  const now = pipeline.clock();
  const id = uuidv7(now) as ChatLinkId;
  const token = mintToken(randomBytes(16));
  const discountHash =
    link.discountCode === null
      ? null
      : pipeline.index(shop.id, 'discount_code', discountCodeKey(link.discountCode));
  const owner = discountHash && (await tx.chatLink.findFirst({ where: { shopId: shop.id, discountHash } }));
  if (owner && owner.contactId !== contactId)
    return { kind: 'discount_taken', contactId: owner.contactId as ContactId };
  if (discountHash && (await isUsedByOthers(tx, { shopId: shop.id, contactId, discountHash })))
    return { kind: 'code_in_use' };
  const row = {
    shopId: shop.id,
    id,
    contactId,
    kind: link.kind,
    tokenHash: pipeline.index(shop.id, 'reference', token),
    token: pipeline.vault.seal(token, chatLinkToken(shop.id, id)),
    target: link.target,
    // The code may be this conversation's already: its first link keeps what orders are found by.
    discountHash: owner ? null : discountHash,
    discountCode: link.discountCode,
    createdBy: by,
    createdAt: now,
  };
  await tx.chatLink.create({ data: row });
  if (row.discountHash) {
    const since = new Date(now.getTime() - LATE_EVIDENCE_MS);
    await markReconsider(tx, [{ shopId: shop.id, hash: row.discountHash }], since);
  }
  return { kind: 'created', link: { ...link, id, contactId, token, ...addresses(shop.domain, link, token) } };
}

/** Whether the latest orders with this code have several buyers, or one of whom no order is this conversation's. */
async function isUsedByOthers(
  tx: Transaction,
  code: { shopId: ShopId; contactId: ContactId; discountHash: Buffer<ArrayBuffer> },
): Promise<boolean> {
  const { shopId, contactId, discountHash } = code;
  const buyers = await tx.$queryRaw<{ isTheirs: boolean }[]>(Prisma.sql`
    SELECT EXISTS (
      SELECT FROM orders o WHERE o.shop_id = ${shopId} AND o.contact_id = ${contactId}::uuid
        AND latest.buyer IN (o.customer_gid, o.gid)) AS "isTheirs"
    FROM (
      SELECT k.buyer FROM order_clues k WHERE k.shop_id = ${shopId} AND k.hash = ${discountHash}
      ORDER BY k.gid DESC LIMIT ${LATEST_ORDERS}) latest
    GROUP BY latest.buyer`);
  return buyers.length > 1 || buyers.some(({ isTheirs }) => !isTheirs);
}

/** The contact of this id, or the one that it was merged into; null when the shop has none. */
export async function currentContact(
  tx: Pick<Transaction, '$queryRaw'>,
  shopId: ShopId,
  id: string,
): Promise<ContactId | null> {
  if (!isUuid(id)) return null;
  const [contact] = await tx.$queryRaw<{ mergedInto: string | null }[]>(Prisma.sql`
    SELECT merged_into AS "mergedInto" FROM contacts WHERE shop_id = ${shopId} AND id = ${id}::uuid`);
  if (contact === undefined) return null;
  return contact.mergedInto === null ? (id as ContactId) : currentContact(tx, shopId, contact.mergedInto);
}

/** A link that was made, what came of it, and the link itself. */
export type KnownChatLink = MadeChatLink & {
  createdBy: string;
  createdAt: Date;
  opened: number;
  lastOpenedAt: Date | null;
  /** Orders that came back with the token or the code, latest first; the latest 50 of each. */
  orders: { gid: OrderGid; name: string }[];
};

/** The links made for a conversation, latest first, at most `limit` of them. */
export async function chatLinksOf(
  pipeline: Work,
  shop: Shop,
  contactId: ContactId,
  limit = 100,
): Promise<KnownChatLink[]> {
  const rows = await pipeline.db.chatLink.findMany({
    where: { shopId: shop.id, contactId },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
  });
  const orders = await ordersByHash(pipeline, shop.id, rows);
  return rows.map((row) => {
    const id = row.id as ChatLinkId;
    const token = pipeline.vault.open(row.token, chatLinkToken(shop.id, id));
    const found = [row.tokenHash, row.discountHash].flatMap((hash) => (hash && orders.get(hex(hash))) ?? []);
    return {
      id,
      contactId,
      kind: row.kind,
      target: row.target,
      discountCode: row.discountCode,
      token,
      ...addresses(shop.domain, row, token),
      createdBy: row.createdBy,
      createdAt: row.createdAt,
      opened: row.opened,
      lastOpenedAt: row.lastOpenedAt,
      orders: [...new Map(found.map(({ gid, name }) => [gid, { gid, name }])).values()],
    };
  });
}

async function ordersByHash(
  { db }: Work,
  shopId: ShopId,
  links: readonly Pick<ChatLink, 'tokenHash' | 'discountHash'>[],
): Promise<Map<string, { gid: OrderGid; name: string }[]>> {
  const hashes = links.flatMap(({ tokenHash, discountHash }) => [tokenHash, discountHash ?? []].flat());
  if (hashes.length === 0) return new Map();
  const rows = await db.$queryRaw<{ hash: Uint8Array; gid: OrderGid; name: string }[]>(Prisma.sql`
    SELECT asked.hash, latest.gid, latest.name FROM unnest(${hashes}::bytea[]) AS asked(hash)
    CROSS JOIN LATERAL (
      -- The key's own sequence: Shopify's order ids grow with time.
      SELECT o.gid, o.name, o.placed_at FROM order_clues k JOIN orders o ON o.shop_id = k.shop_id AND o.gid = k.gid
      WHERE k.shop_id = ${shopId} AND k.hash = asked.hash ORDER BY k.gid DESC LIMIT ${LATEST_ORDERS}) latest
    ORDER BY latest.placed_at DESC, latest.gid DESC`);
  return Map.groupBy(rows, ({ hash }) => hex(hash));
}

export type OpenedChatLink = { kind: 'opened'; address: string } | { kind: 'unknown' };

/**
 * Where a chat link of this shop leads. An opening by a person is counted, and the first waits to be told to Meta; the
 * preview in a chat is none.
 */
export async function openChatLink(
  { db, index, clock }: Pick<Pipeline, 'db' | 'index' | 'clock'>,
  { shopDomain, token, counted }: { shopDomain: string; token: string; counted: boolean },
): Promise<OpenedChatLink> {
  const read = readToken(token);
  const shop = read && (await db.shop.findUnique({ where: { domain: shopDomain }, select: { id: true } }));
  if (!read || !shop) return { kind: 'unknown' };
  const tokenHash = index(shop.id as ShopId, 'reference', read);
  const now = clock();
  const [link] = counted
    ? await db.$queryRaw<Pick<ChatLink, 'kind' | 'target'>[]>(Prisma.sql`
        UPDATE chat_links SET opened = opened + 1, last_opened_at = ${now},
          untold_opening_at = CASE WHEN opened = 0 THEN ${now} ELSE untold_opening_at END
        WHERE shop_id = ${shop.id} AND token_hash = ${tokenHash} RETURNING kind::text AS kind, target`)
    : await db.chatLink.findMany({ where: { shopId: shop.id, tokenHash } });
  return link ? { kind: 'opened', address: chatLinkAddress(shopDomain, link, read) } : { kind: 'unknown' };
}

function addresses(domain: string, link: Pick<ChatLinkTarget, 'kind' | 'target'>, token: string) {
  return { shortUrl: shortAddress(domain, token), url: chatLinkAddress(domain, link, token) };
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
