import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { runJobs } from '../storage/jobs.ts';
import type { OpenAdmin } from './admin-access.ts';
import { alertsJob } from './alert-mail.ts';
import { attributeBatch } from './attribute.ts';
import { browsingBatch } from './browsing.ts';
import { captureBatch } from './capture.ts';
import { checkoutBatch } from './checkout-batch.ts';
import { createClickHashing } from './click-hashes.ts';
import { consentBatch } from './consent.ts';
import type { Pipeline } from './context.ts';
import { createCourier } from './courier.ts';
import { doctorJob } from './doctor.ts';
import { housekeeping } from './housekeeping.ts';
import { lifecycleBatch } from './lifecycle.ts';
import { reconciliation } from './reconciliation.ts';
import { reconsiderBatch } from './reconsider.ts';
import { rerunBatch } from './rerun.ts';
import { probeConnections } from './probe.ts';
import { sweepEvents } from './sweep.ts';

export type Worker = {
  /** Finishes what is under way and resolves when nothing more will be started. */
  stop(): Promise<void>;
};

const BEAT_MS = 5_000;
const IDLE_MS = 1_000;
// Between two looks for due events, so that those that become due together go together.
const ROUND_MS = 10;
/** How old a worker's last beat may be before `/readyz` says that nobody works. */
export const BEAT_EXPIRES_MS = 30_000;

/**
 * Runs the steps until stopped. The inbox and the ledger run side by side, so a slow answer from Meta never holds up
 * the next order; so does what Shopify is asked. `openAdmin` is null where Shopify's variables are not set: then nothing
 * is reconciled, and nobody's consent is asked.
 */
export async function startWorker(
  pipeline: Pipeline,
  databaseUrl: string,
  openAdmin: OpenAdmin | null = null,
): Promise<Worker> {
  const onError = (error: unknown): void => pipeline.log.error({ err: error }, 'a scheduled job failed');
  const stopping = new AbortController();
  const jobs = [
    ...housekeeping(pipeline),
    alertsJob(pipeline),
    doctorJob(pipeline, openAdmin, stopping.signal),
    ...(openAdmin === null ? [] : [reconciliation(pipeline, openAdmin, stopping.signal)]),
  ];
  const stopJobs = await runJobs({ url: databaseUrl, jobs, onError });
  const name = `${hostname()}:${process.pid}`;
  const steps = (...batches: ((pipeline: Pipeline) => Promise<number>)[]) =>
    loop(pipeline, stopping.signal, async () => {
      let total = 0;
      // Each on its own: one that fails must not keep the others from their turn.
      for (const batch of batches) total += await attempt(pipeline, () => batch(pipeline));
      if (total > 0) pipeline.bell.ring();
      return total;
    });
  const loops = [
    steps(captureBatch, attributeBatch, reconsiderBatch, rerunBatch, lifecycleBatch, createClickHashing()),
    // Carts are many more than orders, and never to be waited for.
    steps(browsingBatch, checkoutBatch),
    ...(openAdmin === null ? [] : [loop(pipeline, stopping.signal, () => consentBatch(pipeline, openAdmin))]),
    deliverLoop(pipeline, stopping.signal),
    sweepLoop(pipeline, stopping.signal),
  ];
  const beat = (): void => {
    sayAlive(pipeline, name).catch((error: unknown) =>
      pipeline.log.error({ err: error }, 'the worker could not beat'),
    );
  };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      pipeline.bell.ring();
      await Promise.all([...loops, stopJobs()]);
    },
  };
}

async function loop(pipeline: Pipeline, stopping: AbortSignal, round: () => Promise<number>): Promise<void> {
  const bell = pipeline.bell.listen();
  while (!stopping.aborted) {
    const worked = await attempt(pipeline, round);
    if (worked === 0 && !stopping.aborted) await bell.wait(IDLE_MS);
  }
}

/** Looks for due events whenever there may be some or a dataset becomes idle; on stopping, finishes what is under way. */
async function deliverLoop(pipeline: Pipeline, stopping: AbortSignal): Promise<void> {
  const bell = pipeline.bell.listen();
  const courier = createCourier(pipeline, bell.wake);
  while (!stopping.aborted) {
    const claimed = await attempt(pipeline, () => courier.round());
    await delay(ROUND_MS);
    if (claimed === 0 && !stopping.aborted) await bell.wait(Math.min(courier.restMs() ?? IDLE_MS, IDLE_MS));
  }
  await courier.stop();
}

async function sweepLoop(pipeline: Pipeline, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    await attempt(pipeline, async () => {
      await sweepEvents(pipeline);
      return 0;
    });
    await attempt(pipeline, () => probeConnections(pipeline));
    await delay(IDLE_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** The database may be away for a while; rows keep their state and the next round takes them up again. */
async function attempt(pipeline: Pipeline, round: () => Promise<number>): Promise<number> {
  try {
    return await round();
  } catch (error) {
    pipeline.log.error({ err: error }, 'a round of work failed');
    return 0;
  }
}

async function sayAlive(pipeline: Pipeline, worker: string): Promise<void> {
  const at = pipeline.clock();
  await pipeline.db.workerBeat.upsert({ where: { worker }, create: { worker, at }, update: { at } });
}
