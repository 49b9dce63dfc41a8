import { hostname } from 'node:os';
import { runJobs } from '../storage/jobs.ts';
import { attributeBatch } from './attribute.ts';
import { captureBatch } from './capture.ts';
import type { Pipeline } from './context.ts';
import { deliverBatch, sweepEvents } from './deliver.ts';
import { housekeeping } from './housekeeping.ts';
import { lifecycleBatch } from './lifecycle.ts';

export type Worker = {
  /** Finishes what is under way and resolves when nothing more will be started. */
  stop(): Promise<void>;
};

const BEAT_MS = 5_000;
const IDLE_MS = 1_000;
/** How old a worker's last beat may be before `/readyz` says that nobody works. */
export const BEAT_EXPIRES_MS = 30_000;

/**
 * Runs the steps until stopped. The inbox and the ledger run side by side, so a slow answer from Meta never holds up
 * the next order.
 */
export async function startWorker(pipeline: Pipeline, databaseUrl: string): Promise<Worker> {
  const onError = (error: unknown): void => pipeline.log.error({ err: error }, 'a scheduled job failed');
  const stopJobs = await runJobs({ url: databaseUrl, jobs: housekeeping(pipeline), onError });
  const stopping = new AbortController();
  const name = `${hostname()}:${process.pid}`;
  const loops = [
    loop(pipeline, stopping.signal, async () => {
      const taken = [
        await captureBatch(pipeline),
        await attributeBatch(pipeline),
        await lifecycleBatch(pipeline),
      ];
      const total = taken.reduce((sum, count) => sum + count, 0);
      if (total > 0) pipeline.bell.ring();
      return total;
    }),
    loop(pipeline, stopping.signal, async () => {
      await sweepEvents(pipeline);
      return deliverBatch(pipeline);
    }),
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
    let worked = 0;
    try {
      worked = await round();
    } catch (error) {
      // The database may be away for a while; rows keep their state and the next round takes them up again.
      pipeline.log.error({ err: error }, 'a round of work failed');
    }
    if (worked === 0 && !stopping.aborted) await bell.wait(IDLE_MS);
  }
}

async function sayAlive(pipeline: Pipeline, worker: string): Promise<void> {
  const at = pipeline.clock();
  await pipeline.db.workerBeat.upsert({ where: { worker }, create: { worker, at }, update: { at } });
}
