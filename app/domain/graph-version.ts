/** The versions of the Graph API with their last day; null while Meta has announced none. The newest is first. */
export const GRAPH_VERSIONS: Readonly<Record<string, string | null>> = {
  // https://developers.facebook.com/docs/graph-api/changelog
  'v26.0': null,
  'v25.0': '2028-07-29',
  'v24.0': '2028-02-18',
  'v23.0': '2027-10-08',
  'v22.0': '2027-05-20',
  'v21.0': '2027-01-21',
  'v20.0': '2026-09-24',
};
/** The version that is used unless the environment names another. */
export const GRAPH_VERSION = 'v26.0';

const WARN_MS = 90 * 24 * 60 * 60 * 1000;

/** How long Meta will take a version, a warning coming 90 days before its end. */
export function graphVersionEnd(
  version: string,
  now: Date,
): { kind: 'current' | 'ending' | 'ended' | 'unknown'; until: string | null } {
  const until = GRAPH_VERSIONS[version];
  if (until === undefined) return { kind: 'unknown', until: null };
  if (until === null) return { kind: 'current', until };
  // The last day still counts, wherever on earth it is.
  const left = Date.parse(`${until}T23:59:59Z`) - now.getTime();
  return { kind: left < 0 ? 'ended' : left < WARN_MS ? 'ending' : 'current', until };
}
