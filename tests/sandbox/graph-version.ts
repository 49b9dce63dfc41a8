// First and last day of each version (developers.facebook.com/docs/graph-api/changelog); null: no end announced.
const VERSIONS: ReadonlyMap<string, readonly [from: string, until: string | null]> = new Map([
  ['v20.0', ['2024-05-21', '2026-09-24']],
  ['v21.0', ['2024-10-02', '2027-01-21']],
  ['v22.0', ['2025-01-21', '2027-05-20']],
  ['v23.0', ['2025-05-29', '2027-10-08']],
  ['v24.0', ['2025-10-08', '2028-02-18']],
  ['v25.0', ['2026-02-18', '2028-07-29']],
  ['v26.0', ['2026-07-29', null]],
]);

/** Whether a version can be called: from its first day to its last, both included. */
export function isAlive(version: string, now: Date): boolean {
  const life = VERSIONS.get(version);
  if (!life) return false;
  const [from, until] = life;
  const today = now.toISOString().slice(0, 10);
  return today >= from && (until === null || today <= until);
}

/** The version that a path begins with, and the rest; without one Graph takes the app's oldest. */
export function splitVersion(pathname: string): { version: string | null; parts: string[] } {
  const [first = '', ...rest] = pathname.slice(1).split('/');
  return /^v\d/.test(first) ? { version: first, parts: rest } : { version: null, parts: [first, ...rest] };
}
