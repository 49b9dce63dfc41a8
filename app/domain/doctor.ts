import { say, type Finding } from './doctor-words.ts';
import { graphVersionEnd } from './graph-version.ts';
import { explainMetaError } from './meta-error-words.ts';
import { classifyError, errorCode, type MetaError } from './meta-error.ts';
import { classifyOutcome, type SendResult } from './outcome.ts';

/** What came of one question to Meta. */
export type Asked<T> =
  | { kind: 'found'; value: T }
  | { kind: 'refused'; error: MetaError }
  /** Nothing usable came back. */
  | { kind: 'no_answer' };

export type NumberAtMeta = {
  status: string | null;
  platform: string | null;
  verification: string | null;
  quality: string | null;
};
export type Subscriber = { id: string | null; name: string | null };

/** What was seen of any connection. */
export type LinkObservation = {
  /** `sealed`: the stored token does not open, so nothing was asked. */
  token: Asked<unknown> | { kind: 'sealed' };
  /** Null: Meta names no end. */
  expiry: Asked<Date | null>;
  probe: SendResult;
  /** The names that Meta refused here. */
  parkedEvents: readonly string[];
  graphVersion: string;
  /** By how much our clock is ahead of Meta's, in milliseconds; null when nothing was answered. */
  skewMs: number | null;
  answered: boolean;
  /** Of the limit that is nearest; null when Meta reports none. */
  usagePercent: number | null;
};

export type NumberObservation = LinkObservation & {
  wabaId: string;
  phoneNumberId: string;
  datasetId: string;
  /** The Meta app that must be subscribed; null when any may be, as with a merchant's own. */
  appId: string | null;
  /** The Meta app that the token is of; null where Meta does not say. */
  tokenAppId: string | null;
  connectedAt: Date;
  lastWebhookAt: Date | null;
  dataset: Asked<string>;
  /** The phone number ids of the account. */
  numbers: Asked<readonly string[]>;
  number: Asked<NumberAtMeta>;
  subscribers: Asked<readonly Subscriber[]>;
};

const DAY_MS = 24 * 60 * 60 * 1000;
const EXPIRY_WARNING_MS = 14 * DAY_MS;
const SILENCE_MS = 7 * DAY_MS;
const SKEW_WARNING_MS = 60_000;
const SKEW_FAILURE_MS = 5 * 60_000;
/** From here on a limit of Meta's is nearly used up. */
export const USAGE_WARNING_PERCENT = 75;
const WHATSAPP_PROBE = '100/2804087';
const PIXEL_PROBE = '100/2804003';
// https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account-to-number-current-status
const NUMBER_OFF: ReadonlySet<string> = new Set(['BANNED', 'DELETED', 'DISCONNECTED', 'MIGRATED']);

/** All checks of a WhatsApp number, in the sequence of the table. */
export function judgeNumber(seen: NumberObservation, now: Date): Finding[] {
  return [
    tokenValid(seen),
    tokenExpiry(seen, now),
    permissions(seen),
    accountReachable(seen),
    numberState(seen),
    appSubscribed(seen),
    webhookSeen(seen, now),
    datasetOfAccount(seen),
    parkedEvents(seen.parkedEvents),
    probe(seen, WHATSAPP_PROBE),
    ...line(seen, now),
  ];
}

/** All checks of a pixel. */
export function judgePixel(seen: LinkObservation, now: Date): Finding[] {
  return [
    tokenValid(seen),
    tokenExpiry(seen, now),
    parkedEvents(seen.parkedEvents),
    probe(seen, PIXEL_PROBE),
    ...line(seen, now),
  ];
}

function line(seen: LinkObservation, now: Date): Finding[] {
  return [clockSkew(seen), graphVersion(seen, now), usage(seen)];
}

function tokenValid({ token }: LinkObservation): Finding {
  switch (token.kind) {
    case 'found':
      return say('token_valid', 'accepted');
    case 'sealed':
    case 'no_answer':
      return say('token_valid', token.kind);
    case 'refused': {
      const code = errorCode(token.error);
      if (isRejected(token)) return say('token_valid', 'refused', { code });
      const passes = classifyError(token.error, 400).action === 'retry';
      return passes
        ? say('token_valid', 'no_answer')
        : say('token_valid', 'unclear', { code, fix: explainMetaError(code).fix });
    }
  }
}

