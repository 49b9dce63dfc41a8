import type { OrderClass } from '../../domain/channel.ts';
import { CONSENT_ATTRIBUTE } from '../../domain/order.ts';
import type { Pipeline } from '../../pipeline/context.ts';
import { Prisma } from '../../storage/database.ts';
import { CHANNEL_SETTING } from './fields.ts';

const DAYS = 30;

/** An event that Meta refused, and from which numbers. */
export type ParkedEvent = { name: string; numbers: string[] };
/** What a merchant should know beside the settings of reporting. */
export type ReportingFacts = {
  days: number;
  /** How many orders of each kind were paid in so many days, whether or not an ad led to them. */
  orders: Record<OrderClass, number>;
  /** Whether website and point-of-sale events have somewhere to go. */
  pixel: boolean;
  parked: ParkedEvent[];
  /** The cart attribute in which a consent banner writes. */
  consentAttribute: string;
};

export async function loadReportingFacts(
  { db, clock }: Pick<Pipeline, 'db' | 'clock'>,
  shopId: number,
): Promise<ReportingFacts> {
  const since = new Date(clock().getTime() - DAYS * 24 * 60 * 60 * 1000);
  const [rows, connections] = await Promise.all([
    // Paid in that time and placed long before is rare; this way the shop's index by placing is used.
    db.$queryRaw<{ made: string; orders: number }[]>(Prisma.sql`
      SELECT provenance::text AS made, count(*)::int AS orders FROM orders
      WHERE shop_id = ${shopId} AND placed_at >= ${since} AND paid_at IS NOT NULL
      GROUP BY provenance`),
    db.connection.findMany({
      where: { shopId, state: { not: 'disconnected' } },
      select: { kind: true, displayNumber: true, parkedEvents: true },
      orderBy: { createdAt: 'asc' },
    }),
  ]);
  const found = new Map(rows.map(({ made, orders }) => [made, orders]));
  const orders = Object.keys(CHANNEL_SETTING).map((made) => [made, found.get(made) ?? 0]);
  return {
    days: DAYS,
    orders: Object.fromEntries(orders) as ReportingFacts['orders'],
    pixel: connections.some(({ kind }) => kind === 'pixel'),
    parked: parkedOf(connections),
    consentAttribute: CONSENT_ATTRIBUTE,
  };
}

function parkedOf(
  connections: readonly { displayNumber: string | null; parkedEvents: string[] }[],
): ParkedEvent[] {
  const refused = connections.flatMap(({ displayNumber, parkedEvents }) =>
    parkedEvents.map((name) => ({ name, number: displayNumber ?? 'your pixel' })),
  );
  return [...Map.groupBy(refused, ({ name }) => name)].map(([name, all]) => ({
    name,
    numbers: all.map(({ number }) => number),
  }));
}
