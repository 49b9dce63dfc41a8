import type { EventName } from '../domain/event-name.ts';
import type { ConnectionId, OrderGid, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { Job } from '../storage/jobs.ts';
import { isUuid } from '../storage/uuid.ts';
import { clearAlert, raiseAlert, type AlertKey } from './alerts.ts';
import type { Lane } from './claim.ts';
import type { Pipeline } from './context.ts';
import { IS_PARKED, PARKED } from './ledger.ts';
import { untilStored } from './settle.ts';

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
      if (parked === 0) return;
      await raiseAlert(tx, pipeline.clock, {
        ...refusedName(shopId, connectionId, name),
        ...refusalWords(name),
      });
      pipeline.log.warn({ shop: shopId, connection: connectionId, event: name }, 'event name parked');
    }),
  );
}

/**
 * Has a name tried again that Meta refused on this connection. Orders whose events it kept back are decided again, by
 * what became of them meanwhile; what else happened in chats is sent as it was, unless it is too old. `events`: how many
 * were kept back and are looked at now.
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
    const kept = { shop, connectionId, name };
    // Orders before connections and events, as everybody locks them.
    const orders = await markParked(tx, kept);
    await tx.$executeRaw(Prisma.sql`
      UPDATE connections SET parked_events = array_remove(parked_events, ${name})
      WHERE shop_id = ${shop} AND id = ${connectionId}::uuid`);
    await clearAlert(tx, pipeline.clock, refusedName(shop, connectionId, name));
    return { kind: 'unparked' as const, events: orders + (await freeParked(tx, kept, pipeline.clock())) };
  });
  if (outcome.kind === 'unparked') pipeline.bell.ring();
  return outcome;
}

const HOUR_MS = 60 * 60 * 1000;
// Long enough for Meta to mend what it broke; the sales that wait can be told for seven days.
const RETRY_AFTER_MS = 24 * HOUR_MS;
// A name that is refused again raises its alert again, so nobody is told of the same more often.
const RETRY_ONCE_IN_MS = 7 * 24 * HOUR_MS;

/** Nightly: sales whose name Meta refused a day ago are tried again without a person, since waiting loses them. */
export function parkedSalesJob(pipeline: Pipeline): Job {
  return { name: 'parked-sales', cron: '37 3 * * *', run: () => retryParkedSales(pipeline) };
}

/** Has Purchase tried again where it was parked for 24 hours, once; where Meta refuses it anew, after a week. */
export async function retryParkedSales(pipeline: Pipeline): Promise<void> {
  const { db, clock, log } = pipeline;
  const name = 'Purchase' satisfies EventName;
  const ago = (ms: number): Date => new Date(clock().getTime() - ms);
  const parked = await db.$queryRaw<{ shopId: ShopId; id: ConnectionId }[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.id FROM connections c
    JOIN shops s ON s.id = c.shop_id AND s.uninstalled_at IS NULL
    WHERE c.state = 'active' AND ${name} = ANY(c.parked_events)
      -- The event that Meta refused says when that was.
      AND NOT EXISTS (SELECT FROM conversion_events e WHERE e.connection_id = c.id AND e.event_name = ${name}
        AND ${IS_PARKED} AND e.state = 'refused' AND e.settled_at > ${ago(RETRY_AFTER_MS)})
      AND (SELECT count(*) FROM alerts a WHERE a.shop_id = c.shop_id AND a.subject = c.id::text
        AND a.name = ${alertName(name)} AND a.raised_at > ${ago(RETRY_ONCE_IN_MS)}) <= 1`);
  for (const { shopId, id } of parked) {
    const ids = { shop: shopId, connection: id };
    try {
      await unparkEvent(pipeline, shopId, id, name);
      log.info(ids, 'parked sales are tried again');
    } catch (error) {
      log.error({ err: error, ...ids }, 'parked sales could not be tried again');
    }
  }
}

const alertName = (event: string): string => `${event}_refused`;
const refusedName = (shopId: ShopId, subject: string, name: string): AlertKey => ({
  shopId,
  subject,
  name: alertName(name),
});

function refusalWords(name: string): { detail: string; fix: string } {
  return {
    detail: `Meta does not take ${name} events from here at present (100/2804066). Further ones are kept back.`,
    fix: 'In the settings, have it tried again beside the connection.',
  };
}

type Kept = { shop: ShopId; connectionId: string; name: EventName };

const parkedBy = ({ shop, connectionId, name }: Kept): Prisma.Sql =>
  Prisma.sql`e.shop_id = ${shop} AND e.connection_id = ${connectionId}::uuid AND e.event_name = ${name} AND ${IS_PARKED}`;

/** Marks the orders of which Meta has nothing because of the name, to be decided again. */
async function markParked(tx: Transaction, kept: Kept): Promise<number> {
  const rows = await tx.$queryRaw<{ gid: OrderGid }[]>(Prisma.sql`
    SELECT e.subject AS gid FROM conversion_events e
    WHERE ${parkedBy(kept)} AND e.source = 'order' AND e.uncertain = 0`);
  return tx.$executeRaw(Prisma.sql`
    WITH parked AS (
      SELECT o.shop_id, o.gid FROM orders o
      WHERE o.shop_id = ${kept.shop} AND o.gid = ANY(${rows.map(({ gid }) => gid)}::text[])
      ORDER BY o.shop_id, o.gid FOR NO KEY UPDATE
    )
    UPDATE orders o SET reconsider = true FROM parked p WHERE o.shop_id = p.shop_id AND o.gid = p.gid`);
}

/** Makes due what is about no order, and what Meta may have had before: its order cannot be decided again. */
function freeParked(tx: Transaction, kept: Kept, now: Date): Promise<number> {
  return tx.$executeRaw(Prisma.sql`
    UPDATE conversion_events e SET state = 'due', reason = NULL, settled_at = NULL, next_attempt_at = ${now}
    WHERE ${parkedBy(kept)} AND e.deadline > ${now} AND (e.source <> 'order' OR e.uncertain > 0)`);
}
