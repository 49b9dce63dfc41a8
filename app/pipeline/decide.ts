import type { Browser } from '../domain/conversion-event.ts';
import { draftEvent } from '../domain/draft-event.ts';
import type { DecidingEvent } from '../domain/event-name.ts';
import type { LinkOutcome, StaffLink } from '../domain/link.ts';
import type { Order } from '../domain/order.ts';
import type { PhoneDigits } from '../domain/phone.ts';
import { provenanceOf } from '../domain/provenance.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { Payment } from './apply-orders.ts';
import { saveDetected } from './automatic.ts';
import { clueKey, dropClues, numberHints, readClues, saveClues, type FreshClue } from './clues.ts';
import type { Pipeline } from './context.ts';
import { draftAgeMs, openDraft, sealDraft } from './draft.ts';
import { loadKnown, loadNumbers, type Known } from './evidence.ts';
import { isFromDraft, judgeAll, linkedContact, sharedClues, type Case, type Verdict } from './judge.ts';
import { eventKey, type Withdrawn } from './ledger.ts';
import { askAgain, orderEvent, writeOrderEvents } from './order-event.ts';
import { orderKey } from './orders.ts';
import { LATE_EVIDENCE_MS, markResting } from './reconsider-mark.ts';
import type { ShopFacts } from './shop.ts';
import { saveVerdicts } from './verdicts.ts';

/** An order to be decided by what it was told to be. */
export type FreshOrder = {
  shop: ShopFacts;
  /** The telling that counts: the one of the payment, or the first that showed it unpaid. */
  order: Order;
  eventName: DecidingEvent;
  /** When what the event tells of happened. */
  at: Date;
  payment: Payment | null;
  staff: StaffLink | null;
  cancelledAt: Date | null;
  /** What the buyer said by now. */
  consent: Order['consent'];
  /** `event`: the order is decided already by its payment; this telling only adds an event. */
  decides: 'order' | 'event';
  /** Another telling counted before. */
  again: boolean;
};
type Fresh = FreshOrder & { case: Case; clues: FreshClue[] };
type Kept = { browser: Browser | null; checkoutToken: string | null };

const NO_NUMBERS = numberHints([]);

/**
 * Links each order, credits its clicks, decides what may be reported, and writes it all down. `taken`: the events that were
 * taken back because of these tellings.
 */
export async function decideOrders(
  pipeline: Pipeline,
  tx: Transaction,
  orders: readonly FreshOrder[],
  taken: Withdrawn['taken'],
): Promise<void> {
  if (orders.length === 0) return;
  const shops = orders.map(({ shop }) => shop.id);
  const numbers = await loadNumbers(tx, shops);
  const kept = await keptOf(pipeline, tx, orders);
  const fresh = orders.map((one): Fresh => {
    const hints = numbers.get(one.shop.id)?.hints ?? NO_NUMBERS;
    const { clues, phones } = readClues(pipeline, one.shop, one.order, hints);
    return {
      ...one,
      clues,
      case: toCase(one, { clues, phones, kept: kept.get(orderKey(one.shop.id, one.order.gid)) }),
    };
  });
  const deciding = fresh.filter(({ decides }) => decides === 'order');
  await dropClues(tx, deciding.filter(({ again }) => again).map(keyOf));
  await saveClues(tx, deciding.map(orderClues));

  const cases = fresh.map((one) => one.case);
  const known = await loadKnown(tx, cases, numbers, 'to_decide');
  const now = pipeline.clock();
  const judged = judgeAll(fresh, known, now);
  await saveVerdicts(
    pipeline,
    tx,
    judged
      .filter(({ decides }) => decides === 'order')
      .map((one) => ({ ...one, told: false, draft: draftToKeep(pipeline, one) })),
  );
  await saveDetected(
    tx,
    judged
      .filter(({ eventName }) => eventName === 'Purchase')
      .map(({ verdict, ...one }) => ({ ...keyOf(one), verdict, keptBack: false })),
    known.detected,
  );
  await markResting(
    tx,
    deciding.flatMap((one) => sharedClues(one.case, known)),
    new Date(now.getTime() - LATE_EVIDENCE_MS),
  );
  await writeOrderEvents(
    pipeline,
    tx,
    judged.flatMap(({ verdict, case: one }) => {
      if (verdict.kind !== 'report') return [];
      const { click, draft, decision: report } = verdict;
      const event = { shopId: one.shop.id, subject: one.gid, eventName: one.eventName };
      const dueBefore = taken.get(eventKey(event))?.dueBefore ?? null;
      return orderEvent(pipeline, { ...one, click, draft, report, dueBefore }, known);
    }),
    askAgain(judged, known, now),
  );
}

