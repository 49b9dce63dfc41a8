import type { Alert } from '../../../prisma/generated/client.ts';
import { alertTitle, connectionName } from '../../domain/alert-words.ts';
import type { CheckResult } from '../../domain/doctor-words.ts';
import { pausedWords } from '../paused-number.ts';

export type ConnectionRow = {
  id: string;
  displayNumber: string | null;
  datasetId: string;
  state: 'active' | 'paused' | 'lost' | 'disconnected';
  stateReason: string | null;
};
type CheckedRow = { subject: string; name: string; result: CheckResult };

/** A connection through which nothing is sent. */
export type Stopped = { id: string; title: string; sentence: string; fix: string | null };
/** Something that got worse, until somebody puts it away or it is right again. */
export type AlertBanner = {
  id: string;
  title: string;
  detail: string;
  fix: string | null;
  tone: 'critical' | 'warning';
};

// A connection that is stopped says so itself, and why.
const SAID_BY_STATE: ReadonlySet<string> = new Set([
  'token_valid',
  'permissions',
  'waba_reachable',
  'number_state',
  'dataset_of_waba',
  'probe',
  'connection_lost',
  'account_disabled',
]);

/** The connections that Meta refuses or took away. */
export function stopped(connections: readonly ConnectionRow[]): Stopped[] {
  return connections.flatMap((row) => {
    if (row.state !== 'paused' && row.state !== 'lost') return [];
    const name = connectionName(row);
    const title =
      row.state === 'lost' ? `${name} must be connected again` : `Reporting is paused for ${name}`;
    return [{ id: row.id, title, ...pausedWords(row.stateReason) }];
  });
}

/** The open alerts as banners, the worst first, without those that say what a stopped connection says, or are of one taken off. */
export function alertBanners(given: {
  alerts: readonly Alert[];
  connections: readonly ConnectionRow[];
  checks: readonly CheckedRow[];
}): AlertBanner[] {
  const { alerts, connections, checks } = given;
  const known = new Map(connections.map((row) => [row.id, row]));
  const banners = alerts.flatMap(({ id, subject, name, detail, fix }) => {
    const connection = known.get(subject);
    if (connection?.state === 'disconnected') return [];
    const isStopped = connection?.state === 'paused' || connection?.state === 'lost';
    if (isStopped && SAID_BY_STATE.has(name)) return [];
    const about = connection === undefined ? 'Your store' : connectionName(connection);
    const failed = checks.some(
      (check) => check.subject === subject && check.name === name && check.result === 'failed',
    );
    const title = `${about}: ${alertTitle(name)}`;
    return [{ id, title, detail, fix, tone: failed ? ('critical' as const) : ('warning' as const) }];
  });
  return banners.toSorted((a, b) => a.tone.localeCompare(b.tone));
}
