import { draftEvent } from '../domain/conversion-event.ts';
import type { StaffLink } from '../domain/link.ts';
import type { Order } from '../domain/order.ts';
import type { PhoneDigits } from '../domain/phone.ts';
import { provenanceOf } from '../domain/provenance.ts';
import { META_MAX_AGE_MS, type EventName } from '../domain/report.ts';
import type { Transaction } from '../storage/database.ts';
import type { Payment } from './apply-orders.ts';
import { clueKey, dropClues, numberHints, readClues, saveClues, type FreshClue } from './clues.ts';
import type { Pipeline } from './context.ts';
import { sealDraft } from './draft.ts';
import { loadKnown, loadNumbers, type Known } from './evidence.ts';
import { isFromDraft, judge, linkedContact, sharedClues, type Case, type Verdict } from './judge.ts';
import { writeEvents } from './ledger.ts';
import { LATE_EVIDENCE_MS, markResting } from './reconsider-mark.ts';
import type { ShopFacts } from './shop.ts';
import { newEvent, saveVerdicts } from './verdicts.ts';

/** An order to be decided by what it was told to be. */
export type FreshOrder = {
  shop: ShopFacts;
  /** The telling that counts: the one of the payment, or the first that showed it unpaid. */
  order: Order;
  eventName: EventName;
  /** When what the event tells of happened. */
  at: Date;
  payment: Payment | null;
  staff: StaffLink | null;
  cancelledAt: Date | null;
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
  const known = await loadKnown(tx, cases, numbers);
  const now = pipeline.clock();
  const judged = fresh.map((one) => ({ ...one, verdict: judge(one.case, known, now) }));
  await saveVerdicts(
    pipeline,
    tx,
    judged
      .filter(({ decides }) => decides === 'order')
      .map((one) => ({ ...one, told: false, draft: draftToKeep(pipeline, one, known) })),
  );
  await markResting(
    tx,
    deciding.flatMap((one) => sharedClues(one.case, known)),
    new Date(now.getTime() - LATE_EVIDENCE_MS),
  );
  await writeEvents(
    pipeline,
    tx,
    judged.flatMap((one) =>
      one.verdict.kind === 'report' ? newEvent(pipeline, one, known, draftOf(one, known)) : [],
    ),
  );
}

function toCase(one: FreshOrder, { clues, phones }: Pick<Case, 'clues' | 'phones'>): Case {
  const { shop, order, eventName, at, staff, cancelledAt } = one;
  return {
    shop,
    gid: order.gid,
    eventName,
    at,
    order: { ...order, cancelledAt },
    phones,
    clues,
    fromDraft: isFromDraft(order.sourceName),
    staff,
    kept: null,
    provenanceBy: (signal) => provenanceOf({ ...order, total: order.total.amount }, signal).provenance,
  };
}

function orderClues({ shop, order, clues }: Fresh) {
  const { gid, placedAt, customerGid } = order;
  const stored = clues.map(({ value: _, ...clue }) => clue);
  return { shopId: shop.id, gid, buyer: customerGid ?? gid, placedAt, clues: stored };
}

const keyOf = ({ shop, order }: FreshOrder) => ({ shopId: shop.id, gid: order.gid });

/** Of what Meta is not told now but may be when a conversation is found later. An event that is written says it itself. */
function draftToKeep(pipeline: Pipeline, one: Fresh & { verdict: Verdict }, known: Known): string | null {
  const { verdict, case: facts, at } = one;
  const { test, total, cancelledAt } = facts.order;
  const never = test || !(Number(total.amount) > 0) || cancelledAt !== null;
  if (never || verdict.kind === 'report') return null;
  if (pipeline.clock().getTime() - at.getTime() > META_MAX_AGE_MS) return null;
  return sealDraft(pipeline.vault, keyOf(one), { [one.eventName]: draftOf(one, known) });
}

function draftOf(one: Fresh & { verdict: Verdict }, known: Known) {
  const { order, shop } = one;
  return draftEvent({
    order,
    paidTotal: order.total,
    settings: shop.settings,
    phones: buyersPhones(one, known),
  });
}

/**
 * The buyer's own form of the number that matched, and WhatsApp's form where it differs; where no number did, the first
 * that the order gives of a person.
 */
function buyersPhones({ shop, clues, verdict }: Fresh & { verdict: Verdict }, known: Known): PhoneDigits[] {
  const phones = clues.filter(({ kind, barred }) => kind === 'phone' && barred === null);
  const chosen = verdict.link.evidence.find((evidence) => evidence.chosen)?.source;
  const source = phones.find((phone) => phone.source === chosen)?.source ?? phones[0]?.source;
  const contact = linkedContact(verdict);
  const isTheirs = ({ hash }: FreshClue): boolean =>
    contact !== null && known.owners.get(clueKey(shop.id, hash))?.contactId === contact;
  return phones
    .filter((phone) => phone.source === source && (phone.basis === 'same' || isTheirs(phone)))
    .map(({ value }) => value as PhoneDigits);
}
