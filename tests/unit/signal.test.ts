import { expect, test } from 'vitest';
import type { ConnectionId, ReferralId } from '../../app/domain/ids.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../app/domain/settings.ts';
import { decideSignal, type SignalClick } from '../../app/domain/signal.ts';

type Input = Parameters<typeof decideSignal>[0];

const AT = new Date('2026-11-18T12:00:00.750Z');
const HOUR_MS = 3_600_000;
const ON = { reportLeadSubmitted: true, reportViewContent: true } as const;

function click(hoursBefore: number, fields: Partial<SignalClick> = {}): SignalClick {
  return {
    referralId: `click-${hoursBefore}` as ReferralId,
    connectionId: 'number' as ConnectionId,
    clickedAt: new Date(AT.getTime() - hoursBefore * HOUR_MS),
    ...{ sourceId: 'ad', isAd: true, hasClickId: true, leadDetected: false },
    ...fields,
  };
}

function decide(fields: Partial<Input> = {}, settings: Partial<Settings> = ON) {
  return decideSignal({
    eventName: 'ViewContent',
    eventId: 'tieback:chat-link:1:ViewContent',
    at: AT,
    now: new Date(AT.getTime() + 1000),
    clicks: [click(1)],
    settings: { ...DEFAULT_SETTINGS, ...settings },
    numberOf: () => ({ state: 'active', parkedEvents: [] }),
    consent: { said: null, saleOptOut: null },
    isDetected: () => false,
    ...fields,
  });
}

test('what happens after an ad click is told for it, in whole seconds and within seven days less an hour', () => {
  expect(decide()).toEqual({
    kind: 'report',
    click: click(1),
    report: {
      kind: 'report',
      eventName: 'ViewContent',
      channel: 'business_messaging',
      eventId: 'tieback:chat-link:1:ViewContent',
      eventTime: new Date('2026-11-18T12:00:00Z'),
      deadline: new Date('2026-11-25T11:00:00Z'),
    },
  });
});

test.each([
  ['no_ad_click', []],
  ['no_ad_click', [click(1, { isAd: false, hasClickId: false })]],
  ['click_after_order', [click(-1)]],
  ['click_outside_window', [click(8 * 24)]],
])('%s: it is credited to nobody', (reason, clicks) => {
  expect(decide({ clicks })).toEqual({ kind: 'not_attributed', reason });
});

test('the shop’s model and window choose the click', () => {
  const clicks = [click(1), click(3), click(40 * 24)];
  const chosen = (settings: Partial<Settings>) => {
    const decision = decide({ clicks }, { ...ON, ...settings });
    return decision.kind === 'not_attributed' ? null : decision.click.referralId;
  };
  expect(chosen({})).toBe('click-1');
  expect(chosen({ model: 'first_click' })).toBe('click-3');
  expect(chosen({ model: 'first_click', windowDays: 60 })).toBe('click-960');
});

test.each<[string, Partial<Input>, Partial<Settings>]>([
  ['reporting_off', {}, {}],
  ['consent_denied', { consent: { said: 'denied', saleOptOut: null } }, ON],
  ['data_sale_opt_out', { consent: { said: null, saleOptOut: true } }, ON],
  ['no_click_id', { clicks: [click(1, { hasClickId: false })] }, ON],
  ['disconnected', { numberOf: () => ({ state: 'disconnected', parkedEvents: [] }) }, ON],
  ['disconnected', { numberOf: () => undefined }, ON],
  ['event_name_parked', { numberOf: () => ({ state: 'active', parkedEvents: ['ViewContent'] }) }, ON],
  ['too_old', { now: new Date(AT.getTime() + 7 * 24 * HOUR_MS) }, ON],
  ['reported_automatically', { eventName: 'LeadSubmitted', clicks: [click(1, { leadDetected: true })] }, ON],
])('%s is a reason to keep it back', (reason, fields, settings) => {
  expect(decide(fields, settings)).toMatchObject({ kind: 'withheld', reason });
});

test.each<[string, Partial<Input>, Partial<Settings>]>([
  [
    'the sale of data is only to be limited',
    { consent: { said: null, saleOptOut: true } },
    { dataSaleOptOut: 'limit' },
  ],
  ['a number is paused', { numberOf: () => ({ state: 'paused', parkedEvents: [] }) }, {}],
  ['a number is lost', { numberOf: () => ({ state: 'lost', parkedEvents: ['LeadSubmitted'] }) }, {}],
  ['Meta detected a lead, and this is none', { clicks: [click(1, { leadDetected: true })] }, {}],
  [
    'the shop reports beside Meta',
    { eventName: 'LeadSubmitted', clicks: [click(1, { leadDetected: true })] },
    { automaticEvents: 'report' },
  ],
])('it is told all the same when %s', (_, fields, settings) => {
  expect(decide(fields, { ...ON, ...settings })).toMatchObject({ kind: 'report' });
});

test('what is too old keeps its time and the deadline that it missed', () => {
  const decision = decide({ now: new Date('2026-12-18T12:00:00Z') });
  expect(decision).toMatchObject({
    report: { eventTime: AT, deadline: new Date(AT.getTime() + 167 * HOUR_MS) },
  });
});