function tokenExpiry({ token, expiry }: LinkObservation, now: Date): Finding {
  if (isRejected(token)) return say('token_expiry', 'blocked');
  if (expiry.kind === 'no_answer') return say('token_expiry', 'no_answer');
  if (expiry.kind === 'refused') return say('token_expiry', 'untold');
  if (expiry.value === null) return say('token_expiry', 'never');
  const left = expiry.value.getTime() - now.getTime();
  const outcome = left <= 0 ? 'over' : left < EXPIRY_WARNING_MS ? 'soon' : 'later';
  return say('token_expiry', outcome, { date: day(expiry.value) });
}

/** By what Meta lets it do: the permissions that Meta lists for a token name other ids than the account's. */
function permissions({ token, dataset, probe: result }: NumberObservation): Finding {
  if (isRejected(token)) return say('permissions', 'blocked');
  const reports = mayReport(result);
  if (reports.kind === 'no') return say('permissions', 'no_report', { code: reports.code });
  if (reports.kind === 'unclear') return say('permissions', 'no_answer');
  switch (look(dataset)) {
    case 'found':
      return say('permissions', 'all');
    case 'may_not_look':
      return say('permissions', 'report_only');
    case 'no_answer':
      return say('permissions', 'no_answer');
  }
}

function accountReachable({ token, numbers, probe: result, wabaId: waba }: NumberObservation): Finding {
  if (isRejected(token)) return say('waba_reachable', 'blocked');
  const looked = look(numbers);
  if (looked === 'found') return say('waba_reachable', 'reached', { waba });
  if (looked === 'no_answer' || numbers.kind !== 'refused') return say('waba_reachable', 'no_answer');
  if (mayReport(result).kind === 'yes') return say('waba_reachable', 'may_not_look');
  return say('waba_reachable', 'hidden', { waba, code: errorCode(numbers.error) });
}

function numberState({ token, numbers, number, wabaId, phoneNumberId }: NumberObservation): Finding {
  if (isRejected(token)) return say('number_state', 'blocked');
  if (numbers.kind !== 'found') return say('number_state', notFound(numbers));
  if (!numbers.value.includes(phoneNumberId)) return say('number_state', 'gone', { waba: wabaId });
  if (number.kind !== 'found') return say('number_state', notFound(number));
  const { status, platform, verification, quality } = number.value;
  if (status !== null && status !== 'CONNECTED') {
    return say('number_state', NUMBER_OFF.has(status) ? 'off' : 'impaired', { state: plain(status) });
  }
  if (platform !== null && platform !== 'CLOUD_API')
    return say('number_state', 'not_on_cloud', { state: plain(platform) });
  if (verification === 'NOT_VERIFIED') return say('number_state', 'unverified');
  return say('number_state', quality === 'RED' ? 'low_quality' : 'connected');
}

function appSubscribed({ token, subscribers, appId, tokenAppId }: NumberObservation): Finding {
  if (isRejected(token)) return say('app_subscribed', 'blocked');
  if (subscribers.kind !== 'found') return say('app_subscribed', notFound(subscribers));
  const apps = subscribers.value;
  const wanted = apps.filter(({ id }) => appId === null || id === appId);
  // To connect it again with such a token alone would subscribe the token's app, not the wanted one.
  const isForeign = appId !== null && tokenAppId !== null && tokenAppId !== appId;
  if (isForeign && wanted.length === 0) return say('app_subscribed', 'foreign_app');
  if (apps.length === 0) return say('app_subscribed', 'nobody');
  const names = (wanted.length > 0 ? wanted : apps).map(({ id, name }) => name ?? id ?? 'an app').join(', ');
  return say('app_subscribed', wanted.length > 0 ? 'subscribed' : 'others_only', { app: names });
}

function webhookSeen({ lastWebhookAt, connectedAt }: NumberObservation, now: Date): Finding {
  if (lastWebhookAt === null) return say('webhook_seen', 'never', { date: day(connectedAt) });
  const silence = now.getTime() - lastWebhookAt.getTime();
  return say('webhook_seen', silence > SILENCE_MS ? 'old' : 'recent', { date: day(lastWebhookAt) });
}

