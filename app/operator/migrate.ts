import { readFlags, type Command } from './command.ts';

/** Opening the pipeline applies what is missing; the command tells what the database has. */
export const migrateCommand: Command = {
  usage: 'migrate',
  purpose: 'applies database migrations, as every start does',
  prepare(args) {
    readFlags(args, []);
    return async (pipeline) => {
      const rows = await pipeline.db.$queryRaw<{ name: string }[]>`
        SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name`;
      const applied = rows.map((row) => row.name);
      return { json: { applied }, text: `up to date: ${applied.join(', ')}` };
    };
  },
};
