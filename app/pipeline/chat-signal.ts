import { detectedAs, type AutomaticPurchase } from '../domain/automatic-event.ts';
import { addressEvent, asSwitched, type DraftEvent } from '../domain/conversion-event.ts';
import { dataLimits } from '../domain/data-use.ts';
import type { EventName } from '../domain/event-name.ts';
import type { ConnectionId, ContactId, EventRowId, ReferralId, ShopId } from '../domain/ids.ts';
import type { Money } from '../domain/order.ts';
import type { NotAttributedReason, WithheldReason } from '../domain/reason.ts';
import { isAdClick } from '../domain/referral.ts';
import type { BuyersConsent } from '../domain/report.ts';
import { decideSignal, type SignalClick, type SignalDecision } from '../domain/signal.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { loadDetected } from './automatic.ts';
import { claimDetected } from './automatic-notice.ts';
import type { Pipeline } from './context.ts';
import { loadNumbers, type ShopNumbers } from './evidence.ts';
import { eventKey, PARKED, writeEvents } from './ledger.ts';
import type { EventSource, EventSubject, NewEvent } from './ledger.ts';
import { referralField } from './sealed.ts';
import type { ShopFacts } from './shop.ts';
import { loadPeople, placeOf, type Person } from './signal-person.ts';

/** Something that happened in a conversation and that Meta may be told of; it is about no order. */
export type ChatSignal = {
  shop: ShopFacts;
  contactId: ContactId;
  eventName: EventName;
  source: EventSource;
  /** With the event's name it is told once for ever. */
  subject: string;
  at: Date;
  draft: DraftEvent;
  value: Money | null;
  eventId: string;
  /** The ad click that it is about; without it, it is credited like an order. */
  click?: ReferralId;
  /** What is known of the person's will; what it leaves open, their latest order may say. */
  consent?: BuyersConsent;
};
export type SignalOutcome =
  | { kind: 'written' | 'withheld'; eventRowId: EventRowId; reason: WithheldReason | null }
  /** This subject and name were written before. */
  | { kind: 'known'; eventRowId: EventRowId }
  | { kind: 'not_attributed'; reason: NotAttributedReason };

type PersonsClick = SignalClick & {
  contactId: ContactId;
  messageKey: string;
  sealedClickId: string | null;
  /** In hex. */
  clickHash: string | null;
};
/** `detectedAs`: the key of the purchase that Meta itself detected and that this one is. */
type Decision = SignalDecision<PersonsClick> & { detectedAs: string | null };

const UNSAID: BuyersConsent = { said: null, saleOptOut: null };
// More clicks than anybody makes in the longest window; it bounds what one contact can cost.
const MAX_CLICKS_PER_CONTACT = 500;

/**
 * Writes what happened in conversations to the ledger, to be told or kept back with the reason; what no ad click earned
 * is not written. The outcomes stand in the sequence of the signals. A signal whose event the shop has switched off is
 * withheld, so it is given only where somebody waits for an answer. The shops' contacts must be held, at least shared.
 * Throws VaultError when a click's key is missing.
 */
export async function tellSignals(
  pipeline: Pipeline,
  tx: Transaction,
  signals: readonly ChatSignal[],
): Promise<SignalOutcome[]> {
  if (signals.length === 0) return [];
  const before = await findRows(tx, signals.map(subjectOf));
  const fresh = signals.filter((signal) => !before.has(eventKey(subjectOf(signal))));
  const clicks = await loadClicks(tx, fresh);
  const numbers = await loadNumbers(
    tx,
    fresh.map(({ shop }) => shop.id),
  );
  const people = await loadPeople(tx, fresh);
  const now = pipeline.clock();
  const detected = await loadDetected(tx, fresh.flatMap(purchaseClicks(clicks)), 'to_decide');
  const taken = new Set<string>();
  const decisions = new Map(
    fresh.map((signal) => [signal, decide(signal, { clicks, numbers, people, now, detected, taken })]),
  );
  const events = [...decisions].flatMap(([signal, decision]) =>
    toEvent(pipeline, signal, decision, { numbers, people }),
  );
  const written = new Set((await writeEvents(pipeline, tx, events)).map(({ id }) => id));
  await claimDetected(tx, [...decisions].flatMap(claimOf));
  const after = await findRows(tx, events);
  return signals.map((signal) => outcomeOf(signal, decisions.get(signal), { before, after, written }));
}

