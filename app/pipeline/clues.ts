import { orderClues, type Clue, type PhoneState, type StoredClue } from '../domain/clue.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import type { FoundClue } from '../domain/link.ts';
import type { Order } from '../domain/order.ts';
import { countryOfPhone, phoneFromDisplay, type PhoneDigits } from '../domain/phone.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { Pipeline } from './context.ts';
import { orderKey } from './orders.ts';
import { LATEST_ORDERS } from './reconsider-mark.ts';
import type { ShopFacts } from './shop.ts';

/** A clue with its value, as it is known while its order is read. */
export type FreshClue = Clue & StoredClue;
/** Whom a clue leads to. */
export type Owner = NonNullable<FoundClue['found']>;
/** What a shop's own WhatsApp numbers say of the phones on its orders. */
export type NumberHints = { numberCountries: string[]; ownNumbers: PhoneDigits[] };
type ShopClue = StoredClue & { shopId: ShopId };

export const clueKey = (shop: ShopId, hash: string): string => `${shop} ${hash}`;

export function numberHints(displayNumbers: readonly string[]): NumberHints {
  const ownNumbers = displayNumbers.flatMap((shown) => phoneFromDisplay(shown) ?? []);
  const numberCountries = [...new Set(ownNumbers.flatMap((digits) => countryOfPhone(digits) ?? []))];
  return { ownNumbers, numberCountries };
}

/** The clues of an order with the shop's keyed hashes. */
export function readClues(
  pipeline: Pick<Pipeline, 'index'>,
  { id, country }: ShopFacts,
  order: Order,
  hints: NumberHints,
): { clues: FreshClue[]; phones: PhoneState } {
  const { clues, phones } = orderClues(order, { shopCountry: country, ...hints });
  return {
    phones,
    clues: clues.map((clue) => ({
      ...clue,
      hash: pipeline.index(id, clue.kind, clue.value).toString('hex'),
    })),
  };
}

export type OrderClues = {
  shopId: ShopId;
  gid: string;
  /** Who bought: Shopify's customer, else the order itself. */
  buyer: string;
  placedAt: Date;
  clues: readonly StoredClue[];
};

/** Keeps the clues of orders. */
export async function saveClues(tx: Transaction, orders: readonly OrderClues[]): Promise<void> {
  const rows = orders.filter(({ clues }) => clues.length > 0);
  if (rows.length === 0) return;
  const column = <T>(read: (row: OrderClues) => T): T[] => rows.map(read);
  // An order's clues go as one JSON text: ten long arrays would take both sides several times as long.
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO order_clues (shop_id, hash, gid, kind, source, basis, masked, barred, buyer, placed_at)
    SELECT o.shop_id, decode(c.hash, 'hex'), o.gid, c.kind, c.source, c.basis, c.masked, c.barred, o.buyer, o.placed_at
    FROM unnest(${column((r) => r.shopId)}::int[], ${column((r) => r.gid)}::text[], ${column((r) => r.buyer)}::text[],
      ${column((r) => r.placedAt)}::timestamptz[], ${column(({ clues }) => JSON.stringify(clues))}::text[])
      AS o(shop_id, gid, buyer, placed_at, clues)
    CROSS JOIN LATERAL json_to_recordset(o.clues::json)
      AS c(hash text, kind clue_kind, source text, basis text, masked text, barred text)
    ON CONFLICT DO NOTHING`);
}

/** Forgets what these orders said before, because another telling of them counts now. */
export async function dropClues(
  tx: Transaction,
  orders: readonly { shopId: ShopId; gid: string }[],
): Promise<void> {
  if (orders.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM order_clues k USING ${asOrders(orders)}
    WHERE k.shop_id = asked.shop_id AND k.gid = asked.gid`);
}

/** The clues kept of these orders, by `orderKey`. */
export async function loadClues(
  tx: Transaction,
  orders: readonly { shopId: ShopId; gid: string }[],
): Promise<Map<string, StoredClue[]>> {
  if (orders.length === 0) return new Map();
  const rows = await tx.$queryRaw<(ShopClue & { gid: string })[]>(Prisma.sql`
    SELECT k.shop_id AS "shopId", k.gid, encode(k.hash, 'hex') AS hash, k.kind::text AS kind, k.source, k.basis,
      k.masked, k.barred
    FROM ${asOrders(orders)} JOIN order_clues k ON k.shop_id = asked.shop_id AND k.gid = asked.gid`);
  return Map.groupBy(rows, (row) => orderKey(row.shopId, row.gid));
}

