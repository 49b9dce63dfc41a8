import { explain, explainState } from '../../domain/explain.ts';
import { explainProvenance } from '../../domain/explain-evidence.ts';
import { PROVENANCES } from '../../domain/provenance.ts';
import type { Provenance } from '../../domain/provenance.ts';
import { isReason, ORDER_STATES } from '../../domain/reason.ts';
import type { OrderState, Reason } from '../../domain/reason.ts';
import type { Services } from '../../services.ts';
import { Prisma } from '../../storage/database.ts';
import { channelName } from '../channel.ts';
import { formatCount, formatMoney, shopClock } from '../format.ts';
import type { ShopClock } from '../format.ts';
import {
  EVIDENCE_DISAGREES,
  forReason,
  inState,
  ORDERS_WITH_EVENT,
  readState,
  REASON,
} from '../order-query.ts';
import type { StateColumns } from '../order-query.ts';
import type { StateBadge } from '../tone.ts';
import { containsPattern, ordersUrl, orderUrl } from './filter.ts';
import type { Narrowing, OrdersFilter } from './filter.ts';

const PAGE_SIZE = 50;
// What a filter's tag has room for on a phone.
const SHORT = 36;

export type OrderLine = {
  gid: string;
  name: string;
  url: string;
  placed: string;
  total: string;
  badge: StateBadge;
  sentence: string;
  /** Where it was made, and by the source's own name what Tieback has no words for. */
  made: string;
  /** Whether its evidence points to more than one chat. */
  disagrees: boolean;
  /** The ad's headline, or its id when it has none. */
  ad: string | null;
};
type StateTab = { state: OrderState | null; label: string; count: string };
export type OrdersList = {
  zoneName: string;
  filter: Narrowing;
  made: { value: Provenance; label: string }[];
  /** Why orders of the shop are where they are, the most frequent first. */
  reasons: { value: Reason; label: string; short: string }[];
  tabs: StateTab[];
  lines: OrderLine[];
  previousUrl: string | null;
  nextUrl: string | null;
  hasOrders: boolean;
};
type Shop = { id: number; timezone: string | null };

/** One page of a shop's orders with the number of orders in each state. */
export async function loadOrders(services: Services, shop: Shop, filter: OrdersFilter): Promise<OrdersList> {
  const [{ states, reasons }, rows] = await Promise.all([
    countOrders(services, shop.id),
    readRows(services, shop.id, filter),
  ]);
  const more = rows.length > PAGE_SIZE;
  const page = rows.slice(0, PAGE_SIZE);
  // Above a place the nearest orders are read first, which is the list upside down.
  if (filter.before !== null) page.reverse();

  const clock = shopClock(shop.timezone);
  const [first, last] = [page.at(0), page.at(-1)];
  const above = filter.before === null ? filter.after !== null : more;
  const below = filter.before === null ? more : true;
  return {
    zoneName: clock.zoneName,
    filter: narrowingOf(filter),
    made: PROVENANCES.map((value) => ({ value, label: explainProvenance(value).label })),
    reasons: reasonChoices(reasons, filter.reason),
    tabs: stateTabs(states),
    lines: page.map((row) => orderLine(row, clock, filter)),
    previousUrl: first && above ? ordersUrl({ ...filter, after: null, before: first }) : null,
    nextUrl: last && below ? ordersUrl({ ...filter, before: null, after: last }) : null,
    hasOrders: states.size > 0,
  };
}

type OrderRow = StateColumns & {
  gid: string;
  name: string;
  placedAt: Date;
  total: string;
  currency: string;
  headline: string | null;
  sourceId: string | null;
  provenance: Provenance;
  sourceName: string | null;
  disagrees: boolean;
};