type Rows = ReadonlyMap<string, EventRowId>;

function outcomeOf(
  signal: ChatSignal,
  decision: Decision | undefined,
  { before, after, written }: { before: Rows; after: Rows; written: Set<EventRowId> },
): SignalOutcome {
  const key = eventKey(subjectOf(signal));
  const known = before.get(key);
  if (known !== undefined) return { kind: 'known', eventRowId: known };
  if (decision?.kind === 'not_attributed') return { kind: 'not_attributed', reason: decision.reason };
  const eventRowId = after.get(key);
  if (decision === undefined || eventRowId === undefined) throw new Error(`the event ${key} was not written`);
  // Somebody else wrote it in this moment, or it was given twice.
  if (!written.delete(eventRowId)) return { kind: 'known', eventRowId };
  return decision.kind === 'withheld'
    ? { kind: 'withheld', eventRowId, reason: decision.reason }
    : { kind: 'written', eventRowId, reason: null };
}

function decide(
  signal: ChatSignal,
  known: {
    clicks: ReadonlyMap<ContactId, PersonsClick[]>;
    numbers: ReadonlyMap<ShopId, ShopNumbers>;
    people: ReadonlyMap<ContactId, Person>;
    now: Date;
    detected: ReadonlyMap<ContactId, AutomaticPurchase[]>;
    /** What stands for an earlier one of these signals; what stands for this one is added. */
    taken: Set<string>;
  },
): Decision {
  const { shop, contactId, click, eventName, eventId, at, consent = UNSAID } = signal;
  const all = known.clicks.get(contactId) ?? [];
  const free = (known.detected.get(contactId) ?? []).filter(({ key }) => !known.taken.has(key));
  const isThis = ({ clickedAt }: PersonsClick): string | null =>
    detectedAs({ gid: signal.subject, clickedAt, placedAt: at, paidAt: at }, free)?.key ?? null;
  const decision = decideSignal({
    eventName,
    eventId,
    at,
    now: known.now,
    clicks: click === undefined ? all : all.filter(({ referralId }) => referralId === click),
    settings: shop.settings,
    numberOf: ({ connectionId }) => numberOf(known.numbers, shop.id, connectionId),
    consent: { ...consent, said: consent.said ?? known.people.get(contactId)?.said ?? null },
    isDetected: (one) => isThis(one) !== null,
  });
  const isIt =
    eventName === 'Purchase' && decision.kind === 'withheld' && decision.reason === 'reported_automatically';
  const key = isIt ? isThis(decision.click) : null;
  if (key !== null) known.taken.add(key);
  return { ...decision, detectedAs: key };
}

/** The clicks after which Meta may have detected by itself what a signal tells of. */
function purchaseClicks(clicks: ReadonlyMap<ContactId, PersonsClick[]>) {
  return ({ shop, contactId, eventName }: ChatSignal) =>
    (eventName === 'Purchase' ? (clicks.get(contactId) ?? []) : []).flatMap(({ clickHash }) =>
      clickHash === null ? [] : [{ shopId: shop.id, contactId, clickHash }],
    );
}

function claimOf([{ shop, subject }, { detectedAs: key }]: [ChatSignal, Decision]) {
  return key === null ? [] : [{ shopId: shop.id, subject, key }];
}

