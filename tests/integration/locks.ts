import type { Tieback } from './tieback.ts';

/** Resolves when a transaction waits for another one's lock, or when this work has ended without. */
export async function untilItWaits({ pipeline }: Tieback, work: Promise<unknown>): Promise<void> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  work.then(end, end);
  while (!ended) {
    const waiting = await pipeline.db.$queryRaw<unknown[]>`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    if (waiting.length > 0) return;
  }
}
