import type { EventName } from '../domain/event-name.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { tellSignals, type ChatSignal } from './chat-signal.ts';
import type { KeptCheckout } from './checkouts.ts';
import { currentContacts } from './clues.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { ANSWER_WAIT_MS, askFirst, loadAnswers, saleOptOut, saveAsks } from './customer-answers.ts';
import type { Ask, SaleAnswer } from './customer-answers.ts';
import { orderKey } from './orders.ts';
import { workRows } from './row-retries.ts';
import { checkoutDraft } from './sealed.ts';
import { shopFacts, type ShopFacts } from './shop.ts';

const BATCH = 200;
const HOUR_MS = 60 * 60_000;
// Until it is looked again whether Shopify has said it.
const LOOK_AGAIN_MS = 30_000;

type Key = { shopId: ShopId; hash: Uint8Array<ArrayBuffer> };
type DueRow = Key & {
  contactId: ContactId;
  draft: string;
  startedAt: Date;
  changedAt: Date;
  askedAt: Date | null;
  beginDue: boolean;
  /** When it counted as left, where that is due. */
  leftAt: Date | null;
};
/** A checkout of which something is told, and the events. */
type Telling = { row: DueRow; shop: ShopFacts; kept: KeptCheckout; due: [EventName, Date][] };

/** Tells of checkouts that were begun, or left for as long as the shop waits. Returns how many it looked at. */
export function checkoutBatch(pipeline: Pipeline): Promise<number> {
  const now = pipeline.clock();
  return workRows<Key & { attempts: number }>(pipeline, {
    together: async () => {
      // The shops are found first: their contacts are held before any row is.
      const due = await pipeline.db.$queryRaw<{ shopId: ShopId }[]>(Prisma.sql`
        SELECT DISTINCT shop_id AS "shopId" FROM (${dueKeys(now)}) d`);
      return due.length === 0 ? 0 : tellDue(pipeline, { shopIds: due.map(({ shopId }) => shopId), now });
    },
    due: () =>
      pipeline.db.$queryRaw(Prisma.sql`
        SELECT DISTINCT shop_id AS "shopId", token_hash AS hash, attempts FROM (${dueKeys(now)}) d`),
    alone: (key) => tellDue(pipeline, { shopIds: [key.shopId], now, only: key.hash }),
    putOff: (key, next) => putOff(pipeline, key, { now, next }),
    idsOf: ({ shopId, hash }) => ({ shop: shopId, checkout: hexOf({ hash }) }),
  });
}

function dueKeys(now: Date): Prisma.Sql {
  return Prisma.sql`
    (SELECT shop_id, token_hash, attempts FROM checkouts WHERE begin_due_at <= ${now} ORDER BY begin_due_at LIMIT ${BATCH})
    UNION ALL
    (SELECT shop_id, token_hash, attempts FROM checkouts WHERE leave_due_at <= ${now} ORDER BY leave_due_at LIMIT ${BATCH})`;
}

type Wanted = { shopIds: readonly ShopId[]; now: Date; only?: Uint8Array<ArrayBuffer> };

async function tellDue(pipeline: Pipeline, wanted: Wanted): Promise<number> {
  const { shopIds, now } = wanted;
  const { count, asks } = await pipeline.db.$transaction(async (tx) => {
    await holdContacts(tx, shopIds, 'shared');
    const rows = await lockDue(tx, wanted);
    const tellings = await readTellings(pipeline, tx, rows, shopIds);
    const bought = await whoBought(tx, tellings);
    const left = tellings
      .map((one) => (bought.has(one.row) ? { ...one, due: one.due.filter(isBegun) } : one))
      .filter(({ due }) => due.length > 0);
    const answers = await loadAnswers(tx, left.map(customerOf));
    const waiting = left.filter((one) => waits(one, answers, now));
    const isWaiting = new Set(waiting.map(({ row }) => row));
    await waitOn(tx, [...isWaiting], now);
    const over = rows.filter((row) => !isWaiting.has(row));
    await takeOff(tx, over, now);
    const signals = left.filter(({ row }) => !isWaiting.has(row)).flatMap((one) => signalsOf(one, answers));
    await tellSignals(pipeline, tx, signals);
    return { count: rows.length, asks: waiting.flatMap((one) => asksOf(one, answers, now)) };
  });
  // Orders lock what was said of a customer before their checkouts, so here it is done with no checkout held.
  if (asks.length > 0) await pipeline.db.$transaction((tx) => saveAsks(tx, asks, now));
  return count;
}

