import type { OrderGid, ShopId } from '../domain/ids.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { isPassing } from '../storage/database-error.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { saveDetected } from './automatic.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { draftAgeMs, draftOfEvent, openDraft, sealDraft, withWords, type KeptDraft } from './draft.ts';
import { loadKnown, loadNumbers, type Known } from './evidence.ts';
import { tellFollowUps } from './follow-ups.ts';
import { judge, judgeAll, sharedClues, type Case, type Verdict } from './judge.ts';
import { eventKey, withdrawUnsent } from './ledger.ts';
import type { EventSubject, Withdrawn } from './ledger.ts';
import { askAgain, orderEvent, writeOrderEvents, type OrderEvent } from './order-event.ts';
import { IS_DECIDED, LATE_EVIDENCE_MS, markResting } from './reconsider-mark.ts';
import { casesOf, placedCase, STANDING_ORDER, type StandingCase, type StandingOrder } from './stored-case.ts';
import { saveVerdicts } from './verdicts.ts';

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
  const stored = await casesOf(tx, rows);
  const withdrawn = await withdrawUnsent(tx, stored.flatMap(eventsOf));
  const standing = stored.map((one) => {
    const words = wordsOf(pipeline, one, withdrawn);
    const told = withdrawn.left.has(eventKey(eventOf(one.case)));
    return { ...one, case: withWords(one.case, words), words, told };
  });
  const numbers = await loadNumbers(
    tx,
    standing.map(({ row }) => row.shopId),
  );
  const known = await loadKnown(
    tx,
    standing.map((one) => one.case),
    numbers,
    'to_decide',
  );
  const now = pipeline.clock();
  const judged = judgeAll(standing, known, now);
  await saveVerdicts(
    pipeline,
    tx,
    judged.map((one) => ({ ...one, payment: null, draft: draftToKeep(pipeline, one) })),
  );
  await saveDetected(
    tx,
    judged
      .filter(({ case: { eventName } }) => eventName === 'Purchase')
      .map(({ row: { shopId, gid, reason }, verdict }) => ({
        ...{ shopId, gid, verdict },
        keptBack: reason === DETECTED,
      })),
    known.detected,
  );
  await markResting(
    tx,
    standing.flatMap((one) => sharedClues(one.case, known)),
    new Date(now.getTime() - LATE_EVIDENCE_MS),
  );
  await writeOrderEvents(
    pipeline,
    tx,
    judged.flatMap((one) => [
      ...purchaseAnew(pipeline, one, known, withdrawn),
      ...placedAnew(pipeline, one, known, withdrawn),
    ]),
    askAgain(judged, known, now),
  );
  await tellFollowUps(
    pipeline,
    tx,
    judged.map(({ case: { shop, gid } }) => ({ shop, gid })),
  );
  const isJudged = new Set(standing.map(({ row }) => row));
  await release(
    tx,
    rows.filter((row) => !isJudged.has(row)),
  );
}

const DETECTED: WithheldReason = 'reported_automatically';

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

/** What its events say, as far as it was kept, or they were taken back. */
function wordsOf({ vault }: Pipeline, one: StandingCase, { taken }: Withdrawn): KeptDraft {
  const said = eventsOf(one).flatMap((event) => {
    const found = taken.get(eventKey(event));
    const words = found ? draftOfEvent(vault, event.shopId, found) : null;
    return words === null ? [] : [[event.eventName, words] as const];
  });
  // What was kept knows more than the event that was made of it, such as where the buyer is.
  return { ...Object.fromEntries(said), ...openDraft(vault, one.row, one.row.draft) };
}

function purchaseAnew(pipeline: Pipeline, one: Judged, known: Known, withdrawn: Withdrawn): OrderEvent[] {
  if (one.told || one.case.eventName !== 'Purchase') return [];
  return eventAnew(pipeline, one, known, withdrawn);
}

function eventAnew(
  pipeline: Pipeline,
  { case: one, verdict }: Pick<Judged, 'case' | 'verdict'>,
  known: Known,
  { taken }: Withdrawn,
): OrderEvent[] {
  if (verdict.kind !== 'report') return [];
  const { click, draft, decision: report } = verdict;
  const dueBefore = taken.get(eventKey(eventOf(one)))?.dueBefore ?? null;
  return [orderEvent(pipeline, { ...one, click, draft, report, dueBefore }, known)];
}

/** Of an order whose Purchase has left, an OrderCreated is only written again, never for the first time. */
function placedAnew(pipeline: Pipeline, one: Judged, known: Known, withdrawn: Withdrawn): OrderEvent[] {
  const placed = placedCase(one);
  if (placed === null || withdrawn.left.has(eventKey(eventOf(placed)))) return [];
  if (one.words.OrderCreated === undefined && one.told) return [];

  const worded = withWords(placed, one.words);
  const verdict = judge(worded, known, pipeline.clock());
  return eventAnew(pipeline, { case: worded, verdict }, known, withdrawn);
}

/** What may be told when something changes again, while Meta takes it. */
function draftToKeep({ vault, clock }: Pipeline, one: Judged): string | null {
  const since = clock().getTime() - draftAgeMs(one.case.shop.settings, one.verdict.provenance);
  const { checkoutToken } = one.words;
  const kept = [one.case, placedCase(one) ?? []].flat().flatMap((event) => {
    const words = one.words[event.eventName];
    return words === undefined || event.at.getTime() < since ? [] : [[event.eventName, words] as const];
  });
  if (kept.length === 0) return null;
  return sealDraft(vault, one.row, {
    ...Object.fromEntries(kept),
    ...(checkoutToken !== undefined && { checkoutToken }),
  });
}
