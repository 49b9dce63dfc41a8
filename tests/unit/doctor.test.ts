import { expect, test } from 'vitest';
import {
  judgeNumber,
  judgePixel,
  type Asked,
  type LinkObservation,
  type NumberObservation,
} from '../../app/domain/doctor.ts';
import { judgeShop, type ShopObservation } from '../../app/domain/doctor-shop.ts';
import { CHECK_OUTCOMES, CHECK_TITLES, say, type CheckName } from '../../app/domain/doctor-words.ts';
import type { SendResult } from '../../app/domain/outcome.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const DAY_MS = 86_400_000;
const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);

function answered(status: number, body: unknown): SendResult {
  const text = JSON.stringify(body);
  return { kind: 'answered', status, retryAfterSeconds: null, usageWaitSeconds: null, body: text };
}
const refusal = (code: number, error_subcode?: number) => answered(400, { error: { code, error_subcode } });
const CUT: SendResult = { kind: 'cut', detail: 'TIMEOUT' };
const found = <T>(value: T): Asked<T> => ({ kind: 'found', value });
const refused = (code: number, subcode: number | null = null): Asked<never> => ({
  kind: 'refused',
  error: { code, subcode, fbtraceId: null, transient: false },
});
const NO_ANSWER = { kind: 'no_answer' } as const;
const AT_META = { status: 'CONNECTED', platform: 'CLOUD_API', verification: 'VERIFIED', quality: 'GREEN' };

const WELL: NumberObservation = {
  token: found('1'),
  expiry: found(null),
  probe: refusal(100, 2804087),
  parkedEvents: [],
  graphVersion: 'v26.0',
  skewMs: 400,
  answered: true,
  usagePercent: 12,
  wabaId: '102290129340398',
  phoneNumberId: '106540352242922',
  datasetId: '774400112233445',
  appId: '670843887433847',
  tokenAppId: '670843887433847',
  connectedAt: inDays(-30),
  lastWebhookAt: inDays(-1),
  dataset: found('774400112233445'),
  numbers: found(['106540352242922']),
  number: found(AT_META),
  subscribers: found([{ id: '670843887433847', name: 'Tieback' }]),
};
const STORE: ShopObservation = {
  wanted: ['read_orders', 'write_app_proxy'],
  granted: { kind: 'found', value: ['read_orders', 'write_app_proxy'] },
  customers: { kind: 'found', value: 'shown' },
  hidden: false,
  lastDeliveryAt: inDays(-1),
  missed: 0,
  channelsChosen: true,
};
const EVENTS_MANAGER = {
  dataset: refused(200),
  numbers: refused(200),
  number: refused(200),
  subscribers: refused(200),
};
const UNHEARD = { skewMs: null, answered: false, usagePercent: null };

