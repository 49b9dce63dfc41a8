import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { joinEmbeddedPostgres, type EmbeddedPostgres } from '../../app/storage/embedded-postgres.ts';

const MODULE = new URL('../../app/storage/embedded-postgres.ts', import.meta.url).href;
// A process that is killed loses nothing that it gave to the system, so this is safe for all but a power cut.
const SETTINGS = { fsync: 'off' };
const ELSEWHERE = '/var/lib/tieback';
// Only root hands PostgreSQL to another account, which may not reach every folder.
const asRoot = process.getuid?.() === 0;

/** A folder of this test's own that every account can enter. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-embedded-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function joinHere(dataDir: string): Promise<EmbeddedPostgres> {
  const joined = await joinEmbeddedPostgres({ dataDir, settings: SETTINGS });
  onTestFinished(joined.leave);
  return joined;
}

type OtherProcess = { url: string; leave(): Promise<void>; kill(): Promise<void> };

/** Joins from a process of its own, which leaves when its input ends. */
async function joinElsewhere(dataDir: string): Promise<OtherProcess> {
  const script = `const { joinEmbeddedPostgres } = await import(process.argv[1]);
    const { url, leave } = await joinEmbeddedPostgres({ dataDir: process.argv[2], settings: ${JSON.stringify(SETTINGS)} });
    process.stdout.write(url + '\\n');
    process.stdin.on('end', () => leave().then(() => process.exit(0))).resume();`;
  const args = ['--input-type=module', '--eval', script, MODULE, dataDir];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  onTestFinished(() => void child.kill('SIGKILL'));
  const { value: url } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  return {
    url: String(url),
    async leave() {
      child.stdin.end();
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] && Object.values(rows[0])[0];
  } finally {
    await client.end();
  }
}

const refused = { code: 'ECONNREFUSED' };
const postmaster = (home: string): number =>
  Number(readFileSync(join(home, 'cluster/postmaster.pid'), 'utf8').split('\n')[0]);

/** The id of a process that has lived and is gone. */
function deadProcess(): number {
  const { pid } = spawnSync(process.execPath, ['--version']);
  return pid;
}

