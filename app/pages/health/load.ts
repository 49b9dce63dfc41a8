import type { Check } from '../../../prisma/generated/client.ts';
import { connectionName } from '../../domain/alert-words.ts';
import { CHECK_TITLES, isCheckName, type CheckName, type CheckResult } from '../../domain/doctor-words.ts';
import { SHOP_SUBJECT } from '../../pipeline/doctor.ts';
import type { Services } from '../../services.ts';
import { shopClock, type ShopClock } from '../format.ts';

/** One check of a group. */
export type HealthLine = {
  name: CheckName;
  title: string;
  result: CheckResult;
  detail: string;
  fix: string | null;
  /** Since when it is wrong or worth a look; null while it is neither. */
  since: string | null;
};
export type HealthGroup = {
  id: string;
  heading: string;
  /** Whether what is wrong can be put right in the settings. */
  isConnection: boolean;
  lines: HealthLine[];
};
export type Health = {
  zoneName: string;
  /** Null while nothing was ever checked. */
  checkedAt: string | null;
  hasConnections: boolean;
  groups: HealthGroup[];
};
type Shop = { id: number; timezone: string | null };

const SEQUENCE = Object.keys(CHECK_TITLES);
const URGENCY: readonly CheckResult[] = ['failed', 'warning', 'unknown', 'ok'];

/** What the doctor found last of a store and each of its connections. */
export async function loadHealth(services: Services, shop: Shop): Promise<Health> {
  const clock = shopClock(shop.timezone);
  const [connections, checks] = await Promise.all([
    services.db.connection.findMany({
      where: { shopId: shop.id, state: { not: 'disconnected' } },
      select: { id: true, displayNumber: true, datasetId: true },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    }),
    services.db.check.findMany({ where: { shopId: shop.id } }),
  ]);
  const latest = Math.max(...checks.map(({ checkedAt }) => checkedAt.getTime()));
  const subjects = [
    ...connections.map((row) => ({ id: row.id, heading: connectionName(row) })),
    { id: SHOP_SUBJECT, heading: 'Your store' },
  ];
  return {
    zoneName: clock.zoneName,
    checkedAt: checks.length === 0 ? null : clock.time(new Date(latest)),
    hasConnections: connections.length > 0,
    groups: subjects.map(({ id, heading }) => group({ id, heading, checks, clock })),
  };
}

function group(given: {
  id: string;
  heading: string;
  checks: readonly Check[];
  clock: ShopClock;
}): HealthGroup {
  const { id, heading, checks, clock } = given;
  const lines = checks
    .filter(({ subject }) => subject === id)
    .flatMap(({ name, result, detail, fix, since }): HealthLine[] => {
      if (!isCheckName(name)) return [];
      const from = result === 'failed' || result === 'warning' ? clock.time(since) : null;
      return [{ name, title: CHECK_TITLES[name], result, detail, fix, since: from }];
    })
    .toSorted((a, b) => place(a) - place(b));
  return { id, heading, isConnection: id !== SHOP_SUBJECT, lines };
}

/** What needs somebody comes first, else the sequence of the table. */
function place({ result, name }: HealthLine): number {
  return URGENCY.indexOf(result) * SEQUENCE.length + SEQUENCE.indexOf(name);
}
