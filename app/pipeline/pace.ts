import type { ConnectionId } from '../domain/ids.ts';
import type { Lane } from './claim.ts';

/** Says which datasets wait a moment for more events to share a request with. */
export type Pace = {
  note(lane: Pick<Lane, 'connectionId' | 'full' | 'events'>): void;
  resting(): ConnectionId[];
  /** Milliseconds until the first of them may go on; null when none rests. */
  restMs(): number | null;
};

const LINGER_MS = 500;
const FLOW_MS = 1_000;
/** More events than this within a second are a flow, and the next one is likely to have company. */
const FLOW_FROM = 2;

/**
 * A dataset rests for half a second after a claim while its events keep coming; one that had none for a second never
 * waits, so a lone event goes at once. A claim that took all it could is followed by the next without a rest.
 */
export function createPace(clock: () => Date): Pace {
  const claims = new Map<ConnectionId, { at: number; events: number; full: boolean }[]>();

  function restsUntil(connection: ConnectionId, now: number): number {
    const recent = (claims.get(connection) ?? []).filter(({ at }) => at <= now && now - at < FLOW_MS);
    const last = recent.at(-1);
    if (!last) claims.delete(connection);
    else claims.set(connection, recent);
    const flow = recent.reduce((sum, { events }) => sum + events, 0);
    return last && !last.full && flow > FLOW_FROM ? last.at + LINGER_MS : 0;
  }

  function rests(): [ConnectionId, number][] {
    const now = clock().getTime();
    return [...claims.keys()]
      .map((connection): [ConnectionId, number] => [connection, restsUntil(connection, now) - now])
      .filter(([, ms]) => ms > 0);
  }

  return {
    note({ connectionId, full, events }) {
      const known = claims.get(connectionId) ?? [];
      claims.set(connectionId, [...known, { at: clock().getTime(), events: events.length, full }]);
    },
    resting: () => rests().map(([connection]) => connection),
    restMs() {
      const waits = rests().map(([, ms]) => ms);
      return waits.length === 0 ? null : Math.min(...waits);
    },
  };
}
