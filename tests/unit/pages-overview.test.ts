import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settingsUrl } from '../../app/pages/settings/places.ts';
import { ORDER_STATES, REASONS } from '../../app/domain/reason.ts';
import type { Alert } from '../../prisma/generated/client.ts';
import { keptBack } from '../../app/pages/overview/kept-back.ts';
import { notices } from '../../app/pages/overview/notices.ts';
import { setUp } from '../../app/pages/overview/set-up.ts';
import { attention, keyFigures, segments } from '../../app/pages/overview/tally.ts';
import type { OrderGroup } from '../../app/pages/overview/tally.ts';

function group(over: Partial<OrderGroup>): OrderGroup {
  return { state: 'reported', reason: null, currency: 'BRL', tied: true, orders: 1, revenue: 100, ...over };
}

test('the figures count only credited orders as tied, and only their revenue', () => {
  const groups = [
    group({ orders: 3, revenue: 600 }),
    group({ state: 'not_attributed', tied: false, orders: 9, revenue: 5_000 }),
  ];
  expect(keyFigures(groups, 'BRL')).toEqual({ paid: '12', tied: '3', revenue: 'R$600.00', share: '25%' });
});

test('without paid orders there is no share to speak of', () => {
  expect(keyFigures([], 'BRL')).toEqual({ paid: '0', tied: '0', revenue: 'R$0.00', share: null });
});

test('the parts of the picture add up to all orders, whatever the groups are', () => {
  const groups = fc.array(
    fc.record({
      state: fc.constantFrom(...ORDER_STATES),
      reason: fc.option(fc.constantFrom(...REASONS)),
      currency: fc.constantFrom('BRL', 'USD'),
      tied: fc.boolean(),
      orders: fc.integer({ min: 1, max: 10_000 }),
      revenue: fc.integer({ min: 0, max: 1_000_000 }),
    }),
  );
  fc.assert(
    fc.property(groups, (all) => {
      const parts = segments(all);
      const total = all.reduce((sum, { orders }) => sum + orders, 0);
      expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(total);
      expect(new Set(parts.map(({ state }) => state)).size).toBe(parts.length);
    }),
  );
});

test('the parts keep the order of the closed list and leave empty states out', () => {
  const parts = segments([group({ state: 'refused', orders: 1 }), group({ state: 'reported', orders: 3 })]);
  expect(parts.map(({ state, share }) => `${state} ${share}`)).toEqual(['reported 75%', 'refused 25%']);
});

test('refused and unknown orders are told about once per reason, over all their groups', () => {
  const items = attention([
    group({ state: 'refused', reason: 'refused_amount', orders: 2 }),
    group({ state: 'refused', reason: 'refused_amount', currency: 'USD', orders: 1 }),
    group({ state: 'unknown', reason: 'no_answer', orders: 1 }),
    group({ state: 'retrying', reason: 'throttled', orders: 7 }),
  ]);
  expect(items.map(({ title }) => title)).toEqual(['Refused: 3 orders', 'Unknown: 1 order']);
  expect(items.every(({ fix }) => fix !== null)).toBe(true);
});

const NUMBER = { displayNumber: '+55 11 4000-0000', active: true };
const ALL_SET = { numbers: [NUMBER], channelsChosen: true, adClick: true, paidOrder: true, accepted: true };

test.each(['channelsChosen', 'adClick', 'paidOrder', 'accepted'] as const)(
  'set-up is not done before %s is seen in the data',
  (fact) => {
    expect(setUp({ ...ALL_SET, [fact]: false }, false)).toMatchObject({
      kind: 'in_progress',
      dismissed: false,
    });
    expect(setUp(ALL_SET, true)).toEqual({ kind: 'connected', numbers: ['+55 11 4000-0000'] });
  },
);