function toCase(
  one: FreshOrder,
  { clues, phones, kept }: Pick<Fresh, 'clues'> & Pick<Case, 'phones'> & { kept: Kept | undefined },
): Case {
  const { shop, eventName, at, staff, cancelledAt } = one;
  const order = {
    ...one.order,
    cancelledAt,
    browser: one.order.browser ?? kept?.browser ?? null,
    checkoutToken: one.order.checkoutToken ?? kept?.checkoutToken ?? null,
  };
  const { settings } = shop;
  const provenanceBy: Case['provenanceBy'] = (signal) =>
    provenanceOf({ ...order, total: order.total.amount }, signal).provenance;
  return {
    shop,
    gid: order.gid,
    eventName,
    at,
    order,
    region: order.region,
    customerGid: order.customerGid,
    consent: one.consent,
    phones,
    clues,
    fromDraft: isFromDraft(order.sourceName),
    staff,
    kept: null,
    provenanceBy,
    draftBy: (link, known) =>
      draftEvent({
        order,
        soldIn: provenanceBy(null) === 'point_of_sale' ? shop.country : null,
        paid: order.amounts,
        settings,
        phones: buyersPhones({ shop, clues, link }, known),
      }),
  };
}

/** The buyers' browsers that an earlier telling of these orders knew: Shopify's list of orders knows none. */
async function keptOf(
  { vault }: Pipeline,
  tx: Transaction,
  orders: readonly FreshOrder[],
): Promise<Map<string, Kept>> {
  const asked = orders.filter(({ order, again }) => again && order.browser === null).map(keyOf);
  if (asked.length === 0) return new Map();
  const rows = await tx.$queryRaw<(ReturnType<typeof keyOf> & { draft: string })[]>(Prisma.sql`
    SELECT o.shop_id AS "shopId", o.gid, o.draft
    FROM unnest(${asked.map(({ shopId }) => shopId)}::int[], ${asked.map(({ gid }) => gid)}::text[]) AS k(shop_id, gid)
    JOIN orders o ON o.shop_id = k.shop_id AND o.gid = k.gid AND o.draft IS NOT NULL`);
  return new Map(
    rows.map((row) => {
      const { Purchase, OrderCreated, checkoutToken = null } = openDraft(vault, row, row.draft);
      const browser = Purchase?.browser ?? OrderCreated?.browser ?? null;
      return [orderKey(row.shopId, row.gid), { browser, checkoutToken }];
    }),
  );
}

function orderClues({ shop, order, clues }: Fresh) {
  const { gid, placedAt, customerGid } = order;
  const stored = clues.map(({ value: _, ...clue }) => clue);
  return { shopId: shop.id, gid, buyer: customerGid ?? gid, placedAt, clues: stored };
}

const keyOf = ({ shop, order }: FreshOrder) => ({ shopId: shop.id, gid: order.gid });

/** Of what Meta may be told when a conversation is found later, or be told otherwise as long as nothing has left. */
function draftToKeep({ vault, clock }: Pipeline, one: Fresh & { verdict: Verdict }): string | null {
  const { case: facts, at, eventName, verdict } = one;
  const { test, total, cancelledAt, checkoutToken } = facts.order;
  const never = test || !(Number(total.amount) > 0) || cancelledAt !== null;
  const age = clock().getTime() - at.getTime();
  if (never || age > draftAgeMs(one.shop.settings, verdict.provenance)) return null;
  return sealDraft(vault, keyOf(one), {
    [eventName]: verdict.draft,
    ...(checkoutToken !== null && { checkoutToken }),
  });
}

/**
 * The buyer's own form of the number that matched, and WhatsApp's form where it differs; where no number did, the first
 * that the order gives of a person.
 */
function buyersPhones(
  { shop, clues, link }: Pick<Fresh, 'shop' | 'clues'> & { link: LinkOutcome },
  known: Known,
): PhoneDigits[] {
  const phones = clues.filter(isTold);
  const chosen = link.evidence.find((evidence) => evidence.chosen)?.source;
  const source = phones.find((phone) => phone.source === chosen)?.source ?? phones[0]?.source;
  const contact = linkedContact({ link });
  const isTheirs = ({ hash }: FreshClue): boolean =>
    contact !== null && known.owners.get(clueKey(shop.id, hash))?.contactId === contact;
  return phones
    .filter((phone) => phone.source === source && (phone.basis === 'same' || isTheirs(phone)))
    .map(numberIn);
}

const isTold = ({ kind, barred }: FreshClue): boolean => kind === 'phone' && barred === null;
const numberIn = ({ value }: FreshClue): PhoneDigits => value as PhoneDigits;
