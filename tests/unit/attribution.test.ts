import { expect, test } from 'vitest';
import { creditClicks, creditEachWay } from '../../app/domain/attribution.ts';
import type { Click, Model } from '../../app/domain/attribution.ts';
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
  const credit = creditClicks({ placedAt: PLACED_AT, clicks, windowDays: 7, model: 'last_click' });
  return credit.kind === 'credited' ? credit.click.referralId : credit.reason;
}

/** The shares by click, and the click that is told to Meta. */
function shared(model: Model, ...clicks: Click[]) {
  const credit = creditClicks({ placedAt: PLACED_AT, clicks, windowDays: 7, model });
  if (credit.kind !== 'credited') return credit.reason;
  const shares = credit.credits.map(({ click: one, share }) => `${one.referralId} ${share.toFixed(2)}`);
  return { told: credit.click.referralId, shares };
}

test('the last ad click before the order gets the credit', () => {
  expect(credited(click('a', '2026-11-12T12:00:00Z'), click('b', '2026-11-17T12:00:00Z'))).toBe('b');
  expect(credited(click('b', '2026-11-17T12:00:00Z'), click('after', '2026-11-18T12:00:01Z'))).toBe('b');
});

test('the result names the model, the window and the shares', () => {
  const one = click('a', '2026-11-18T11:00:00Z');
  const result = { kind: 'credited', windowDays: 7, click: one, credits: [{ click: one, share: 1 }] };
  expect(creditEachWay({ placedAt: PLACED_AT, clicks: [one], windowDays: 7 })).toEqual({
    last_click: { ...result, model: 'last_click' },
    first_click: { ...result, model: 'first_click' },
    linear: { ...result, model: 'linear' },
  });
});

test('each model shares the credit in its way, and only clicks in the window take part', () => {
  const clicks = [
    click('c', '2026-11-17T12:00:00Z'),
    click('a', '2026-11-12T12:00:00Z'),
    click('b', '2026-11-14T12:00:00Z'),
    click('old', '2026-11-01T12:00:00Z'),
    click('after', '2026-11-19T12:00:00Z'),
    click('post', '2026-11-16T12:00:00Z', { isAd: false, hasClickId: false }),
  ];
  expect(shared('last_click', ...clicks)).toEqual({ told: 'c', shares: ['c 1.00'] });
  expect(shared('first_click', ...clicks)).toEqual({ told: 'a', shares: ['a 1.00'] });
  expect(shared('linear', ...clicks)).toEqual({ told: 'c', shares: ['a 0.33', 'b 0.33', 'c 0.33'] });
});

test('of several that share the credit the last that Meta can be told of is told', () => {
  const clicks = [
    click('a', '2026-11-12T12:00:00Z'),
    click('b', '2026-11-17T12:00:00Z', { hasClickId: false }),
  ];
  expect(shared('linear', ...clicks)).toEqual({ told: 'a', shares: ['a 0.50', 'b 0.50'] });
  expect(shared('last_click', ...clicks)).toEqual({ told: 'b', shares: ['b 1.00'] });
  expect(shared('linear', ...clicks.slice(1))).toEqual({ told: 'b', shares: ['b 1.00'] });
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
  const clicks = [
    click('a', '2026-11-17T12:00:00Z', { hasClickId: false }),
    click('z', '2026-11-17T12:00:00Z'),
  ];
  expect(credited(...clicks)).toBe('z');
  expect(shared('first_click', ...clicks)).toMatchObject({ told: 'z' });
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
