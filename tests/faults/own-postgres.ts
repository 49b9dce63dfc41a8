import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { joinEmbeddedPostgres } from '../../app/storage/embedded-postgres.ts';
import { freePort } from '../../app/storage/free-port.ts';

export type OwnPostgres = {
  url: string;
  /** SIGKILL to the postmaster and every process of its group, as the system does when memory is short. */
  kill(): void;
  /** Starts it again, at the same address. */
  restart(): Promise<void>;
};

const ATTEMPTS = 50;

/** A PostgreSQL that only this test uses, with the settings of production, so that it may be killed. */
export async function openOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tieback-killed-'));
  chmodSync(dataDir, 0o755);
  const settings = { port: String(await freePort()) };
  let joined = await joinEmbeddedPostgres({ dataDir, settings });
  onTestFinished(async () => {
    await joined.leave();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    url: joined.url,
    kill: () => void process.kill(-postmaster(dataDir), 'SIGKILL'),
    async restart() {
      for (let attempt = 1; ; attempt += 1) {
        try {
          joined = await joinEmbeddedPostgres({ dataDir, settings });
          return;
        } catch (error) {
          // The system may still be clearing away the processes that were killed.
          if (attempt === ATTEMPTS) throw error;
          await delay(100);
        }
      }
    },
  };
}

function postmaster(dataDir: string): number {
  const file = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
  if (!existsSync(file)) throw new Error(`there is no PostgreSQL in ${readdirSync(dataDir).join(', ')}`);
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}
