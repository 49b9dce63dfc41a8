import type { DraftEvent } from '../domain/conversion-event.ts';
import type { OrderGid, ShopId } from '../domain/ids.ts';
import { META_MAX_AGE_MS } from '../domain/report.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { bareDraft, draftOfEvent, openDraft, sealDraft } from './draft.ts';
import { loadKnown, loadNumbers } from './evidence.ts';
import { judge, type Verdict } from './judge.ts';
import { eventKey, withdrawUnsent, writeEvents, type EventSubject, type Withdrawn } from './ledger.ts';
import { casesOf, STANDING_ORDER, type StandingCase, type StandingOrder } from './stored-case.ts';
import { newEvent, saveVerdicts } from './verdicts.ts';

type Key = { shopId: ShopId; gid: OrderGid };

/** How many orders one transaction decides again. */
export const RECONSIDER_BATCH = 500;

/**
 * Decides again the paid orders of which something they rest on has changed. Any number of workers may do it at once.
 * An order for which that fails keeps its decision. Returns how many were taken.
 */
export async function reconsiderBatch(pipeline: Pipeline): Promise<number> {
  const waiting = await waitingOrders(pipeline);
  if (waiting.length === 0) return 0;
  try {
    return await reconsider(pipeline, waiting, Prisma.sql`TRUE`);
  } catch (error) {
    pipeline.log.warn({ err: error }, 'a batch of orders could not be decided again; trying them one by one');
    for (const key of waiting) await reconsiderOne(pipeline, key);
    return waiting.length;
  }
}

/**
 * Judges stored orders again, by their clues, what staff said and the settings of now. The rows must be locked, and
 * their shops' contacts held. What
 * Meta has, or may have, stays with decision and reason; only link and credit follow the new view. An event that has not
 * left is taken back and written anew.
 */
export async function decideAgain(
  pipeline: Pipeline,
  tx: Transaction,
  rows: readonly StandingOrder[],
): Promise<void> {
  const standing = await casesOf(tx, rows);
  const withdrawn = await withdrawUnsent(
    tx,
    standing.map((one) => eventOf(one)),
  );
  const numbers = await loadNumbers(
    tx,
    standing.map(({ row }) => row.shopId),
  );
  const known = await loadKnown(
    tx,
    standing.map((one) => one.case),
    numbers,
  );
  const now = pipeline.clock();
  const judged = standing.map((one) => ({
    ...one,
    verdict: judge(one.case, known, now),
    told: withdrawn.left.has(eventKey(eventOf(one))),
    words: draftOf(pipeline, one, withdrawn),
  }));
  await saveVerdicts(
    pipeline,
    tx,
    judged.map((one) => ({ ...one, payment: null, draft: draftToKeep(pipeline, one) })),
  );
  await writeEvents(
    pipeline,
    tx,
    judged.flatMap((one) =>
      one.told ? [] : newEvent(pipeline, one, known, one.words ?? bareDraft(one.case)),
    ),
  );
  if (standing.length < rows.length) await release(tx, rows);
}

const UNWORKED = Prisma.sql`o.reconsider AND o.paid_at IS NOT NULL`;

function waitingOrders({ db }: Pipeline): Promise<Key[]> {
  return db.$queryRaw<Key[]>(Prisma.sql`
    SELECT o.shop_id AS "shopId", o.gid FROM orders o WHERE ${UNWORKED}
    ORDER BY o.shop_id, o.gid LIMIT ${RECONSIDER_BATCH}`);
}

async function reconsider(pipeline: Pipeline, waiting: readonly Key[], which: Prisma.Sql): Promise<number> {
  const shops = [...new Set(waiting.map(({ shopId }) => shopId))];
  return pipeline.db.$transaction(async (tx) => {
    await holdContacts(tx, shops, 'shared');
    const rows = await tx.$queryRaw<StandingOrder[]>(Prisma.sql`
      SELECT ${STANDING_ORDER} FROM orders o WHERE ${UNWORKED} AND o.shop_id = ANY(${shops}) AND ${which}
      ORDER BY o.shop_id, o.gid LIMIT ${RECONSIDER_BATCH} FOR UPDATE SKIP LOCKED`);
    await decideAgain(pipeline, tx, rows);
    return rows.length;
  });
}

async function reconsiderOne(pipeline: Pipeline, { shopId, gid }: Key): Promise<void> {
  try {
    await reconsider(pipeline, [{ shopId, gid }], Prisma.sql`o.gid = ${gid}`);
  } catch (error) {
    pipeline.log.error({ err: error, shop: shopId, order: gid }, 'an order could not be decided again');
    await release(pipeline.db, [{ shopId, gid }]);
  }
}

async function release(tx: Transaction, orders: readonly Key[]): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET reconsider = false
    FROM unnest(${orders.map((o) => o.shopId)}::int[], ${orders.map((o) => o.gid)}::text[]) AS r(shop_id, gid)
    WHERE o.shop_id = r.shop_id AND o.gid = r.gid AND o.reconsider`);
}

function eventOf({ case: one }: StandingCase): EventSubject {
  return { shopId: one.shop.id, subject: one.gid, eventName: one.eventName };
}

/** From the event that was taken back, else as it was kept; null when neither is there. */
function draftOf({ vault }: Pipeline, one: StandingCase, { taken }: Withdrawn): DraftEvent | null {
  const event = taken.get(eventKey(eventOf(one)));
  return event ? draftOfEvent(vault, one.row.shopId, event) : openDraft(vault, one.row, one.row.draft);
}

function draftToKeep(
  { vault, clock }: Pipeline,
  one: StandingCase & { verdict: Verdict; told: boolean; words: DraftEvent | null },
): string | null {
  const isLate = clock().getTime() - one.case.at.getTime() > META_MAX_AGE_MS;
  const isWritten = one.told || one.verdict.kind === 'report';
  if (one.words === null || isLate || isWritten || one.row.paidAt === null) return null;
  return sealDraft(vault, one.row, one.words);
}
