import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { isMigrated, migrate, schemaFile, withSchemaEngine } from '../../app/storage/migrate.ts';
import { freshDatabase } from './database.ts';

type Row = Record<string, unknown>;

const MIGRATE = new URL('../../app/storage/migrate.ts', import.meta.url).href;
const NAMES = readdirSync(new URL('../../prisma/migrations/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted();

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** A database without any table, type or ledger. */
async function emptyDatabase(): Promise<string> {
  const url = await freshDatabase();
  const client = await connect(url);
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  return url;
}

async function rows(url: string, sql: string): Promise<Row[]> {
  return (await (await connect(url)).query<Row>(sql)).rows;
}

/** What a process of its own reports to have applied. */
function migrateInProcess(url: string): Promise<string[]> {
  const script = `const { migrate } = await import(process.argv[1]);
    const names = await migrate(process.argv[2]);
    process.stdout.write(JSON.stringify(names), () => process.exit(0));`;
  const args = ['--input-type=module', '--eval', script, MIGRATE, url];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`migrate ended with ${code}`)),
    );
  });
}

// Everything that the two ways of building a database must agree on. Prisma's schema language cannot say a partial
// index or a CHECK, so the predicates and those two constraints are left out.
const SHAPE = {
  columns: `SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, numeric_precision,
      numeric_scale, datetime_precision, character_maximum_length
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
    ORDER BY table_name, column_name`,
  constraints: `SELECT conrelid::regclass::text AS of_table, conname, contype, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f', 'u')
      AND conrelid::regclass::text <> '_prisma_migrations'
    ORDER BY 1, 2`,
  enums: `SELECT typname, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid
    ORDER BY typname, enumsortorder`,
  indexes: `SELECT tablename, indexname, regexp_replace(indexdef, ' WHERE .*$', '') AS definition
    FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' ORDER BY 1, 2`,
};

test('migrating builds an empty database, and migrating again applies nothing', async () => {
  const url = await emptyDatabase();
  expect(await migrate(url)).toEqual(NAMES);
  expect(await migrate(url)).toEqual([]);
});

test("Prisma's own ledger holds every migration once, in order and finished", async () => {
  const url = await emptyDatabase();
  await migrate(url);
  await migrate(url);
  const ledger = await rows(
    url,
    `SELECT migration_name, finished_at IS NOT NULL AS finished, rolled_back_at, applied_steps_count, length(checksum) AS checksum
     FROM _prisma_migrations ORDER BY started_at`,
  );
  const entry = { finished: true, rolled_back_at: null, applied_steps_count: 1, checksum: 64 };
  expect(ledger).toEqual(NAMES.map((migration_name) => ({ migration_name, ...entry })));
});

