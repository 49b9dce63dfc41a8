import type { AutomaticNotice } from '../domain/automatic-notice.ts';
import { fingerprint } from '../domain/fingerprint.ts';
import type { ConnectionId, ShopId } from '../domain/ids.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { markAutomatic, type AutomaticRow } from './automatic.ts';
import type { Pipeline } from './context.ts';
import { UNSENT } from './ledger.ts';

/** A conversion that Meta detected in a chat, as one shop is told of it. */
export type ToldAutomatic = { shopId: ShopId; connectionId: ConnectionId; notice: AutomaticNotice };

/**
 * Keeps what Meta detected by itself, each once, and holds back what would report the same: orders are decided again, and
 * a lead or a sale over the API that has not been sent is withheld. The shops' contacts must be held.
 */
export async function saveAutomatic(
  pipeline: Pick<Pipeline, 'index' | 'clock'>,
  tx: Transaction,
  told: readonly ToldAutomatic[],
): Promise<void> {
  if (told.length === 0) return;
  const now = pipeline.clock();
  const saved = (await tx.automaticEvent.createManyAndReturn({
    data: told.map(({ shopId, connectionId, notice }) => ({
      shopId,
      key: fingerprint(`${notice.messageId} ${notice.eventName}`),
      connectionId,
      eventName: notice.eventName,
      at: notice.at,
      clickHash: pipeline.index(shopId, 'click', notice.clickId),
      value: notice.value?.amount ?? null,
      currency: notice.value?.currency ?? null,
      receivedAt: now,
    })),
    skipDuplicates: true,
    select: { shopId: true, key: true, eventName: true, at: true, clickHash: true },
  })) as (AutomaticRow & { key: string })[];
  await withholdLeads(
    tx,
    saved.filter(({ eventName }) => eventName === 'LeadSubmitted'),
    now,
  );
  await withholdSales(
    tx,
    saved.filter(({ eventName }) => eventName === 'Purchase'),
    now,
  );
  await markAutomatic(tx, saved);
}

type Claim = { shopId: ShopId; subject: string; key: string };

/** Writes down which event each detected purchase stands for. */
export async function claimDetected(tx: Transaction, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE automatic_events a SET order_gid = c.subject
    FROM unnest(${claims.map((c) => c.shopId)}::int[], ${claims.map((c) => c.key)}::text[],
      ${claims.map((c) => c.subject)}::text[]) AS c(shop_id, key, subject)
    WHERE a.shop_id = c.shop_id AND a.key = c.key AND a.order_gid IS NULL`);
}

/**
 * Finds the sales over the API that these purchases are, by the rule of `detectedAs`, and takes back those of which Meta
 * has nothing.
 */
async function withholdSales(
  tx: Transaction,
  bought: readonly (AutomaticRow & { key: string })[],
  now: Date,
): Promise<void> {
  if (bought.length === 0) return;
  const candidates = await tx.$queryRaw<Claim[]>(Prisma.sql`
    SELECT b.shop_id AS "shopId", b.key, e.subject
    FROM unnest(${bought.map((b) => b.shopId)}::int[], ${bought.map((b) => b.key)}::text[],
      ${bought.map((b) => b.clickHash)}::bytea[], ${bought.map((b) => b.at)}::timestamptz[]) AS b(shop_id, key, hash, at)
    JOIN referrals r ON r.shop_id = b.shop_id AND r.click_hash = b.hash
    JOIN referrals c ON c.shop_id = r.shop_id AND c.contact_id = r.contact_id AND c.clicked_at <= b.at
    JOIN conversion_events e ON e.shop_id = c.shop_id AND e.referral_id = c.id AND e.source = 'api'
      AND e.event_name = 'Purchase' AND (e.state IN ('due', 'sending', 'accepted', 'unknown') OR ${UNSENT})
      AND b.at BETWEEN e.event_time - interval '72 hours' AND e.event_time + interval '72 hours'
    WHERE NOT EXISTS (SELECT FROM automatic_events o JOIN referrals t ON t.shop_id = o.shop_id
        AND t.click_hash = o.click_hash AND t.contact_id = r.contact_id
      WHERE o.shop_id = e.shop_id AND o.order_gid = e.subject)
    ORDER BY b.at, b.key, e.event_time, e.subject`);
  const claims: Claim[] = [];
  for (const one of candidates) {
    const isFree = claims.every(
      ({ shopId, key, subject }) => shopId !== one.shopId || (key !== one.key && subject !== one.subject),
    );
    if (isFree) claims.push(one);
  }
  if (claims.length === 0) return;
  await claimDetected(tx, claims);
  const reason: WithheldReason = 'reported_automatically';
  await tx.$executeRaw(Prisma.sql`
    UPDATE conversion_events e SET state = 'withheld', reason = ${reason}, payload = '', settled_at = ${now}
    FROM unnest(${claims.map((c) => c.shopId)}::int[], ${claims.map((c) => c.subject)}::text[]) AS c(shop_id, subject)
    JOIN shops s ON s.id = c.shop_id AND s.settings->>'automaticEvents' IS DISTINCT FROM 'report'
    WHERE e.shop_id = c.shop_id AND e.subject = c.subject AND e.event_name = 'Purchase' AND ${UNSENT}`);
}

/** Takes back leads of the same clicks that no worker has claimed yet. */
async function withholdLeads(tx: Transaction, leads: readonly AutomaticRow[], now: Date): Promise<void> {
  if (leads.length === 0) return;
  const reason: WithheldReason = 'reported_automatically';
  await tx.$executeRaw(Prisma.sql`
    UPDATE conversion_events e SET state = 'withheld', reason = ${reason}, payload = '', settled_at = ${now}
    FROM unnest(${leads.map((lead) => lead.shopId)}::int[], ${leads.map((lead) => lead.clickHash)}::bytea[])
      AS a(shop_id, hash)
    JOIN shops s ON s.id = a.shop_id AND s.settings->>'automaticEvents' IS DISTINCT FROM 'report'
    JOIN referrals r ON r.shop_id = a.shop_id AND r.click_hash = a.hash
    WHERE e.shop_id = r.shop_id AND e.referral_id = r.id AND e.event_name = 'LeadSubmitted'
      AND ${UNSENT}`);
}
