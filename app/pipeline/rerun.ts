import type { AttributionRerun } from '../../prisma/generated/client.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { readSettings, type SettingKey, type Settings } from '../domain/settings.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { isPassing } from '../storage/database-error.ts';
import { isUuid, uuidv7 } from '../storage/uuid.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { openDraft, withWords } from './draft.ts';
import { loadKnown, loadNumbers } from './evidence.ts';
import { judgeAll } from './judge.ts';
import { eventKey, findEvents } from './ledger.ts';
import {
  addChanges,
  changeOf,
  differenceSchema,
  namedIn,
  type Change,
  type RerunDifference,
} from './rerun-difference.ts';
import { casesOf, STANDING_ORDER, type StandingOrder } from './stored-case.ts';

export type Rerun = Pick<
  AttributionRerun,
  'id' | 'since' | 'until' | 'state' | 'lookedAt' | 'startedBy' | 'startedAt' | 'finishedAt'
> & {
  shopId: ShopId;
  settings: Settings;
  difference: RerunDifference;
};
export type ApplyOutcome =
  | { kind: 'applying' }
  | { kind: 'not_found' }
  /** It was not compared to the end, or was applied already. */
  | { kind: 'not_compared'; state: Rerun['state'] }
  /** What it showed is not what would come out now: compare again. */
  | { kind: 'settings_changed'; settings: SettingKey[] };

/** How many orders one transaction looks at. */
export const RERUN_BATCH = 500;

/** The settings that orders are judged by. */
export const JUDGED_BY = [
  'windowDays',
  'model',
  'phoneLimit',
  'reportPurchase',
  'reportOrderCreated',
  'channelInChat',
  'channelChatLink',
  'channelOnlineStore',
  'channelPointOfSale',
  'channelRenewal',
  'channelOtherChannel',
  'automaticEvents',
  'dataSaleOptOut',
  'sendCustomerHashes',
] as const satisfies readonly SettingKey[];

/** Begins to compare a period's paid orders, by when they were placed, with what would be decided now. Returns its id. */
export async function startRerun(
  pipeline: Pipeline,
  { shop, since, until, by }: { shop: ShopId; since: Date; until: Date; by: string },
): Promise<string> {
  const now = pipeline.clock();
  const id = uuidv7(now);
  const { settings } = await pipeline.db.shop.findUniqueOrThrow({ where: { id: shop } });
  await pipeline.db.attributionRerun.create({
    data: { shopId: shop, id, since, until, settings: readSettings(settings), startedBy: by, startedAt: now },
  });
  pipeline.bell.ring();
  return id;
}

/** A run; the shop's latest one when no id is given. */
export async function findRerun(
  { db }: Pick<Pipeline, 'db'>,
  shopId: ShopId,
  id: string | null = null,
): Promise<Rerun | null> {
  if (id !== null && !isUuid(id)) return null;
  const row = await db.attributionRerun.findFirst({
    where: { shopId, ...(id !== null && { id }) },
    orderBy: { id: 'desc' },
  });
  return row && readRerun(row);
}

/**
 * Lets a compared run's differences be decided: batch by batch the orders that differ are marked to be decided again.
 * Nothing that Meta has, or may have, is sent again.
 */
export async function applyRerun(
  pipeline: Pipeline,
  { shopId, id }: { shopId: ShopId; id: string },
): Promise<ApplyOutcome> {
  const rerun = await findRerun(pipeline, shopId, id);
  if (rerun === null) return { kind: 'not_found' };
  const shop = await pipeline.db.shop.findUniqueOrThrow({ where: { id: shopId } });
  const current = readSettings(shop.settings);
  const changed = JUDGED_BY.filter((key) => current[key] !== rerun.settings[key]);
  if (rerun.state === 'compared' && changed.length > 0)
    return { kind: 'settings_changed', settings: changed };
  const { count } = await pipeline.db.attributionRerun.updateMany({
    where: { shopId, id, state: 'compared' },
    data: { state: 'applying', cursor: null, finishedAt: null },
  });
  if (count === 0) return { kind: 'not_compared', state: rerun.state };
  pipeline.bell.ring();
  return { kind: 'applying' };
}