/** Whom clues lead to, by `clueKey`; contacts that turned out to be another one are not meant any more. */
export async function findOwners(tx: Transaction, clues: readonly ShopClue[]): Promise<Map<string, Owner>> {
  const of = (kind: StoredClue['kind']) => distinctHashes(clues.filter((clue) => clue.kind === kind));
  const phones = of('phone');
  const references = of('reference');
  const codes = of('discount_code');
  const parts = [
    ...(phones.length === 0
      ? []
      : [
          ownersIn(phones, {
            table: Prisma.sql`contact_identities t ON t.shop_id = asked.shop_id AND t.hash = asked.hash AND t.kind = 'phone'`,
            by: Prisma.sql`t.source::text`,
          }),
        ]),
    ...(references.length === 0
      ? []
      : [
          ownersIn(references, {
            table: Prisma.sql`chat_links t ON t.shop_id = asked.shop_id AND t.token_hash = asked.hash`,
            by: Prisma.sql`'chat_link'`,
          }),
        ]),
    ...(codes.length === 0
      ? []
      : [
          ownersIn(codes, {
            table: Prisma.sql`chat_links t ON t.shop_id = asked.shop_id AND t.discount_hash = asked.hash`,
            by: Prisma.sql`'chat_link'`,
          }),
        ]),
  ];
  if (parts.length === 0) return new Map();
  const rows = await tx.$queryRaw<(Owner & { shopId: ShopId; hash: string })[]>(
    Prisma.join(parts, ' UNION ALL '),
  );
  return new Map(rows.map(({ shopId, hash, ...owner }) => [clueKey(shopId, hash), owner]));
}

/**
 * How many different buyers the latest orders with each phone have, and those with each code that is some chat's, by
 * `clueKey`: a code that is nobody's is on many orders, and its buyers decide nothing.
 */
export async function countBuyers(
  tx: Transaction,
  clues: readonly ShopClue[],
  owners: ReadonlyMap<string, Owner>,
): Promise<Map<string, number>> {
  const counted = distinctHashes(
    clues.filter(
      ({ kind, shopId, hash }) =>
        kind === 'phone' || (kind === 'discount_code' && owners.has(clueKey(shopId, hash))),
    ),
  );
  if (counted.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ shopId: ShopId; hash: string; buyers: number }[]>(Prisma.sql`
    SELECT asked.shop_id AS "shopId", encode(asked.hash, 'hex') AS hash, counted.buyers
    FROM ${asHashes(counted)} CROSS JOIN LATERAL (
      SELECT count(DISTINCT latest.buyer)::int AS buyers FROM (
        -- The key's own sequence: Shopify's order ids grow with time.
        SELECT k.buyer FROM order_clues k WHERE k.shop_id = asked.shop_id AND k.hash = asked.hash
        ORDER BY k.gid DESC LIMIT ${LATEST_ORDERS}) latest) counted`);
  return new Map(rows.map(({ shopId, hash, buyers }) => [clueKey(shopId, hash), buyers]));
}

/** The contacts that these turned out to be, themselves included; one that is gone has none. */
export async function currentContacts(
  tx: Transaction,
  contacts: readonly { shopId: ShopId; contactId: ContactId }[],
): Promise<Map<ContactId, ContactId>> {
  if (contacts.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ asked: ContactId; current: ContactId }[]>(Prisma.sql`
    WITH RECURSIVE chain(asked, shop_id, id, merged_into) AS (
      SELECT c.id, c.shop_id, c.id, c.merged_into
      FROM unnest(${contacts.map((c) => c.shopId)}::int[], ${contacts.map((c) => c.contactId)}::uuid[]) AS a(shop_id, id)
      JOIN contacts c ON c.shop_id = a.shop_id AND c.id = a.id
      UNION
      SELECT n.asked, c.shop_id, c.id, c.merged_into FROM chain n
      JOIN contacts c ON c.shop_id = n.shop_id AND c.id = n.merged_into
    )
    SELECT asked, id AS current FROM chain WHERE merged_into IS NULL`);
  return new Map(rows.map(({ asked, current }) => [asked, current]));
}

type Hashed = { shopId: ShopId; hash: Buffer<ArrayBuffer> };

function ownersIn(
  hashes: readonly Hashed[],
  { table, by }: { table: Prisma.Sql; by: Prisma.Sql },
): Prisma.Sql {
  return Prisma.sql`
    SELECT asked.shop_id AS "shopId", encode(asked.hash, 'hex') AS hash, ${by} AS by, c.id AS "contactId",
      c.last_message_at AS "lastMessageAt"
    FROM ${asHashes(hashes)} JOIN ${table}
    JOIN contacts c ON c.shop_id = t.shop_id AND c.id = t.contact_id AND c.merged_into IS NULL`;
}

function distinctHashes(clues: readonly ShopClue[]): Hashed[] {
  const distinct = new Map(clues.map((clue) => [clueKey(clue.shopId, clue.hash), clue]));
  return [...distinct.values()].map(({ shopId, hash }) => ({ shopId, hash: Buffer.from(hash, 'hex') }));
}

function asHashes(hashes: readonly Hashed[]): Prisma.Sql {
  return Prisma.sql`unnest(${hashes.map((h) => h.shopId)}::int[], ${hashes.map((h) => h.hash)}::bytea[]) AS asked(shop_id, hash)`;
}

function asOrders(orders: readonly { shopId: ShopId; gid: string }[]): Prisma.Sql {
  return Prisma.sql`unnest(${orders.map((o) => o.shopId)}::int[], ${orders.map((o) => o.gid)}::text[]) AS asked(shop_id, gid)`;
}