test('processes that migrate at once wait for one another: one applies, the others find nothing to do', async () => {
  const url = await emptyDatabase();
  const held = await connect(url);
  // The number may not change: an old and a new version that start together must wait for each other too.
  await held.query('SELECT pg_advisory_lock($1)', [0x7469_6562]);
  let over = false;
  const migrating = Promise.all([migrateInProcess(url), migrateInProcess(url), migrate(url)]).finally(
    () => (over = true),
  );
  let waiting = 0;
  while (waiting < 3 && !over) {
    const { rowCount } = await held.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    waiting = rowCount ?? 0;
  }
  expect(waiting).toBe(3);
  expect(await rows(url, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  await held.query('SELECT pg_advisory_unlock_all()');
  const applied = await migrating;
  expect(applied.filter((names) => names.length > 0)).toEqual([NAMES]);
  expect(await rows(url, 'SELECT migration_name FROM _prisma_migrations')).toHaveLength(NAMES.length);
});

test('a database counts as migrated only when no migration of this build is missing, failed or rolled back', async () => {
  const url = await freshDatabase();
  const client = await connect(url);
  const isReady = (): Promise<boolean> => isMigrated(async (sql) => (await client.query(sql)).rows);
  expect(await isReady()).toBe(true);
  await client.query('UPDATE _prisma_migrations SET rolled_back_at = now()');
  expect(await isReady()).toBe(false);
  await client.query('UPDATE _prisma_migrations SET rolled_back_at = NULL, finished_at = NULL');
  expect(await isReady()).toBe(false);
  await client.query('DELETE FROM _prisma_migrations');
  expect(await isReady()).toBe(false);
});

test('a migration that fails says so and leaves the lock free for the next try', async () => {
  const url = await emptyDatabase();
  const client = await connect(url);
  await client.query('CREATE TABLE shops (id int)');
  await expect(migrate(url)).rejects.toThrow();
  // It would wait for ever if the first try still held the lock.
  await expect(migrate(url)).rejects.toThrow();
});

test('the migrations build exactly what schema.prisma says', async () => {
  const migrated = await emptyDatabase();
  await migrate(migrated);
  const fromSchema = await emptyDatabase();
  const script = await withSchemaEngine(fromSchema, async (engine) => {
    const { stdout } = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: 'prisma/schema.prisma', content: schemaFile() }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return stdout ?? '';
  });
  await (await connect(fromSchema)).query(script);
  for (const [what, sql] of Object.entries(SHAPE)) {
    const wanted = await rows(fromSchema, sql);
    expect(wanted.length, what).toBeGreaterThan(0);
    expect(await rows(migrated, sql), what).toEqual(wanted);
  }
});

test('only the indexes of waiting rows are partial, and two checks are in the migrations alone', async () => {
  const url = await freshDatabase();
  const partial = await rows(
    url,
    `SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '% WHERE %' ORDER BY 1`,
  );
  expect(partial.map((row) => row['indexname'])).toEqual([
    'alerts_open',
    'alerts_unmailed',
    'chat_links_untold',
    'checkouts_begin_due',
    'checkouts_leave_due',
    'conversion_events_due',
    'conversion_events_expiring',
    'conversion_events_leased',
    'conversion_events_parked',
    'customer_consents_open',
    'deliveries_browsing_due',
    'deliveries_due',
    'deliveries_lifecycle_due',
    'deliveries_orders_due',
    'orders_found',
    'orders_reconsider',
    'referrals_unhashed',
  ]);
  const checks = await rows(
    url,
    `SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
     ORDER BY 1`,
  );
  const names = ['connections_kind_check', 'orders_reason_explains_decision'];
  expect(checks.map((row) => row['conname'])).toEqual(names);
});

test('an order cannot be withheld without a reason, nor have a reason without being withheld', async () => {
  const client = await connect(await freshDatabase());
  await client.query(`INSERT INTO shops (id, domain) VALUES (1, 'a.myshopify.com')`);
  const insert = (gid: string, decision: string, reason: string | null): Promise<unknown> =>
    client.query(
      `INSERT INTO orders (shop_id, gid, name, currency, total, presentment_currency, presentment_total, placed_at,
        shopify_updated_at, decision, reason) VALUES (1, $1, '#1', 'BRL', 1, 'BRL', 1, now(), now(), $2, $3)`,
      [gid, decision, reason],
    );
  const broken = { code: '23514', constraint: 'orders_reason_explains_decision' };
  await expect(insert('a', 'withheld', null)).rejects.toMatchObject(broken);
  await expect(insert('b', 'not_attributed', null)).rejects.toMatchObject(broken);
  await expect(insert('c', 'report', 'no_phone')).rejects.toMatchObject(broken);
  await insert('d', 'withheld', 'test_order');
  await insert('e', 'pending', null);
});

test('what is due is found by its own index, even when the statistics say that nothing is due', async () => {
  const client = await connect(await freshDatabase());
  await client.query(`
    INSERT INTO shops (id, domain) VALUES (1, 'a.myshopify.com');
    INSERT INTO conversion_events (shop_id, id, subject, event_name, channel, connection_id, dataset_id, event_id,
      event_time, deadline, payload, state)
    SELECT 1, gen_random_uuid(), g::text, 'Purchase', 'business_messaging', gen_random_uuid(), '1', g::text, now(),
      now() + interval '6 days', '', 'accepted' FROM generate_series(1, 20000) g;
    ANALYZE conversion_events;
    UPDATE conversion_events SET state = 'due' WHERE subject::int % 4 = 0`);
  const plan = async (sql: string): Promise<string> =>
    (await client.query<Record<string, string>>(`EXPLAIN ${sql}`)).rows
      .map((row) => row['QUERY PLAN'])
      .join('\n');
  const next = `SELECT connection_id FROM conversion_events
    WHERE state = 'due' AND connection_id > gen_random_uuid() ORDER BY connection_id LIMIT 1`;
  const ofOne = `SELECT id FROM conversion_events WHERE state = 'due' AND connection_id = '${'0'.repeat(32)}'
    AND attempts = 0 ORDER BY next_attempt_at LIMIT 1000`;
  expect(await plan(next)).toContain('conversion_events_due');
  expect(await plan(ofOne)).toContain('conversion_events_due');
});
