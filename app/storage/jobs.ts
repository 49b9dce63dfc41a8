import { PgBoss } from 'pg-boss';

export type Job = {
  name: string;
  /** Standard five-field cron, in UTC. */
  cron: string;
  run(): Promise<void>;
};

/**
 * Runs jobs on their schedules, each tick once however many workers there are. Returns how to stop, which lets a job
 * under way finish.
 */
export async function runJobs(options: {
  url: string;
  jobs: readonly Job[];
  onError: (error: unknown) => void;
}): Promise<() => Promise<void>> {
  const boss = new PgBoss({ connectionString: options.url, schema: 'pgboss', max: 2 });
  boss.on('error', options.onError);
  await boss.start();
  for (const { name, cron, run } of options.jobs) {
    await boss.createQueue(name);
    await boss.schedule(name, cron);
    await boss.work(name, run);
  }
  return () => boss.stop({ graceful: true, timeout: 5_000 });
}
