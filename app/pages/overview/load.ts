import { explainState } from '../../domain/explain.ts';
import type { Services } from '../../services.ts';
import { formatMoney, shopClock } from '../format.ts';
import type { ShopClock } from '../format.ts';
import { AD_CLICK } from '../ad-click.ts';
import { pausedWords } from '../paused-number.ts';
import { ORDERS_WITH_EVENT, readState } from '../order-query.ts';
import type { StateColumns } from '../order-query.ts';
import type { StateBadge } from '../tone.ts';
import { setUp } from './set-up.ts';
import type { SetUp, SetUpFacts } from './set-up.ts';
import { attention, keyFigures, segments } from './tally.ts';
import type { Attention, KeyFigures, OrderGroup, Segment } from './tally.ts';

/** How far back the figures look, in days of the shop's calendar, today included. */
const OVERVIEW_DAYS = 30;
const RECEIPTS = 8;

type PausedNumber = { displayNumber: string; sentence: string; fix: string | null };
export type Receipt = {
  eventRowId: string;
  /** What Meta was told of: Purchase, or OrderCreated before the payment. */
  event: string;
  orderName: string;
  orderUrl: string;
  value: string;
  at: string;
  traceId: string | null;
  badge: StateBadge;
};
export type Overview = {
  days: number;
  currency: string | null;
  zoneName: string;
  setUp: SetUp;
  figures: KeyFigures;
  segments: Segment[];
  attention: Attention[];
  paused: PausedNumber[];
  receipts: Receipt[];
};
type Shop = { id: number; currency: string | null; timezone: string | null };

/** Everything that the overview shows of one shop. */
export async function loadOverview(services: Services, shop: Shop, dismissed: boolean): Promise<Overview> {
  const clock = shopClock(shop.timezone);
  const [groups, connections, arrived, receipts] = await Promise.all([
    paidOrderGroups(services, shop.id, clock.zone),
    services.db.whatsAppConnection.findMany({
      where: { shopId: shop.id, state: { not: 'disconnected' } },
      select: { displayNumber: true, state: true, stateReason: true },
      orderBy: { createdAt: 'asc' },
    }),
    whatArrived(services, shop.id),
    latestReceipts(services, shop.id, clock),
  ]);
  return {
    days: OVERVIEW_DAYS,
    currency: shop.currency,
    zoneName: clock.zoneName,
    setUp: setUp({ ...arrived, connections }, dismissed),
    figures: keyFigures(groups, shop.currency),
    segments: segments(groups),
    attention: attention(groups),
    paused: connections
      .filter((number) => number.state === 'paused')
      .map(({ displayNumber, stateReason }) => ({ displayNumber, ...pausedWords(stateReason) })),
    receipts,
  };
}

type GroupRow = StateColumns & { currency: string; tied: boolean; orders: number; revenue: number };

async function paidOrderGroups(services: Services, shopId: number, zone: string): Promise<OrderGroup[]> {
  const rows = await services.db.$queryRaw<GroupRow[]>`
    SELECT o.decision::text AS decision, NULL AS reason, e.state::text AS "eventState",
           LEAST(e.attempts, 2) AS attempts,
           CASE WHEN e.state IN ('refused', 'unknown') THEN e.reason END AS "eventReason",
           o.currency, (o.referral_id IS NOT NULL AND NOT o.test) AS tied, COUNT(*)::int AS orders,
           COALESCE(SUM(COALESCE(o.current_total, o.paid_total)), 0)::float8 AS revenue
    FROM ${ORDERS_WITH_EVENT}
    WHERE o.shop_id = ${shopId}
      AND o.paid_at >= (date_trunc('day', ${services.clock().toISOString()}::timestamptz AT TIME ZONE ${zone}::text)
                        - make_interval(days => ${OVERVIEW_DAYS - 1}::int)) AT TIME ZONE ${zone}::text
    GROUP BY 1, 3, 4, 5, 6, 7`;
  return rows.map((row) => ({ ...readState(row), ...pickGroup(row) }));
}

function pickGroup({ currency, tied, orders, revenue }: GroupRow): Omit<OrderGroup, 'state' | 'reason'> {
  return { currency, tied, orders, revenue };
}

async function whatArrived(services: Services, shopId: number): Promise<Omit<SetUpFacts, 'connections'>> {
  const { db } = services;
  const select = { shopId: true } as const;
  const [adClick, paidOrder, accepted] = await Promise.all([
    db.referral.findFirst({ where: { shopId, ...AD_CLICK }, select }),
    db.order.findFirst({ where: { shopId, paidAt: { not: null } }, select }),
    db.conversionEvent.findFirst({ where: { shopId, state: 'accepted' }, select }),
  ]);
  return { adClick: adClick !== null, paidOrder: paidOrder !== null, accepted: accepted !== null };
}

async function latestReceipts(services: Services, shopId: number, clock: ShopClock): Promise<Receipt[]> {
  const events = await services.db.conversionEvent.findMany({
    where: {
      shopId,
      eventName: { in: ['Purchase', 'OrderCreated'] },
      state: { in: ['accepted', 'refused', 'unknown'] },
    },
    orderBy: { createdAt: 'desc' },
    take: RECEIPTS,
  });
  const orders = await services.db.order.findMany({
    where: { shopId, gid: { in: events.map((event) => event.subject) } },
    select: { gid: true, name: true },
  });
  const names = new Map(orders.map((order) => [order.gid, order.name]));
  return events.map((event) => {
    const { state } = readState({
      decision: 'report',
      reason: null,
      eventState: event.state,
      attempts: event.attempts,
      eventReason: event.reason,
    });
    const { label, tone } = explainState(state);
    const legacyId = event.subject.slice(event.subject.lastIndexOf('/') + 1);
    return {
      eventRowId: event.id,
      event: event.eventName,
      orderName: names.get(event.subject) ?? legacyId,
      orderUrl: `/app/orders/${legacyId}`,
      value: event.value && event.currency ? formatMoney(event.value.toString(), event.currency) : '–',
      at: clock.time(event.settledAt ?? event.sentAt ?? event.createdAt),
      traceId: event.fbtraceId,
      badge: { state, label, tone },
    };
  });
}