type Case = [check: CheckName, outcome: string, over: Partial<NumberObservation>];
const NUMBER_CASES: Case[] = [
  ['token_valid', 'accepted', {}],
  ['token_valid', 'refused', { token: refused(190, 463) }],
  ['token_valid', 'sealed', { token: { kind: 'sealed' } }],
  ['token_valid', 'unclear', { token: refused(100) }],
  ['token_valid', 'no_answer', { token: NO_ANSWER }],
  ['token_valid', 'no_answer', { token: refused(4) }],
  ['token_expiry', 'never', {}],
  ['token_expiry', 'later', { expiry: found(inDays(14)) }],
  ['token_expiry', 'soon', { expiry: found(new Date(inDays(14).getTime() - 1)) }],
  ['token_expiry', 'over', { expiry: found(NOW) }],
  ['token_expiry', 'untold', { expiry: refused(100) }],
  ['token_expiry', 'no_answer', { expiry: NO_ANSWER }],
  ['token_expiry', 'blocked', { token: refused(190) }],
  ['permissions', 'all', {}],
  ['permissions', 'report_only', EVENTS_MANAGER],
  ['permissions', 'no_report', { probe: refusal(200) }],
  ['permissions', 'no_report', { probe: refusal(10) }],
  ['permissions', 'no_report', { probe: refusal(100, 33) }],
  ['permissions', 'no_answer', { probe: CUT }],
  ['permissions', 'no_answer', { dataset: NO_ANSWER }],
  ['permissions', 'blocked', { token: refused(190) }],
  ['waba_reachable', 'reached', {}],
  ['waba_reachable', 'hidden', { numbers: refused(100, 33), probe: refusal(100, 33) }],
  ['waba_reachable', 'may_not_look', EVENTS_MANAGER],
  ['waba_reachable', 'no_answer', { numbers: NO_ANSWER }],
  ['waba_reachable', 'no_answer', { numbers: refused(4) }],
  ['waba_reachable', 'blocked', { token: refused(190) }],
  ['number_state', 'connected', {}],
  ['number_state', 'connected', { number: found({ ...AT_META, verification: 'EXPIRED' }) }],
  ['number_state', 'gone', { numbers: found(['1']) }],
  ['number_state', 'off', { number: found({ ...AT_META, status: 'BANNED' }) }],
  ['number_state', 'impaired', { number: found({ ...AT_META, status: 'RATE_LIMITED' }) }],
  ['number_state', 'not_on_cloud', { number: found({ ...AT_META, platform: 'NOT_APPLICABLE' }) }],
  ['number_state', 'unverified', { number: found({ ...AT_META, verification: 'NOT_VERIFIED' }) }],
  ['number_state', 'low_quality', { number: found({ ...AT_META, quality: 'RED' }) }],
  ['number_state', 'may_not_look', EVENTS_MANAGER],
  ['number_state', 'no_answer', { number: NO_ANSWER }],
  ['number_state', 'blocked', { token: refused(190) }],
  ['app_subscribed', 'subscribed', {}],
  ['app_subscribed', 'subscribed', { appId: null, subscribers: found([{ id: '5', name: null }]) }],
  ['app_subscribed', 'others_only', { subscribers: found([{ id: '5', name: 'Helpdesk' }]) }],
  ['app_subscribed', 'nobody', { subscribers: found([]) }],
  ['app_subscribed', 'subscribed', { tokenAppId: '5' }],
  ['app_subscribed', 'foreign_app', { tokenAppId: '5', subscribers: found([]) }],
  ['app_subscribed', 'foreign_app', { tokenAppId: '5', subscribers: found([{ id: '5', name: 'Own' }]) }],
  ['app_subscribed', 'others_only', { tokenAppId: null, subscribers: found([{ id: '5', name: 'Own' }]) }],
  ['app_subscribed', 'may_not_look', EVENTS_MANAGER],
  ['app_subscribed', 'no_answer', { subscribers: NO_ANSWER }],
  ['app_subscribed', 'blocked', { token: refused(190) }],
  ['webhook_seen', 'recent', { lastWebhookAt: inDays(-7) }],
  ['webhook_seen', 'old', { lastWebhookAt: new Date(inDays(-7).getTime() - 1) }],
  ['webhook_seen', 'never', { lastWebhookAt: null }],
  ['dataset_of_waba', 'same', {}],
  ['dataset_of_waba', 'other', { dataset: found('1') }],
  ['dataset_of_waba', 'may_not_look', EVENTS_MANAGER],
  ['dataset_of_waba', 'no_answer', { dataset: NO_ANSWER }],
  ['dataset_of_waba', 'blocked', { token: refused(190) }],
  ['parked_events', 'none', {}],
  ['parked_events', 'some', { parkedEvents: ['OrderShipped', 'LeadSubmitted'] }],
  ['parked_events', 'sales', { parkedEvents: ['OrderShipped', 'Purchase'] }],
  ['probe', 'answered', {}],
  ['probe', 'taken', { probe: answered(200, { events_received: 1 }) }],
  ['probe', 'refused', { probe: refusal(100, 2804003) }],
  ['probe', 'refused', { probe: refusal(100, 2804132) }],
  ['probe', 'refused', { probe: refusal(190) }],
  ['probe', 'later', { probe: refusal(4) }],
  ['probe', 'not_sent', { token: { kind: 'sealed' } }],
  ['probe', 'no_answer', { probe: CUT }],
  ['probe', 'no_answer', { probe: { kind: 'never_left', detail: 'ENOTFOUND' } }],
  ['clock_skew', 'right', { skewMs: -59_999 }],
  ['clock_skew', 'off', { skewMs: 60_000 }],
  ['clock_skew', 'far_off', { skewMs: -5 * 60_000 }],
  ['clock_skew', 'no_answer', UNHEARD],
  ['graph_version', 'current', {}],
  ['graph_version', 'ending', { graphVersion: 'v21.0' }],
  ['graph_version', 'ended', { graphVersion: 'v20.0' }],
  ['graph_version', 'unlisted', { graphVersion: 'v99.0' }],
  ['usage', 'low', { usagePercent: 74 }],
  ['usage', 'high', { usagePercent: 75 }],
  ['usage', 'used_up', { usagePercent: 100 }],
  ['usage', 'untold', { usagePercent: null }],
  ['usage', 'no_answer', UNHEARD],
];

type ShopCase = [check: CheckName, outcome: string, over: Partial<ShopObservation>];
const SHOP_CASES: ShopCase[] = [
  ['shopify_scopes', 'granted', { granted: { kind: 'found', value: ['write_orders', 'write_app_proxy'] } }],
  ['shopify_scopes', 'missing', { granted: { kind: 'found', value: ['read_orders'] } }],
  ['shopify_scopes', 'refused', { granted: { kind: 'refused', problem: 'HTTP 403' } }],
  ['shopify_scopes', 'no_answer', { granted: { kind: 'no_answer' } }],
  ['shopify_scopes', 'no_access', { granted: { kind: 'no_access' } }],
  ['protected_data', 'shown', {}],
  ['protected_data', 'refused', { customers: { kind: 'refused', problem: 'not approved' } }],
  ['protected_data', 'hidden', { hidden: true }],
  ['protected_data', 'no_orders', { customers: { kind: 'found', value: 'no_orders' } }],
  ['protected_data', 'no_answer', { customers: { kind: 'no_answer' } }],
  ['protected_data', 'no_access', { customers: { kind: 'no_access' } }],
  ['shopify_webhooks', 'recent', {}],
  ['shopify_webhooks', 'missed', { missed: 3 }],
  ['shopify_webhooks', 'silent', { lastDeliveryAt: null }],
  ['channels_chosen', 'chosen', {}],
  ['channels_chosen', 'not_chosen', { channelsChosen: false }],
];

