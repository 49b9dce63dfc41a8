import type { AutomaticNotice } from '../domain/automatic-notice.ts';
import { fingerprint } from '../domain/fingerprint.ts';
import type { ConnectionId, ShopId } from '../domain/ids.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { markAutomatic, type AutomaticRow } from './automatic.ts';
import type { Pipeline } from './context.ts';

/** A conversion that Meta detected in a chat, as one shop is told of it. */
export type ToldAutomatic = { shopId: ShopId; connectionId: ConnectionId; notice: AutomaticNotice };

/**
 * Keeps what Meta detected by itself, each once, and holds back what would report the same: orders are decided again,
 * and a lead that has not been sent is withheld. The shops' contacts must be held.
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
    select: { shopId: true, eventName: true, at: true, clickHash: true },
  })) as AutomaticRow[];
  await withholdLeads(
    tx,
    saved.filter(({ eventName }) => eventName === 'LeadSubmitted'),
    now,
  );
  await markAutomatic(tx, saved);
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
      AND e.state = 'due' AND e.attempts = 0 AND e.sent_at IS NULL AND e.payload <> ''`);
}
