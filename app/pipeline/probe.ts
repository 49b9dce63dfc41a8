import type { ConnectionId, ShopId } from '../domain/ids.ts';
import { nextProbe, probeEvent, probePixelEvent, readProbe } from '../domain/probe.ts';
import { sendEvents } from '../platforms/meta/events.ts';
import { Prisma } from '../storage/database.ts';
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
      WHERE c.state = 'paused' AND (c.probe_at IS NULL OR c.probe_at <= ${now})
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
  const result = await sendEvents(pipeline.graph, { datasetId, token, events });
  const verdict = readProbe(result, wabaId === null ? 'pixel' : 'whatsapp');
  const where = { shopId, id: connectionId, state: 'paused' as const, token: paused.token };
  switch (verdict.kind) {
    case 'no_verdict':
      return false;
    case 'broken':
      await pipeline.db.connection.updateMany({ where, data: { stateReason: verdict.reason } });
      return false;
    case 'wired': {
      const { count } = await pipeline.db.connection.updateMany({
        where,
        data: {
          state: 'active',
          stateReason: null,
          stateSince: pipeline.clock(),
          probeAt: null,
          failures: 0,
          holdUntil: null,
        },
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
