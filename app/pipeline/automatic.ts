import type { AutomaticPurchase } from '../domain/automatic-event.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { Purpose } from './evidence.ts';
import type { Verdict } from './judge.ts';
import { IS_DECIDED } from './reconsider-mark.ts';

/** A click of a contact; `clickHash` in hex. */
type Tapped = { shopId: ShopId; contactId: ContactId; clickHash: string };
/** What Meta told of a conversion that it detected itself. */
export type AutomaticRow = {
  shopId: ShopId;
  eventName: string;
  at: Date;
  clickHash: Uint8Array<ArrayBuffer>;
};

const PURCHASE = 'Purchase';

/** The purchases that Meta detected after these clicks, by contact. */
export async function loadDetected(
  tx: Transaction,
  clicks: readonly Tapped[],
  purpose: Purpose,
): Promise<Map<ContactId, AutomaticPurchase[]>> {
  if (clicks.length === 0) return new Map();
  // Two orders of one person may be decided at once, and only one of them is what was detected.
  const held = purpose === 'to_decide' ? Prisma.sql`FOR NO KEY UPDATE OF a` : Prisma.empty;
  const rows = await tx.$queryRaw<(AutomaticPurchase & { contactId: ContactId })[]>(Prisma.sql`
    SELECT t.contact_id AS "contactId", a.key, a.at, a.order_gid AS "orderGid"
    FROM unnest(${clicks.map((c) => c.shopId)}::int[], ${clicks.map((c) => c.contactId)}::uuid[],
      ${clicks.map((c) => c.clickHash)}::text[]) AS t(shop_id, contact_id, hash)
    JOIN automatic_events a ON a.shop_id = t.shop_id AND a.click_hash = decode(t.hash, 'hex')
      AND a.event_name = ${PURCHASE}
    ORDER BY a.shop_id, a.key ${held}`);
  const detected = rows.map(({ contactId, ...event }) => ({ contactId, event }));
  return new Map(
    [...Map.groupBy(detected, ({ contactId }) => contactId)].map(([contactId, own]) => [
      contactId,
      [...new Map(own.map(({ event }) => [event.key, event])).values()],
    ]),
  );
}

type Judged = { shopId: ShopId; gid: string; verdict: Verdict; keptBack: boolean };

/**
 * Writes down which order each detected purchase stands for, and no longer stands for. `detected`: those that were looked
 * at; `keptBack`: whether the order was kept back until now because of one, perhaps in another person's chat.
 */
export async function saveDetected(
  tx: Transaction,
  judged: readonly Judged[],
  detected: ReadonlyMap<ContactId, AutomaticPurchase[]>,
): Promise<void> {
  const claims = judged.flatMap(({ shopId, gid, verdict }) =>
    verdict.detectedAs === null ? [] : [{ shopId, gid, key: verdict.detectedAs }],
  );
  const stoodFor = new Set([...detected.values()].flat().map(({ orderGid }) => orderGid));
  const freed = judged.filter(
    ({ gid, verdict, keptBack }) => verdict.detectedAs === null && (keptBack || stoodFor.has(gid)),
  );
  if (freed.length > 0) {
    await tx.$executeRaw(Prisma.sql`
      UPDATE automatic_events a SET order_gid = NULL
      FROM unnest(${freed.map((f) => f.shopId)}::int[], ${freed.map((f) => f.gid)}::text[]) AS f(shop_id, gid)
      WHERE a.shop_id = f.shop_id AND a.order_gid = f.gid`);
  }
  if (claims.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE automatic_events a SET order_gid = c.gid
    FROM unnest(${claims.map((c) => c.shopId)}::int[], ${claims.map((c) => c.key)}::text[],
      ${claims.map((c) => c.gid)}::text[]) AS c(shop_id, key, gid)
    WHERE a.shop_id = c.shop_id AND a.key = c.key`);
}

/**
 * Marks the paid orders of which these new rows may be, to be decided again: those of the contact placed at most 72 hours
 * after what was detected and paid at most 72 hours before. Of an order that Meta has been told of only the row's order
 * follows. Whoever calls holds the shops' contacts.
 */
export async function markAutomatic(tx: Transaction, rows: readonly AutomaticRow[]): Promise<void> {
  const bought = rows.filter(({ eventName }) => eventName === PURCHASE);
  if (bought.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    WITH detected AS (
      SELECT DISTINCT o.shop_id, o.gid
      FROM unnest(${bought.map((b) => b.shopId)}::int[], ${bought.map((b) => b.clickHash)}::bytea[],
        ${bought.map((b) => b.at)}::timestamptz[]) AS b(shop_id, hash, at)
      JOIN referrals r ON r.shop_id = b.shop_id AND r.click_hash = b.hash
      JOIN orders o ON o.shop_id = r.shop_id AND o.contact_id = r.contact_id AND ${IS_DECIDED}
        AND o.placed_at <= b.at + interval '72 hours' AND o.paid_at >= b.at - interval '72 hours'
    ), locked AS (
      SELECT o.shop_id, o.gid FROM detected d JOIN orders o ON o.shop_id = d.shop_id AND o.gid = d.gid
      ORDER BY o.shop_id, o.gid FOR NO KEY UPDATE OF o
    )
    UPDATE orders o SET reconsider = true FROM locked l WHERE o.shop_id = l.shop_id AND o.gid = l.gid`);
}
