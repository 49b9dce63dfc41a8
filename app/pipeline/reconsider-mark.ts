import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';

/** How far back what is learned later still changes what an order was linked to. */
export const LATE_EVIDENCE_MS = 7 * 24 * 60 * 60_000;

type Hash = { shopId: ShopId; hash: Buffer<ArrayBuffer> };
/** Orders of one contact that are another's now. */
export type OrderMove = { shopId: ShopId; from: ContactId; into: ContactId };

/** The orders that a telling was decided for: those that are paid, or were placed without being paid; `o` is orders. */
export const IS_DECIDED = Prisma.sql`(o.paid_at IS NOT NULL OR o.unpaid_at IS NOT NULL)`;
/** The latest orders of a clue that are looked at; it bounds what a code on every order can cost. */
export const LATEST_ORDERS = 50;

/** Marks the decided orders placed since then that carry one of these identities, to be decided again. */
export async function markReconsider(
  tx: Transaction,
  identities: readonly Hash[],
  since: Date,
): Promise<void> {
  if (identities.length > 0) await moveOrders(tx, { identities, moves: [], since });
}

/**
 * Hands over the orders of these contacts, and marks the decided ones placed since then, with those that carry one of the
 * identities, to be decided again. A marked order is marked again: whoever is just deciding it may not have seen what
 * changed. Rows are locked in one order, so two workers never deadlock. Gives back the orders that were handed over.
 */
export async function moveOrders(
  tx: Transaction,
  { identities, moves, since }: { identities: readonly Hash[]; moves: readonly OrderMove[]; since: Date },
): Promise<{ from: ContactId; gid: string }[]> {
  const rows = await tx.$queryRaw<{ from: ContactId | null; gid: string }[]>(Prisma.sql`
    WITH touched AS (
      SELECT k.shop_id, k.gid, NULL::uuid AS from_id, NULL::uuid AS into_id
      FROM unnest(${identities.map((i) => i.shopId)}::int[], ${identities.map((i) => i.hash)}::bytea[]) AS i(shop_id, hash)
      JOIN order_clues k ON k.shop_id = i.shop_id AND k.hash = i.hash AND k.placed_at >= ${since}
      UNION ALL
      SELECT o.shop_id, o.gid, m.from_id, m.into_id
      FROM unnest(${moves.map((m) => m.shopId)}::int[], ${moves.map((m) => m.from)}::uuid[],
        ${moves.map((m) => m.into)}::uuid[]) AS m(shop_id, from_id, into_id)
      JOIN orders o ON o.shop_id = m.shop_id AND o.contact_id = m.from_id
    ), distinct_orders AS (
      SELECT shop_id, gid, max(from_id::text)::uuid AS from_id, max(into_id::text)::uuid AS into_id
      FROM touched GROUP BY shop_id, gid
    ), locked AS (
      SELECT t.* FROM distinct_orders t JOIN orders o ON o.shop_id = t.shop_id AND o.gid = t.gid
      ORDER BY t.shop_id, t.gid FOR NO KEY UPDATE OF o
    )
    UPDATE orders o SET contact_id = CASE WHEN o.contact_id = l.from_id THEN l.into_id ELSE o.contact_id END,
      reconsider = o.reconsider OR (${IS_DECIDED} AND o.placed_at >= ${since})
    FROM locked l WHERE o.shop_id = l.shop_id AND o.gid = l.gid
    RETURNING l.from_id AS "from", o.gid`);
  return rows.flatMap(({ from, gid }) => (from === null ? [] : [{ from, gid }]));
}

/** A clue that is shared by too many, and an order that carries it. */
export type SharedClue = { shopId: ShopId; hash: string /* hex */; gid: string };

/**
 * Marks the latest orders placed since then whose link still rests on one of these clues. Rows that somebody holds are
 * not waited for, since this is done with rows held: the orders that told of their clue are marked instead, and so tell
 * again.
 */
export async function markResting(tx: Transaction, clues: readonly SharedClue[], since: Date): Promise<void> {
  if (clues.length === 0) return;
  const distinct = [...new Map(clues.map((clue) => [`${clue.shopId} ${clue.hash}`, clue])).values()];
  const held = await tx.$queryRaw<{ shopId: ShopId; hash: string }[]>(Prisma.sql`
    WITH resting AS (
      SELECT o.shop_id, o.gid, asked.hash
      FROM unnest(${distinct.map((c) => c.shopId)}::int[], ${distinct.map((c) => c.hash)}::text[]) AS asked(shop_id, hash)
      CROSS JOIN LATERAL (
        SELECT k.* FROM order_clues k WHERE k.shop_id = asked.shop_id AND k.hash = decode(asked.hash, 'hex')
        ORDER BY k.gid DESC LIMIT ${LATEST_ORDERS}) k
      JOIN orders o ON o.shop_id = k.shop_id AND o.gid = k.gid
      WHERE k.placed_at >= ${since} AND NOT o.reconsider AND ${IS_DECIDED} AND o.evidence @> jsonb_build_array(
        jsonb_build_object('source', k.source, 'basis', k.basis, 'masked', k.masked, 'why', NULL))
    ), free AS (
      SELECT o.shop_id, o.gid FROM orders o WHERE (o.shop_id, o.gid) IN (SELECT shop_id, gid FROM resting)
      FOR NO KEY UPDATE SKIP LOCKED
    ), marked AS (
      UPDATE orders o SET reconsider = true FROM free f WHERE o.shop_id = f.shop_id AND o.gid = f.gid
    )
    SELECT r.shop_id AS "shopId", r.hash FROM resting r
    WHERE NOT EXISTS (SELECT FROM free f WHERE f.shop_id = r.shop_id AND f.gid = r.gid)`);
  if (held.length === 0) return;
  const isHeld = new Set(held.map(({ shopId, hash }) => `${shopId} ${hash}`));
  const telling = clues.filter(({ shopId, hash }) => isHeld.has(`${shopId} ${hash}`));
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET reconsider = true
    FROM unnest(${telling.map((c) => c.shopId)}::int[], ${telling.map((c) => c.gid)}::text[]) AS t(shop_id, gid)
    WHERE o.shop_id = t.shop_id AND o.gid = t.gid`);
}