function readRows(services: Services, shopId: number, filter: OrdersFilter): Promise<OrderRow[]> {
  const { state, reason, name, made, disagree, after, before } = filter;
  const conditions = [Prisma.sql`o.shop_id = ${shopId}`];
  if (state !== null) conditions.push(inState(state));
  if (reason !== null) conditions.push(forReason(reason));
  if (name !== '') conditions.push(Prisma.sql`o.name ILIKE ${containsPattern(name)}`);
  if (made !== null) conditions.push(Prisma.sql`o.provenance::text = ${made}`);
  if (disagree) conditions.push(EVIDENCE_DISAGREES);
  if (after !== null) conditions.push(Prisma.sql`(o.placed_at, o.gid) < ${place(after)}`);
  if (before !== null) conditions.push(Prisma.sql`(o.placed_at, o.gid) > ${place(before)}`);
  const direction = before === null ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  return services.db.$queryRaw<OrderRow[]>`
    SELECT o.gid, o.name, o.placed_at AS "placedAt", o.total::text AS total, o.currency,
           o.decision::text AS decision, o.reason, e.state::text AS "eventState", e.attempts,
           e.reason AS "eventReason", r.headline, r.source_id AS "sourceId",
           o.provenance::text AS provenance, o.source_name AS "sourceName", ${EVIDENCE_DISAGREES} AS disagrees
    FROM ${ORDERS_WITH_EVENT}
    LEFT JOIN referrals r ON r.shop_id = o.shop_id AND r.id = o.referral_id
    WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY o.placed_at ${direction}, o.gid ${direction}
    LIMIT ${PAGE_SIZE + 1}`;
}

function place({ placedAt, gid }: { placedAt: Date; gid: string }): Prisma.Sql {
  return Prisma.sql`(${placedAt.toISOString()}::timestamptz, ${gid})`;
}

function orderLine(row: OrderRow, clock: ShopClock, filter: OrdersFilter): OrderLine {
  const { state, reason } = readState(row);
  const words = explainState(state);
  return {
    gid: row.gid,
    name: row.name,
    url: orderUrl(row.gid, filter),
    placed: clock.time(row.placedAt),
    total: formatMoney(row.total, row.currency),
    badge: { state, label: words.label, tone: words.tone },
    sentence: (reason === null ? words : explain(reason)).sentence,
    made: madeWhere(row),
    disagrees: row.disagrees,
    ad: row.headline ?? row.sourceId,
  };
}

function madeWhere({ provenance, sourceName }: OrderRow): string {
  const { label } = explainProvenance(provenance);
  const channel = channelName(sourceName);
  return channel === null ? label : `${label} (${channel})`;
}

type Counts = { states: Map<OrderState, number>; reasons: Map<Reason, number> };

async function countOrders(services: Services, shopId: number): Promise<Counts> {
  const rows = await services.db.$queryRaw<(StateColumns & { why: string | null; orders: number })[]>`
    SELECT o.decision::text AS decision, NULL AS reason, e.state::text AS "eventState",
           LEAST(e.attempts, 2) AS attempts, NULL AS "eventReason", ${REASON} AS why, COUNT(*)::int AS orders
    FROM ${ORDERS_WITH_EVENT}
    WHERE o.shop_id = ${shopId}
    GROUP BY o.decision, e.state, LEAST(e.attempts, 2), why`;
  const counts: Counts = { states: new Map(), reasons: new Map() };
  for (const { why, orders, ...row } of rows) {
    add(counts.states, readState(row).state, orders);
    if (why !== null && isReason(why)) add(counts.reasons, why, orders);
  }
  return counts;
}

function add<K>(counts: Map<K, number>, key: K, orders: number): void {
  counts.set(key, (counts.get(key) ?? 0) + orders);
}

/** The reason that is asked for is among them even when no order has it. */
function reasonChoices(counts: ReadonlyMap<Reason, number>, asked: Reason | null): OrdersList['reasons'] {
  const found = [...counts].toSorted(([, a], [, b]) => b - a).map(([reason]) => reason);
  const all = asked === null || found.includes(asked) ? found : [asked, ...found];
  return all.map((value) => {
    const { sentence } = explain(value);
    return {
      value,
      label: `${sentence} (${formatCount(counts.get(value) ?? 0)})`,
      short: shortened(sentence),
    };
  });
}

/** The beginning of a sentence, cut between words. */
function shortened(sentence: string): string {
  if (sentence.length <= SHORT) return sentence;
  return `${sentence.slice(0, sentence.lastIndexOf(' ', SHORT))}…`;
}

function narrowingOf({ state, reason, name, made, disagree }: OrdersFilter): Narrowing {
  return { state, reason, name, made, disagree };
}

function stateTabs(counts: ReadonlyMap<OrderState, number>): StateTab[] {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [
    { state: null, label: 'All', count: formatCount(all) },
    ...ORDER_STATES.map((state) => ({
      state,
      label: explainState(state).label,
      count: formatCount(counts.get(state) ?? 0),
    })),
  ];
}