type OutcomeWords = { result: string; detail: string };

/** The words of the table with any fact in their holes. */
function wordsOf(check: CheckName, outcome: string): { result: string; detail: RegExp } {
  const outcomes: Readonly<Record<string, OutcomeWords>> = CHECK_OUTCOMES[check];
  const words = outcomes[outcome];
  if (!words) throw new Error(`${check} has no ${outcome}`);
  const literal = words.detail.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return { result: words.result, detail: new RegExp(`^${literal.join('.+')}$`) };
}

test.each(NUMBER_CASES)('a number: %s says %s', (check, outcome, over) => {
  const finding = judgeNumber({ ...WELL, ...over }, NOW).find(({ name }) => name === check);
  const { result, detail } = wordsOf(check, outcome);
  expect(finding).toMatchObject({ result, detail: expect.stringMatching(detail) });
  expect(`${finding?.detail}${finding?.fix ?? ''}`).not.toMatch(/[{}]|undefined|null/);
});

test.each(SHOP_CASES)('a store: %s says %s', (check, outcome, over) => {
  const finding = judgeShop({ ...STORE, ...over }).find(({ name }) => name === check);
  const { result, detail } = wordsOf(check, outcome);
  expect(finding).toMatchObject({ result, detail: expect.stringMatching(detail) });
  expect(`${finding?.detail}${finding?.fix ?? ''}`).not.toMatch(/[{}]|undefined|null/);
});

test('the cases above reach every outcome of the table, and every check has its place and title', () => {
  const reached = new Set([...NUMBER_CASES, ...SHOP_CASES].map(([check, outcome]) => `${check}.${outcome}`));
  const all = Object.entries(CHECK_OUTCOMES).flatMap(([check, outcomes]) =>
    Object.keys(outcomes).map((outcome) => `${check}.${outcome}`),
  );
  expect([...reached].toSorted()).toEqual(all.toSorted());
  const sequence = [...judgeNumber(WELL, NOW), ...judgeShop(STORE)].map(({ name }) => name);
  expect(sequence).toEqual(Object.keys(CHECK_TITLES));
});

test('whatever is wrong or may be, the merchant is told what to do; what is right needs nothing', () => {
  for (const [check, outcomes] of Object.entries(CHECK_OUTCOMES)) {
    for (const [outcome, words] of Object.entries<{ result: string; fix: string | null }>(outcomes)) {
      const needsFix = words.result === 'failed' || words.result === 'warning';
      if (needsFix) expect(words.fix, `${check}.${outcome}`).toMatch(/\w/);
      if (words.result === 'ok') expect(words.fix, `${check}.${outcome}`).toBeNull();
    }
  }
});

test('a well connected number has nothing but good findings', () => {
  const results = judgeNumber(WELL, NOW).map(({ name, result }) => `${name} ${result}`);
  expect(results.filter((line) => !line.endsWith(' ok'))).toEqual([]);
});

test('a pixel is right when its probe is refused as too old, and only then', () => {
  const link: LinkObservation = { ...WELL, probe: refusal(100, 2804003) };
  expect(judgePixel(link, NOW).map(({ name, result }) => `${name} ${result}`)).toEqual([
    'token_valid ok',
    'token_expiry ok',
    'parked_events ok',
    'probe ok',
    'clock_skew ok',
    'graph_version ok',
    'usage ok',
  ]);
  const other = judgePixel({ ...link, probe: refusal(100, 2804087) }, NOW);
  expect(other.find(({ name }) => name === 'probe')).toMatchObject({ result: 'failed' });
});

test('a store that grants writing needs no reading beside it, and what is missing is named', () => {
  const [scopes] = judgeShop({ ...STORE, granted: { kind: 'found', value: ['read_products'] } });
  expect(scopes?.detail).toBe('Tieback lacks access: read_orders, write_app_proxy.');
});

test('one order that no delivery told of is one order', () => {
  const findings = judgeShop({ ...STORE, missed: 1 });
  expect(findings.find(({ name }) => name === 'shopify_webhooks')?.detail).toContain('payment of 1 order in');
});

test('a clock behind Meta’s is called behind', () => {
  const [skew] = judgeNumber({ ...WELL, skewMs: -90_000 }, NOW).filter(({ name }) => name === 'clock_skew');
  expect(skew?.detail).toBe('The server’s clock is 90 seconds behind Meta’s.');
});

test('an outcome of another check is not to be had', () => {
  const other = 'chosen' as 'accepted';
  expect(() => say('token_valid', other)).toThrow('the check token_valid has no outcome chosen');
});
