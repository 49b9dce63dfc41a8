import type { Alert } from '../../../prisma/generated/client.ts';
import { alertTitle, connectionName } from '../../domain/alert-words.ts';
import { isExplained } from '../../domain/doctor-alert.ts';
import { isCheckName, type CheckResult } from '../../domain/doctor-words.ts';
import { pausedWords } from '../paused-number.ts';
import { sectionOfCheck, sectionOfConnection } from '../settings/fix-place.ts';
import { settingsUrl, type SectionId } from '../settings/places.ts';
import type { Attention } from './tally.ts';

export type ConnectionRow = {
  id: string;
  displayNumber: string | null;
  datasetId: string;
  state: 'active' | 'paused' | 'lost' | 'disconnected';
  stateReason: string | null;
};
type CheckedRow = { subject: string; name: string; result: CheckResult };

/** Something that waits for a person: what it is, and where it is put right. */
export type Notice = {
  key: string;
  /** What it is about, and what is wrong with it. */
  title: string;
  text: string;
  tone: 'critical' | 'warning';
  link: { content: string; url: string };
  /** The alert that can be put away; null for what is so until it is put right. */
  alertId: string | null;
};

// A connection that is stopped says so itself, and why.
const SAID_BY_STATE: ReadonlySet<string> = new Set([
  'token_valid',
  'token_expiry',
  'permissions',
  'waba_reachable',
  'number_state',
  'dataset_of_waba',
  'probe',
  'connection_lost',
  'connection_paused',
  'account_disabled',
  'account_to_be_disabled',
]);

/** All that waits for the merchant, the worst first: stopped connections, open alerts, sales that Meta does not have. */
export function notices(given: {
  connections: readonly ConnectionRow[];
  alerts: readonly Alert[];
  checks: readonly CheckedRow[];
  attention: readonly Attention[];
}): Notice[] {
  const all = [...stopped(given.connections), ...alerted(given), ...given.attention.map(ofSales)];
  return all.toSorted((a, b) => a.tone.localeCompare(b.tone));
}

/** The connections that Meta refuses or took away. */
function stopped(connections: readonly ConnectionRow[]): Notice[] {
  return connections.flatMap((row): Notice[] => {
    if (!isStopped(row)) return [];
    const name = connectionName(row);
    const { sentence, fix } = pausedWords(row.stateReason);
    return [
      {
        key: row.id,
        title: row.state === 'lost' ? `${name} must be connected again` : `Reporting is paused for ${name}`,
        text: joined(sentence, fix),
        tone: 'critical',
        link: toSettings(sectionOfConnection(row)),
        alertId: null,
      },
    ];
  });
}

/** The open alerts, without those that say again what something else says, or are of a connection taken off. */
function alerted(given: {
  connections: readonly ConnectionRow[];
  alerts: readonly Alert[];
  checks: readonly CheckedRow[];
}): Notice[] {
  const known = new Map(given.connections.map((row) => [row.id, row]));
  const checksOf = Map.groupBy(given.checks, ({ subject }) => subject);
  return given.alerts.flatMap(({ id, subject, name, detail, fix }): Notice[] => {
    const connection = known.get(subject);
    const checks = checksOf.get(subject) ?? [];
    if (connection?.state === 'disconnected') return [];
    if (connection !== undefined && isStopped(connection) && SAID_BY_STATE.has(name)) return [];
    if (isCheckName(name) && isExplained(name, checks)) return [];
    const about = connection === undefined ? 'Your store' : connectionName(connection);
    const section = sectionOfCheck(name, connection ?? null);
    return [
      {
        key: id,
        title: `${about}: ${alertTitle(name)}`,
        text: joined(detail, fix),
        tone: isSevere(name, checks) ? 'critical' : 'warning',
        link: section === null ? toHealth(subject) : toSettings(section),
        alertId: id,
      },
    ];
  });
}

// No sale reaches Meta while it refuses the name.
const NO_SALES = 'Purchase_refused';

function isSevere(name: string, checks: readonly CheckedRow[]): boolean {
  return name === NO_SALES || checks.some((check) => check.name === name && check.result === 'failed');
}

function ofSales({ state, reason, title, sentence, fix, tone }: Attention): Notice {
  const query = new URLSearchParams({ state, ...(reason !== null && { reason }) });
  return {
    key: query.toString(),
    title,
    text: joined(sentence, fix),
    tone: tone === 'critical' ? 'critical' : 'warning',
    link: { content: 'See orders', url: `/app/orders?${query.toString()}` },
    alertId: null,
  };
}

function isStopped({ state }: ConnectionRow): boolean {
  return state === 'paused' || state === 'lost';
}

function toSettings(section: SectionId): Notice['link'] {
  return { content: 'Open settings', url: settingsUrl(section) };
}

function toHealth(subject: string): Notice['link'] {
  return { content: 'See health', url: `/app/health#${subject}` };
}

function joined(sentence: string, fix: string | null): string {
  return fix === null ? sentence : `${sentence} ${fix}`;
}
