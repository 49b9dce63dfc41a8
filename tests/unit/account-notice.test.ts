import { expect, test } from 'vitest';
import { readUpdate, splitDelivery } from '../../app/domain/whatsapp-update.ts';
import { whatsappNotice } from '../builders/whatsapp.ts';
import { accountUpdate, phoneNumberQualityUpdate, type AccountEvent } from '../sandbox/whatsapp-account.ts';

const AT = new Date('2026-11-18T12:00:00Z');
const WABA = '102290129340398';

function read(body: unknown) {
  const delivery = splitDelivery(JSON.stringify(body));
  return delivery.kind === 'updates' ? delivery.updates.map(({ text }) => readUpdate(text)) : [];
}

type Event = AccountEvent extends infer E
  ? E extends AccountEvent
    ? Omit<E, 'wabaId' | 'at'>
    : never
  : never;
const told = (event: Event) => read(accountUpdate({ wabaId: WABA, at: AT, ...event } as AccountEvent));

test.each<[Event, unknown]>([
  [
    { event: 'PARTNER_APP_UNINSTALLED', appId: '77' },
    { concerns: 'app', appId: '77', change: { kind: 'lost', reason: 'app_uninstalled' } },
  ],
  [
    { event: 'PARTNER_APP_UNINSTALLED', asInSample: false },
    { change: { kind: 'lost', reason: 'app_uninstalled' } },
  ],
  [{ event: 'PARTNER_REMOVED' }, { concerns: 'app', change: { kind: 'lost', reason: 'partner_removed' } }],
  [
    { event: 'ACCOUNT_DELETED' },
    { concerns: 'account', change: { kind: 'lost', reason: 'account_deleted' } },
  ],
  [
    { event: 'ACCOUNT_OFFBOARDED' },
    { concerns: 'account', change: { kind: 'lost', reason: 'account_offboarded' } },
  ],
  [
    { event: 'ACCOUNT_RECONNECTED' },
    { concerns: 'account', change: { kind: 'restored', reason: 'account_offboarded' } },
  ],
  [
    { event: 'DISABLED_UPDATE', banState: 'DISABLE' },
    { change: { kind: 'paused', reason: 'account_disabled' } },
  ],
  [
    { event: 'DISABLED_UPDATE', banState: 'REINSTATE' },
    { change: { kind: 'restored', reason: 'account_disabled' } },
  ],
  [
    { event: 'DISABLED_UPDATE', banState: 'SCHEDULE_FOR_DISABLE', banDate: 'November 20, 2026' },
    {
      change: {
        kind: 'alert',
        alert: { detail: 'Meta is going to disable the WhatsApp account (November 20, 2026).' },
      },
    },
  ],
  [
    { event: 'ACCOUNT_VIOLATION', violation: 'ADULT' },
    { change: { alert: { detail: 'Meta says that the WhatsApp account violated its policy (ADULT).' } } },
  ],
  [
    { event: 'ACCOUNT_RESTRICTION' },
    {
      change: {
        alert: { detail: 'Meta restricted the WhatsApp account: RESTRICTED_BIZ_INITIATED_MESSAGING.' },
      },
    },
  ],
])('%j is of the account that it names, at its time', (event, notice) => {
  expect(told(event)).toMatchObject([{ kind: 'account', wabaId: WABA, at: AT, notice }]);
});

test.each<Event>([
  { event: 'PARTNER_ADDED' },
  { event: 'PARTNER_APP_INSTALLED' },
  { event: 'AD_ACCOUNT_LINKED' },
  { event: 'MM_LITE_TERMS_SIGNED' },
  { event: 'BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE' },
  { event: 'AUTH_INTL_PRICE_ELIGIBILITY_UPDATE' },
  { event: 'PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE' },
])('%j changes nothing', (event) => {
  expect(told(event)).toEqual([{ kind: 'other', topic: 'account_update' }]);
});

test.each([{}, { event: 7 }, { event: 'DISABLED_UPDATE' }, { event: 'DISABLED_UPDATE', ban_info: {} }])(
  'an account update like %j changes nothing',
  (value) => {
    const body = whatsappNotice('account_update', value, { id: WABA, time: 1 });
    expect(read(body)).toEqual([{ kind: 'other', topic: 'account_update' }]);
  },
);

test('what Meta leaves out of a violation or a restriction is left out of the words', () => {
  const words = (event: string) =>
    read(whatsappNotice('account_update', { event }, { id: WABA, time: 1 })).map((update) =>
      update.kind === 'account' && update.notice.change.kind === 'alert'
        ? update.notice.change.alert.detail
        : null,
    );
  expect(words('ACCOUNT_VIOLATION')).toEqual(['Meta says that the WhatsApp account violated its policy.']);
  expect(words('ACCOUNT_RESTRICTION')).toEqual(['Meta restricted the WhatsApp account.']);
});

test.each([
  ['FLAGGED', 'FLAGGED, TIER_1K', { name: 'number_quality' }],
  ['DOWNGRADE', 'DOWNGRADE, TIER_1K', { detail: expect.stringContaining('(TIER_1K)') as string }],
  ['UNFLAGGED', 'UNFLAGGED, TIER_1K', 'over'],
  ['UPGRADE', 'UPGRADE, TIER_1K', 'over'],
  ['ONBOARDING', 'ONBOARDING, TIER_1K', null],
  ['THROUGHPUT_UPGRADE', 'THROUGHPUT_UPGRADE, TIER_1K', null],
] as const)('a number that is %s has the quality %s', (event, quality, alert) => {
  const body = phoneNumberQualityUpdate({ wabaId: WABA, displayNumber: '15550783881', at: AT, event });
  expect(read(body)).toEqual([
    {
      ...{ kind: 'quality', wabaId: WABA, at: AT },
      notice: {
        ...{ displayNumber: '15550783881', quality },
        alert:
          typeof alert === 'object' && alert !== null ? (expect.objectContaining(alert) as object) : alert,
      },
    },
  ]);
});

test('the portfolio’s limit takes the place of the number’s own', () => {
  const limits = { currentLimit: 'TIER_1K', businessLimit: 'TIER_2K' };
  const body = phoneNumberQualityUpdate({
    wabaId: WABA,
    displayNumber: '15550783881',
    at: AT,
    event: 'UPGRADE',
    ...limits,
  });
  expect(read(body)).toMatchObject([{ notice: { quality: 'UPGRADE, TIER_2K' } }]);
});

test('a quality update that names no number changes nothing', () => {
  const body = whatsappNotice('phone_number_quality_update', { event: 'FLAGGED' }, { id: WABA, time: 1 });
  expect(read(body)).toEqual([{ kind: 'other', topic: 'phone_number_quality_update' }]);
});
