import { Client } from 'pg';

const CHANNEL = 'tieback_work';

export type Bell = {
  /** Tells every worker, in this process and in others, that there may be work. Cheap to call often. */
  ring(): void;
  /** A listener of its own for each loop, so that one loop's waking never swallows another's. */
  listen(): Listener;
  close(): Promise<void>;
};

export type Listener = {
  /** Resolves at once when the bell rang since the last wait, else at the next ring or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<void>;
  /** Wakes this listener alone: for what concerns only its own loop. */
  wake(): void;
};

/**
 * Work is found by looking at rows; the bell only saves the wait until the next look, so a ring that gets lost costs
 * time, never an event.
 */
export function createBell(url: string, onError: (error: unknown) => void): Bell {
  const waiting = new Set<() => void>();
  let rings = 0;
  let closed = false;
  let notifying = false;
  let connection: Promise<Client | null> | null = null;

  function wake(): void {
    rings += 1;
    for (const resolve of waiting) resolve();
  }

  function fail(error: unknown): void {
    connection = null;
    if (!closed) onError(error);
  }

  async function connect(): Promise<Client | null> {
    const client = new Client({ connectionString: url });
    client.on('notification', wake);
    client.on('error', fail);
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      return client;
    } catch (error) {
      fail(error);
      return null;
    }
  }

  function connected(): Promise<Client | null> {
    connection ??= connect();
    return connection;
  }

  return {
    ring() {
      wake();
      // NOTIFY takes a lock that all of PostgreSQL shares, so at most one is under way per process.
      if (notifying || closed) return;
      notifying = true;
      void connected()
        .then((client) => client?.query(`NOTIFY ${CHANNEL}`))
        .catch(fail)
        .finally(() => (notifying = false));
    },
    listen() {
      let heard = rings;
      let woken = false;
      const own = new Set<() => void>();
      return {
        async wait(timeoutMs) {
          await connected();
          if (heard === rings && !woken && !closed) await nextRing([waiting, own], timeoutMs);
          heard = rings;
          woken = false;
        },
        wake() {
          woken = true;
          for (const resolve of own) resolve();
        },
      };
    },
    async close() {
      closed = true;
      wake();
      const client = await connection;
      await client?.end();
    },
  };
}

function nextRing(rooms: readonly Set<() => void>[], timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const room of rooms) room.delete(done);
      resolve();
    };
    const timer = setTimeout(done, timeoutMs);
    for (const room of rooms) room.add(done);
  });
}
