import type { ConnectionId, ShopId } from '../domain/ids.ts';
import { nextProbe, probeEvent, probePixelEvent, readProbe } from '../domain/probe.ts';
import type { EventReason } from '../domain/reason.ts';
import { sendEvents } from '../platforms/meta/events.ts';
import { Prisma } from '../storage/database.ts';
import { clearAlert } from './alerts.ts';
import { PAUSED_ALERT } from './breaker.ts';
import type { Pipeline } from './context.ts';
import { connectionSecret } from './sealed.ts';

type Paused = {
  shopId: ShopId;
  connectionId: ConnectionId;
  /** Null for a pixel. */
  wabaId: string | null;
  datasetId: string;
  token: string;
  probes: number;
};

const BATCH = 16;
// Only Meta's word ends it: its answers to events show nothing of it.
const UNTIL_REINSTATED = 'account_disabled' satisfies EventReason;

/**
 * Asks Meta about paused connections whose time has come, with an event that must be refused, and lets those work again
 * of which Meta's code shows that they are wired right. A lost one is a person's to connect again. Returns how many that
 * were.
 */
export async function probeConnections(pipeline: Pipeline): Promise<number> {
  const asked = await claimProbes(pipeline);
  const resumed = await Promise.all(asked.map((connection) => probe(pipeline, connection)));
  const count = resumed.filter(Boolean).length;
  if (count > 0) pipeline.bell.ring();
  return count;
}

/** The next probe is set before this one leaves, so that no two workers ask at once. */
async function claimProbes(pipeline: Pipeline): Promise<Paused[]> {
  const now = pipeline.clock();
  return pipeline.db.$transaction(async (tx) => {
    const paused = await tx.$queryRaw<Paused[]>(Prisma.sql`
      SELECT c.shop_id AS "shopId", c.id AS "connectionId", c.waba_id AS "wabaId", c.dataset_id AS "datasetId", c.token,
        c.probes
      FROM connections c JOIN shops s ON s.id = c.shop_id AND s.uninstalled_at IS NULL
      WHERE c.state = 'paused' AND c.state_reason IS DISTINCT FROM ${UNTIL_REINSTATED} AND (c.probe_at IS NULL OR c.probe_at <= ${now})
      ORDER BY c.probe_at LIMIT ${BATCH} FOR UPDATE OF c SKIP LOCKED`);
    for (const { shopId, connectionId, probes } of paused) {
      await tx.connection.updateMany({
        where: { shopId, id: connectionId },
        data: { probes: probes + 1, probeAt: nextProbe(probes + 1, now) },
      });
    }
    return paused;
  });
}

async function probe(pipeline: Pipeline, paused: Paused): Promise<boolean> {
  const { shopId, connectionId, wabaId, datasetId } = paused;
  const token = openToken(pipeline, paused);
  if (token === null) return false;
  const now = pipeline.clock();
  const events = [wabaId === null ? probePixelEvent(now) : probeEvent(wabaId, now)];
  const result = await sendEvents(pipeline, { datasetId, token, events });
  const verdict = readProbe(result, wabaId === null ? 'pixel' : 'whatsapp');
  const isStill = [{ stateReason: null }, { stateReason: { not: UNTIL_REINSTATED } }];
  const where = { shopId, id: connectionId, state: 'paused' as const, token: paused.token, OR: isStill };
  switch (verdict.kind) {
    case 'no_verdict':
      return false;
    case 'broken':
      await pipeline.db.connection.updateMany({ where, data: { stateReason: verdict.reason } });
      return false;
    case 'wired': {
      const data = { state: 'active' as const, stateReason: null, stateSince: pipeline.clock() };
      const count = await pipeline.db.$transaction(async (tx) => {
        const { count } = await tx.connection.updateMany({
          where,
          data: { ...data, probeAt: null, failures: 0, holdUntil: null },
        });
        const alert = { shopId, subject: connectionId, name: PAUSED_ALERT };
        if (count > 0) await clearAlert(tx, pipeline.clock, alert);
        return count;
      });
      if (count > 0) pipeline.log.info({ shop: shopId, connection: connectionId }, 'connection resumed');
      return count > 0;
    }
  }
}

function openToken(pipeline: Pipeline, { shopId, connectionId, token }: Paused): string | null {
  try {
    return pipeline.vault.open(token, connectionSecret(shopId, connectionId, 'token'));
  } catch (error) {
    const ids = { shop: shopId, connection: connectionId };
    pipeline.log.error({ err: error, ...ids }, 'the sealed token of a paused connection does not open');
    return null;
  }
}
