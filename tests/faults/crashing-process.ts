import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

type Told = { loaded: true } | { reached: [point: string, times: number][] };
/** A process of the app that can be killed at a point where it waits; see crash-points.mjs. */
export type CrashingProcess = {
  start(at: Date): void;
  hold(): void;
  go(crashAt?: string): void;
  /** Every point reached since `go`, as `go` takes them. */
  report(): Promise<string[]>;
  /** How the process ended. */
  ended: Promise<string>;
  kill(): Promise<void>;
};

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const ENTRIES = {
  worker: path('../../app/worker.ts'),
  server: path('./server-without-pages.ts'),
};

/** Loads a process, which waits for its `start`. What it writes on standard error is shown when it ends unasked. */
export function loadProcess(entry: keyof typeof ENTRIES, env: Record<string, string>): CrashingProcess {
  const child = fork(ENTRIES[entry], [], {
    execArgv: ['--import', path('./crash-points.mjs')],
    cwd: '/',
    env: { NODE_ENV: 'production', PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]) => signal ?? `exit ${String(code)}: ${words}`);
  const loaded = Promise.race([answerOf(child, (told) => 'loaded' in told), ended]);
  const tell = (order: object): void => void loaded.then(() => child.connected && child.send(order));
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    start: (at) => tell({ kind: 'start', at: at.getTime() }),
    hold: () => tell({ kind: 'hold' }),
    go: (crashAt) => tell({ kind: 'go', ...(crashAt !== undefined && { crashAt }) }),
    async report() {
      const answer = answerOf(child, (told) => 'reached' in told);
      tell({ kind: 'report' });
      const told = await answer;
      return 'reached' in told ? told.reached.flatMap(eachTime) : [];
    },
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function eachTime([point, times]: [string, number]): string[] {
  return Array.from({ length: times }, (_, index) => `${point} #${index + 1}`);
}

function answerOf(child: ChildProcess, is: (told: Told) => boolean): Promise<Told> {
  return new Promise((resolve) => {
    const listen = (told: Told): void => {
      if (!is(told)) return;
      child.off('message', listen);
      resolve(told);
    };
    child.on('message', listen);
  });
}
