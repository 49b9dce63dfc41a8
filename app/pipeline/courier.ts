import { setImmediate as breathe } from 'node:timers/promises';
import type { ConnectionId } from '../domain/ids.ts';
import { claimLanes, holdEvents, type Lane } from './claim.ts';
import type { Pipeline } from './context.ts';
import { createPace } from './pace.ts';
import { openLane, type OpenLane } from './open-lane.ts';
import { sendLane } from './send-lane.ts';
import { createSettler, untilStored } from './settle.ts';

export type Courier = {
  /** Claims what is due for datasets that are idle, and starts sending it. Returns how many events were claimed. */
  round(): Promise<number>;
  /** Milliseconds until a dataset that lingers may be claimed for; null when none does. */
  restMs(): number | null;
  /** Resolves when nothing is under way. */
  drain(): Promise<void>;
  /** Lets the requests under way finish and puts back what would need further ones. */
  stop(): Promise<void>;
};

const MAX_LANES = 64;
/** Lanes of nothing but retries leave so many to new events, and the other way round. */
const KEPT_FREE = 16;
const LANES_PER_ROUND = { withNew: 12, retriesOnly: 4 } as const;

/**
 * Sends due events, one request at a time for each dataset, datasets side by side: a slow one holds up nobody else.
 * `onFree` is told whenever a dataset becomes idle again.
 */
export function createCourier(pipeline: Pipeline, onFree: () => void = () => undefined): Courier {
  const settler = createSettler(pipeline);
  const pace = createPace(pipeline.clock);
  const underway = new Map<ConnectionId, { retriesOnly: boolean; done: Promise<void> }>();
  let stopping = false;

  function wanted(): Parameters<typeof claimLanes>[1] {
    const retrying = [...underway.values()].filter((lane) => lane.retriesOnly).length;
    const free = MAX_LANES - underway.size;
    const room = (most: number, taken: number): number =>
      Math.max(0, Math.min(most, free, MAX_LANES - KEPT_FREE - taken));
    return {
      withNew: room(LANES_PER_ROUND.withNew, underway.size - retrying),
      retriesOnly: room(LANES_PER_ROUND.retriesOnly, retrying),
      busy: [...underway.keys(), ...pace.resting()],
    };
  }

  function start(opened: OpenLane): void {
    const { lane } = opened;
    const done = sendLane(pipeline, settler, opened, () => stopping)
      .catch((error: unknown) =>
        pipeline.log.error({ err: error, shop: lane.shopId }, 'a request could not be carried through'),
      )
      .finally(() => {
        underway.delete(lane.connectionId);
        onFree();
      });
    underway.set(lane.connectionId, { retriesOnly: lane.retriesOnly, done });
  }

  async function openAll(lanes: readonly Lane[]): Promise<OpenLane[]> {
    const opened: OpenLane[] = [];
    for (const lane of lanes) {
      opened.push(openLane(pipeline, lane));
      // A thousand events take some milliseconds, which a webhook should not have to wait for.
      await breathe();
    }
    return opened;
  }

  async function drain(): Promise<void> {
    while (underway.size > 0) await Promise.all([...underway.values()].map(({ done }) => done));
  }

  return {
    async round() {
      const want = wanted();
      if (stopping || want.withNew + want.retriesOnly === 0) return 0;
      const lanes = await claimLanes(pipeline, want);
      if (lanes.length === 0) return 0;
      for (const lane of lanes) pace.note(lane);
      const opened = await openAll(lanes);
      const aside = settler.settle(opened.flatMap((lane) => lane.aside));
      const ready = await holdFirst(pipeline, opened);
      for (const lane of ready) start(lane);
      await aside;
      return lanes.reduce((sum, lane) => sum + lane.events.length, 0);
    },
    restMs: () => pace.restMs(),
    drain,
    stop() {
      stopping = true;
      return drain();
    },
  };
}

/** Marks, for all lanes in one statement, the events whose request is about to leave. */
async function holdFirst(pipeline: Pipeline, opened: readonly OpenLane[]): Promise<OpenLane[]> {
  const leaving = opened.flatMap(({ parts }) => parts[0] ?? []);
  if (leaving.length === 0) return [];
  const held = await untilStored(pipeline, () => holdEvents(pipeline, leaving, []));
  return opened.flatMap((lane) => {
    const [first, ...rest] = lane.parts;
    // An empty first part stays: the next one is not held yet.
    return first ? [{ ...lane, parts: [first.filter((event) => held.has(event.id)), ...rest] }] : [];
  });
}
