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
import type { Pipeline } from './context.ts';
import { LATE_EVIDENCE_MS, markReconsider } from './reconsider-mark.ts';
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
  | { kind: 'discount_taken'; contactId: ContactId };

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
    const contact = await currentContact(tx, shop.id, contactId, { hold: true });
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
  const row = {
    shopId: shop.id,
    id,
    contactId,
    kind: link.kind,
    tokenHash: pipeline.index(shop.id, 'reference', token),
    token: pipeline.vault.seal(token, chatLinkToken(shop.id, id)),
    target: link.target,
    discountHash,
    discountCode: link.discountCode,
    createdBy: by,
    createdAt: now,
  };
  const { count } = await tx.chatLink.createMany({ data: [row], skipDuplicates: true });
  if (count === 0) {
    const owner = await tx.chatLink.findFirstOrThrow({ where: { shopId: shop.id, discountHash } });
    if (owner.contactId !== contactId)
      return { kind: 'discount_taken', contactId: owner.contactId as ContactId };
    // The code is this conversation's already: its first link keeps what orders are found by.
    await tx.chatLink.create({ data: { ...row, discountHash: null } });
  } else if (discountHash !== null) {
    const since = new Date(now.getTime() - LATE_EVIDENCE_MS);
    await markReconsider(tx, [{ shopId: shop.id, hash: discountHash }], since);
  }
  return { kind: 'created', link: { ...link, id, contactId, token, ...addresses(shop.domain, link, token) } };
}

/** The contact of this id, or the one that it was merged into; null when the shop has none. */
export async function currentContact(
  tx: Pick<Transaction, '$queryRaw'>,
  shopId: ShopId,
  id: string,
  { hold }: { hold: boolean } = { hold: false },
): Promise<ContactId | null> {
  if (!isUuid(id)) return null;
  // Held against a merge of this moment, which would leave behind what is just being added.
  const [contact] = await tx.$queryRaw<{ mergedInto: string | null }[]>(Prisma.sql`
    SELECT merged_into AS "mergedInto" FROM contacts WHERE shop_id = ${shopId} AND id = ${id}::uuid
    ${hold ? Prisma.sql`FOR SHARE` : Prisma.empty}`);
  if (contact === undefined) return null;
  return contact.mergedInto === null
    ? (id as ContactId)
    : currentContact(tx, shopId, contact.mergedInto, { hold });
}

/** A link that was made, what came of it, and the link itself. */
export type KnownChatLink = MadeChatLink & {
  createdBy: string;
  createdAt: Date;
  opened: number;
  lastOpenedAt: Date | null;
  /** Orders that came back with the token or the code, latest first. */
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
      orders: [...new Map(found.map((order) => [order.gid, order])).values()],
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
    SELECT k.hash, o.gid, o.name FROM order_clues k
    JOIN orders o ON o.shop_id = k.shop_id AND o.gid = k.gid
    WHERE k.shop_id = ${shopId} AND k.hash = ANY(${hashes}::bytea[])
    ORDER BY o.placed_at DESC, o.gid DESC`);
  return Map.groupBy(rows, ({ hash }) => hex(hash));
}

export type OpenedChatLink = { kind: 'opened'; address: string } | { kind: 'unknown' };

/** Where a chat link of this shop leads. An opening by a person is counted; the preview in a chat is none. */
export async function openChatLink(
  { db, index, clock }: Pick<Pipeline, 'db' | 'index' | 'clock'>,
  { shopDomain, token, counted }: { shopDomain: string; token: string; counted: boolean },
): Promise<OpenedChatLink> {
  const read = readToken(token);
  const shop = read && (await db.shop.findUnique({ where: { domain: shopDomain }, select: { id: true } }));
  if (!read || !shop) return { kind: 'unknown' };
  const where = { shopId: shop.id, tokenHash: index(shop.id as ShopId, 'reference', read) };
  const [link] = counted
    ? await db.chatLink.updateManyAndReturn({
        where,
        data: { opened: { increment: 1 }, lastOpenedAt: clock() },
      })
    : await db.chatLink.findMany({ where });
  return link ? { kind: 'opened', address: chatLinkAddress(shopDomain, link, read) } : { kind: 'unknown' };
}

function addresses(domain: string, link: Pick<ChatLinkTarget, 'kind' | 'target'>, token: string) {
  return { shortUrl: shortAddress(domain, token), url: chatLinkAddress(domain, link, token) };
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