function toEvent(
  { vault }: Pick<Pipeline, 'vault'>,
  signal: ChatSignal,
  decision: Decision,
  { numbers, people }: { numbers: ReadonlyMap<ShopId, ShopNumbers>; people: ReadonlyMap<ContactId, Person> },
): NewEvent[] {
  if (decision.kind === 'not_attributed') return [];
  const { shop, subject, source, draft, value, consent = UNSAID } = signal;
  const { click, report } = decision;
  const number = numberOf(numbers, shop.id, click.connectionId);
  const { eventName, channel, eventId, eventTime, deadline } = report;
  const row = {
    ...{ shopId: shop.id, subject, source, referralId: click.referralId, eventName, channel, eventId },
    ...{ connectionId: click.connectionId, datasetId: number?.datasetId ?? '', eventTime, deadline, value },
  };
  const isParked = decision.kind === 'withheld' && decision.reason === PARKED;
  if (decision.kind === 'withheld' && !isParked)
    return [{ ...row, kind: 'withheld', reason: decision.reason }];
  if (number === undefined || click.sealedClickId === null) return [];
  const clickId = vault.open(click.sealedClickId, referralField(shop.id, click.messageKey, 'click_id'));
  const region = placeOf(draft.region ?? null, people.get(signal.contactId), shop);
  const limits = dataLimits(shop.settings, region, consent.saleOptOut === true);
  const payload = addressEvent(asSwitched(draft, shop.settings), {
    report,
    wabaId: number.wabaId,
    clickId,
    limits,
  });
  if (payload === null) return [];
  return [isParked ? { ...row, kind: 'parked', payload } : { ...row, kind: 'due', payload, notBefore: null }];
}

function numberOf(numbers: ReadonlyMap<ShopId, ShopNumbers>, shopId: ShopId, id: ConnectionId) {
  return numbers.get(shopId)?.connections.find((connection) => connection.id === id);
}

const subjectOf = ({ shop, subject, eventName }: ChatSignal): EventSubject => ({
  shopId: shop.id,
  subject,
  eventName,
});

/** The rows of these events, by `eventKey`. */
async function findRows(tx: Transaction, events: readonly EventSubject[]): Promise<Map<string, EventRowId>> {
  if (events.length === 0) return new Map();
  const rows = await tx.$queryRaw<(EventSubject & { id: EventRowId })[]>(Prisma.sql`
    SELECT e.id, e.shop_id AS "shopId", e.subject, e.event_name AS "eventName"
    FROM unnest(${events.map((e) => e.shopId)}::int[], ${events.map((e) => e.subject)}::text[],
      ${events.map((e) => e.eventName)}::text[]) AS asked(shop_id, subject, event_name)
    JOIN conversion_events e ON e.shop_id = asked.shop_id AND e.subject = asked.subject
      AND e.event_name = asked.event_name`);
  return new Map(rows.map(({ id, ...event }) => [eventKey(event), id]));
}

/** The latest clicks of these people. */
async function loadClicks(
  tx: Transaction,
  signals: readonly ChatSignal[],
): Promise<Map<ContactId, PersonsClick[]>> {
  const people = [
    ...new Map(
      signals.map(({ shop, contactId }) => [`${shop.id} ${contactId}`, { shop, contactId }]),
    ).values(),
  ];
  if (people.length === 0) return new Map();
  const rows = await tx.$queryRaw<
    {
      contactId: ContactId;
      referralId: ReferralId;
      connectionId: ConnectionId;
      messageKey: string;
      clickedAt: Date;
      sourceId: string | null;
      sourceType: string | null;
      clickId: string | null;
      clickHash: string | null;
      leadDetected: boolean;
    }[]
  >(Prisma.sql`
    SELECT r.* FROM unnest(${people.map(({ shop }) => shop.id)}::int[],
      ${people.map(({ contactId }) => contactId)}::uuid[]) AS asked(shop_id, id)
    CROSS JOIN LATERAL (
      SELECT r.contact_id AS "contactId", r.id AS "referralId", r.connection_id AS "connectionId",
        r.message_key AS "messageKey", r.clicked_at AS "clickedAt", r.source_id AS "sourceId",
        r.source_type AS "sourceType", r.click_id AS "clickId", encode(r.click_hash, 'hex') AS "clickHash",
        EXISTS (SELECT FROM automatic_events a WHERE a.shop_id = r.shop_id AND a.click_hash = r.click_hash
          AND a.event_name = 'LeadSubmitted') AS "leadDetected"
      FROM referrals r WHERE r.shop_id = asked.shop_id AND r.contact_id = asked.id
      ORDER BY r.clicked_at DESC LIMIT ${MAX_CLICKS_PER_CONTACT}) r`);
  const clicks = rows.map(({ clickId, sourceType, ...row }) => ({
    ...row,
    isAd: isAdClick({ clickId, sourceType }),
    hasClickId: clickId !== null,
    sealedClickId: clickId,
  }));
  return Map.groupBy(clicks, ({ contactId }) => contactId);
}
