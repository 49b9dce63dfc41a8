import { expect, test } from 'vitest';
import { creditClick } from '../../app/domain/attribution.ts';
import type { Click } from '../../app/domain/attribution.ts';
import type { ConnectionId, ReferralId } from '../../app/domain/ids.ts';

const PLACED_AT = new Date('2026-11-18T12:00:00Z');

function click(id: string, clickedAt: string, fields: Partial<Click> = {}): Click {
  return {
    referralId: id as ReferralId,
    clickedAt: new Date(clickedAt),
    sourceId: '120226305854810726',
    isAd: true,
    hasClickId: true,
    connectionId: 'c' as ConnectionId,
    ...fields,
  };
}

function credited(...clicks: Click[]) {
  const credit = creditClick({ placedAt: PLACED_AT, clicks, windowDays: 7 });
  return credit.kind === 'credited' ? credit.click.referralId : credit.reason;
}

test('the last ad click before the order gets the credit', () => {
  expect(credited(click('a', '2026-11-12T12:00:00Z'), click('b', '2026-11-17T12:00:00Z'))).toBe('b');
  expect(credited(click('b', '2026-11-17T12:00:00Z'), click('after', '2026-11-18T12:00:01Z'))).toBe('b');
});

test('the result names the model and the window', () => {
  const one = click('a', '2026-11-18T11:00:00Z');
  expect(creditClick({ placedAt: PLACED_AT, clicks: [one], windowDays: 7 })).toEqual({
    kind: 'credited',
    click: one,
    model: 'last_click',
    windowDays: 7,
  });
});

test('both ends of the window are inside it', () => {
  expect(credited(click('a', '2026-11-18T12:00:00Z'))).toBe('a');
  expect(credited(click('a', '2026-11-11T12:00:00Z'))).toBe('a');
  expect(credited(click('a', '2026-11-11T11:59:59Z'))).toBe('click_outside_window');
});

test('a later click that is no ad click does not count', () => {
  const post = click('post', '2026-11-18T11:00:00Z', { isAd: false, hasClickId: false });
  expect(credited(click('ad', '2026-11-17T12:00:00Z'), post)).toBe('ad');
  expect(credited(post)).toBe('no_ad_click');
});

test('an ad click without a click id still gets the credit', () => {
  expect(credited(click('status', '2026-11-17T12:00:00Z', { hasClickId: false }))).toBe('status');
});

test('of two clicks in the same second the one that can be reported wins', () => {
  const status = click('a', '2026-11-17T12:00:00Z', { hasClickId: false });
  expect(credited(status, click('z', '2026-11-17T12:00:00Z'))).toBe('z');
});

test('of two like clicks in the same second the choice does not depend on their order', () => {
  const [a, b] = [click('a', '2026-11-17T12:00:00Z'), click('b', '2026-11-17T12:00:00Z')];
  expect([credited(a, b), credited(b, a)]).toEqual(['a', 'a']);
});

test('no credit says why, and too old comes before too late', () => {
  const after = click('after', '2026-11-19T12:00:00Z');
  expect(credited()).toBe('no_ad_click');
  expect(credited(after)).toBe('click_after_order');
  expect(credited(after, click('old', '2026-10-01T12:00:00Z'))).toBe('click_outside_window');
});
