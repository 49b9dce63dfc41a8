import type { ConnectionId, EventRowId, ShopId } from '../domain/ids.ts';
import { OPEN_FROM } from '../domain/breaker.ts';
import { readSettings, type Settings } from '../domain/settings.ts';
import { Prisma } from '../storage/database.ts';
import type { Pipeline } from './context.ts';

/** One try of one ledger row: each claim raises `attempts`, so the two together name the claim for ever. */
export type ClaimedEvent = {
  shopId: ShopId;
  id: EventRowId;
  attempts: number;
  uncertain: number;
  deadline: Date;
  /** Sealed. */
  payload: string;
};

/** A dataset as a connection reaches it, with the events claimed for it. */
export type Lane = {
  shopId: ShopId;
  connectionId: ConnectionId;
  /** Null for a pixel. */
  wabaId: string | null;
  datasetId: string;
  /** Sealed. */
  token: string;
  failures: number;
  /** Names of events that Meta refused here: they are not sent. */
  parkedEvents: string[];
  settings: Settings;
  /** Only old retries: nothing here is sent for the first time. */
  retriesOnly: boolean;
  /** As many as one claim takes: more may be due. */
  full: boolean;
  events: ClaimedEvent[];
};

/** Meta's limit for one request (https://developers.facebook.com/docs/marketing-api/conversions-api/using-the-api). */
export const MAX_EVENTS = 1_000;
/** Of these, what is kept for old retries while new events are due. */
const RETRIES_SHARE = 200;
/** Longer than a request can take: who holds a row for longer has died, or lost the database. */
const LEASE_MS = 60_000;

type ClaimedRow = ClaimedEvent &
  Omit<Lane, 'settings' | 'retriesOnly' | 'full' | 'events'> & { settings: unknown };

/**
 * Claims what is due for a number of datasets at once: some with new events, some with nothing but old retries, oldest
 * first, and up to 1,000 events of each, so that neither a busy shop nor a heap of retries holds up anybody else. A
 * dataset whose breaker is half-open gives one event. Claimed rows are `sending` but `unsent`.
 */
export async function claimLanes(
  pipeline: Pipeline,
  wanted: { withNew: number; retriesOnly: number; busy: readonly ConnectionId[] },
): Promise<Lane[]> {
  const now = pipeline.clock();
  const open = Prisma.sql`e.state = 'due' AND e.next_attempt_at <= ${now}`;
  const rows = await pipeline.db.$queryRaw<ClaimedRow[]>(Prisma.sql`
    WITH RECURSIVE waiting(connection_id) AS (
      (SELECT connection_id FROM conversion_events WHERE state = 'due' ORDER BY connection_id LIMIT 1)
      UNION ALL
      SELECT (SELECT e.connection_id FROM conversion_events e
        WHERE e.state = 'due' AND e.connection_id > w.connection_id ORDER BY e.connection_id LIMIT 1)
      FROM waiting w WHERE w.connection_id IS NOT NULL
    -- Once for each connection, not once for every use of its columns.
    ), ready AS MATERIALIZED (
      SELECT c.shop_id, c.id, c.waba_id, c.dataset_id, c.token, c.failures, c.parked_events, s.settings,
        (SELECT e.next_attempt_at FROM conversion_events e WHERE ${open} AND e.connection_id = c.id AND e.attempts = 0
          ORDER BY e.next_attempt_at LIMIT 1) AS fresh,
        (SELECT e.next_attempt_at FROM conversion_events e WHERE ${open} AND e.connection_id = c.id AND e.attempts > 0
          ORDER BY e.attempts, e.next_attempt_at LIMIT 1) AS again
      FROM waiting w
      JOIN connections c ON c.id = w.connection_id AND c.state = 'active'
        AND (c.hold_until IS NULL OR c.hold_until <= ${now})
      JOIN shops s ON s.id = c.shop_id AND s.uninstalled_at IS NULL
      WHERE w.connection_id <> ALL(${wanted.busy}::uuid[])
    ), placed AS (
      SELECT r.*, row_number() OVER (PARTITION BY fresh IS NULL ORDER BY COALESCE(fresh, again)) AS place
      FROM ready r WHERE fresh IS NOT NULL OR again IS NOT NULL
    ), lane AS (
      SELECT p.*,
        CASE WHEN fresh IS NULL THEN 0 WHEN failures >= ${OPEN_FROM} THEN 1
          WHEN again IS NULL THEN ${MAX_EVENTS} ELSE ${MAX_EVENTS - RETRIES_SHARE} END AS new_limit,
        CASE WHEN again IS NULL THEN 0 WHEN failures >= ${OPEN_FROM} THEN (fresh IS NULL)::int
          WHEN fresh IS NULL THEN ${MAX_EVENTS} ELSE ${RETRIES_SHARE} END AS retry_limit
      FROM placed p
      WHERE place <= CASE WHEN fresh IS NULL THEN ${wanted.retriesOnly}::int ELSE ${wanted.withNew}::int END
      LIMIT ${wanted.withNew + wanted.retriesOnly}
    ), taken AS (
      SELECT n.id FROM lane l CROSS JOIN LATERAL (
        SELECT e.id FROM conversion_events e WHERE ${open} AND e.connection_id = l.id AND e.attempts = 0
        ORDER BY e.next_attempt_at LIMIT l.new_limit FOR UPDATE SKIP LOCKED) n
      UNION ALL
      SELECT r.id FROM lane l CROSS JOIN LATERAL (
        SELECT e.id FROM conversion_events e WHERE ${open} AND e.connection_id = l.id AND e.attempts > 0
        ORDER BY e.attempts, e.next_attempt_at LIMIT l.retry_limit FOR UPDATE SKIP LOCKED) r
    )
    UPDATE conversion_events e
    SET state = 'sending', unsent = true, attempts = e.attempts + 1, lease_until = ${leaseFrom(now)},
      dataset_id = l.dataset_id
    FROM lane l
    -- As an array, so that rows are found by their key however many the planner expects.
    WHERE e.id = ANY(ARRAY(SELECT id FROM taken)) AND l.id = e.connection_id
    RETURNING e.shop_id AS "shopId", e.id, e.attempts, e.uncertain, e.deadline, e.payload,
      l.id AS "connectionId", l.waba_id AS "wabaId", l.dataset_id AS "datasetId", l.token, l.failures,
      l.parked_events AS "parkedEvents", l.settings`);
  return [...Map.groupBy(rows, (row) => row.connectionId).values()].flatMap(toLane);
}

