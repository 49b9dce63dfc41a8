import type { Shop } from '../../prisma/generated/client.ts';
import { namesAnother } from '../domain/account-notice.ts';
import { readRecipient } from '../domain/whatsapp-update.ts';
import { Prisma } from '../storage/database.ts';
import { VaultError } from '../storage/vault.ts';
import type { Pipeline } from './context.ts';
import { deliveryBody } from './sealed.ts';

export type SetAside = {
  id: bigint;
  source: 'shopify' | 'whatsapp';
  account: string;
  key: string;
  topic: string;
  receivedAt: Date;
  state: 'flagged' | 'dead';
  reason: string | null;
  attempts: number;
};
type Row = Omit<SetAside, 'state'> & { state: SetAside['state'] | 'due' | 'done'; body: string | null };

export type Replayed =
  { kind: 'replayed'; id: bigint; topic: string } | { kind: 'not_replayed'; problem: string };

const PAGE = 500;

/** A shop's deliveries that wait for a person, the latest first. */
export async function listSetAside(
  pipeline: Pipeline,
  shop: Shop,
  state: SetAside['state'] | null,
): Promise<SetAside[]> {
  const found: SetAside[] = [];
  const own = await ownerOf(pipeline, shop);
  const states = Prisma.sql`d.state IN ('flagged', 'dead') AND (${state}::text IS NULL OR d.state::text = ${state})`;
  for (let before: bigint | null = null; ;) {
    const rows = await select(
      pipeline,
      Prisma.sql`${states} AND ${own.mayOwn} AND (${before}::bigint IS NULL OR d.id < ${before})`,
    );
    found.push(...rows.filter(own.owns).flatMap(asSetAside));
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return found;
    before = last.id;
  }
}

/**
 * Makes a delivery that was set aside due again, with all its tries; `id` is its number in the list, or the id that its
 * sender gave it. Only a shop's own delivery: one of WhatsApp is the shop's when the shop has connected its number.
 */
export async function replayDelivery(pipeline: Pipeline, shop: Shop, id: string): Promise<Replayed> {
  const own = await ownerOf(pipeline, shop);
  const number = /^\d{1,18}$/.test(id) ? BigInt(id) : null;
  const named = Prisma.sql`(d.id = ${number}::bigint OR d.key = ${id})`;
  const row = (await select(pipeline, Prisma.sql`${named} AND ${own.mayOwn}`)).find(own.owns);
  if (!row) return { kind: 'not_replayed', problem: `${shop.domain} has no delivery ${id}` };
  if (row.state !== 'flagged' && row.state !== 'dead')
    return { kind: 'not_replayed', problem: `the delivery ${id} is not set aside: it is ${row.state}` };
  if (row.body === null)
    return { kind: 'not_replayed', problem: `the body of the delivery ${id} is not kept any more` };
  const { count } = await pipeline.db.delivery.updateMany({
    where: { id: row.id, state: row.state },
    data: { state: 'due', attempts: 0, reason: null, nextAttemptAt: pipeline.clock() },
  });
  if (count === 0) return { kind: 'not_replayed', problem: `the delivery ${id} was replayed in this moment` };
  pipeline.bell.ring();
  return { kind: 'replayed', id: row.id, topic: row.topic };
}

const FORGOTTEN_AFTER_DAYS = 90;

/** Deletes what was set aside so long ago that its body is gone and nobody can replay it; how many deliveries. */
export async function forgetSetAside({ db, clock }: Pick<Pipeline, 'db' | 'clock'>): Promise<number> {
  const before = new Date(clock().getTime() - FORGOTTEN_AFTER_DAYS * 24 * 60 * 60_000);
  const where = { state: { in: ['flagged', 'dead'] as const }, body: null, receivedAt: { lt: before } };
  const { count } = await db.delivery.deleteMany({ where: { ...where, state: { in: [...where.state.in] } } });
  return count;
}

function asSetAside({ body: _, state, ...row }: Row): SetAside[] {
  return state === 'flagged' || state === 'dead' ? [{ ...row, state }] : [];
}

function select(pipeline: Pipeline, where: Prisma.Sql): Promise<Row[]> {
  return pipeline.db.$queryRaw<Row[]>(Prisma.sql`
    SELECT d.id, d.source::text AS source, d.account, d.key, d.topic, d.received_at AS "receivedAt",
      d.state::text AS state, d.reason, d.attempts, d.body
    FROM deliveries d WHERE ${where} ORDER BY d.id DESC LIMIT ${PAGE}`);
}

/** `mayOwn` finds a shop's deliveries and those of the shared Meta app, of which only the body tells whose they are. */
async function ownerOf(
  pipeline: Pipeline,
  shop: Shop,
): Promise<{ mayOwn: Prisma.Sql; owns: (row: Row) => boolean }> {
  const connections = await pipeline.db.connection.findMany({
    where: { shopId: shop.id },
    select: { id: true, phoneNumberId: true, wabaId: true },
  });
  const accounts = connections.map(({ id }) => id);
  const numbers = new Set(connections.map(({ phoneNumberId }) => phoneNumberId));
  const wabas = new Set(connections.map(({ wabaId }) => wabaId));
  return {
    mayOwn: Prisma.sql`((d.source = 'shopify' AND d.account = ${shop.domain})
      OR (d.source = 'whatsapp' AND (d.account = ANY(${accounts}) OR (d.account = '' AND ${numbers.size > 0}))))`,
    owns(row) {
      if (row.account !== '') return true;
      const { phoneNumberId, wabaId } = recipientOf(pipeline, row);
      if (phoneNumberId === null) return wabas.has(wabaId ?? '');
      // The id of a number may have been taken on trust.
      return connections.some(
        (one) => one.phoneNumberId === phoneNumberId && !namesAnother(wabaId, one.wabaId ?? ''),
      );
    },
  };
}

/** A body that is gone or does not open tells nobody whose it is. */
function recipientOf({ vault }: Pipeline, { account, key, body }: Row): ReturnType<typeof readRecipient> {
  try {
    return readRecipient(body === null ? '' : vault.open(body, deliveryBody(account, key)));
  } catch (error) {
    if (error instanceof VaultError) return { phoneNumberId: null, wabaId: null };
    throw error;
  }
}
