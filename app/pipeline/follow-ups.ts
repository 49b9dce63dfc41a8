import { asSwitched, type CustomData, type DraftEvent } from '../domain/conversion-event.ts';
import type { DecidingEvent, FollowUpEvent } from '../domain/event-name.ts';
import { followUpsOf } from '../domain/follow-up.ts';
import type { ConnectionId, EventRowId, ReferralId, ShopId } from '../domain/ids.ts';
import type { EventState } from '../domain/order-state.ts';
import type { WithheldReason } from '../domain/reason.ts';
import { decideReport } from '../domain/report.ts';
import { switchOf } from '../domain/settings.ts';
import { isAdClick } from '../domain/referral.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { Pipeline } from './context.ts';
import { loadAnswers, saleOptOut } from './customer-answers.ts';
import { draftOfEvent, openDraft } from './draft.ts';
import { loadNumbers, type Known, type StoredClick } from './evidence.ts';
import { destinationOf } from './judge.ts';
import { eventKey, withdrawUnsent, type EventSubject, type Withdrawn } from './ledger.ts';
import { orderEvent, writeOrderEvents, type OrderEvent } from './order-event.ts';
import { orderKey } from './orders.ts';
import type { ShopFacts } from './shop.ts';
import { legacyIdOf, STANDING_ORDER, type StandingOrder } from './stored-case.ts';

type Key = { shop: ShopFacts; gid: string };
type ClickRow = {
  connectionId: ConnectionId;
  clickedAt: Date;
  sourceId: string | null;
  sourceType: string | null;
  clickId: string | null;
  messageKey: string;
};
type CreditedOrder = Omit<StandingOrder, 'referralId'> & { referralId: ReferralId } & ClickRow;
/** An order's own event in the ledger. */
type Told = { state: EventState; id: EventRowId; sealed: string };
/** By `eventKey`. */
type Ledger = ReadonlyMap<string, Told>;

const NAMES: readonly FollowUpEvent[] = ['OrderShipped', 'OrderDelivered', 'OrderCanceled', 'OrderReturned'];
const DECIDING: readonly DecidingEvent[] = ['Purchase', 'OrderCreated'];
/** What keeps an order back keeps back what becomes of it. */
const KEPT_BACK: readonly (string | null)[] = [
  ...(['test_order', 'zero_value', 'consent_denied', 'data_sale_opt_out'] satisfies WithheldReason[]),
];
/** Meta was told of the order, may have been, or is about to be. */
const KNOWN_TO_META: ReadonlySet<EventState> = new Set(['due', 'sending', 'accepted', 'unknown']);

/**
 * Decides what became of these orders: that they were shipped, delivered, cancelled, sent back. Told in the chat alone,
 * with the click that the order is credited to, and each once for ever; what has not left is taken back first, so that
 * only what still holds is told. Rows and contacts are held, and the orders decided.
 */
export async function tellFollowUps(
  pipeline: Pipeline,
  tx: Transaction,
  orders: readonly Key[],
): Promise<void> {
  const asked = orders.filter(({ shop }) => NAMES.some((name) => shop.settings[switchOf(name)]));
  if (asked.length === 0) return;
  const withdrawn = await withdrawUnsent(tx, asked.flatMap(eventsOf(NAMES)));
  const credited = await loadCredited(tx, asked);
  if (credited.length === 0) return;

  const shops = new Map(asked.map(({ shop }) => [shop.id, shop]));
  const ledger = await loadLedger(tx, asked);
  const customers = credited.map(({ shopId, customerGid }) => ({ shop: { id: shopId }, customerGid }));
  const known = {
    numbers: await loadNumbers(tx, [...shops.keys()]),
    answers: await loadAnswers(tx, customers),
  };
  const events = credited.flatMap((order) => {
    const shop = shops.get(order.shopId);
    return shop ? followUpEvents(pipeline, { shop, order, known, ledger, withdrawn }) : [];
  });
  await writeOrderEvents(pipeline, tx, events);
}

