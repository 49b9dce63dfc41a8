import type { Logger } from 'pino';
import { EnvironmentError } from './environment.ts';

type Running = { log: Logger; stop(): Promise<void> };

// Under the 10 seconds that process managers usually wait before they kill.
const DRAIN_MS = 9_500;

/**
 * Starts a long-running process and stops it in order on SIGTERM and SIGINT: what is under way is finished first. A
 * wrong environment ends it with one line that names the variable.
 */
export async function runProcess(start: () => Promise<Running>): Promise<void> {
  let running: Running;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(1);
  }
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    running.log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        running.log.error({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function startFailure(error: unknown): string {
  if (error instanceof EnvironmentError) return `Tieback cannot start: ${error.message}`;
  return `Tieback cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
