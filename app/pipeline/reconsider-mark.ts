import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';

/** How far back what is learned later still changes what an order was linked to. */
export const LATE_EVIDENCE_MS = 7 * 24 * 60 * 60_000;

type Hash = { shopId: ShopId; hash: Buffer<ArrayBuffer> };
/** Orders of one contact that are another's now. */
export type OrderMove = { shopId: ShopId; from: ContactId; into: ContactId };

/** Marks the paid orders placed since then that carry one of these identities, to be decided again. */
export async function markReconsider(
  tx: Transaction,
  identities: readonly Hash[],
  since: Date,
): Promise<void> {
  if (identities.length > 0) await moveOrders(tx, { identities, moves: [], since });
}

/**
 * Hands over the orders of these contacts, and marks the paid ones placed since then, with those that carry one of the
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
      reconsider = o.reconsider OR (o.paid_at IS NOT NULL AND o.placed_at >= ${since})
    FROM locked l WHERE o.shop_id = l.shop_id AND o.gid = l.gid
    RETURNING l.from_id AS "from", o.gid`);
  return rows.flatMap(({ from, gid }) => (from === null ? [] : [{ from, gid }]));
}
