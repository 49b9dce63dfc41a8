import type { EventName } from '../domain/event-name.ts';
import type { ShopId } from '../domain/ids.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { isUuid } from '../storage/uuid.ts';
import type { Lane } from './claim.ts';
import type { Pipeline } from './context.ts';
import { LATE_EVIDENCE_MS } from './reconsider-mark.ts';
import { untilStored } from './settle.ts';

const PARKED: WithheldReason = 'event_name_parked';

/**
 * Keeps events of a name back that Meta does not take from this connection, those that wait and those to come: Meta's
 * list of names may be shorter than ours, and one such event makes it refuse the whole request.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
 */
export async function parkEvent(
  pipeline: Pipeline,
  { shopId, connectionId }: Pick<Lane, 'shopId' | 'connectionId'>,
  name: string,
): Promise<void> {
  const now = pipeline.clock();
  await untilStored(pipeline, () =>
    pipeline.db.$transaction(async (tx) => {
      const parked = await tx.$executeRaw(Prisma.sql`
        UPDATE connections SET parked_events = array_append(parked_events, ${name})
        WHERE shop_id = ${shopId} AND id = ${connectionId}::uuid AND ${name} <> ALL(parked_events)`);
      await tx.$executeRaw(Prisma.sql`
        UPDATE conversion_events SET state = 'withheld', reason = ${PARKED}, settled_at = ${now}
        WHERE id = ANY(ARRAY(SELECT id FROM conversion_events
          WHERE state = 'due' AND connection_id = ${connectionId}::uuid AND event_name = ${name}
          FOR UPDATE SKIP LOCKED))`);
      if (parked > 0)
        pipeline.log.warn({ shop: shopId, connection: connectionId, event: name }, 'event name parked');
    }),
  );
}

/**
 * Has a name tried again that Meta refused on this connection. What was kept back because of it and is not too old is
 * sent; what had no event yet is decided again.
 */
export async function unparkEvent(
  pipeline: Pipeline,
  shop: ShopId,
  connectionId: string,
  name: EventName,
): Promise<{ kind: 'unparked'; events: number } | { kind: 'not_parked' } | { kind: 'not_found' }> {
  if (!isUuid(connectionId)) return { kind: 'not_found' };
  const outcome = await pipeline.db.$transaction(async (tx) => {
    const where = { shopId_id: { shopId: shop, id: connectionId } };
    const found = await tx.connection.findUnique({ where, select: { parkedEvents: true } });
    if (found === null) return { kind: 'not_found' as const };
    if (!found.parkedEvents.includes(name)) return { kind: 'not_parked' as const };
    // Orders before events, as everybody locks them.
    await markParked(tx, { shop, since: new Date(pipeline.clock().getTime() - LATE_EVIDENCE_MS) });
    await tx.$executeRaw(Prisma.sql`
      UPDATE connections SET parked_events = array_remove(parked_events, ${name})
      WHERE shop_id = ${shop} AND id = ${connectionId}::uuid`);
    const now = pipeline.clock();
    const events = await tx.$executeRaw(Prisma.sql`
      UPDATE conversion_events SET state = 'due', reason = NULL, settled_at = NULL, next_attempt_at = ${now}
      WHERE shop_id = ${shop} AND connection_id = ${connectionId}::uuid AND event_name = ${name}
        AND state = 'withheld' AND reason = ${PARKED} AND payload <> '' AND deadline > ${now}`);
    return { kind: 'unparked' as const, events };
  });
  if (outcome.kind === 'unparked') pipeline.bell.ring();
  return outcome;
}

async function markParked(tx: Transaction, { shop, since }: { shop: ShopId; since: Date }): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    WITH parked AS (
      SELECT o.shop_id, o.gid FROM orders o
      WHERE o.shop_id = ${shop} AND COALESCE(o.paid_at, o.placed_at) >= ${since} AND o.decision = 'withheld' AND o.reason = ${PARKED}
      ORDER BY o.shop_id, o.gid FOR NO KEY UPDATE
    )
    UPDATE orders o SET reconsider = true FROM parked p WHERE o.shop_id = p.shop_id AND o.gid = p.gid`);
}
