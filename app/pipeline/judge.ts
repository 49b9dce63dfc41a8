import { creditClicks, type Click, type Credit } from '../domain/attribution.ts';
import { detectedAs, type AutomaticPurchase } from '../domain/automatic-event.ts';
import type { DraftEvent, Region } from '../domain/conversion-event.ts';
import type { DecidingEvent } from '../domain/event-name.ts';
import type { PhoneState, StoredClue } from '../domain/clue.ts';
import type { ContactId } from '../domain/ids.ts';
import { isShared, linkOrder } from '../domain/link.ts';
import type { FoundClue, LinkOutcome, Signal, StaffLink } from '../domain/link.ts';
import type { Order } from '../domain/order.ts';
import type { Provenance } from '../domain/provenance.ts';
import type { NotAttributedReason, WithheldReason } from '../domain/reason.ts';
import { decideReport, type BuyersConsent, type DecidedReport, type Destination } from '../domain/report.ts';
import { clueKey } from './clues.ts';
import { saleOptOut } from './customer-answers.ts';
import type { Known, NumberFacts, StoredClick } from './evidence.ts';
import type { SharedClue } from './reconsider-mark.ts';
import type { ShopFacts } from './shop.ts';

/** An order as it is judged, whether it was told of just now or is read from the database again. */
export type Case = {
  shop: ShopFacts;
  gid: string;
  eventName: DecidingEvent;
  /** When what the event tells of happened: the payment, or for OrderCreated the checkout. */
  at: Date;
  /** `total`: what the event is worth. */
  order: Pick<Order, 'legacyId' | 'test' | 'total' | 'placedAt' | 'cancelledAt' | 'checkoutToken'>;
  /** Where the buyer is; nowhere for an order from before that was kept. */
  region: Region;
  customerGid: string | null;
  consent: BuyersConsent['said'];
  phones: PhoneState;
  clues: readonly StoredClue[];
  fromDraft: boolean;
  staff: StaffLink | null;
  /** The link of an order from before clues were kept: it stays. */
  kept: Extract<LinkOutcome, { kind: 'linked' }> | null;
  provenanceBy(signal: Signal | null): Provenance;
  /** What its event would say. */
  draftBy(link: LinkOutcome, known: Known): DraftEvent;
};

export type Verdict = {
  link: LinkOutcome;
  credits: Extract<Credit, { kind: 'credited' }>['credits'];
  provenance: Provenance;
  draft: DraftEvent;
  /** The key of the purchase that Meta itself detected and that this order is, where that counts. */
  detectedAs: string | null;
} & (
  | { kind: 'not_attributed'; reason: NotAttributedReason; click: null }
  | { kind: 'withheld'; reason: WithheldReason; click: StoredClick }
  | { kind: 'report'; reason: null; click: StoredClick; decision: DecidedReport }
);

const SHOPIFY_DRAFT_ORDER = 'shopify_draft_order';

/** Whether an order was made from a draft, by Shopify's name for its source. */
export function isFromDraft(sourceName: string | null): boolean {
  return sourceName === SHOPIFY_DRAFT_ORDER;
}

/**
 * Judges orders one after the other: what Meta detected stands for the first of those that it may be. `told`: whether
 * Meta has, or may have, the order's own Purchase.
 */
export function judgeAll<T extends { case: Case; told?: boolean }>(
  orders: readonly T[],
  known: Known,
  now: Date,
): (T & { verdict: Verdict })[] {
  const taken = new Set<string>();
  return orders.map((one) => {
    const verdict = judge(one.case, known, now, { taken, told: one.told ?? false });
    if (verdict.detectedAs !== null) taken.add(verdict.detectedAs);
    return { ...one, verdict };
  });
}

type Before = { taken: ReadonlySet<string>; told: boolean };
const NOTHING_BEFORE: Before = { taken: new Set(), told: false };

