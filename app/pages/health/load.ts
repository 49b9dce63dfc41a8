import type { Check } from '../../../prisma/generated/client.ts';
import { connectionName } from '../../domain/alert-words.ts';
import { CHECK_TITLES, isCheckName, type CheckName, type CheckResult } from '../../domain/doctor-words.ts';
import { SHOP_SUBJECT } from '../../pipeline/doctor.ts';
import type { Services } from '../../services.ts';
import { shopClock, type ShopClock } from '../format.ts';
import { sectionOfCheck, sectionOfConnection } from '../settings/fix-place.ts';
import { settingsUrl } from '../settings/places.ts';

/** One check of a group. */
export type HealthLine = {
  name: CheckName;
  title: string;
  result: CheckResult;
  detail: string;
  fix: string | null;
  /** The part of the settings in which it is put right; null when it is right, or put right elsewhere. */
  settings: string | null;
  /** Since when it is wrong or worth a look; null while it is neither. */
  since: string | null;
};
export type HealthGroup = {
  id: string;
  heading: string;
  /** Where a connection's settings are; null for the store. */
  settings: string | null;
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
    ...connections.map((row) => ({ id: row.id, heading: connectionName(row), of: row })),
    { id: SHOP_SUBJECT, heading: 'Your store', of: null },
  ];
  return {
    zoneName: clock.zoneName,
    checkedAt: checks.length === 0 ? null : clock.time(new Date(latest)),
    hasConnections: connections.length > 0,
    groups: subjects.map((subject) => group({ ...subject, checks, clock })),
  };
}

function group(given: {
  id: string;
  heading: string;
  /** The connection that it is about; null for the store. */
  of: { displayNumber: string | null } | null;
  checks: readonly Check[];
  clock: ShopClock;
}): HealthGroup {
  const { id, heading, of, checks, clock } = given;
  const lines = checks
    .filter(({ subject }) => subject === id)
    .flatMap(({ name, result, detail, fix, since }): HealthLine[] => {
      if (!isCheckName(name)) return [];
      const isWrong = result === 'failed' || result === 'warning';
      const section = isWrong ? sectionOfCheck(name, of) : null;
      return [
        {
          ...{ name, title: CHECK_TITLES[name], result, detail, fix },
          settings: section && settingsUrl(section),
          since: isWrong ? clock.time(since) : null,
        },
      ];
    })
    .toSorted((a, b) => place(a) - place(b));
  return { id, heading, settings: of && settingsUrl(sectionOfConnection(of)), lines: merged(lines) };
}

/** What could not be looked at for one and the same reason is said once. */
function merged(lines: readonly HealthLine[]): HealthLine[] {
  const same = Map.groupBy(lines, ({ name, result, detail }) => (result === 'unknown' ? detail : name));
  return [...same.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    return [{ ...first, title: [first, ...others].map(({ title }) => title).join(' · ') }];
  });
}

/** What needs somebody comes first, else the sequence of the table. */
function place({ result, name }: HealthLine): number {
  return URGENCY.indexOf(result) * SEQUENCE.length + SEQUENCE.indexOf(name);
}
