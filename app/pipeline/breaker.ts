import type { Breaker } from '../domain/breaker.ts';
import { explain } from '../domain/explain.ts';
import { nextProbe } from '../domain/probe.ts';
import type { EventReason } from '../domain/reason.ts';
import { raiseAlert } from './alerts.ts';
import type { Lane } from './claim.ts';
import type { Pipeline } from './context.ts';
import { untilStored } from './settle.ts';

type Connection = Pick<Lane, 'shopId' | 'connectionId' | 'token'>;

/** The alert of a connection that Meta refuses; over when a probe shows that it works again. */
export const PAUSED_ALERT = 'connection_paused';
// One that is paused again so soon was never right; its probes go on at their long intervals.
const RELAPSE_MS = 60 * 60_000;

/** Pauses a connection that Meta refuses, with one alert. Its events stay due, and probes find out when it works again. */
export async function pauseConnection(
  pipeline: Pipeline,
  { shopId, connectionId, token }: Connection,
  reason: EventReason,
): Promise<void> {
  const now = pipeline.clock();
  await untilStored(pipeline, () =>
    pipeline.db.$transaction(async (tx) => {
      // Connected again meanwhile, it has another token, which was not refused.
      const [found] = await tx.$queryRaw<{ probes: number; since: Date }[]>`
        SELECT probes, state_since AS since FROM connections
        WHERE shop_id = ${shopId} AND id = ${connectionId}::uuid AND state = 'active' AND token = ${token} FOR UPDATE`;
      if (!found) return;
      const probes = now.getTime() - found.since.getTime() < RELAPSE_MS ? found.probes : 0;
      await tx.connection.update({
        where: { shopId_id: { shopId, id: connectionId } },
        data: {
          state: 'paused',
          stateReason: reason,
          stateSince: now,
          probes,
          probeAt: nextProbe(probes, now),
        },
      });
      const { sentence: detail, fix } = explain(reason);
      const alert = { shopId, subject: connectionId, name: PAUSED_ALERT, detail, fix };
      await raiseAlert(tx, pipeline.clock, alert);
      pipeline.log.warn({ shop: shopId, connection: connectionId, reason }, 'connection paused');
    }),
  );
}

/**
 * Opens or closes the breaker of a connection's dataset, for all workers. A limit of the whole Meta app holds every
 * number that goes through the shared app; one with a Meta app of its own has a limit of its own.
 */
export async function saveBreaker(
  pipeline: Pipeline,
  { shopId, connectionId, token }: Connection,
  { failures, holdUntil, wholeApp }: Breaker,
): Promise<void> {
  await untilStored(pipeline, () =>
    pipeline.db.connection.updateMany({
      where: { shopId, id: connectionId, token },
      data: { failures, holdUntil },
    }),
  );
  if (!wholeApp || holdUntil === null) return;
  await untilStored(
    pipeline,
    () => pipeline.db.$executeRaw`
      UPDATE connections c SET hold_until = ${holdUntil}
      FROM (SELECT id FROM connections WHERE app_secret IS NULL AND state = 'active'
          AND (hold_until IS NULL OR hold_until < ${holdUntil})
          AND EXISTS (SELECT FROM connections WHERE id = ${connectionId}::uuid AND app_secret IS NULL)
        ORDER BY id FOR UPDATE) shared
      WHERE c.id = shared.id`,
  );
}