/**
 * Carries a run on by one batch: comparing, or marking what differs. A run has one worker at a time; what a worker that
 * dies leaves behind goes on from its cursor, and so does what a deadlock or a lost connection breaks off. Returns how
 * many orders were looked at, and 1 when a run came to its end.
 */
export async function rerunBatch(pipeline: Pipeline, only: string | null = null): Promise<number> {
  const open = await freeRun(pipeline.db, only);
  if (open === null) return 0;
  let claimed: AttributionRerun | null = null;
  try {
    return await pipeline.db.$transaction(async (tx) => {
      // First, as by everybody: who forgets a customer holds them while they wait for the run and its orders.
      await holdContacts(tx, [open.shopId as ShopId], 'shared');
      claimed = await freeRun(tx, open.id);
      return claimed === null ? 0 : await carryOn(pipeline, tx, claimed);
    });
  } catch (error) {
    const run = claimed as AttributionRerun | null;
    if (run === null) throw error;
    if (isPassing(error)) {
      pipeline.log.warn(
        { err: error, shop: run.shopId, rerun: run.id },
        'a rerun of attribution was broken off',
      );
      return 0;
    }
    pipeline.log.error({ err: error, shop: run.shopId, rerun: run.id }, 'a rerun of attribution failed');
    await pipeline.db.attributionRerun.updateMany({
      where: { shopId: run.shopId, id: run.id, state: run.state },
      data: { state: 'failed', finishedAt: pipeline.clock() },
    });
    return 1;
  }
}

/** An open run that nobody carries on, held until the transaction ends. */
async function freeRun(
  tx: Pick<Transaction, '$queryRaw'>,
  only: string | null,
): Promise<AttributionRerun | null> {
  const which = only === null ? Prisma.sql`TRUE` : Prisma.sql`id = ${only}::uuid`;
  const [row] = await tx.$queryRaw<AttributionRerun[]>(Prisma.sql`
    SELECT shop_id AS "shopId", id, since, until, state::text AS state, settings, cursor, looked_at AS "lookedAt",
      difference, started_by AS "startedBy", started_at AS "startedAt", finished_at AS "finishedAt"
    FROM attribution_reruns WHERE state IN ('comparing', 'applying') AND ${which}
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`);
  return row ?? null;
}

async function carryOn(pipeline: Pipeline, tx: Transaction, run: AttributionRerun): Promise<number> {
  const rows = await nextOrders(tx, run);
  if (rows.length === 0) return finish(pipeline, tx, run);
  const rerun = readRerun(run);
  const changes = await compare(pipeline, tx, rows, rerun.settings);
  if (run.state === 'applying') await mark(tx, changes);
  const last = rows.at(-1);
  await tx.attributionRerun.update({
    where: { shopId_id: { shopId: run.shopId, id: run.id } },
    data: {
      cursor: last ? cursorAt(last) : null,
      ...(run.state === 'comparing' && {
        lookedAt: run.lookedAt + rows.length,
        difference: await withNames(tx, rerun, changes),
      }),
    },
  });
  return rows.length;
}

async function finish(pipeline: Pipeline, tx: Transaction, run: AttributionRerun): Promise<number> {
  const where = { shopId: run.shopId, placedAt: { gte: run.since, lt: run.until }, paidAt: { not: null } };
  const isWaited =
    run.state === 'applying' &&
    (await tx.order.findFirst({ where: { ...where, reconsider: true } })) !== null;
  if (isWaited) return 0;
  await tx.attributionRerun.update({
    where: { shopId_id: { shopId: run.shopId, id: run.id } },
    data: { state: run.state === 'applying' ? 'applied' : 'compared', finishedAt: pipeline.clock() },
  });
  return 1;
}

