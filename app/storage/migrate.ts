import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engineGlue from '@prisma/schema-engine-wasm/schema_engine_bg';
import { SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Client, Pool } from 'pg';

const PRISMA_DIR = new URL('../../prisma/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, PRISMA_DIR), 'utf8');

/** The text of prisma/schema.prisma. */
export const schemaFile = (): string => read('schema.prisma');

// "tieback": any number no other program uses for an advisory lock in this database.
const MIGRATION_LOCK = 0x7469_6562;

/**
 * Runs `work` with Prisma's own schema engine compiled to WebAssembly, bound to the database at `url`: Prisma's native
 * engine would be downloaded from a host of its own when a migrate command first needs it.
 */
export async function withSchemaEngine<T>(
  url: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  // All engines of a process share one WebAssembly memory, and two at work in it at once break it.
  const mine = turn.then(() => runEngine(url, work));
  turn = mine.then(
    () => undefined,
    () => undefined,
  );
  return mine;
}

let turn: Promise<void> = Promise.resolve();

async function runEngine<T>(url: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  await loadEngine();
  // A pool of our own: the engine leaves its connections open, and they would hold the process for 10 seconds.
  const pool = new Pool({ connectionString: url, max: 1 });
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const engine = await SchemaEngine.new(
    { datamodels: [['prisma/schema.prisma', schemaFile()]] },
    () => undefined,
    adapter,
  );
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

let loaded: Promise<void> | undefined;

// The package's own entry imports its .wasm as a module, which Node does only with a flag.
function loadEngine(): Promise<void> {
  loaded ??= (async () => {
    const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const bytes = await readFile(join(dirname(glue), 'schema_engine_bg.wasm'));
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engineGlue });
    engineGlue.__wbg_set_wasm(instance.exports);
    (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
  })();
  return loaded;
}

/**
 * Applies every migration of prisma/migrations that the database does not have yet and keeps Prisma's own ledger
 * (`_prisma_migrations`) in order. Processes that start together wait for one another.
 * Returns the names of the migrations applied now.
 */
export async function migrate(url: string): Promise<string[]> {
  const lock = new Client({ connectionString: url });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await withSchemaEngine(url, async (engine) => {
      const result = await engine.applyMigrations({
        migrationsList: migrationsList(),
        filters: { externalTables: [], externalEnums: [] },
      });
      return result.appliedMigrationNames;
    });
  } finally {
    await lock.end();
  }
}

/** Whether every migration in this build is applied; reads Prisma's ledger. */
export async function isMigrated(query: (sql: string) => Promise<unknown>): Promise<boolean> {
  const rows = (await query(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  )) as { migration_name: string }[];
  const applied = new Set(rows.map((row) => row.migration_name));
  return migrationNames().every((name) => applied.has(name));
}

function migrationNames(): string[] {
  return readdirSync(new URL('migrations/', PRISMA_DIR), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function migrationsList() {
  return {
    baseDir: 'prisma/migrations',
    lockfile: { path: 'migration_lock.toml', content: read('migrations/migration_lock.toml') },
    shadowDbInitScript: '',
    migrationDirectories: migrationNames().map((path) => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: read(`migrations/${path}/migration.sql`) },
      },
    })),
  };
}