test('the choice of what Meta is told is a step of its own, and its button leads to the choice', () => {
  const asked = setUp({ ...ALL_SET, channelsChosen: false }, false);
  const steps = asked.kind === 'in_progress' ? asked.steps : [];
  expect(steps.filter(({ done }) => !done)).toMatchObject([
    { title: 'Choose what Meta is told', action: { url: '/app/settings#channels' } },
  ]);
});

test('a number that does not work is not called connected', () => {
  const paused = { ...NUMBER, active: false };
  expect(setUp({ ...ALL_SET, numbers: [paused] }, false)).toEqual({ kind: 'connected', numbers: [] });
});

const CONNECTION = {
  id: '0192aaaa-0000-7000-8000-000000000001',
  displayNumber: '+55 11 4000-0000',
  datasetId: '774400112233445',
  state: 'active' as const,
  stateReason: null,
};

function alert(over: Partial<Alert>): Alert {
  const at = new Date('2026-11-20T04:41:00Z');
  return {
    shopId: 1,
    id: '0192aaaa-0000-7000-8000-00000000000a',
    subject: CONNECTION.id,
    name: 'probe',
    detail: 'Meta refused a test event.',
    fix: 'Connect the number again.',
    raisedAt: at,
    clearedAt: null,
    dismissedAt: null,
    mailedAt: null,
    expiresAt: null,
    ...over,
  };
}

const NONE = { connections: [CONNECTION], alerts: [], checks: [], attention: [] };
const check = (name: string, result: 'failed' | 'warning' = 'failed') => ({
  subject: CONNECTION.id,
  name,
  result,
});

test.each([
  ['Purchase_refused', 'critical'],
  ['QualifiedLead_refused', 'warning'],
])('%s is %s and leads to the number, where it is tried again', (name, tone) => {
  const url = settingsUrl('numbers');
  expect(notices({ ...NONE, alerts: [alert({ name })] })).toMatchObject([{ tone, link: { url } }]);
});

test('an alert names its number and its check, is critical while the check fails, and can be put away', () => {
  const [notice, ...others] = notices({ ...NONE, alerts: [alert({})], checks: [check('probe')] });
  expect(notice).toEqual({
    key: '0192aaaa-0000-7000-8000-00000000000a',
    title: '+55 11 4000-0000: Test event',
    text: 'Meta refused a test event. Connect the number again.',
    tone: 'critical',
    link: { content: 'See health', url: `/app/health#${CONNECTION.id}` },
    alertId: '0192aaaa-0000-7000-8000-00000000000a',
  });
  expect(others).toEqual([]);
  const ofStore = alert({ subject: 'shop', name: 'shopify_scopes', fix: null });
  expect(notices({ ...NONE, alerts: [ofStore], checks: [check('shopify_scopes')] })).toMatchObject([
    { title: 'Your store: Access to the store', text: 'Meta refused a test event.', tone: 'warning' },
  ]);
  expect(notices({ ...NONE, alerts: [alert({ name: 'account_violation' })] })).toMatchObject([
    { title: '+55 11 4000-0000: Account violation', tone: 'warning' },
  ]);
});

test.each([
  ['token_valid', { subject: CONNECTION.id }, '/app/settings#numbers'],
  ['webhook_seen', { subject: CONNECTION.id }, `/app/health#${CONNECTION.id}`],
  ['channels_chosen', { subject: 'shop' }, '/app/settings#channels'],
  ['shopify_scopes', { subject: 'shop' }, '/app/health#shop'],
])('the alert of %s leads to where it is put right', (name, over, url) => {
  expect(notices({ ...NONE, alerts: [alert({ name, ...over })] })).toMatchObject([{ link: { url } }]);
});

test('the settings of a pixel are its own section', () => {
  const pixel = { ...CONNECTION, displayNumber: null };
  expect(notices({ ...NONE, connections: [pixel], alerts: [alert({ name: 'token_expiry' })] })).toMatchObject(
    [{ link: { url: '/app/settings#pixel' } }],
  );
});

