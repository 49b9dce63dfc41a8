import { Prisma } from '../../app/storage/database.ts';
import { ORDERS_WITH_EVENT, readState, type StateColumns } from '../../app/pages/order-query.ts';
import type { OrderState } from '../../app/domain/reason.ts';
import type { Tieback } from '../integration/tieback.ts';
import { eventId, type FaultShop } from './shop.ts';

/** What must hold of a paid order in the end; `attributed` null: its click and its payment came in no certain order. */
export type Expected = { gid: string; attributed: boolean | null };
export type Verdict = { problems: string[]; states: OrderState[] };
type Row = StateColumns & { gid: string; paidAt: Date | null; eventId: string | null };

const SETTLED: ReadonlySet<OrderState> = new Set([
  'reported',
  'unknown',
  'refused',
  'withheld',
  'not_attributed',
]);

/**
 * What is wrong with a shop once all is quiet: a delivery that was not worked, a paid order without exactly one
 * explained state, an event that Meta took twice, or one that Meta has and the ledger denies, or the other way round.
 */
export async function judge(
  tieback: Tieback,
  shop: FaultShop,
  expected: readonly Expected[],
): Promise<Verdict> {
  const { db } = tieback.pipeline;
  const deliveries = await db.delivery.findMany({
    where: { account: { in: [shop.domain, shop.connectionId] }, state: { not: 'done' } },
    select: { topic: true, state: true, reason: true },
  });
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`
    SELECT o.gid, o.paid_at AS "paidAt", o.decision::text AS decision, o.reason, e.state::text AS "eventState",
      e.attempts, e.reason AS "eventReason", e.event_id AS "eventId"
    FROM ${ORDERS_WITH_EVENT} WHERE o.shop_id = ${shop.shopId}`);
  const taken = acceptedCounts(tieback, shop);
  const orders = expected.map((order) => judgeOrder(order, rows, taken));
  const known = new Set(expected.map(({ gid }) => eventId(gid)));
  return {
    problems: [
      ...deliveries.map(({ topic, state, reason }) => `a delivery of ${topic} is ${state}: ${reason ?? ''}`),
      ...orders.flatMap(({ problems }) => problems),
      ...[...taken.keys()].filter((id) => !known.has(id)).map((id) => `Meta took ${id}, which nobody paid`),
    ],
    states: orders.flatMap(({ state }) => state ?? []),
  };
}

function acceptedCounts(tieback: Tieback, shop: FaultShop): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { datasetId, event } of tieback.meta.accepted()) {
    if (datasetId !== shop.datasetId) continue;
    const id = String(event['event_id']);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function judgeOrder(
  { gid, attributed }: Expected,
  rows: readonly Row[],
  taken: ReadonlyMap<string, number>,
): { problems: string[]; state: OrderState | null } {
  const [row, ...more] = rows.filter((candidate) => candidate.gid === gid);
  if (row === undefined) return { problems: [`${gid} is lost`], state: null };
  const times = taken.get(eventId(gid)) ?? 0;
  const { state, reason } = readState(row);
  const said = `${gid} is ${state} (${reason ?? 'no reason'}) and Meta took it ${times} times`;
  const wrong = [
    more.length > 0 && 'has several ledger rows',
    row.paidAt === null && 'is not known to be paid',
    !SETTLED.has(state) && 'is not settled',
    reason === null && state !== 'reported' && 'has no reason',
    times > 1 && 'was sent twice',
    state === 'reported' && times === 0 && 'was never taken',
    state !== 'reported' && state !== 'unknown' && times > 0 && 'was taken and the ledger denies it',
    attributed === true && row.decision !== 'report' && 'lost its click',
    attributed === false && row.decision !== 'not_attributed' && 'has a click out of nowhere',
  ].filter((problem) => problem !== false);
  return { problems: wrong.map((problem) => `${said}: it ${problem}`), state };
}