function followUpEvents(
  pipeline: Pipeline,
  input: {
    shop: ShopFacts;
    order: CreditedOrder;
    known: Pick<Known, 'numbers' | 'answers'>;
    ledger: Ledger;
    withdrawn: Withdrawn;
  },
): OrderEvent[] {
  const { shop, order, known, ledger, withdrawn } = input;
  const { gid, customerGid, decision: decided, reason, country, state } = order;
  if (decided === 'withheld' && KEPT_BACK.includes(reason)) return [];
  const click = clickOf(order);
  const eventOf = (eventName: DecidingEvent | FollowUpEvent): EventSubject => ({
    shopId: shop.id,
    subject: gid,
    eventName,
  });
  // Nothing is undone that Meta does not know of.
  const isTold = DECIDING.some((name) =>
    KNOWN_TO_META.has(ledger.get(eventKey(eventOf(name)))?.state ?? 'withheld'),
  );
  const open = followUpsOf(order)
    .filter(({ eventName }) => !withdrawn.left.has(eventKey(eventOf(eventName))))
    .filter(({ eventName }) => isTold || eventName !== 'OrderCanceled');
  if (open.length === 0) return [];
  const words = withoutWorth(wordsOf(pipeline, order, [ledger, withdrawn.taken], eventOf));
  const draft = asSwitched(words, shop.settings);
  return open.flatMap(({ eventName, at }) => {
    const decision = decideReport({
      eventName,
      order: {
        legacyId: legacyIdOf(gid),
        test: order.test,
        total: { amount: order.total, currency: order.currency },
        cancelledAt: order.cancelledAt,
        provenance: order.provenance,
        checkoutToken: null,
      },
      words: draft,
      at,
      now: pipeline.clock(),
      click,
      settings: shop.settings,
      to: destinationOf(known, shop, click),
      consent: { said: order.consent, saleOptOut: saleOptOut(known.answers, { shop, customerGid }) },
      detected: false,
    });
    if (decision.kind === 'withheld') return [];
    const dueBefore = withdrawn.taken.get(eventKey(eventOf(eventName)))?.dueBefore ?? null;
    const telling = { shop, gid, customerGid, region: { country, state }, click, draft, dueBefore };
    return orderEvent(pipeline, { ...telling, report: decision }, known);
  });
}

/** What is known of an order by now: what was kept of it, else what its events say. */
function wordsOf(
  { vault }: Pipeline,
  order: CreditedOrder,
  rows: readonly ReadonlyMap<string, { id: EventRowId; sealed: string }>[],
  eventOf: (name: DecidingEvent | FollowUpEvent) => EventSubject,
): DraftEvent {
  const kept = openDraft(vault, order, order.draft);
  const draft = kept.Purchase ?? kept.OrderCreated;
  if (draft !== undefined) return draft;
  for (const name of [...DECIDING, ...NAMES]) {
    for (const found of rows.flatMap((ledger) => ledger.get(eventKey(eventOf(name))) ?? [])) {
      const said = draftOfEvent(vault, order.shopId, found);
      if (said !== null) return said;
    }
  }
  return { customer: {}, order: { order_id: legacyIdOf(order.gid) } };
}

/** The sale is worth what its Purchase said, once. */
function withoutWorth({ customer, order, region }: DraftEvent): DraftEvent {
  const { order_id, content_type, content_ids, contents } = order ?? {};
  const said: CustomData = {
    ...(order_id !== undefined && { order_id }),
    ...(content_type && { content_type }),
    ...(content_ids && { content_ids }),
    ...(contents && { contents: contents.map(({ id, quantity }) => ({ id, quantity })) }),
  };
  return { customer, order: said, ...(region && { region }) };
}

function clickOf({ sourceType, clickId, ...row }: CreditedOrder): StoredClick {
  const { referralId, connectionId, clickedAt, sourceId, messageKey } = row;
  return {
    ...{ referralId, connectionId, clickedAt, sourceId, messageKey },
    isAd: isAdClick({ clickId, sourceType }),
    hasClickId: clickId !== null,
    sealedClickId: clickId,
    clickHash: null,
  };
}

function loadCredited(tx: Transaction, orders: readonly Key[]): Promise<CreditedOrder[]> {
  return tx.$queryRaw<CreditedOrder[]>(Prisma.sql`
    SELECT ${STANDING_ORDER}, r.connection_id AS "connectionId", r.clicked_at AS "clickedAt", r.source_id AS "sourceId",
      r.source_type AS "sourceType", r.click_id AS "clickId", r.message_key AS "messageKey"
    FROM ${asked(orders)} JOIN orders o ON o.shop_id = asked.shop_id AND o.gid = asked.gid
    JOIN referrals r ON r.shop_id = o.shop_id AND r.id = o.referral_id
    WHERE num_nonnulls(o.shipped_at, o.delivered_at, o.returned_at, o.cancelled_at) > 0
    ORDER BY o.shop_id, o.gid`);
}

/** The events by which these orders themselves were told of. */
async function loadLedger(tx: Transaction, orders: readonly Key[]): Promise<Ledger> {
  const rows = await tx.$queryRaw<(EventSubject & Told)[]>(Prisma.sql`
    SELECT e.shop_id AS "shopId", e.subject, e.event_name AS "eventName", e.id, e.payload AS sealed,
      e.state::text AS state
    FROM ${asked(orders)} JOIN conversion_events e ON e.shop_id = asked.shop_id AND e.subject = asked.gid
      AND e.event_name IN (${Prisma.join([...DECIDING])})`);
  return new Map(rows.map((row) => [eventKey(row), row]));
}

function eventsOf(names: readonly FollowUpEvent[]) {
  return ({ shop, gid }: Key): EventSubject[] =>
    names.map((eventName) => ({ shopId: shop.id, subject: gid, eventName }));
}

function asked(orders: readonly Key[]): Prisma.Sql {
  const distinct = [...new Map(orders.map((key) => [orderKey(key.shop.id, key.gid), key])).values()];
  return Prisma.sql`unnest(${distinct.map(({ shop }) => shop.id satisfies ShopId)}::int[], ${distinct.map(({ gid }) => gid)}::text[]) AS asked(shop_id, gid)`;
}