test.each(['paused', 'lost'] as const)(
  'a %s number says itself why, once, and cannot be put away',
  (state) => {
    const connections = [{ ...CONNECTION, state, stateReason: 'wiring_token' }];
    const alerts = [
      'token_valid',
      'token_expiry',
      'connection_lost',
      'connection_paused',
      'webhook_seen',
    ].map((name) => alert({ id: `id of ${name}`, name }));
    expect(notices({ ...NONE, connections, alerts })).toMatchObject([
      { title: expect.stringContaining('+55 11 4000-0000'), tone: 'critical', alertId: null },
      { title: '+55 11 4000-0000: Chats arriving', alertId: 'id of webhook_seen' },
    ]);
  },
);

test('an alert is not told of while the check that explains it fails, even when that one was put away', () => {
  const checks = [check('token_valid'), check('probe')];
  const alerts = [alert({ name: 'probe' }), alert({ id: 'chats', name: 'webhook_seen' })];
  expect(notices({ ...NONE, alerts, checks }).map(({ alertId }) => alertId)).toEqual(['chats']);
  expect(notices({ ...NONE, alerts, checks: [check('probe')] })).toHaveLength(2);
});

test('of a number that was taken off nothing is told, and of one that works nothing is said to be stopped', () => {
  const off = { ...CONNECTION, state: 'disconnected' as const };
  expect(notices({ ...NONE, connections: [off], alerts: [alert({})] })).toEqual([]);
  expect(notices(NONE)).toEqual([]);
});

test('a lost pixel is called by its dataset', () => {
  const pixel = { ...CONNECTION, displayNumber: null, state: 'lost' as const };
  expect(notices({ ...NONE, connections: [pixel] })).toMatchObject([
    { title: 'Pixel 774400112233445 must be connected again', link: { url: '/app/settings#pixel' } },
  ]);
});

test('the worst comes first, and sales that Meta does not have lead to just these', () => {
  const sales = attention([
    group({ state: 'refused', reason: 'refused_amount', orders: 2 }),
    group({ state: 'unknown', reason: 'no_answer' }),
  ]);
  const all = notices({ ...NONE, alerts: [alert({ name: 'webhook_seen' })], attention: sales });
  expect(all.map(({ tone, link }) => `${tone} ${link.url}`)).toEqual([
    'critical /app/orders?state=refused&reason=refused_amount',
    `warning /app/health#${CONNECTION.id}`,
    'warning /app/orders?state=unknown&reason=no_answer',
  ]);
});

test('what was kept back is counted by reason over all groups, the most frequent first, with a way to the orders', () => {
  const kept = keptBack({
    groups: [
      group({ state: 'withheld', reason: 'test_order', orders: 1 }),
      group({ state: 'withheld', reason: 'renewal', orders: 2 }),
      group({ state: 'withheld', reason: 'renewal', currency: 'USD', orders: 1200 }),
      group({ state: 'reported', orders: 9 }),
      group({ state: 'not_attributed', reason: 'no_phone', orders: 9 }),
    ],
    withheld: [{ eventName: 'LeadSubmitted', reason: 'no_click_id', events: 4 }],
    automatic: [
      { eventName: 'LeadSubmitted', reason: null, events: 1 },
      { eventName: 'Purchase', reason: null, events: 3 },
    ],
  });
  expect(kept?.lines.map(({ count, url }) => `${count} ${url}`)).toEqual([
    '1,202 orders /app/orders?state=withheld&reason=renewal',
    '1 order /app/orders?state=withheld&reason=test_order',
    '4 leads null',
  ]);
  expect(kept?.lines.map(({ settings }) => settings)).toEqual(['/app/settings#channels', null, null]);
  expect(kept?.automatic).toBe('Meta itself noticed 3 purchases and 1 lead in your chats.');
});

test('when nothing was kept back and Meta noticed nothing, there is nothing to show', () => {
  expect(keptBack({ groups: [group({})], withheld: [], automatic: [] })).toBeNull();
});
