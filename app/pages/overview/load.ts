import { readSettings } from '../../domain/settings.ts';
import { openAlerts } from '../../pipeline/alerts.ts';
import type { Services } from '../../services.ts';
import { Prisma } from '../../storage/database.ts';
import { AD_CLICK } from '../ad-click.ts';
import { shopClock } from '../format.ts';
import { ORDERS_WITH_EVENT, readState } from '../order-query.ts';
import type { StateColumns } from '../order-query.ts';
import { keptBack, type EventCount, type KeptBack } from './kept-back.ts';
import { latestReceipts, type Receipt } from './latest-receipts.ts';
import { notices, type ConnectionRow, type Notice } from './notices.ts';
import { setUp } from './set-up.ts';
import type { SetUp, SetUpFacts } from './set-up.ts';
import { attention, keyFigures, segments } from './tally.ts';
import type { KeyFigures, OrderGroup, Segment } from './tally.ts';

/** How far back the figures look, in days of the shop's calendar, today included. */
const OVERVIEW_DAYS = 30;

export type Overview = {
  days: number;
  currency: string | null;
  zoneName: string;
  setUp: SetUp;
  figures: KeyFigures;
  segments: Segment[];
  notices: Notice[];
  keptBack: KeptBack | null;
  receipts: Receipt[];
};
type Shop = { id: number; currency: string | null; timezone: string | null; settings: unknown };

/** Everything that the overview shows of one shop. */
export async function loadOverview(services: Services, shop: Shop, dismissed: boolean): Promise<Overview> {
  const clock = shopClock(shop.timezone);
  const { db } = services;
  const since = periodStart(services.clock(), clock.zone);
  const [groups, connections, alerts, checks, events, arrived, receipts] = await Promise.all([
    paidOrderGroups(services, shop.id, since),
    readConnections(services, shop.id),
    openAlerts(db, shop.id),
    db.check.findMany({ where: { shopId: shop.id }, select: { subject: true, name: true, result: true } }),
    countEvents(services, shop.id, since),
    whatArrived(services, shop.id),
    latestReceipts(services, shop.id, clock),
  ]);
  const numbers = connections.flatMap(({ displayNumber, state }) =>
    displayNumber === null || state === 'disconnected' ? [] : [{ displayNumber, active: state === 'active' }],
  );
  const { channelsChosen } = readSettings(shop.settings);
  return {
    days: OVERVIEW_DAYS,
    currency: shop.currency,
    zoneName: clock.zoneName,
    setUp: setUp({ ...arrived, numbers, channelsChosen }, dismissed),
    figures: keyFigures(groups, shop.currency),
    segments: segments(groups),
    notices: notices({ connections, alerts, checks, attention: attention(groups) }),
    keptBack: keptBack({ groups, ...events }),
    receipts,
  };
}

/** Midnight of the shop's calendar at which the period begins, as SQL. */
function periodStart(now: Date, zone: string): Prisma.Sql {
  return Prisma.sql`(date_trunc('day', ${now.toISOString()}::timestamptz AT TIME ZONE ${zone}::text)
    - make_interval(days => ${OVERVIEW_DAYS - 1}::int)) AT TIME ZONE ${zone}::text`;
}

function readConnections({ db }: Services, shopId: number): Promise<ConnectionRow[]> {
  return db.connection.findMany({
    where: { shopId },
    select: { id: true, displayNumber: true, datasetId: true, state: true, stateReason: true },
    orderBy: { createdAt: 'asc' },
  });
}

/** Events of chats that were kept back, and those that Meta noticed by itself. */
async function countEvents(
  { db }: Services,
  shopId: number,
  since: Prisma.Sql,
): Promise<{ withheld: EventCount[]; automatic: EventCount[] }> {
  const [withheld, automatic] = await Promise.all([
    db.$queryRaw<EventCount[]>`
      SELECT event_name AS "eventName", reason, COUNT(*)::int AS events FROM conversion_events
      WHERE shop_id = ${shopId} AND created_at >= ${since} AND state = 'withheld' AND source <> 'order'
      GROUP BY 1, 2 ORDER BY 1, 2`,
    db.$queryRaw<EventCount[]>`
      SELECT event_name AS "eventName", NULL AS reason, COUNT(*)::int AS events FROM automatic_events
      WHERE shop_id = ${shopId} AND at >= ${since} GROUP BY 1 ORDER BY 1`,
  ]);
  return { withheld, automatic };
}

type GroupRow = StateColumns & { currency: string; tied: boolean; orders: number; revenue: number };

async function paidOrderGroups({ db }: Services, shopId: number, since: Prisma.Sql): Promise<OrderGroup[]> {
  const rows = await db.$queryRaw<GroupRow[]>`
    SELECT o.decision::text AS decision, CASE WHEN o.decision = 'withheld' THEN o.reason END AS reason,
           e.state::text AS "eventState", LEAST(e.attempts, 2) AS attempts,
           CASE WHEN e.state IN ('refused', 'unknown', 'withheld') THEN e.reason END AS "eventReason",
           o.currency, (o.referral_id IS NOT NULL AND NOT o.test) AS tied, COUNT(*)::int AS orders,
           COALESCE(SUM(COALESCE(o.current_total, o.paid_total)), 0)::float8 AS revenue
    FROM ${ORDERS_WITH_EVENT}
    WHERE o.shop_id = ${shopId}
      AND o.paid_at >= ${since}
    GROUP BY 1, 2, 3, 4, 5, 6, 7`;
  return rows.map((row) => ({ ...readState(row), ...pickGroup(row) }));
}

function pickGroup({ currency, tied, orders, revenue }: GroupRow): Omit<OrderGroup, 'state' | 'reason'> {
  return { currency, tied, orders, revenue };
}

async function whatArrived(
  services: Services,
  shopId: number,
): Promise<Pick<SetUpFacts, 'adClick' | 'paidOrder' | 'accepted'>> {
  const { db } = services;
  const select = { shopId: true } as const;
  const [adClick, paidOrder, accepted] = await Promise.all([
    db.referral.findFirst({ where: { shopId, ...AD_CLICK }, select }),
    db.order.findFirst({ where: { shopId, paidAt: { not: null } }, select }),
    db.conversionEvent.findFirst({ where: { shopId, state: 'accepted' }, select }),
  ]);
  return { adClick: adClick !== null, paidOrder: paidOrder !== null, accepted: accepted !== null };
}
