import type { DecidingEvent } from '../domain/event-name.ts';
import { earliest, mergeParcels, parcelTimes } from '../domain/follow-up.ts';
import type { OrderTimes, Parcel } from '../domain/follow-up.ts';
import type { Shipment } from '../domain/fulfillment.ts';
import { isAsNewAs, type Order } from '../domain/order.ts';
import { isUnpaid } from '../domain/payment.ts';
import type { Transaction } from '../storage/database.ts';
import { completeCheckouts } from './checkouts.ts';
import { holdContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';
import { decideOrders, type FreshOrder } from './decide.ts';
import { tellFollowUps } from './follow-ups.ts';
import { eventKey, withdrawUnsent, type EventSubject } from './ledger.ts';
import {
  lockOrders,
  orderKey,
  saveCancelled,
  saveNewest,
  savePayments,
  saveTimes,
  saveUnpaid,
} from './orders.ts';
import type { StoredOrder } from './orders.ts';
import type { ShopFacts } from './shop.ts';

/** A payment of an order, and who told of it: a delivery of orders/paid, or Shopify's list of orders. */
export type Payment = { paidAt: Date; toldBy: 'orders_paid' | 'order_list' };
/** One telling of an order, from a delivery or from Shopify's list. */
export type ToldOrder = { shop: ShopFacts; order: Order; payment: Payment | null };
/** A shipment of an order, told of by itself. */
export type ToldShipment = { shop: ShopFacts; shipment: Shipment };
/** A payment with the telling that said so: its total is what the buyer agreed to. */
type ToldPayment = Payment & { order: Order };

/** What a group of tellings adds to a stored order. */
export type OrderNews = {
  shop: ShopFacts;
  stored: StoredOrder;
  /** Whether its row was made just now. */
  made: boolean;
  /** The newest telling, or null when what is stored is as new. */
  newest: Order | null;
  /** The payment that counts from now on, or null when the stored one stays. */
  payment: ToldPayment | null;
  /** When it was paid, as far as is known by now. */
  paidAt: Date | null;
  /** The telling that is the first to show it unpaid from now on, or null when the stored one stays. */
  unpaid: Order | null;
  cancelledAt: Date | null;
  /** All that is known of its parcels by now, and so when it was first shipped, delivered and sent back. */
  parcels: Parcel[];
  times: OrderTimes;
  consent: Order['consent'];
};

/**
 * Stores orders as they were told of, and decides those whose payment is new; one that is placed and not paid yet is
 * linked, and decided for an OrderCreated. Whatever is told in whatever sequence, batches and number ends
 * in the same rows. A shipment of an order that is not known is left: the order tells of it too. Returns how many orders
 * a telling changed.
 */
export async function applyOrders(
  pipeline: Pipeline,
  tx: Transaction,
  told: readonly ToldOrder[],
  shipped: readonly ToldShipment[] = [],
): Promise<number> {
  if (told.length + shipped.length === 0) return 0;
  await holdContacts(
    tx,
    [...told, ...shipped].map(({ shop }) => shop.id),
    'shared',
  );
  const shipments = Map.groupBy(shipped, ({ shop, shipment }) => orderKey(shop.id, shipment.gid));
  const stored = await lockOrders(
    tx,
    told,
    shipped.map(({ shop, shipment }) => ({ shop, gid: shipment.gid })),
  );
  const byOrder = Map.groupBy(told, ({ shop, order }) => orderKey(shop.id, order.gid));
  const news = [...stored].flatMap(([key, row]) => {
    const orders = byOrder.get(key) ?? [];
    const sent = shipments.get(key) ?? [];
    const shop = (orders[0] ?? sent[0])?.shop;
    return shop ? [readNews(shop, row, orders, sent)] : [];
  });
  await saveNewest(tx, news);
  await saveTimes(tx, news.filter(isMovedOn));
  await saveUnpaid(tx, news.flatMap(laterUnpaid));

  const { left, taken } = await withdrawUnsent(tx, news.flatMap(eventsToWithdraw));
  // What has left, or may have left, stays decided as it was.
  const isOpen = (one: OrderNews): boolean => !left.has(eventKey(eventOf(one, 'Purchase')));
  await savePayments(
    tx,
    news.flatMap((one) => (one.payment && !isOpen(one) ? [{ shop: one.shop, ...one.payment }] : [])),
  );
  await saveCancelled(tx, news.filter((one) => isCancelledNow(one) && isOpen(one)).map(keyOf));
  const fresh = [
    ...news.flatMap((one) => (one.payment && isOpen(one) ? [paidOrder(one, one.payment)] : [])),
    ...news.flatMap(placedOrder),
  ];
  await decideOrders(pipeline, tx, fresh, taken);
  await completeCheckouts(pipeline, tx, told);
  const isChanged = ({ made, newest, payment }: OrderNews): boolean =>
    made || newest !== null || payment !== null;
  await tellFollowUps(
    pipeline,
    tx,
    news
      .filter((one) => isMovedOn(one) || (isChanged(one) && hasFollowed(one)))
      .map(({ shop, stored: { gid } }) => ({ shop, gid })),
  );
  return news.filter(isChanged).length;
}

/** Shopify promises no order of deliveries, so a telling counts by its own time of update. */
function readNews(
  shop: ShopFacts,
  stored: StoredOrder,
  group: readonly ToldOrder[],
  shipped: readonly ToldShipment[],
): OrderNews {
  const orders = group.map(({ order }) => order);
  const [first, ...others] = orders;
  const newest = first ? others.reduce((a, b) => (isAsNewAs(b, a) ? b : a), first) : null;
  const [payment] = group
    .flatMap(({ order, payment }) => (payment ? [{ ...payment, order }] : []))
    .toSorted(byPrecedence);
  const known = storedPayment(stored);
  const counts = payment !== undefined && (known === null || comparePayments(payment, known) < 0);
  const [unpaid] = orders.filter(({ financialStatus }) => isUnpaid(financialStatus)).toSorted(byUpdate);
  const made = stored.madeFrom !== null;
  const tellings = [stored, ...orders];
  const parcels = mergeParcels(
    [...tellings, ...shipped.map(({ shipment }) => shipment)].flatMap((one) => one.parcels),
  );
  const isNews = newest !== null && newest !== stored.madeFrom && isAsNewAs(newest, stored);
  const isFirst = made || stored.unpaidAt === null || (unpaid && unpaid.updatedAt < stored.unpaidAt);
  return {
    shop,
    stored,
    made,
    newest: isNews ? newest : null,
    payment: counts ? payment : null,
    paidAt: counts ? payment.paidAt : stored.paidAt,
    unpaid: unpaid && isFirst ? unpaid : null,
    cancelledAt:
      stored.cancelledAt ?? orders.find((order) => order.cancelledAt !== null)?.cancelledAt ?? null,
    parcels,
    times: { ...parcelTimes(parcels), returnedAt: earliest(tellings.map(({ returnedAt }) => returnedAt)) },
    consent: isNews ? newest.consent : stored.consent,
  };
}

function isMovedOn({ stored, parcels, times }: OrderNews): boolean {
  return (
    JSON.stringify(stored.parcels) !== JSON.stringify(parcels) ||
    stored.returnedAt?.getTime() !== times.returnedAt?.getTime()
  );
}

function hasFollowed({ times, cancelledAt }: OrderNews): boolean {
  return cancelledAt !== null || Object.values(times).some((at) => at !== null);
}

function keyOf({ shop, stored }: OrderNews): { shopId: ShopFacts['id']; gid: Order['gid'] } {
  return { shopId: shop.id, gid: stored.gid };
}

function eventOf({ shop, stored }: OrderNews, eventName: DecidingEvent): EventSubject {
  return { shopId: shop.id, subject: stored.gid, eventName };
}

function laterUnpaid({ shop, stored, unpaid }: OrderNews): { shop: ShopFacts; order: Order }[] {
  return unpaid && unpaid.updatedAt.getTime() !== stored.unpaidAt?.getTime() ? [{ shop, order: unpaid }] : [];
}

function isCancelledNow({ made, stored, cancelledAt }: OrderNews): boolean {
  return !made && stored.cancelledAt === null && cancelledAt !== null;
}

/** Events that were written by what does not count any more. */
function eventsToWithdraw(one: OrderNews): EventSubject[] {
  const { made, stored, payment, paidAt, unpaid } = one;
  if (made) return [];
  const cancelled = isCancelledNow(one);
  const paidAgain = payment !== null && stored.paidAt !== null;
  const unpaidAt = unpaid?.updatedAt ?? stored.unpaidAt;
  const wasNeverUnpaid = payment !== null && unpaidAt !== null && paidAt !== null && unpaidAt > paidAt;
  const placedAgain = unpaid !== null && stored.unpaidAt !== null;
  return [
    ...(cancelled || paidAgain ? [eventOf(one, 'Purchase')] : []),
    ...(cancelled || wasNeverUnpaid || placedAgain ? [eventOf(one, 'OrderCreated')] : []),
  ];
}

function paidOrder(one: OrderNews, { order, paidAt, toldBy }: ToldPayment): FreshOrder {
  const { shop, made, stored, cancelledAt, consent } = one;
  return {
    shop,
    order,
    eventName: 'Purchase',
    at: paidAt,
    payment: { paidAt, toldBy },
    staff: stored.staffLink,
    cancelledAt,
    consent,
    decides: 'order',
    again: !made && (stored.paidAt !== null || stored.unpaidAt !== null),
  };
}

/**
 * An order that was not paid at checkout; what is shown as unpaid after its payment was edited upwards since. Of one that
 * is paid by now only the event is left to decide.
 */
function placedOrder(one: OrderNews): FreshOrder[] {
  const { shop, made, stored, unpaid, paidAt, cancelledAt, consent } = one;
  const wasUnpaid = unpaid !== null && (paidAt === null || unpaid.updatedAt <= paidAt);
  if (!wasUnpaid || (paidAt !== null && !shop.settings.reportOrderCreated)) return [];
  return [
    {
      shop,
      order: unpaid,
      eventName: 'OrderCreated',
      at: unpaid.placedAt,
      payment: null,
      staff: stored.staffLink,
      cancelledAt,
      consent,
      decides: paidAt === null ? 'order' : 'event',
      again: !made && stored.unpaidAt !== null,
    },
  ];
}

function byUpdate(a: Order, b: Order): number {
  return a.updatedAt.getTime() - b.updatedAt.getTime();
}

function storedPayment({ paidAt, paidToldBy }: StoredOrder): Payment | null {
  return paidAt === null ? null : { paidAt, toldBy: paidToldBy ?? 'orders_paid' };
}

function byPrecedence(a: ToldPayment, b: ToldPayment): number {
  return comparePayments(a, b) || a.order.updatedAt.getTime() - b.order.updatedAt.getTime();
}

/** The first payment counts; what a delivery says of it counts more than what the list shows of it later. */
function comparePayments(a: Payment, b: Payment): number {
  return (
    Number(a.toldBy === 'order_list') - Number(b.toldBy === 'order_list') ||
    a.paidAt.getTime() - b.paidAt.getTime()
  );
}
