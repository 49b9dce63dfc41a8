import { Prisma, type Transaction } from '../storage/database.ts';
import { VaultError } from '../storage/vault.ts';
import type { Pipeline } from './context.ts';
import { deliveryBody } from './sealed.ts';

export type Delivery = {
  id: bigint;
  account: string;
  key: string;
  topic: string;
  triggeredAt: Date | null;
  receivedAt: Date;
  attempts: number;
  /** The text exactly as it came. */
  text: string;
};

/** How a delivery left a step. `flagged` keeps the body: nothing of an unknown shape is lost. */
export type Settled =
  { id: bigint; state: 'done'; reason: null } | { id: bigint; state: 'flagged'; reason: string };

type Claim = { source: 'shopify' | 'whatsapp'; topics: Prisma.Sql; limit: number };

const MAX_ATTEMPTS = 6;

/**
 * Claims due deliveries, lets `work` carry the whole batch in the same transaction, and settles them. Rows that another
 * worker holds are skipped, so any number of workers may run. When a batch fails its deliveries are tried one by one,
 * so that a single bad one cannot hold up the others; after its last try it is set aside as `dead` with the reason.
 * Returns how many deliveries were claimed.
 */
export async function workInbox(
  pipeline: Pipeline,
  claim: Claim,
  work: (tx: Transaction, deliveries: Delivery[]) => Promise<Settled[]>,
): Promise<number> {
  try {
    return await workBatch(pipeline, claim, work);
  } catch (error) {
    pipeline.log.warn(
      { err: error, source: claim.source },
      'a batch of deliveries failed; trying them one by one',
    );
    return workOneByOne(pipeline, claim, work);
  }
}

async function workBatch(
  pipeline: Pipeline,
  { source, topics, limit }: Claim,
  work: (tx: Transaction, deliveries: Delivery[]) => Promise<Settled[]>,
  only?: bigint,
): Promise<number> {
  return pipeline.db.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<(Omit<Delivery, 'text'> & { body: string })[]>(Prisma.sql`
      SELECT id, account, key, topic, triggered_at AS "triggeredAt", received_at AS "receivedAt", attempts, body
      FROM deliveries
      WHERE state = 'due' AND source = ${source}::delivery_source AND next_attempt_at <= ${pipeline.clock()}
        AND ${topics} ${only === undefined ? Prisma.empty : Prisma.sql`AND id = ${only}`}
      ORDER BY id LIMIT ${limit}
      FOR UPDATE SKIP LOCKED`);
    if (rows.length === 0) return 0;
    const deliveries = rows.map(({ body, ...row }) => ({
      ...row,
      text: pipeline.vault.open(body, deliveryBody(row.account, row.key)),
    }));
    await settle(tx, await work(tx, deliveries));
    return rows.length;
  });
}

async function settle(tx: Transaction, settled: readonly Settled[]): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE deliveries d SET state = s.state::delivery_state, reason = s.reason, attempts = d.attempts + 1,
      body = CASE WHEN s.state = 'done' THEN NULL ELSE d.body END
    FROM unnest(${settled.map((s) => s.id)}::bigint[], ${settled.map((s) => s.state)}::text[],
      ${settled.map((s) => s.reason)}::text[]) AS s(id, state, reason)
    WHERE d.id = s.id`);
}

async function workOneByOne(
  pipeline: Pipeline,
  claim: Claim,
  work: (tx: Transaction, deliveries: Delivery[]) => Promise<Settled[]>,
): Promise<number> {
  const due = await pipeline.db.$queryRaw<{ id: bigint; attempts: number }[]>(Prisma.sql`
    SELECT id, attempts FROM deliveries
    WHERE state = 'due' AND source = ${claim.source}::delivery_source AND next_attempt_at <= ${pipeline.clock()}
      AND ${claim.topics} ORDER BY id LIMIT ${claim.limit}`);
  for (const { id, attempts } of due) {
    try {
      await workBatch(pipeline, { ...claim, limit: 1 }, work, id);
    } catch (error) {
      await putOff(pipeline, id, attempts, error);
    }
  }
  return due.length;
}

async function putOff(pipeline: Pipeline, id: bigint, attempts: number, error: unknown): Promise<void> {
  const made = attempts + 1;
  const last = made >= MAX_ATTEMPTS;
  const next = new Date(pipeline.clock().getTime() + 1000 * 4 ** made);
  pipeline.log.error(
    { err: error, delivery: String(id), attempts: made, last },
    'a delivery could not be processed',
  );
  await pipeline.db.delivery.updateMany({
    where: { id, state: 'due' },
    data: {
      attempts: made,
      nextAttemptAt: next,
      reason: wordsFor(error),
      ...(last && { state: 'dead' }),
    },
  });
}

/** An error's own words may hold what the delivery said; the vault's name a key and nothing else. */
function wordsFor(error: unknown): string {
  if (error instanceof VaultError) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}