test('a PostgreSQL 18 starts in an empty folder, on loopback and behind a password, and stops when left', async () => {
  const dataDir = newFolder();
  const { url, notice, leave } = await joinHere(join(dataDir, 'made/on/the/way'));
  expect(notice).toBeNull();
  expect(await ask(url, 'SHOW server_version')).toMatch(/^18\./);
  expect(await ask(url, 'SHOW listen_addresses')).toBe('127.0.0.1');
  expect(await ask(url, 'SHOW server_encoding')).toBe('UTF8');
  const guess = Object.assign(new URL(url), { password: 'tieback' }).href;
  await expect(ask(guess, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  await leave();
  await expect(ask(url, 'SELECT 1')).rejects.toMatchObject(refused);
});

test('two processes share one PostgreSQL, and the last to leave stops it', async () => {
  const dataDir = newFolder();
  const here = await joinHere(dataDir);
  const there = await joinElsewhere(dataDir);
  expect(there.url).toBe(here.url);
  await here.leave();
  expect(await ask(here.url, 'SELECT 1')).toBe(1);
  await there.leave();
  await expect(ask(here.url, 'SELECT 1')).rejects.toMatchObject(refused);
});

test('processes that start together in an empty folder make one cluster', async () => {
  const dataDir = newFolder();
  const [here, ...others] = await Promise.all([
    joinHere(dataDir),
    joinElsewhere(dataDir),
    joinElsewhere(dataDir),
  ]);
  expect(others.map(({ url }) => url)).toEqual([here.url, here.url]);
  await Promise.all([here.leave(), ...others.map((other) => other.leave())]);
  await expect(ask(here.url, 'SELECT 1')).rejects.toMatchObject(refused);
});

test('a process that was killed does not keep PostgreSQL running', async () => {
  const dataDir = newFolder();
  const killed = await joinElsewhere(dataDir);
  const here = await joinHere(dataDir);
  await killed.kill();
  expect(await ask(here.url, 'SELECT 1')).toBe(1);
  await here.leave();
  await expect(ask(here.url, 'SELECT 1')).rejects.toMatchObject(refused);
});

test('what was written is there after a restart, under the same password', async () => {
  const dataDir = newFolder();
  const first = await joinHere(dataDir);
  await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.leave();
  const second = await joinHere(dataDir);
  expect(new URL(second.url).password).toBe(new URL(first.url).password);
  expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(42);
});

test('after PostgreSQL itself was killed the next start recovers it', async () => {
  const dataDir = newFolder();
  const first = await joinHere(dataDir);
  await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(postmaster(join(dataDir, 'postgres')), 'SIGKILL');
  const second = await joinHere(dataDir);
  expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(42);
});

test('leaving a PostgreSQL that has stopped by itself is no failure, and neither is leaving twice', async () => {
  const dataDir = newFolder();
  const { url, leave } = await joinHere(dataDir);
  const client = new Client({ connectionString: url });
  await client.connect();
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  client.on('error', () => undefined);
  process.kill(postmaster(join(dataDir, 'postgres')), 'SIGINT');
  await ended;
  await leave();
  await leave();
});

test.each([
  ['a process that is dead', () => String(deadProcess())],
  ['nobody, because its writer died before writing', () => ''],
])('a lock left behind by %s is taken over', async (_whose, content) => {
  const dataDir = newFolder();
  const lock = join(dataDir, 'postgres/lock');
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(lock, content());
  utimesSync(lock, 0, 0);
  const { url } = await joinHere(dataDir);
  expect(await ask(url, 'SELECT 1')).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test('a lock of a process that lives is waited for', async () => {
  const dataDir = newFolder();
  const lock = join(dataDir, 'postgres/lock');
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(lock, String(process.pid));
  let joined = false;
  const joining = joinHere(dataDir).then(() => (joined = true));
  // A start that did not wait would have made its folder of members by the time a whole other PostgreSQL has come up.
  await joinHere(newFolder());
  expect(joined).toBe(false);
  expect(existsSync(join(dataDir, 'postgres/users'))).toBe(false);
  rmSync(lock);
  expect(await joining).toBe(true);
});

test('a start that was cut off while making the cluster is begun again', async () => {
  const dataDir = newFolder();
  mkdirSync(join(dataDir, 'postgres/cluster/base'), { recursive: true });
  const { url } = await joinHere(dataDir);
  expect(await ask(url, 'SELECT 1')).toBe(1);
});

/** Joins in a folder that PostgreSQL may not enter; `home` is where its files are instead, until the test is over. */
async function joinHidden(dataDir: string): Promise<EmbeddedPostgres & { home: string }> {
  const known = existsSync(ELSEWHERE) ? readdirSync(ELSEWHERE) : [];
  let home = '';
  // Registered before joining, so that it runs after leaving.
  onTestFinished(() => {
    rmSync(dirname(home), { recursive: true });
    const copies = readdirSync(ELSEWHERE).filter(
      (name) => name.startsWith('binaries-') && !known.includes(name),
    );
    for (const name of copies) rmSync(join(ELSEWHERE, name), { recursive: true });
    if (readdirSync(ELSEWHERE).length === 0) rmdirSync(ELSEWHERE);
  });
  const joined = await joinHere(dataDir);
  home = /its files are in (\S+)\.$/.exec(joined.notice ?? '')?.[1] ?? `${ELSEWHERE}/nowhere/postgres`;
  return { ...joined, home };
}

test.runIf(asRoot)(
  'a folder that PostgreSQL may not enter is left for another one, and this is said',
  async () => {
    const hidden = newFolder();
    chmodSync(hidden, 0o700);
    const dataDir = join(hidden, 'data');
    const { url, notice, home, leave } = await joinHidden(dataDir);
    expect(notice).toContain(`${dataDir} cannot be reached by the account "`);
    expect(home.startsWith(`${ELSEWHERE}/`)).toBe(true);
    expect(existsSync(join(home, 'cluster/PG_VERSION'))).toBe(true);
    expect(readdirSync(dataDir)).toEqual([]);
    await ask(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await leave();
    const again = await joinHere(dataDir);
    expect(await ask(again.url, 'SELECT answer FROM kept')).toBe(42);
  },
);

test.runIf(asRoot)('what is in a folder that PostgreSQL may enter no longer is kept', async () => {
  const folder = newFolder();
  const dataDir = join(folder, 'data');
  const first = await joinHere(dataDir);
  await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.leave();
  chmodSync(folder, 0o700);
  const away = await joinHidden(dataDir);
  await away.leave();
  chmodSync(folder, 0o755);
  const back = await joinHere(dataDir);
  expect(back.notice).toBeNull();
  expect(await ask(back.url, 'SELECT answer FROM kept')).toBe(42);
});
