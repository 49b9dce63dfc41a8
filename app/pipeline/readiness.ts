import { isMigrated } from '../storage/migrate.ts';
import type { Pipeline } from './context.ts';
import { BEAT_EXPIRES_MS } from './worker.ts';

export type Readiness = { ready: boolean; database: boolean; migrations: boolean; worker: boolean };

/** Whether the installation can do its work: the database answers, its migrations are applied, a worker is alive. */
export async function readiness(pipeline: Pipeline): Promise<Readiness> {
  try {
    const migrations = await isMigrated((sql) => pipeline.db.$queryRawUnsafe(sql));
    const since = new Date(pipeline.clock().getTime() - BEAT_EXPIRES_MS);
    const worker = (await pipeline.db.workerBeat.count({ where: { at: { gte: since } } })) > 0;
    return { ready: migrations && worker, database: true, migrations, worker };
  } catch (error) {
    pipeline.log.warn({ err: error }, 'not ready');
    return { ready: false, database: false, migrations: false, worker: false };
  }
}
