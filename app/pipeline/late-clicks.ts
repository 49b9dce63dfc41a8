import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { IS_DECIDED } from './reconsider-mark.ts';

/** An ad click that is known since just now. */
export type NewClick = { shopId: ShopId; contactId: ContactId; clickedAt: Date };

/**
 * Marks the orders placed since then that are linked to these people and were placed after their clicks, to be decided
 * again: WhatsApp tries for days to deliver a message (https://developers.facebook.com/docs/graph-api/webhooks/getting-started),
 * so a click may come after the order that it earned was decided. The shops' contacts must be held alone.
 */
export async function markLateClicks(
  tx: Transaction,
  clicks: readonly NewClick[],
  since: Date,
): Promise<void> {
  if (clicks.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    WITH clicked AS (
      SELECT shop_id, contact_id, GREATEST(min(clicked_at), ${since}::timestamptz) AS at
      FROM unnest(${clicks.map((c) => c.shopId)}::int[], ${clicks.map((c) => c.contactId)}::uuid[],
        ${clicks.map((c) => c.clickedAt)}::timestamptz[]) AS c(shop_id, contact_id, clicked_at)
      GROUP BY shop_id, contact_id
    ), locked AS (
      SELECT o.shop_id, o.gid
      FROM clicked c JOIN orders o ON o.shop_id = c.shop_id AND o.contact_id = c.contact_id AND o.placed_at >= c.at
      WHERE ${IS_DECIDED}
      ORDER BY o.shop_id, o.gid FOR NO KEY UPDATE OF o
    )
    UPDATE orders o SET reconsider = true FROM locked l WHERE o.shop_id = l.shop_id AND o.gid = l.gid`);
}
