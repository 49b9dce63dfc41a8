import type { ReferralId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { VaultError } from '../storage/vault.ts';
import { markAutomatic } from './automatic.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { referralField } from './sealed.ts';

type Click = { shopId: ShopId; id: ReferralId };
type SealedClick = Click & { messageKey: string; clickId: string };
type HashedClick = Click & { hash: Buffer<ArrayBuffer> };

/** How many clicks one transaction hashes. */
export const CLICK_HASH_BATCH = 500;

/**
 * A step that makes the hashes of ad clicks from before they were kept, by which Meta's own events find their click, and
 * has the orders decided again that such an event may be. Once none is left it looks no more: a new click comes with its
 * hash. A click whose key is missing is left out until the next start. Any number of workers may do it at once. Returns
 * how many clicks it looked at.
 */
export function createClickHashing(): (pipeline: Pipeline) => Promise<number> {
  let after: Click | null = { shopId: 0 as ShopId, id: '00000000-0000-0000-0000-000000000000' as ReferralId };
  return async (pipeline) => {
    if (after === null) return 0;
    const next = await nextClicks(pipeline, after);
    const shops = [...new Set(next.map(({ shopId }) => shopId))];
    if (shops.length > 0) await pipeline.db.$transaction((tx) => hashClicks(pipeline, tx, shops, next));
    after = next.at(-1) ?? null;
    return next.length;
  };
}

function nextClicks({ db }: Pipeline, after: Click): Promise<Click[]> {
  return db.$queryRaw<Click[]>(Prisma.sql`
    SELECT r.shop_id AS "shopId", r.id FROM referrals r
    WHERE r.click_id IS NOT NULL AND r.click_hash IS NULL AND (r.shop_id, r.id) > (${after.shopId}, ${after.id}::uuid)
    ORDER BY r.shop_id, r.id LIMIT ${CLICK_HASH_BATCH}`);
}

async function hashClicks(
  pipeline: Pipeline,
  tx: Transaction,
  shops: readonly ShopId[],
  clicks: readonly Click[],
): Promise<void> {
  await holdContacts(tx, shops, 'shared');
  const column = { shops: clicks.map(({ shopId }) => shopId), ids: clicks.map(({ id }) => id) };
  const sealed = await tx.$queryRaw<SealedClick[]>(Prisma.sql`
    SELECT r.shop_id AS "shopId", r.id, r.message_key AS "messageKey", r.click_id AS "clickId"
    FROM unnest(${column.shops}::int[], ${column.ids}::uuid[]) AS c(shop_id, id)
    JOIN referrals r ON r.shop_id = c.shop_id AND r.id = c.id AND r.click_hash IS NULL
    ORDER BY r.shop_id, r.id FOR NO KEY UPDATE OF r SKIP LOCKED`);
  const hashed = sealed.flatMap((click) => hashOf(pipeline, click));
  if (hashed.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE referrals r SET click_hash = h.hash
    FROM unnest(${hashed.map(({ shopId }) => shopId)}::int[], ${hashed.map(({ id }) => id)}::uuid[],
      ${hashed.map(({ hash }) => hash)}::bytea[]) AS h(shop_id, id, hash)
    WHERE r.shop_id = h.shop_id AND r.id = h.id`);
  const detected = await tx.automaticEvent.findMany({
    where: { shopId: { in: [...shops] }, clickHash: { in: hashed.map(({ hash }) => hash) } },
    select: { shopId: true, eventName: true, at: true, clickHash: true },
  });
  await markAutomatic(
    tx,
    detected.map((event) => ({ ...event, shopId: event.shopId as ShopId })),
  );
}

function hashOf(
  { vault, index, log }: Pipeline,
  { shopId, id, messageKey, clickId }: SealedClick,
): HashedClick[] {
  try {
    const opened = vault.open(clickId, referralField(shopId, messageKey, 'click_id'));
    return [{ shopId, id, hash: index(shopId, 'click', opened) }];
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    log.error({ err: error, shop: shopId, referral: id }, 'a sealed click does not open');
    return [];
  }
}
