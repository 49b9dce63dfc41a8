import { expect, test } from 'vitest';
import type { ConnectionId, ReferralId } from '../../app/domain/ids.ts';
import { shopClock } from '../../app/pages/format.ts';
import { creditPicture } from '../../app/pages/order/credit.ts';
import type { NamedClick } from '../../app/pages/order/credit.ts';
import { evidenceLines } from '../../app/pages/order/evidence.ts';
import { readStaffLink, staffSentence } from '../../app/pages/order/staff-link.ts';
import { timeline } from '../../app/pages/order/timeline.ts';
import type { EventStory, Story } from '../../app/pages/order/timeline.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const EVENT: EventStory = {
  attempts: 1,
  sentAt: at('12:20:00.400'),
  settledAt: at('12:20:02'),
  nextTryAt: null,
  expired: false,
  left: true,
};
const STORY: Story = {
  state: 'reported',
  click: { at: at('10:00:00'), ad: 'Leather bags' },
  firstMessageAt: at('10:00:00'),
  placedAt: at('12:10:00'),
  paidAt: at('12:20:00'),
  cancelledAt: null,
  shippedAt: null,
  deliveredAt: null,
  returnedAt: null,
  staff: null,
  created: null,
  event: EVENT,
};

function steps(story: Partial<Story>): string[] {
  return timeline({ ...STORY, ...story }, shopClock('UTC')).map(
    ({ title, gap, mark }) => `${mark}: ${title}${gap === null ? '' : `, ${gap}`}`,
  );
}

test('a reported order tells the whole way with the gaps between its steps', () => {
  expect(steps({})).toEqual([
    'done: Ad click',
    'done: Message on WhatsApp, at the same time',
    'done: Order placed, 2 h 10 min later',
    'done: Order paid, 10 min later',
    'done: Told Meta, at the same time',
    'done: Meta confirmed it, 1 s later',
  ]);
});

test('a first message after the order stands after it', () => {
  const late = { state: 'not_attributed', click: null, firstMessageAt: at('13:00:00'), event: null } as const;
  expect(steps(late)).toEqual([
    'done: Order placed',
    'done: Order paid, 10 min later',
    'done: First message on WhatsApp, 40 min later',
    'skipped: Meta is not told',
  ]);
});

test('an unpaid order shows what it waits for', () => {
  const unpaid = { state: 'unpaid', click: null, firstMessageAt: null, paidAt: null, event: null } as const;
  expect(steps(unpaid)).toEqual(['done: Order placed', 'waiting: Order paid', 'waiting: Tell Meta']);
});

test('an unpaid order that was cancelled waits for nothing', () => {
  const cancelled = {
    state: 'unpaid',
    click: null,
    firstMessageAt: null,
    paidAt: null,
    cancelledAt: at('12:15:00'),
    event: null,
  } as const;
  const placed = ['done: Order placed', 'problem: Order cancelled, 5 min later'];
  expect(steps(cancelled)).toEqual([...placed, 'skipped: Meta is not told']);
  const created = { ...EVENT, state: 'reported', sentAt: at('12:10:05'), settledAt: at('12:10:06') } as const;
  expect(steps({ ...cancelled, created }).at(-1)).toBe('skipped: Meta is not told of a purchase');
});

test('a refusal by our own check does not say that Meta was told', () => {
  const titles = steps({ state: 'refused', event: { ...EVENT, left: false } });
  expect(titles).not.toContain('done: Told Meta, at the same time');
  expect(titles.at(-1)).toBe('problem: Stopped before it was sent, 2 s later');
});

test('an order that is tried again says when', () => {
  const event = { ...EVENT, settledAt: null, nextTryAt: at('13:00:00') };
  const last = timeline({ ...STORY, state: 'retrying', event }, shopClock('UTC')).slice(-3);
  expect(last.map(({ title, detail }) => [title, detail])).toEqual([
    ['First try to tell Meta', null],
    ['Tell Meta again', 'Next try at Nov 20, 2026, 1:00 PM.'],
    ['Meta answers', null],
  ]);
});

test('an order that is being sent for the first time waits for the answer only', () => {
  expect(steps({ state: 'queued', event: { ...EVENT, settledAt: null } }).slice(-2)).toEqual([
    'done: Told Meta, at the same time',
    'waiting: Meta answers',
  ]);
});

test('an event whose time ran out ends there, and one that was kept back does not say so', () => {
  const event = { ...EVENT, attempts: 9, expired: true };
  expect(steps({ state: 'withheld', event }).at(-1)).toBe('problem: Time to tell Meta ran out, 1 s later');
  const kept = { ...EVENT, attempts: 0, sentAt: null };
  expect(steps({ state: 'withheld', event: kept }).at(-1)).toBe('problem: Kept back, 2 s later');
});

