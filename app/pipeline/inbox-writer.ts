import { Prisma } from '../storage/database.ts';
import type { Pipeline } from './context.ts';
import { deliveryBody } from './sealed.ts';

export type NewDelivery = {
  source: 'shopify' | 'whatsapp';
  account: string;
  key: string;
  topic: string;
  eventId: string | null;
  triggeredAt: Date | null;
  body: string;
};

/** Stores deliveries and resolves once they are safe on disk: how many of them are new. Rejects when none was stored. */
export type InboxWriter = (deliveries: readonly NewDelivery[]) => Promise<number>;

type Waiting = {
  deliveries: readonly NewDelivery[];
  resolve: (rows: number) => void;
  reject: (error: unknown) => void;
};

const MAX_ROWS = 1_000;
// How exactly it is known when a shop was heard of last.
const HEARD_OF_MS = 60 * 60_000;
// While one statement waits for the disk, the next one gathers what comes in meanwhile.
const LANES = 2;

/**
 * Requests that arrive while a statement is under way share the next one: at a busy hour many orders cost one commit,
 * and a lone one is written at once.
 */
export function createInboxWriter(pipeline: Pipeline): InboxWriter {
  const waiting: Waiting[] = [];
  const heard = new Map<string, number>();
  let writing = 0;

  function takeBatch(): Waiting[] {
    let rows = 0;
    const fits = waiting.findIndex(({ deliveries }, index) => {
      rows += deliveries.length;
      return index > 0 && rows > MAX_ROWS;
    });
    return waiting.splice(0, fits === -1 ? waiting.length : fits);
  }

  async function writeWaiting(): Promise<void> {
    writing += 1;
    while (waiting.length > 0) {
      const batch = takeBatch();
      try {
        const stored = await insert(
          pipeline,
          batch.flatMap(({ deliveries }) => deliveries),
        );
        for (const { deliveries, resolve } of batch)
          resolve(deliveries.filter((one) => stored.has(nameOf(one))).length);
        await noteShops(
          pipeline,
          heard,
          batch.flatMap(({ deliveries }) => deliveries),
        );
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing -= 1;
  }

  return (deliveries) =>
    new Promise((resolve, reject) => {
      if (deliveries.length === 0) return resolve(0);
      waiting.push({ deliveries, resolve, reject });
      if (writing < LANES) void writeWaiting();
    });
}

const nameOf = ({ account, key }: Pick<NewDelivery, 'account' | 'key'>): string => `${account} ${key}`;

/** Notes when Shopify was heard of, once an hour for each shop. Who holds a shop's row is not waited for. */
async function noteShops(
  { db, clock, log }: Pipeline,
  heard: Map<string, number>,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  const now = clock();
  const fresh = new Set(
    deliveries
      .filter(({ source, account }) => {
        return source === 'shopify' && now.getTime() - (heard.get(account) ?? -Infinity) >= HEARD_OF_MS;
      })
      .map(({ account }) => account),
  );
  if (fresh.size === 0) return;
  for (const account of fresh) heard.set(account, now.getTime());
  try {
    await db.$executeRaw(Prisma.sql`
      WITH free AS (SELECT id FROM shops WHERE domain = ANY(${[...fresh]}) FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE shops s SET last_delivery_at = GREATEST(s.last_delivery_at, ${now}) FROM free f WHERE s.id = f.id`);
  } catch (error) {
    for (const account of fresh) heard.delete(account);
    log.warn({ err: error }, 'it could not be noted when Shopify was heard of');
  }
}

/** One statement for all of them; returns the names of those that were not stored before. */
async function insert(pipeline: Pipeline, deliveries: readonly NewDelivery[]): Promise<Set<string>> {
  const column = <T>(read: (delivery: NewDelivery) => T): T[] => deliveries.map(read);
  const sealed = column(({ body, account, key }) => pipeline.vault.seal(body, deliveryBody(account, key)));
  const now = pipeline.clock();
  const rows = await pipeline.db.$queryRaw<{ account: string; key: string }[]>(Prisma.sql`
    INSERT INTO deliveries (source, account, key, topic, event_id, triggered_at, received_at, next_attempt_at, body)
    SELECT source::delivery_source, account, key, topic, event_id, triggered_at, ${now}, ${now}, body
    FROM unnest(
      ${column((d) => d.source)}::text[], ${column((d) => d.account)}::text[], ${column((d) => d.key)}::text[],
      ${column((d) => d.topic)}::text[], ${column((d) => d.eventId)}::text[],
      ${column((d) => d.triggeredAt)}::timestamptz[], ${sealed}::text[]
    ) AS delivery(source, account, key, topic, event_id, triggered_at, body)
    ON CONFLICT (account, source, key) DO NOTHING
    RETURNING account, key`);
  return new Set(rows.map(nameOf));
}