function toLane(rows: readonly ClaimedRow[]): Lane[] {
  const [first] = rows;
  if (!first) return [];
  const { shopId, connectionId, wabaId, datasetId, token, failures, parkedEvents } = first;
  const events = rows.map(({ id, attempts, uncertain, deadline, payload }) => ({
    shopId,
    id,
    attempts,
    uncertain,
    deadline,
    payload,
  }));
  return [
    {
      shopId,
      connectionId,
      wabaId,
      datasetId,
      token,
      failures,
      parkedEvents,
      settings: readSettings(first.settings),
      retriesOnly: events.every((event) => event.attempts > 1),
      full: events.length >= MAX_EVENTS - RETRIES_SHARE,
      events,
    },
  ];
}

/** A claimed event; `resealed`: what it says from now on, where that is not what was written. */
export type HeldEvent = ClaimedEvent & { resealed?: string | null };

/**
 * Writes down which claimed events leave with the next request and which stay behind, and renews the lease of both.
 * Returns the rows of the leaving ones that are still this claim's: another worker may have them by now.
 */
export async function holdEvents(
  pipeline: Pipeline,
  leaving: readonly HeldEvent[],
  staying: readonly HeldEvent[],
): Promise<Set<EventRowId>> {
  const now = pipeline.clock();
  const held = [...leaving, ...staying];
  const rows = await pipeline.db.$queryRaw<{ id: EventRowId; unsent: boolean }[]>(Prisma.sql`
    UPDATE conversion_events e
    SET unsent = h.n > ${leaving.length}, lease_until = ${leaseFrom(now)},
      payload = CASE WHEN h.resealed IS NULL OR e.payload = '' THEN e.payload ELSE h.resealed END,
      sent_at = CASE WHEN h.n > ${leaving.length} THEN e.sent_at ELSE COALESCE(e.sent_at, ${now}) END
    FROM unnest(${held.map((event) => event.id)}::uuid[], ${held.map((event) => event.attempts)}::int[],
      ${held.map((event) => event.resealed ?? null)}::text[]) WITH ORDINALITY AS h(id, attempts, resealed, n)
    -- By the key alone, with no other condition that an index could serve: with statistics that are out of date the
    -- planner may take that index, and walk through all of a shop's rows for each of these.
    WHERE e.id = h.id AND e.attempts = h.attempts AND e.state::text = 'sending'
    RETURNING e.id, e.unsent`);
  return new Set(rows.flatMap((row) => (row.unsent ? [] : [row.id])));
}

function leaseFrom(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}