function lockDue(tx: Transaction, { shopIds, now, only }: Wanted): Promise<DueRow[]> {
  return tx.$queryRaw<DueRow[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.token_hash AS hash, c.contact_id AS "contactId", c.draft, c.started_at AS "startedAt",
      c.changed_at AS "changedAt", c.asked_at AS "askedAt", COALESCE(c.begin_due_at <= ${now}, false) AS "beginDue",
      CASE WHEN c.leave_due_at <= ${now} THEN c.leave_due_at END AS "leftAt"
    FROM checkouts c
    WHERE c.shop_id = ANY(${shopIds}::int[]) AND (c.begin_due_at <= ${now} OR c.leave_due_at <= ${now})
      ${only === undefined ? Prisma.empty : Prisma.sql`AND c.token_hash = ${only}`}
    ORDER BY c.shop_id, c.token_hash LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`);
}

async function readTellings(
  { vault }: Pick<Pipeline, 'vault'>,
  tx: Transaction,
  rows: readonly DueRow[],
  shopIds: readonly ShopId[],
): Promise<Telling[]> {
  const current = await currentContacts(tx, rows);
  const found = await tx.shop.findMany({ where: { id: { in: [...shopIds] } } });
  const shops = new Map(found.map((shop) => [shop.id as ShopId, shopFacts(shop)]));
  return rows.flatMap((row) => {
    const shop = shops.get(row.shopId);
    const contactId = current.get(row.contactId);
    if (!shop || !contactId || row.draft === '') return [];
    const due = dueEvents(row, shop);
    if (due.length === 0) return [];
    row.contactId = contactId;
    const text = vault.open(row.draft, checkoutDraft(shop.id, hexOf(row)));
    return [{ row, shop, due, kept: JSON.parse(text) as KeptCheckout }];
  });
}

function dueEvents(
  { beginDue, startedAt, leftAt, changedAt }: DueRow,
  { settings }: ShopFacts,
): Telling['due'] {
  const begun: Telling['due'] =
    beginDue && settings.reportInitiateCheckout ? [['InitiateCheckout', startedAt]] : [];
  if (leftAt === null || !settings.reportCartAbandoned) return begun;
  // It may be due again later than it was left, since it waited for Shopify's word.
  const at = Math.min(leftAt.getTime(), changedAt.getTime() + settings.cartAbandonedHours * HOUR_MS);
  return [...begun, ['CartAbandoned', new Date(at)]];
}

const isBegun = ([name]: Telling['due'][number]): boolean => name === 'InitiateCheckout';

/** The checkouts that are due as left, but whose person has ordered since, perhaps by another checkout. */
async function whoBought(tx: Transaction, tellings: readonly Telling[]): Promise<Set<DueRow>> {
  const left = tellings.filter(({ due }) => !due.every(isBegun)).map(({ row }) => row);
  if (left.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ nth: number }[]>(Prisma.sql`
    SELECT l.nth::int AS nth
    FROM unnest(${left.map((l) => l.shopId)}::int[], ${left.map((l) => l.contactId)}::uuid[],
      ${left.map((l) => l.startedAt)}::timestamptz[]) WITH ORDINALITY AS l(shop_id, contact_id, started_at, nth)
    WHERE EXISTS (SELECT FROM orders o
      WHERE o.shop_id = l.shop_id AND o.contact_id = l.contact_id AND o.placed_at >= l.started_at)`);
  return new Set(rows.flatMap(({ nth }) => left[nth - 1] ?? []));
}

type Answers = ReadonlyMap<string, SaleAnswer>;

const customerOf = ({ shop, kept }: Telling) => ({ shop, customerGid: kept.customerGid });

/** Whether this waits for Shopify's word of its customer, as an order does. */
function waits(one: Telling, answers: Answers, now: Date): boolean {
  const { askedAt } = one.row;
  if (askedAt !== null && now.getTime() - askedAt.getTime() >= ANSWER_WAIT_MS) return false;
  return wantedOf(one, answers, now).length > 0;
}

/** Whom Shopify is to be asked about; nobody who is being asked about already. */
function asksOf(one: Telling, answers: Answers, now: Date): Ask[] {
  return wantedOf(one, answers, now).filter(
    ({ shopId, customerGid }) => answers.get(orderKey(shopId, customerGid))?.answeredAt !== null,
  );
}

function wantedOf(one: Telling, answers: Answers, now: Date): Ask[] {
  return askFirst(answers, customerOf(one), { country: one.kept.country, now });
}

function signalsOf(one: Telling, answers: Answers): ChatSignal[] {
  const { row, shop, kept, due } = one;
  const subject = `checkout:${hexOf(row)}`;
  return due.map(([eventName, at]) => ({
    ...{ shop, contactId: row.contactId, eventName, source: 'checkout', subject, at },
    ...{ draft: kept.draft, value: kept.value, eventId: `tieback:${subject}:${eventName}` },
    consent: { said: kept.said, saleOptOut: saleOptOut(answers, customerOf(one)) },
  }));
}

/** Takes what is due off the list; what a checkout says goes with the last of it. */
async function takeOff(tx: Transaction, rows: readonly Key[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE checkouts c SET asked_at = NULL, attempts = 0,
      begin_due_at = CASE WHEN c.begin_due_at > ${now} THEN c.begin_due_at END,
      leave_due_at = CASE WHEN c.leave_due_at > ${now} THEN c.leave_due_at END,
      draft = CASE WHEN c.begin_due_at > ${now} OR c.leave_due_at > ${now} THEN c.draft ELSE '' END
    FROM ${asKeys(rows)} WHERE ${IS_KEY}`);
}

