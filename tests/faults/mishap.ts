import { AsyncLocalStorage } from 'node:async_hooks';
import pg, { Client } from 'pg';
import type { Pipeline } from '../../app/pipeline/context.ts';

/**
 * What befalls a worker at its `at`th query (from 1) of all, or of those to the ledger, or at its first request to Meta. `cut_before` and `cut_after`: its
 * connection breaks before the query is sent, or when it was done and only the answer is lost. `terminated`: PostgreSQL
 * ends the session. `dies`: the process is gone, nothing it does later has any effect. `stalls`: it stands still until
 * it is let go, as in a long pause of the machine.
 */
export type Mishap =
  | { kind: 'none' }
  | {
      kind: 'cut_before' | 'cut_after' | 'terminated' | 'dies' | 'stalls';
      among: 'all' | 'ledger';
      at: number;
    }
  | { kind: 'dies_before_request' | 'dies_after_request' | 'stalls_before_request' };

export type Fated = {
  pipeline: Pipeline;
  /** Runs `work` as this worker until it is through or the worker dies; the mishap befalls what it does. */
  run(work: () => Promise<void>): Promise<void>;
  /** Resolves when the worker stands still; never for other mishaps. */
  stalled: Promise<void>;
  letGo(): void;
  /** Whether the mishap has come to pass: a worker may have too little to do for it. */
  met(): boolean;
};

type Fate = {
  mishap: Mishap;
  queries: number;
  met: boolean;
  dead: boolean;
  die: () => void;
  standStill: () => Promise<void>;
  databaseUrl: string;
};
type Query = (this: Client, ...args: unknown[]) => unknown;

const fates = new AsyncLocalStorage<Fate>();

/** A worker that shares `pipeline`'s world, with a clock that is `skewMs` off and a mishap ahead of it. */
export function fatedWorker(
  pipeline: Pipeline,
  databaseUrl: string,
  { mishap, skewMs }: { mishap: Mishap; skewMs: number },
): Fated {
  const stalled = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const died = Promise.withResolvers<void>();
  const standStill = (): Promise<void> => {
    stalled.resolve();
    return released.promise;
  };
  const die = (): void => {
    fate.dead = true;
    died.resolve();
  };
  const fate: Fate = { mishap, queries: 0, met: false, dead: false, die, standStill, databaseUrl };
  let requests = 0;
  return {
    pipeline: {
      ...pipeline,
      get db() {
        return fate.dead ? NOTHING : pipeline.db;
      },
      clock: () => new Date(pipeline.clock().getTime() + skewMs),
      async graph(request) {
        requests += 1;
        const first = requests === 1;
        if (first && mishap.kind.endsWith('request')) fate.met = true;
        if (first && mishap.kind === 'dies_before_request') die();
        if (fate.dead) return never();
        if (first && mishap.kind === 'stalls_before_request') await standStill();
        const answer = await pipeline.graph(request);
        if (first && mishap.kind === 'dies_after_request') die();
        return fate.dead ? never() : answer;
      },
    },
    run: (work) => Promise.race([fates.run(fate, work), died.promise]),
    stalled: stalled.promise,
    letGo: () => released.resolve(),
    met: () => fate.met,
  };
}

const never = (): Promise<never> => new Promise(() => undefined);
// What a dead worker asks of the database: nobody hears it.
const NOTHING = new Proxy(never, { get: () => NOTHING, apply: never }) as unknown as Pipeline['db'];

/** Makes queries of fated workers meet their fate, for as long as this process runs; others are left alone. */
export function installFates(): void {
  const send = Client.prototype.query as Query;
  if (installed.has(send)) return;
  const fated: Query = function (...args) {
    const fate = fates.getStore();
    if (fate === undefined) return send.apply(this, args);
    const callback = args.at(-1);
    if (typeof callback !== 'function')
      return meet(fate, this, textOf(args[0]), () => send.apply(this, args));
    const answered = callback as (error: unknown, result?: unknown) => void;
    const answer = meet(fate, this, textOf(args[0]), () => send.apply(this, args.slice(0, -1)));
    return void answer.then(
      (result) => answered(null, result),
      (error: unknown) => answered(error),
    );
  };
  installed.add(fated);
  Object.assign(pg.Client.prototype, { query: fated });
}

function textOf(query: unknown): string {
  const text = typeof query === 'object' && query !== null && 'text' in query ? query.text : query;
  return typeof text === 'string' ? text : '';
}

const installed = new WeakSet<Query>();

async function meet(fate: Fate, client: Client, text: string, query: () => unknown): Promise<unknown> {
  const { mishap } = fate;
  if (!('among' in mishap) || mishap.among === 'all' || text.includes('conversion_events')) fate.queries += 1;
  else return fate.dead ? refuse(client) : query();
  const now = 'at' in mishap && mishap.at === fate.queries;
  if (now) fate.met = true;
  if (now && mishap.kind === 'dies') fate.die();
  if (fate.dead) return refuse(client);
  if (now && mishap.kind === 'cut_before') breakOff(client);
  if (now && mishap.kind === 'terminated') await terminate(fate.databaseUrl, client);
  if (now && mishap.kind === 'stalls') await fate.standStill();
  const result = await query();
  if (!now || mishap.kind !== 'cut_after') return result;
  breakOff(client);
  throw new Error('Connection terminated unexpectedly');
}

/** A process that is gone has its connections closed, and what it was about to ask is not asked. */
function refuse(client: Client): never {
  breakOff(client);
  throw new Error('the worker is dead');
}

/** The socket of a connection; `pg` keeps it where its types do not show it. */
function breakOff(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

async function terminate(databaseUrl: string, client: Client): Promise<void> {
  const { processID } = client as unknown as { processID: number };
  const admin = new Client({ connectionString: databaseUrl });
  await admin.connect();
  try {
    await admin.query('SELECT pg_terminate_backend($1, 5000)', [processID]);
  } finally {
    await admin.end();
  }
}
