import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { openTieback, type Tieback } from './tieback.ts';

const MAIN = fileURLToPath(new URL('../../app/operator/main.ts', import.meta.url));

export type Ended = { code: number | null; out: string; words: string };
type Env = Record<string, string>;

/** Runs `tieback ARGS` as a process with nothing of this process's environment but its PATH. */
export function tiebackCommand(args: readonly string[], env: Env): Promise<Ended> {
  const given = { NODE_ENV: 'test', PATH: process.env['PATH'], ...env } as const;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: '/',
    env: given,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended: Ended = { code: null, out: '', words: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ended.words += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}

/** The value that a command prints with --json; the test fails when it does not succeed or prints anything else. */
export async function jsonOf(args: readonly string[], env: Env): Promise<unknown> {
  const { code, out, words } = await tiebackCommand([...args, '--json'], env);
  expect({ code, words }).toEqual({ code: 0, words: '' });
  expect(out).toMatch(/^[^\n]+\n$/);
  return JSON.parse(out);
}

/** A whole app in this process, and the environment by which a command opens the same database and secrets. */
export async function openOperated(): Promise<{ tieback: Tieback; env: Env }> {
  const ENCRYPTION_KEYS = `test:${randomBytes(32).toString('base64')}`;
  const tieback = await openTieback({ env: { ENCRYPTION_KEYS } });
  return { tieback, env: { ENCRYPTION_KEYS, DATABASE_URL: tieback.databaseUrl } };
}
