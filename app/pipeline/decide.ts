import { MAX_AGE_MS } from '../domain/channel.ts';
import type { DraftEvent } from '../domain/conversion-event.ts';
import { canIdentify } from '../domain/customer-data.ts';
import { draftEvent } from '../domain/draft-event.ts';
import type { DecidingEvent } from '../domain/event-name.ts';
import type { StaffLink } from '../domain/link.ts';
import type { Order } from '../domain/order.ts';
import type { PhoneDigits } from '../domain/phone.ts';
import { provenanceOf } from '../domain/provenance.ts';
import type { Transaction } from '../storage/database.ts';
import type { Payment } from './apply-orders.ts';
import { saveDetected } from './automatic.ts';
import { clueKey, dropClues, numberHints, readClues, saveClues, type FreshClue } from './clues.ts';
import type { Pipeline } from './context.ts';
import { sealDraft } from './draft.ts';
import { loadKnown, loadNumbers, type Known } from './evidence.ts';
import { isFromDraft, judgeAll, linkedContact, sharedClues, type Case, type Verdict } from './judge.ts';
import { askAgain, orderEvent, writeOrderEvents } from './order-event.ts';
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

const NO_NUMBERS = numberHints([]);

/** Links each order, credits its clicks, decides what may be reported, and writes it all down. */
export async function decideOrders(
  pipeline: Pipeline,
  tx: Transaction,
  orders: readonly FreshOrder[],
): Promise<void> {
  if (orders.length === 0) return;
  const shops = orders.map(({ shop }) => shop.id);
  const numbers = await loadNumbers(tx, shops);
  const fresh = orders.map((one): Fresh => {
    const hints = numbers.get(one.shop.id)?.hints ?? NO_NUMBERS;
    const { clues, phones } = readClues(pipeline, one.shop, one.order, hints);
    return { ...one, clues, case: toCase(one, { clues, phones }) };
  });
  const deciding = fresh.filter(({ decides }) => decides === 'order');
  await dropClues(tx, deciding.filter(({ again }) => again).map(keyOf));
  await saveClues(tx, deciding.map(orderClues));

  const cases = fresh.map((one) => one.case);
  const known = await loadKnown(tx, cases, numbers, 'to_decide');
  const now = pipeline.clock();
  const judged = judgeAll(fresh, known, now).map((one) => ({ ...one, draft: draftOf(one, known) }));
  await saveVerdicts(
    pipeline,
    tx,
    judged
      .filter(({ decides }) => decides === 'order')
      .map((one) => ({ ...one, told: false, draft: draftToKeep(pipeline, one) })),
  );
  await saveDetected(
    tx,
    judged.map(({ verdict, ...one }) => ({ ...keyOf(one), verdict, keptBack: false })),
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
    judged.flatMap(({ verdict, draft, case: { shop, gid, customerGid } }) => {
      if (verdict.kind !== 'report') return [];
      const { click, decision } = verdict;
      return orderEvent(pipeline, { shop, gid, customerGid, click, report: decision }, known, draft);
    }),
    askAgain(judged, known, now),
  );
}

function toCase(one: FreshOrder, { clues, phones }: Pick<Fresh, 'clues'> & Pick<Case, 'phones'>): Case {
  const { shop, order, eventName, at, staff, cancelledAt } = one;
  return {
    shop,
    gid: order.gid,
    eventName,
    at,
    order: {
      ...order,
      cancelledAt,
      hasBrowser: order.browser !== null,
      hasCustomer: hasCustomer(one, clues),
    },
    customerGid: order.customerGid,
    consent: one.consent,
    phones,
    clues,
    fromDraft: isFromDraft(order.sourceName),
    staff,
    kept: null,
    provenanceBy: (signal) => provenanceOf({ ...order, total: order.total.amount }, signal).provenance,
  };
}

// Only what is told as a sale in a store needs a customer.
function hasCustomer({ shop, order }: FreshOrder, clues: readonly FreshClue[]): boolean | null {
  const { settings } = shop;
  if (settings.channelPointOfSale !== 'physical_store') return null;
  // Which of the numbers is told makes no difference to whether there is one.
  const phones = clues.filter(isTold).map(numberIn);
  return canIdentify(Object.keys(draftEvent({ order, paid: null, settings, phones }).customer));
}

function orderClues({ shop, order, clues }: Fresh) {
  const { gid, placedAt, customerGid } = order;
  const stored = clues.map(({ value: _, ...clue }) => clue);
  return { shopId: shop.id, gid, buyer: customerGid ?? gid, placedAt, clues: stored };
}

const keyOf = ({ shop, order }: FreshOrder) => ({ shopId: shop.id, gid: order.gid });

/** Of what Meta may be told when a conversation is found later, or be told otherwise as long as nothing has left. */
function draftToKeep({ vault, clock }: Pipeline, one: Fresh & { draft: DraftEvent }): string | null {
  const { case: facts, at, eventName, draft } = one;
  const { test, total, cancelledAt, checkoutToken } = facts.order;
  const never = test || !(Number(total.amount) > 0) || cancelledAt !== null;
  if (never || clock().getTime() - at.getTime() > MAX_AGE_MS.business_messaging) return null;
  return sealDraft(vault, keyOf(one), {
    [eventName]: draft,
    ...(checkoutToken !== null && { checkoutToken }),
  });
}

function draftOf(one: Fresh & { verdict: Verdict }, known: Known): DraftEvent {
  const { order, shop } = one;
  const { amounts: paid } = order;
  return draftEvent({ order, paid, settings: shop.settings, phones: buyersPhones(one, known) });
}

/**
 * The buyer's own form of the number that matched, and WhatsApp's form where it differs; where no number did, the first
 * that the order gives of a person.
 */
function buyersPhones({ shop, clues, verdict }: Fresh & { verdict: Verdict }, known: Known): PhoneDigits[] {
  const phones = clues.filter(isTold);
  const chosen = verdict.link.evidence.find((evidence) => evidence.chosen)?.source;
  const source = phones.find((phone) => phone.source === chosen)?.source ?? phones[0]?.source;
  const contact = linkedContact(verdict);
  const isTheirs = ({ hash }: FreshClue): boolean =>
    contact !== null && known.owners.get(clueKey(shop.id, hash))?.contactId === contact;
  return phones
    .filter((phone) => phone.source === source && (phone.basis === 'same' || isTheirs(phone)))
    .map(numberIn);
}

const isTold = ({ kind, barred }: FreshClue): boolean => kind === 'phone' && barred === null;
const numberIn = ({ value }: FreshClue): PhoneDigits => value as PhoneDigits;