/** All of one order's decisions; every one of them is made in domain/. */
export function judge(one: Case, known: Known, now: Date, before: Before = NOTHING_BEFORE): Verdict {
  const { shop, order } = one;
  const link = one.kept ?? linkOrder({ ...one, ...found(one, known), phoneLimit: shop.settings.phoneLimit });
  const provenance = one.provenanceBy(link.kind === 'linked' ? link.signal : null);
  const draft = one.draftBy(link, known);
  if (link.kind === 'not_linked') {
    return { kind: 'not_attributed', reason: link.reason, link, provenance, draft, ...NO_CREDIT };
  }
  const clicks = known.clicks.get(link.contactId) ?? [];
  const { windowDays, model } = shop.settings;
  const credit = creditClicks({ placedAt: order.placedAt, clicks, windowDays, model });
  if (credit.kind === 'no_credit') {
    return { kind: 'not_attributed', reason: credit.reason, link, provenance, draft, ...NO_CREDIT };
  }
  const click = storedClick(clicks, credit.click);
  const detected = detectedPurchase(one, click, known.detected.get(link.contactId) ?? [], before.taken);
  const decision = decideReport({
    eventName: one.eventName,
    order: { ...order, provenance },
    words: draft,
    at: one.at,
    now,
    click,
    settings: shop.settings,
    to: destinationOf(known, shop, click),
    consent: { said: one.consent, saleOptOut: saleOptOut(known.answers, one) },
    detected: detected !== null,
  });
  const stands =
    before.told || (decision.kind === 'withheld' && decision.reason === 'reported_automatically');
  const credited = {
    link,
    provenance,
    draft,
    click,
    credits: credit.credits,
    detectedAs: stands ? detected : null,
  };
  return decision.kind === 'withheld'
    ? { kind: 'withheld', reason: decision.reason, ...credited }
    : { kind: 'report', reason: null, decision, ...credited };
}

const NO_CREDIT: { click: null; credits: []; detectedAs: null } = {
  click: null,
  credits: [],
  detectedAs: null,
};
const UNKNOWN_NUMBER: Destination['number'] = { state: 'disconnected', parkedEvents: [] };

/** Where an event about an order of this click may go. */
export function destinationOf(
  known: Pick<Known, 'numbers'>,
  shop: Pick<ShopFacts, 'id'>,
  click: Click,
): Destination {
  return {
    number: numberOf(known, shop, click) ?? UNKNOWN_NUMBER,
    pixel: known.numbers.get(shop.id)?.pixel ?? null,
  };
}

/** The WhatsApp number that a click came through. */
export function numberOf(
  { numbers }: Pick<Known, 'numbers'>,
  shop: Pick<ShopFacts, 'id'>,
  click: Click,
): NumberFacts | undefined {
  return numbers.get(shop.id)?.connections.find((connection) => connection.id === click.connectionId);
}

function detectedPurchase(
  { gid, eventName, at, order }: Case,
  { clickedAt }: Click,
  detected: readonly AutomaticPurchase[],
  taken: ReadonlySet<string>,
): string | null {
  if (eventName !== 'Purchase') return null;
  const free = detected.filter(({ key }) => !taken.has(key));
  return detectedAs({ gid, clickedAt, placedAt: order.placedAt, paidAt: at }, free)?.key ?? null;
}

/** The contact that a verdict links to, if any. */
export function linkedContact({ link }: Pick<Verdict, 'link'>): ContactId | null {
  return link.kind === 'linked' ? link.contactId : null;
}

/** The clues of a case that lead to somebody but are shared by too many: earlier orders may still rest on them. */
export function sharedClues({ shop, gid, clues }: Case, { owners, buyers }: Known): SharedClue[] {
  const { phoneLimit } = shop.settings;
  return clues.flatMap(({ kind, hash }) => {
    const key = clueKey(shop.id, hash);
    const shared = owners.has(key) && isShared({ kind, buyers: buyers.get(key) ?? 0 }, phoneLimit);
    return shared ? [{ shopId: shop.id, hash, gid }] : [];
  });
}

function found({ shop, clues, staff }: Case, known: Known): { clues: FoundClue[]; staff: StaffLink | null } {
  return {
    clues: clues.map((clue) => {
      const key = clueKey(shop.id, clue.hash);
      const buyers = clue.kind === 'reference' ? 0 : Math.max(known.buyers.get(key) ?? 0, 1);
      return { ...clue, buyers, found: known.owners.get(key) ?? null };
    }),
    staff: staff && currentStaffLink(staff, known),
  };
}

// Whom a person named may have turned out to be somebody else, or may be forgotten.
function currentStaffLink(staff: StaffLink, { current }: Known): StaffLink {
  const contactId = staff.contactId && (current.get(staff.contactId) ?? null);
  const rejected = staff.rejected.flatMap((id) => current.get(id) ?? []).filter((id) => id !== contactId);
  return { ...staff, contactId, rejected };
}

function storedClick(clicks: readonly StoredClick[], chosen: Click): StoredClick {
  const click = clicks.find((candidate) => candidate.referralId === chosen.referralId);
  if (!click) throw new Error('the credited click is not one of the clicks that were offered');
  return click;
}
