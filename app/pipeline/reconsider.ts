import type { OrderGid, ShopId } from '../domain/ids.ts';
import { META_MAX_AGE_MS } from '../domain/report.ts';
import { isPassing } from '../storage/database-error.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { bareDraft, draftOfEvent, openDraft, sealDraft, type KeptDraft } from './draft.ts';
import { loadKnown, loadNumbers, type Known } from './evidence.ts';
import { judge, sharedClues, type Case, type Verdict } from './judge.ts';
import { eventKey, withdrawUnsent, writeEvents } from './ledger.ts';
import type { EventSubject, NewEvent, Withdrawn } from './ledger.ts';
import { IS_DECIDED, LATE_EVIDENCE_MS, markResting } from './reconsider-mark.ts';
import { casesOf, placedCase, STANDING_ORDER, type StandingCase, type StandingOrder } from './stored-case.ts';
import { newEvent, saveVerdicts } from './verdicts.ts';

type Key = { shopId: ShopId; gid: OrderGid };

/** How many orders one transaction decides again. */
export const RECONSIDER_BATCH = 500;

/**
 * Decides again the orders of which something they rest on has changed. Any number of workers may do it at once. An
 * order for which that fails keeps its decision; where the database was only in the way, it is tried again in the next
 * round. Returns how many were worked off.
 */
export async function reconsiderBatch(pipeline: Pipeline): Promise<number> {
  const waiting = await waitingOrders(pipeline);
  if (waiting.length === 0) return 0;
  try {
    return await reconsider(pipeline, waiting, Prisma.sql`TRUE`);
  } catch (error) {
    pipeline.log.warn({ err: error }, 'a batch of orders could not be decided again; trying them one by one');
    return reconsiderOneByOne(pipeline, waiting);
  }
}

/**
 * Judges stored orders again, by their clues, what staff said and the settings of now. The rows must be locked, and
 * their shops' contacts held. What Meta has, or may have, stays with decision and reason; only link and credit follow
 * the new view. Events that have not left are taken back and written anew.
 */
export async function decideAgain(
  pipeline: Pipeline,
  tx: Transaction,
  rows: readonly StandingOrder[],
): Promise<void> {
  const standing = await casesOf(tx, rows);
  const withdrawn = await withdrawUnsent(tx, standing.flatMap(eventsOf));
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
  const judged = standing.map((one) => {
    const verdict = judge(one.case, known, now);
    const told = withdrawn.left.has(eventKey(eventOf(one.case)));
    const words = wordsOf(pipeline, one, withdrawn);
    return { ...one, verdict, told, words };
  });
  const events = judged.flatMap((one) => [
    ...purchaseAnew(pipeline, one, known),
    ...placedAnew(pipeline, one, known, withdrawn),
  ]);
  const isWritten = new Set([...withdrawn.left, ...events.map(eventKey)]);
  await saveVerdicts(
    pipeline,
    tx,
    judged.map((one) => ({ ...one, payment: null, draft: draftToKeep(pipeline, one, isWritten) })),
  );
  await markResting(
    tx,
    standing.flatMap((one) => sharedClues(one.case, known)),
    new Date(now.getTime() - LATE_EVIDENCE_MS),
  );
  await writeEvents(pipeline, tx, events);
  const isJudged = new Set(standing.map(({ row }) => row));
  await release(
    tx,
    rows.filter((row) => !isJudged.has(row)),
  );
}

type Judged = StandingCase & {
  verdict: Verdict;
  /** Whether the event that decides the order has left, or may have. */
  told: boolean;
  words: KeptDraft;
};

const UNWORKED = Prisma.sql`o.reconsider AND ${IS_DECIDED}`;

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

async function reconsiderOneByOne(pipeline: Pipeline, waiting: readonly Key[]): Promise<number> {
  let worked = 0;
  for (const { shopId, gid } of waiting) {
    try {
      worked += await reconsider(pipeline, [{ shopId, gid }], Prisma.sql`o.gid = ${gid}`);
    } catch (error) {
      pipeline.log.error({ err: error, shop: shopId, order: gid }, 'an order could not be decided again');
      // Its mark stays; the others would hardly fare better now.
      if (isPassing(error)) return worked;
      await release(pipeline.db, [{ shopId, gid }]);
      worked += 1;
    }
  }
  return worked;
}

async function release(tx: Transaction, orders: readonly Key[]): Promise<void> {
  if (orders.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE orders o SET reconsider = false
    FROM unnest(${orders.map((o) => o.shopId)}::int[], ${orders.map((o) => o.gid)}::text[]) AS r(shop_id, gid)
    WHERE o.shop_id = r.shop_id AND o.gid = r.gid AND o.reconsider`);
}

function eventOf({ shop, gid, eventName }: Pick<Case, 'shop' | 'gid' | 'eventName'>): EventSubject {
  return { shopId: shop.id, subject: gid, eventName };
}

/** Every event that there may be of an order. */
function eventsOf({ case: one }: StandingCase): EventSubject[] {
  const created = eventOf({ ...one, eventName: 'OrderCreated' });
  return one.eventName === 'OrderCreated' ? [created] : [eventOf(one), created];
}

/** What its events say, as far as they were taken back, or it was kept. */
function wordsOf({ vault }: Pipeline, one: StandingCase, { taken }: Withdrawn): KeptDraft {
  const said = eventsOf(one).flatMap((event) => {
    const found = taken.get(eventKey(event));
    const words = found ? draftOfEvent(vault, event.shopId, found) : null;
    return words === null ? [] : [[event.eventName, words] as const];
  });
  return { ...openDraft(vault, one.row, one.row.draft), ...Object.fromEntries(said) };
}

function purchaseAnew(pipeline: Pipeline, one: Judged, known: Known): NewEvent[] {
  if (one.told || one.case.eventName !== 'Purchase') return [];
  return newEvent(pipeline, one, known, one.words.Purchase ?? bareDraft(one.case));
}

/** Of an order whose Purchase has left, an OrderCreated is only written again, never for the first time. */
function placedAnew(pipeline: Pipeline, one: Judged, known: Known, { left }: Withdrawn): NewEvent[] {
  const placed = placedCase(one);
  if (placed === null || left.has(eventKey(eventOf(placed)))) return [];
  const { OrderCreated: said, Purchase: saidLater } = one.words;
  if (said === undefined && one.told) return [];

  const draft = said ?? saidLater ?? bareDraft(placed);
  const verdict = judge(placed, known, pipeline.clock());
  const value = { amount: String(draft.order.value), currency: draft.order.currency };
  return newEvent(pipeline, { case: placed, verdict }, known, draft).map((event) => ({ ...event, value }));
}

/** What is not with Meta now but may be when something changes again. */
function draftToKeep({ vault, clock }: Pipeline, one: Judged, isWritten: ReadonlySet<string>): string | null {
  const since = clock().getTime() - META_MAX_AGE_MS;
  const kept = [one.case, placedCase(one) ?? []].flat().flatMap((event) => {
    const words = one.words[event.eventName];
    const isOver = event.at.getTime() < since || isWritten.has(eventKey(eventOf(event)));
    return words === undefined || isOver ? [] : [[event.eventName, words] as const];
  });
  return kept.length === 0 ? null : sealDraft(vault, one.row, Object.fromEntries(kept));
}