test('what becomes of an order stands after it, in the order of time', () => {
  const after = { shippedAt: at('13:00:00'), deliveredAt: at('15:00:00'), returnedAt: at('18:00:00') };
  expect(steps(after).slice(-3)).toEqual([
    'done: Order shipped, 39 min 58 s later',
    'done: Order delivered, 2 h later',
    'problem: Something was returned, 3 h later',
  ]);
});

test('what staff said and what Meta was told before the payment stand in their place', () => {
  const created = { ...EVENT, state: 'reported', sentAt: at('12:10:05'), settledAt: at('12:10:06') } as const;
  const staff = { at: at('13:00:00'), linked: true, by: 'staff member 7' };
  expect(steps({ created, staff }).map((step) => step.split(',')[0])).toEqual([
    'done: Ad click',
    'done: Message on WhatsApp',
    'done: Order placed',
    'done: Told Meta of the order',
    'done: Meta confirmed it',
    'done: Order paid',
    'done: Told Meta',
    'done: Meta confirmed it',
    'done: Linked to a chat by hand',
  ]);
});

const EVIDENCE = {
  signal: 'customer_phone',
  source: 'shipping_address',
  basis: 'brazil_ninth_digit',
  strength: 'strong',
  masked: '+55 ••••• 4321',
  contactId: 'c',
  verdict: 'chosen',
  why: null,
  chosen: true,
};

test('evidence of a known shape is put in words, anything else is left out', () => {
  expect(evidenceLines([EVIDENCE, { ...EVIDENCE, basis: 'guess' }, 'text', null])).toMatchObject([
    { where: 'In the shipping address', shown: '+55 ••••• 4321', strength: 'Strong', chosen: true },
  ]);
  expect(evidenceLines({ not: 'a list' })).toEqual([]);
});

test('evidence that was set aside says why, and one that points elsewhere says so', () => {
  const aside = { ...EVIDENCE, verdict: 'set_aside', why: 'shared_number', chosen: false };
  const other = { ...EVIDENCE, verdict: 'disagrees', chosen: false };
  const [first, second] = evidenceLines([aside, other]);
  expect(first?.verdict.label).toBe('Set aside');
  expect(first?.why).toMatch(/too many customers/i);
  expect(second).toMatchObject({ verdict: { label: 'Points to another chat' }, disagrees: true, why: null });
});

test('evidence from before there were other signals is still read', () => {
  const { source, basis, strength, masked, contactId, chosen } = EVIDENCE;
  const [line] = evidenceLines([{ signal: 'phone', source, basis, strength, masked, contactId, chosen }]);
  expect(line).toMatchObject({ signal: 'Phone of the customer', chosen: true });
});

const click = (id: string, time: string, more: Partial<NamedClick> = {}): NamedClick => ({
  referralId: id as ReferralId,
  connectionId: 'n' as ConnectionId,
  clickedAt: at(time),
  sourceId: id,
  isAd: true,
  hasClickId: true,
  headline: null,
  ...more,
});
const picture = (clicks: NamedClick[]) =>
  creditPicture({
    order: { placedAt: at('12:00:00'), net: 90, currency: 'BRL' },
    clicks,
    windowDays: 7,
    own: 'last_click',
    clock: shopClock('UTC'),
  });

test('the three models stand side by side, click by click, with the shop’s own marked', () => {
  const clicks = [
    click('c', '11:00:00'),
    click('a', '09:00:00'),
    click('b', '10:00:00'),
    click('d', '13:00:00'),
  ];
  const drawn = picture(clicks);
  expect(drawn?.models.map(({ label, own }) => [label, own])).toEqual([
    ['Last click', true],
    ['First click', false],
    ['Linear', false],
  ]);
  expect(
    drawn?.rows.map(({ ad, parts }) => [ad, ...parts.map((part) => `${part.model} ${part.money}`)]),
  ).toEqual([
    ['a', 'first_click R$90.00', 'linear R$30.00'],
    ['b', 'linear R$30.00'],
    ['c', 'last_click R$90.00', 'linear R$30.00'],
  ]);
});

test('without a click that counts there is no picture', () => {
  expect(picture([click('a', '11:00:00', { isAd: false }), click('b', '12:00:01')])).toBeNull();
});

test('a word of staff that says nothing any more is none', () => {
  const said = { contactId: null, rejected: [], by: 'staff member 7', at: '2026-11-20T12:00:00.000Z' };
  expect(readStaffLink(said)).toBeNull();
  expect(readStaffLink(null)).toBeNull();
  const rejected = readStaffLink({ ...said, rejected: ['c'] });
  expect(rejected && staffSentence(rejected, shopClock('UTC'))).toBe(
    'Staff member 7 said that it does not belong to a chat that claimed it, Nov 20, 2026, 12:00 PM.',
  );
});
