import type { ConnectionId, ShopId } from '../domain/ids.ts';
import { readUpdate, type ReadUpdate } from '../domain/whatsapp-update.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { applyAccountNotice, applyQualityNotice, loseMoved, movedNumbers } from './account-notice.ts';
import type { MovedNumber, ToldAccount, ToldQuality, ToldTarget } from './account-notice.ts';
import { saveAutomatic, type ToldAutomatic } from './automatic-notice.ts';
import { connectedNumbers, lockConnections, noteWebhooks } from './connected-numbers.ts';
import type { ConnectedNumber, Reached } from './connected-numbers.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { workInbox, type Delivery, type Settled } from './inbox.ts';
import { keepMessages, type Arrival } from './keep-messages.ts';
import { answersCount, type LeadAnswer } from './lead-rule.ts';

type AboutPerson = Extract<ReadUpdate, { kind: 'message' | 'identity' }>;
type Told = Reached & { delivery: Delivery; update: ReadUpdate };
/** All that a batch says, by what becomes of it. */
type News = {
  arrivals: Arrival[];
  answers: LeadAnswer[];
  automatic: ToldAutomatic[];
  accounts: ToldAccount[];
  qualities: ToldQuality[];
  /** Numbers that belong to another account by now. */
  moved: ToldTarget[];
};

const BATCH = 500;

/**
 * Turns WhatsApp deliveries into contacts, message marks, ad clicks, leads, and what Meta says of accounts and numbers.
 * Returns how many deliveries it took.
 */
export function captureBatch(pipeline: Pipeline): Promise<number> {
  return workInbox(
    pipeline,
    { source: 'whatsapp', topics: Prisma.sql`TRUE`, limit: BATCH },
    (tx, deliveries) => capture(pipeline, tx, deliveries),
  );
}

async function capture(pipeline: Pipeline, tx: Transaction, deliveries: Delivery[]): Promise<Settled[]> {
  const read = deliveries.map((delivery) => ({
    delivery,
    account: delivery.account,
    update: readUpdate(delivery.text),
  }));
  const reachedBy = await connectedNumbers(tx, read);
  const told = read.map((one): Told => ({ ...one, ...reachedBy(one) }));
  const news = await readNews(tx, told);
  const shops = shopsOf(news);
  if (shops.length > 0) await holdContacts(tx, shops, 'alone');
  await saveAutomatic(pipeline, tx, news.automatic);
  if (news.arrivals.length > 0 || news.answers.length > 0) await keepMessages(pipeline, tx, news);
  await lockConnections(tx, connectionsOf(news));
  for (const account of news.accounts) await applyAccountNotice(pipeline, tx, account);
  for (const quality of news.qualities) await applyQualityNotice(pipeline, tx, quality);
  await loseMoved(pipeline, tx, news.moved);
  await noteWebhooks(tx, told.flatMap(heardOf));
  return told.map(settle);
}

async function readNews(tx: Transaction, told: readonly Told[]): Promise<News> {
  const news: News = { arrivals: [], answers: [], automatic: [], accounts: [], qualities: [], moved: [] };
  const strayed: MovedNumber[] = [];
  for (const { delivery, update, numbers, strayed: elsewhere, isOff } of told) {
    const shared = delivery.account === '';
    switch (update.kind) {
      case 'message':
        news.moved.push(
          ...elsewhere.map(({ shopId, connectionId }) => ({ shopId, connectionId, at: update.message.at })),
        );
        if (numbers.length + elsewhere.length === 0 && !isOff && update.displayNumber !== null) {
          strayed.push({ to: update.displayNumber, account: delivery.account, at: update.message.at });
        }
        news.arrivals.push(...numbers.flatMap((number) => arrivalAt(number, update, delivery)));
        break;
      case 'identity':
        news.arrivals.push(...numbers.flatMap((number) => arrivalAt(number, update, delivery)));
        break;
      case 'status':
      case 'echo':
        news.answers.push(...numbers.flatMap((number) => answerAt(number, update)));
        break;
      case 'automatic':
        news.automatic.push(...numbers.map((number) => ({ ...number, notice: update.notice })));
        break;
      case 'account': {
        const at = update.at ?? delivery.receivedAt;
        news.accounts.push({ numbers, at, shared, notice: update.notice });
        break;
      }
      case 'quality':
        news.qualities.push({ numbers, notice: update.notice });
        break;
      case 'other':
      case 'unknown':
        break;
    }
  }
  if (strayed.length > 0) news.moved.push(...(await movedNumbers(tx, strayed)));
  return news;
}

/** The shops of which anything may be written down. */
function shopsOf({ arrivals, answers, automatic, accounts, qualities, moved }: News): ShopId[] {
  return [
    ...[arrivals, automatic, moved].flatMap((told) => told.map(({ shopId }) => shopId)),
    ...answers.map(({ shop }) => shop.id),
    ...[...accounts, ...qualities].flatMap(({ numbers }) => numbers.map(({ shopId }) => shopId)),
  ];
}

/** The connections whose state or quality may change. */
function connectionsOf({ accounts, qualities, moved }: News): ConnectionId[] {
  return [...[...accounts, ...qualities].flatMap(({ numbers }) => numbers), ...moved].map(
    ({ connectionId }) => connectionId,
  );
}

function settle({ delivery: { id }, update, numbers, isOff }: Told): Settled {
  switch (update.kind) {
    case 'message':
    case 'identity':
    case 'automatic':
      // What comes for a number that was taken off is nobody's, and is not kept.
      return numbers.length > 0 || isOff
        ? { id, state: 'done', reason: null }
        : { id, state: 'flagged', reason: 'no shop has connected this WhatsApp number' };
    case 'unknown':
      return { id, state: 'flagged', reason: update.problem };
    case 'status':
    case 'echo':
    case 'account':
    case 'quality':
    case 'other':
      return { id, state: 'done', reason: null };
  }
}

/** An update about one number shows that its webhooks come. */
function heardOf({ delivery, update, numbers }: Told): { number: ConnectedNumber; at: Date }[] {
  const isItsOwn = 'phoneNumberId' in update && update.phoneNumberId !== null;
  return isItsOwn ? numbers.map((number) => ({ number, at: delivery.receivedAt })) : [];
}

function answerAt(
  { leads }: ConnectedNumber,
  { sent }: Extract<ReadUpdate, { kind: 'status' | 'echo' }>,
): LeadAnswer[] {
  if (leads === null || sent === null) return [];
  return [{ shop: leads, sent }].filter(answersCount);
}

/** A notice that says nothing of who its person is now arrives nowhere. */
function arrivalAt(number: ConnectedNumber, update: AboutPerson, delivery: Delivery): Arrival[] {
  const { shopId, connectionId, wabaId: account, leads } = number;
  const to = { shopId, connectionId, account, leads };
  if (update.kind === 'identity') {
    return [{ ...to, ...update.notice, at: update.at ?? delivery.receivedAt, message: null }];
  }
  const { id, at, phone, userId, type, referral, learned } = update.message;
  const isNotice = type === 'system';
  if (isNotice && learned.length === 0) return [];
  return [{ ...to, at, phone, userId, learned, message: isNotice ? null : { id, referral } }];
}
