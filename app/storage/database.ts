import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { Prisma, PrismaClient } from '../../prisma/generated/client.ts';

export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;
export { Prisma };

/** A pool of connections to PostgreSQL; `connections` is its size. */
export function openDatabase(url: string, options: { connections: number } = { connections: 10 }): Database {
  const pool = new Pool({
    connectionString: url,
    max: options.connections,
    // The adapter takes every timestamp it reads for UTC, whatever the server's own time zone.
    options: '-c TimeZone=UTC',
  });
  // The adapter listens for a connection's end only some ticks after it has it, and an end that nobody listens for
  // would end the process. Whoever uses the connection gets the error from what they ask next.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const adapter = new PrismaPg(pool, { disposeExternalPool: true });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 60_000 } });
}