const cursorAt = ({ placedAt, gid }: StandingOrder): string => `${placedAt.toISOString()} ${gid}`;

async function nextOrders(tx: Transaction, run: AttributionRerun): Promise<StandingOrder[]> {
  const [placedAt, gid] = run.cursor?.split(' ') ?? [];
  const from =
    placedAt === undefined || gid === undefined
      ? Prisma.sql`o.placed_at >= ${run.since}`
      : Prisma.sql`(o.placed_at, o.gid) > (${placedAt}::timestamptz, ${gid}::text)`;
  return tx.$queryRaw<StandingOrder[]>(Prisma.sql`
    SELECT ${STANDING_ORDER} FROM orders o
    WHERE o.shop_id = ${run.shopId} AND o.placed_at < ${run.until} AND ${from} AND o.paid_at IS NOT NULL
    ORDER BY o.placed_at, o.gid LIMIT ${RERUN_BATCH}`);
}

async function compare(
  pipeline: Pipeline,
  tx: Transaction,
  rows: readonly StandingOrder[],
  settings: Settings,
): Promise<Change[]> {
  const stored = await casesOf(tx, rows, settings);
  const standing = stored.map(({ row, case: one }) => ({
    row,
    case: withWords(one, openDraft(pipeline.vault, row, row.draft)),
  }));
  const cases = standing.map((one) => one.case);
  const numbers = await loadNumbers(
    tx,
    rows.map(({ shopId }) => shopId),
  );
  const known = await loadKnown(tx, cases, numbers, 'to_compare');
  const purchase = ({ shopId, gid }: StandingOrder) => ({
    shopId,
    subject: gid,
    eventName: 'Purchase' as const,
  });
  const events = await findEvents(tx, rows.map(purchase));
  const now = pipeline.clock();
  const judged = standing.map((one) => {
    const event = events.get(eventKey(purchase(one.row))) ?? null;
    return { ...one, event, told: event !== null && !event.unsent };
  });
  return judgeAll(judged, known, now).flatMap(
    ({ row, verdict, event }) => changeOf(row, verdict, event) ?? [],
  );
}

async function mark(tx: Transaction, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  // In the one order in which orders are locked everywhere, so that nobody waits for somebody who waits for them.
  await tx.$executeRaw(Prisma.sql`
    WITH differing AS (
      SELECT o.shop_id, o.gid
      FROM unnest(${changes.map(({ row }) => row.shopId)}::int[], ${changes.map(({ row }) => row.gid)}::text[]) AS d(shop_id, gid)
      JOIN orders o ON o.shop_id = d.shop_id AND o.gid = d.gid ORDER BY o.shop_id, o.gid FOR NO KEY UPDATE OF o
    )
    UPDATE orders o SET reconsider = true FROM differing d WHERE o.shop_id = d.shop_id AND o.gid = d.gid`);
}

async function withNames(
  tx: Transaction,
  { shopId, difference }: Rerun,
  changes: readonly Change[],
): Promise<RerunDifference> {
  const { referrals, contacts } = namedIn(difference, changes);
  const ads = await tx.referral.findMany({
    where: { shopId, id: { in: referrals } },
    select: { id: true, sourceId: true },
  });
  const people = await tx.contact.findMany({
    where: { shopId, id: { in: contacts } },
    select: { id: true, maskedPhone: true },
  });
  return addChanges(difference, changes, {
    ads: new Map(ads.map(({ id, sourceId }) => [id, sourceId])),
    masks: new Map(people.map(({ id, maskedPhone }) => [id as ContactId, maskedPhone])),
  });
}

function readRerun(row: AttributionRerun): Rerun {
  return {
    ...row,
    shopId: row.shopId as ShopId,
    settings: readSettings(row.settings),
    difference: differenceSchema.parse(row.difference),
  };
}
