import { explain, explainState } from '../../domain/explain.ts';
import type { OrderState, Reason } from '../../domain/reason.ts';
import type { Services } from '../../services.ts';
import { formatMoney, shopClock } from '../format.ts';
import type { ShopClock } from '../format.ts';
import { readState } from '../order-query.ts';
import type { StateBadge } from '../tone.ts';
import { evidenceLines } from './evidence.ts';
import type { EvidenceLine } from './evidence.ts';
import { timeline } from './timeline.ts';
import type { EventStory, TimelineStep } from './timeline.ts';

export type AdClick = {
  adId: string | null;
  headline: string | null;
  clickedAt: string;
  hasClickId: boolean;
  rule: string | null;
};
export type SentEvent = {
  name: string;
  eventId: string;
  datasetId: string;
  value: string;
  eventTime: string;
  deadline: string;
  attempts: number;
};
export type MetaAnswer = {
  httpStatus: number | null;
  code: string | null;
  explanation: string | null;
  traceId: string | null;
  raw: string | null;
};
export type OrderDetail = {
  name: string;
  total: string;
  placed: string;
  zoneName: string;
  badge: StateBadge;
  why: { sentence: string; fix: string | null };
  steps: TimelineStep[];
  evidence: EvidenceLine[];
  click: AdClick | null;
  sent: SentEvent | null;
  answer: MetaAnswer | null;
};
type Shop = { id: number; timezone: string | null };
type OrderRow = NonNullable<Awaited<ReturnType<typeof readOrder>>>;
type EventRow = NonNullable<Awaited<ReturnType<typeof readEvent>>>;
type ClickRow = NonNullable<Awaited<ReturnType<typeof readClick>>>;

/** One order with the whole story of its state; null when the shop has no order of this numeric id. */
export async function loadOrder(
  services: Services,
  shop: Shop,
  legacyId: string,
): Promise<OrderDetail | null> {
  if (!/^\d{1,20}$/.test(legacyId)) return null;
  const gid = `gid://shopify/Order/${legacyId}`;
  const [order, event] = await Promise.all([
    readOrder(services, shop.id, gid),
    readEvent(services, shop.id, gid),
  ]);
  if (order === null) return null;
  const click = order.referralId === null ? null : await readClick(services, shop.id, order.referralId);

  const { state, reason } = readState({
    decision: order.decision,
    reason: order.reason,
    eventState: event?.state ?? null,
    attempts: event?.attempts ?? null,
    eventReason: event?.reason ?? null,
  });
  const clock = shopClock(shop.timezone);
  const { label, tone } = explainState(state);
  return {
    name: order.name,
    total: formatMoney(order.total.toString(), order.currency),
    placed: clock.time(order.placedAt),
    zoneName: clock.zoneName,
    badge: { state, label, tone },
    why: whyThisState(state, reason),
    steps: timeline(
      {
        state,
        click: click && { at: click.clickedAt, ad: click.headline ?? click.sourceId },
        firstMessageAt: order.contact?.firstMessageAt ?? null,
        placedAt: order.placedAt,
        paidAt: order.paidAt,
        cancelledAt: order.cancelledAt,
        event: event && eventStory(event, services.clock()),
      },
      clock,
    ),
    evidence: evidenceLines(order.evidence),
    click: click && adClick(click, order, clock),
    sent: event && sentEvent(event, clock),
    answer: event && metaAnswer(event),
  };
}

function readOrder({ db }: Services, shopId: number, gid: string) {
  return db.order.findUnique({
    where: { shopId_gid: { shopId, gid } },
    include: { contact: { select: { firstMessageAt: true } } },
  });
}

function readEvent({ db }: Services, shopId: number, subject: string) {
  return db.conversionEvent.findUnique({
    where: { shopId_subject_eventName: { shopId, subject, eventName: 'Purchase' } },
    omit: { payload: true },
  });
}

function readClick({ db }: Services, shopId: number, id: string) {
  return db.referral.findUnique({ where: { shopId_id: { shopId, id } }, omit: { raw: true } });
}

function whyThisState(state: OrderState, reason: Reason | null): OrderDetail['why'] {
  if (reason !== null) return explain(reason);
  const { sentence } = explainState(state);
  const unpaid =
    'Tieback looks for the ad click as soon as Shopify says that it is paid; with cash on delivery, when you mark it as paid.';
  return { sentence, fix: state === 'unpaid' ? unpaid : null };
}

function adClick(click: ClickRow, order: OrderRow, clock: ShopClock): AdClick {
  const days = order.windowDays;
  return {
    adId: click.sourceId,
    headline: click.headline,
    clickedAt: clock.time(click.clickedAt),
    hasClickId: click.clickId !== null,
    rule:
      order.model === 'last_click' && days !== null
        ? `The last ad click before the order, at most ${days === 1 ? '1 day' : `${days} days`} old`
        : null,
  };
}

function eventStory(event: EventRow, now: Date): EventStory {
  const { attempts, sentAt, settledAt, nextAttemptAt } = event;
  const left = !(event.state === 'refused' && event.httpStatus === null);
  return { attempts, sentAt, settledAt, nextTryAt: nextAttemptAt > now ? nextAttemptAt : null, left };
}

function sentEvent(event: EventRow, clock: ShopClock): SentEvent {
  return {
    name: event.eventName,
    eventId: event.eventId,
    datasetId: event.datasetId,
    value: event.value && event.currency ? formatMoney(event.value.toString(), event.currency) : '–',
    eventTime: clock.time(event.eventTime),
    deadline: clock.time(event.deadline),
    attempts: event.attempts,
  };
}

function metaAnswer(event: EventRow): MetaAnswer | null {
  const { httpStatus, errorCode, fbtraceId, answer } = event;
  if (httpStatus === null && errorCode === null && answer === null) return null;
  const { state, reason } = readState({
    decision: 'report',
    reason: null,
    eventState: event.state,
    attempts: event.attempts,
    eventReason: event.reason,
  });
  const { sentence } = reason === null ? explainState(state) : explain(reason);
  return { httpStatus, code: errorCode, explanation: sentence, traceId: fbtraceId, raw: answer };
}
