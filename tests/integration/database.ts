import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject, onTestFinished } from 'vitest';

/** The address of a migrated, empty database of this test's own, dropped when the test has finished. */
export async function freshDatabase(): Promise<string> {
  const template = new URL(inject('templateUrl'));
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asOwner(`CREATE DATABASE ${name} TEMPLATE ${template.pathname.slice(1)}`);
  onTestFinished(() => asOwner(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  return Object.assign(new URL(template), { pathname: `/${name}` }).href;
}

/** Makes PostgreSQL refuse this database, and ends what is connected to it; the function it gives back ends the outage. */
export async function cutDatabase(url: string): Promise<() => Promise<void>> {
  const name = new URL(url).pathname.slice(1);
  await asOwner(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  const connected = `FROM pg_stat_activity WHERE datname = '${name}'`;
  await asOwner(`SELECT pg_terminate_backend(pid) ${connected}`);
  // PostgreSQL's own waiting for each of them would look every 100 ms only.
  await asOwner(`DO $$ BEGIN
    WHILE EXISTS (SELECT ${connected}) LOOP
      PERFORM pg_sleep(0.002), pg_stat_clear_snapshot();
    END LOOP;
  END $$`);
  return () => asOwner(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
}

/** Every row of every table as text, with the name of its table before it: what somebody who stole a dump would read. */
export async function dumpTables(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    );
    const lines: string[] = [];
    for (const { name } of tables.rows) {
      const rows = await client.query<{ line: string }>(`SELECT t::text AS line FROM "${name}" t`);
      lines.push(...rows.rows.map(({ line }) => `${name} ${line}`));
    }
    return lines.join('\n');
  } finally {
    await client.end();
  }
}

async function asOwner(sql: string): Promise<void> {
  const url = Object.assign(new URL(inject('templateUrl')), { pathname: '/postgres' });
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
