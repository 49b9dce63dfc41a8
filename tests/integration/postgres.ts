import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { joinEmbeddedPostgres } from '../../app/storage/embedded-postgres.ts';
import { migrate } from '../../app/storage/migrate.ts';

declare module 'vitest' {
  // Only an interface can be added to.
  interface ProvidedContext {
    /** A migrated database that tests copy and never write to. */
    templateUrl: string;
  }
}

/** One real PostgreSQL for the whole run; every test gets a copy of its template database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tieback-test-'));
  chmodSync(dataDir, 0o755);
  // Nothing here has to survive a power cut.
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '200',
  };
  const postgres = await joinEmbeddedPostgres({ dataDir, settings });
  const close = async (): Promise<void> => {
    await postgres.leave();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await migrate(postgres.url);
  } catch (error) {
    await close();
    throw error;
  }
  project.provide('templateUrl', postgres.url);
  return close;
}
