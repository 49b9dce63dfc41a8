import { expect, test } from 'vitest';
import { shopClock } from '../../app/pages/format.ts';
import { evidenceLines } from '../../app/pages/order/evidence.ts';
import { timeline } from '../../app/pages/order/timeline.ts';
import type { EventStory, Story } from '../../app/pages/order/timeline.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const EVENT: EventStory = {
  attempts: 1,
  sentAt: at('12:20:00.400'),
  settledAt: at('12:20:02'),
  nextTryAt: null,
  left: true,
};
const STORY: Story = {
  state: 'reported',
  click: { at: at('10:00:00'), ad: 'Leather bags' },
  firstMessageAt: at('10:00:00'),
  placedAt: at('12:10:00'),
  paidAt: at('12:20:00'),
  cancelledAt: null,
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

test('an event whose time ran out ends there', () => {
  const event = { ...EVENT, attempts: 9 };
  expect(steps({ state: 'withheld', event }).at(-1)).toBe('problem: Time to tell Meta ran out, 1 s later');
});

test('evidence of a known shape is put in words, anything else is left out', () => {
  const phone = {
    signal: 'phone',
    source: 'shipping_address',
    basis: 'brazil_ninth_digit',
    strength: 'strong',
    masked: '+55 ••••• 4321',
    contactId: 'c',
    chosen: true,
  };
  expect(evidenceLines([phone, { ...phone, basis: 'guess' }, 'text', null])).toMatchObject([
    { where: 'Phone of the shipping address', number: '+55 ••••• 4321', chosen: true },
  ]);
  expect(evidenceLines({ not: 'a list' })).toEqual([]);
});