function datasetOfAccount({ token, dataset: found, datasetId: dataset }: NumberObservation): Finding {
  if (isRejected(token)) return say('dataset_of_waba', 'blocked');
  if (found.kind !== 'found') return say('dataset_of_waba', notFound(found));
  const outcome = found.value === dataset ? 'same' : 'other';
  return say('dataset_of_waba', outcome, { dataset, found: found.value });
}

/** What a connection's parked names come to; worst are the sales'. */
export function parkedEvents(names: readonly string[]): Finding {
  if (names.length === 0) return say('parked_events', 'none');
  const outcome = names.includes('Purchase') ? 'sales' : 'some';
  return say('parked_events', outcome, { events: names.join(', ') });
}

/** Exactly one code shows that everything before it is right. */
function probe({ token, probe: result }: LinkObservation, wanted: string): Finding {
  if (token.kind === 'sealed') return say('probe', 'not_sent');
  const outcome = classifyOutcome(result, 1);
  if (outcome.kind === 'accepted') return say('probe', 'taken');
  if (outcome.error === null) return say('probe', 'no_answer');
  const code = errorCode(outcome.error);
  if (outcome.kind === 'retry') return say('probe', 'later', { code });
  if (outcome.kind === 'unknown') return say('probe', 'no_answer');
  if (code === wanted) return say('probe', 'answered', { code });
  const { title, fix } = explainMetaError(code);
  return say('probe', 'refused', { code, title, fix });
}

function clockSkew({ skewMs }: LinkObservation): Finding {
  if (skewMs === null) return say('clock_skew', 'no_answer');
  const off = Math.abs(skewMs);
  const outcome = off < SKEW_WARNING_MS ? 'right' : off < SKEW_FAILURE_MS ? 'off' : 'far_off';
  const direction = skewMs > 0 ? 'ahead of' : 'behind';
  return say('clock_skew', outcome, { seconds: Math.round(off / 1000), direction });
}

function graphVersion({ graphVersion: version }: LinkObservation, now: Date): Finding {
  const end = graphVersionEnd(version, now);
  const facts = { version, date: end.until === null ? '' : day(new Date(`${end.until}T00:00:00Z`)) };
  return say('graph_version', end.kind === 'unknown' ? 'unlisted' : end.kind, facts);
}

function usage({ answered, usagePercent: percent }: LinkObservation): Finding {
  if (!answered) return say('usage', 'no_answer');
  if (percent === null) return say('usage', 'untold');
  const outcome = percent >= 100 ? 'used_up' : percent >= USAGE_WARNING_PERCENT ? 'high' : 'low';
  return say('usage', outcome, { percent });
}

function isRejected(token: LinkObservation['token']): boolean {
  if (token.kind === 'sealed') return true;
  return token.kind === 'refused' && classifyError(token.error, 400).reason === 'wiring_token';
}

type MayReport = { kind: 'yes' } | { kind: 'no'; code: string } | { kind: 'unclear' };

/** Meta looks at the permission before it judges what an event says. */
function mayReport(result: SendResult): MayReport {
  const outcome = classifyOutcome(result, 1);
  switch (outcome.kind) {
    case 'accepted':
    case 'refused':
      return { kind: 'yes' };
    case 'wiring': {
      const { code, subcode } = outcome.error;
      const unseen = code === 100 && subcode === 33;
      if (unseen || outcome.reason === 'wiring_permission')
        return { kind: 'no', code: errorCode(outcome.error) };
      return outcome.reason === 'wiring_token' ? { kind: 'unclear' } : { kind: 'yes' };
    }
    case 'retry':
    case 'unknown':
      return { kind: 'unclear' };
  }
}

function look(asked: Asked<unknown>): 'found' | 'may_not_look' | 'no_answer' {
  return asked.kind === 'found' ? 'found' : notFound(asked);
}

function notFound(asked: Exclude<Asked<unknown>, { kind: 'found' }>): 'may_not_look' | 'no_answer' {
  if (asked.kind === 'no_answer') return 'no_answer';
  return classifyError(asked.error, 400).action === 'retry' ? 'no_answer' : 'may_not_look';
}

/** "Nov 30, 2026", of the day in UTC: findings are stored, and read in many places. */
export function day(at: Date): string {
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(at);
}

function plain(constant: string): string {
  return constant.toLowerCase().replaceAll('_', ' ');
}