/** Leaves on the list what waits for Shopify's word. */
async function waitOn(tx: Transaction, rows: readonly Key[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const next = new Date(now.getTime() + LOOK_AGAIN_MS);
  await tx.$executeRaw(Prisma.sql`
    UPDATE checkouts c SET asked_at = COALESCE(c.asked_at, ${now}), ${dueAgain(now, next)}
    FROM ${asKeys(rows)} WHERE ${IS_KEY}`);
}

/** Notes that a checkout could not be told; what is given up is forgotten. */
function putOff(
  { db }: Pipeline,
  key: Key,
  { now, next }: { now: Date; next: Date | null },
): Promise<number> {
  const draft = next === null ? Prisma.sql`''` : Prisma.sql`c.draft`;
  return db.$executeRaw(Prisma.sql`
    UPDATE checkouts c SET attempts = c.attempts + 1, draft = ${draft}, ${dueAgain(now, next)}
    FROM ${asKeys([key])} WHERE ${IS_KEY}`);
}

function dueAgain(now: Date, next: Date | null): Prisma.Sql {
  return Prisma.sql`
    begin_due_at = CASE WHEN c.begin_due_at <= ${now} THEN ${next}::timestamptz ELSE c.begin_due_at END,
    leave_due_at = CASE WHEN c.leave_due_at <= ${now} THEN ${next}::timestamptz ELSE c.leave_due_at END`;
}

const IS_KEY = Prisma.sql`c.shop_id = k.shop_id AND c.token_hash = k.token_hash`;

function asKeys(keys: readonly Key[]): Prisma.Sql {
  return Prisma.sql`unnest(${keys.map((k) => k.shopId)}::int[], ${keys.map((k) => k.hash)}::bytea[]) AS k(shop_id, token_hash)`;
}

const hexOf = ({ hash }: Pick<Key, 'hash'>): string => Buffer.from(hash).toString('hex');
