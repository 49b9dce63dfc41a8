import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../../prisma/generated/client.ts';

export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;
export { Prisma };

/** A pool of connections to PostgreSQL; `connections` is its size. */
export function openDatabase(url: string, options: { connections: number } = { connections: 10 }): Database {
  const adapter = new PrismaPg({
    connectionString: url,
    max: options.connections,
    // The adapter takes every timestamp it reads for UTC, whatever the server's own time zone.
    options: '-c TimeZone=UTC',
  });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 60_000 } });
}
