import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Prisma, type Database } from './database.ts';

export type Lease = {
  /** Holds it for as long again; false when it has run out and somebody else may hold it. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
};

/**
 * Takes what only one process may do at a time; null while somebody else holds it. A lease instead of an advisory lock,
 * because no connection is held while another server is waited for. Its times are the database's, on which all
 * processes agree.
 */
export async function takeLease(db: Database, name: string, holdMs: number): Promise<Lease | null> {
  const holder = randomUUID();
  const until = Prisma.sql`clock_timestamp() + ${holdMs}::int * interval '1 millisecond'`;
  const taken = await db.$executeRaw(Prisma.sql`
    INSERT INTO leases (name, holder, until) VALUES (${name}, ${holder}::uuid, ${until})
    ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
    WHERE leases.until <= clock_timestamp()`);
  if (taken === 0) return null;
  return {
    renew: async () =>
      (await db.$executeRaw(
        Prisma.sql`UPDATE leases SET until = ${until} WHERE name = ${name} AND holder = ${holder}::uuid`,
      )) > 0,
    release: async () => void (await db.lease.deleteMany({ where: { name, holder } })),
  };
}

const FIRST_LOOK_MS = 20;
const LAST_LOOK_MS = 250;

/** Takes the lease as soon as it is free; null when it is still held after `waitMs`. */
export async function awaitLease(
  db: Database,
  name: string,
  { holdMs, waitMs }: { holdMs: number; waitMs: number },
): Promise<Lease | null> {
  const deadline = performance.now() + waitMs;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LAST_LOOK_MS)) {
    const lease = await takeLease(db, name, holdMs);
    if (lease !== null || performance.now() + pause > deadline) return lease;
    await delay(pause);
  }
}
