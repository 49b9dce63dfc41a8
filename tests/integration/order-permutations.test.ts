import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { saveSettings } from '../../app/pipeline/shop.ts';
import { shopifyFulfillment, shopifyOrder } from '../builders/shopify.ts';
import { openInstalled, type Installed } from './installed.ts';
import { SHOP } from './tieback.ts';

type Json = Record<string, unknown>;
type Told = { topic: string; body: Json; triggeredAt: Date };

const at = (time: string): string => `2026-11-18T${time}-03:00`;
const told = (topic: string, time: string, body: Json): Told => ({
  topic,
  body: { ...body, updated_at: at(time) },
  triggeredAt: new Date(at(time)),
});
const PENDING = { financial_status: 'pending' };
const EDITED = { name: '#1042-B', total_price: '250.00' };
const SENT = { created_at: at('10:25:30'), updated_at: at('10:25:30') };

/**
 * All that Shopify tells of one order, in the sequence in which it happened; it is edited, sent and paid a second time.
 * What tells of the shipment alone may come before the order is known: its last telling has it too.
 */
const STORY: readonly Told[] = [
  told('orders/create', '10:22:34', PENDING),
  told('orders/updated', '10:23:00', { ...PENDING, total_price: '220.00' }),
  told('orders/paid', '10:24:00', { total_price: '220.00' }),
  told('orders/updated', '10:24:00', { total_price: '220.00' }),
  told('orders/updated', '10:25:00', { ...EDITED, financial_status: 'partially_paid' }),
  { topic: 'fulfillments/create', body: SENT, triggeredAt: new Date(SENT.created_at) },
  told('orders/paid', '10:26:00', EDITED),
];
const SHIPPED = { fulfillments: [shopifyFulfillment(SENT)] };
/** How it may end: the money goes back, with or without the order being cancelled. */
const ENDINGS = {
  refunded: told('orders/updated', '10:27:00', {
    ...{ ...EDITED, ...SHIPPED },
    financial_status: 'refunded',
    current_total_price: '30.00',
  }),
  cancelled: told('orders/cancelled', '10:27:00', {
    ...{ ...EDITED, ...SHIPPED },
    financial_status: 'refunded',
    cancelled_at: at('10:27:00'),
    current_total_price: '30.00',
  }),
};
type Ending = keyof typeof ENDINGS;
const SALES = [
  { kind: 'sale', status: 'success', processed_at: at('10:23:58') },
  { kind: 'sale', status: 'success', processed_at: at('10:25:57') },
];

/** A delivery of the story (some twice), a round of work, or a look at Shopify's list as it was at some moment. */
type Move = { kind: 'deliver'; told: Told } | { kind: 'work' } | { kind: 'reconcile'; shown: Told };

const moves = fc.constantFrom<Ending>('refunded', 'cancelled').chain((ending) => {
  const story = [...STORY, ENDINGS[ending]];
  const deliveries = story.map((one): Move => ({ kind: 'deliver', told: one }));
  const orders = story.filter(({ topic }) => topic.startsWith('orders/'));
  const look = fc.constantFrom(...orders).map((shown): Move => ({ kind: 'reconcile', shown }));
  return fc
    .record({
      again: fc.subarray(deliveries),
      works: fc.integer({ min: 0, max: 6 }),
      looks: fc.array(look, { maxLength: 3 }),
    })
    .chain(({ again, works, looks }) => {
      const all = [...deliveries, ...again, ...looks, ...Array<Move>(works).fill({ kind: 'work' })];
      return fc.shuffledSubarray(all, { minLength: all.length });
    })
    .map((sequence) => ({ ending, sequence }));
});

async function play(
  installed: Installed,
  { id, sequence, work }: { id: number; sequence: readonly Move[]; work: () => Promise<unknown> },
): Promise<void> {
  const { shopify, tieback } = installed;
  for (const move of sequence) {
    switch (move.kind) {
      case 'work':
        await work();
        break;
      case 'reconcile': {
        const shown = shopifyOrder({ id, ...move.shown.body });
        const until = Date.parse(String(shown['updated_at']));
        const transactions = SALES.filter(({ processed_at: time }) => Date.parse(time) <= until);
        shopify.placeOrder(SHOP, { ...shown, transactions });
        await installed.reconcile();
        break;
      }
      case 'deliver': {
        const { topic, body, triggeredAt } = move.told;
        const whole = topic.startsWith('orders/')
          ? shopifyOrder({ id, ...body })
          : shopifyFulfillment({ order_id: id, ...body });
        const answer = await tieback.sendShopify(topic, whole, { triggeredAt });
        expect(answer.status).toBe(200);
      }
    }
  }
  await work();
}

async function endOf({ tieback }: Installed, id: number) {
  const gid = `gid://shopify/Order/${id}`;
  const { db } = tieback.pipeline;
  const [order] = await db.order.findMany({ where: { gid } });
  const events = await db.conversionEvent.findMany({
    where: { subject: gid },
    orderBy: { eventName: 'asc' },
  });
  const { total, paidTotal, currentTotal } = order ?? {};
  return {
    order: {
      ...order,
      total: Number(total),
      paidTotal: Number(paidTotal),
      currentTotal: Number(currentTotal),
    },
    events: events.map((event) => ({ ...event, value: Number(event.value) })),
  };
}

const END = {
  name: '#1042-B',
  financialStatus: 'refunded',
  total: 250,
  currentTotal: 30,
  paidAt: new Date(at('10:24:00')),
  paidToldBy: 'orders_paid',
  paidTotal: 220,
  unpaidAt: new Date(at('10:22:34')),
  shippedAt: new Date(SENT.created_at),
  shopifyUpdatedAt: new Date(at('10:27:00')),
};
const CANCELLED_AT = { refunded: null, cancelled: new Date(at('10:27:00')) };
const eventId = (id: number, name: string): string => `shopify:order:${id}:${name}`;

async function openWithClick(): Promise<Installed> {
  const installed = await openInstalled();
  const connection = await installed.tieback.connect();
  await saveSettings(installed.tieback.pipeline, connection.shopId, {
    ...DEFAULT_SETTINGS,
    reportOrderCreated: true,
    reportOrderShipped: true,
    reportOrderCanceled: true,
  });
  await installed.tieback.tapAd();
  await installed.tieback.work();
  return installed;
}

test('whatever comes late, twice or swapped, and whenever the list is read, the order and its events end the same', async () => {
  const installed = await openWithClick();
  const { pipeline } = installed.tieback;
  const work = async (): Promise<void> => {
    while ((await attributeBatch(pipeline)) > 0);
  };
  let id = 1000;
  await fc.assert(
    fc.asyncProperty(moves, async ({ ending, sequence }) => {
      id += 1;
      await play(installed, { id, sequence, work });
      const { order, events } = await endOf(installed, id);
      const cancelled = ending === 'cancelled';
      expect(order).toMatchObject({
        ...END,
        cancelledAt: CANCELLED_AT[ending],
        decision: cancelled ? 'withheld' : 'report',
        reason: cancelled ? 'cancelled' : null,
        contactId: expect.any(String),
        referralId: expect.any(String),
      });
      const state = 'due';
      expect(events).toMatchObject(
        cancelled
          ? []
          : [
              {
                state,
                value: 214.9,
                eventId: eventId(id, 'OrderCreated'),
                eventTime: new Date(at('10:22:29')),
              },
              { state, eventId: eventId(id, 'OrderShipped'), eventTime: END.shippedAt },
              { state, value: 220, eventId: eventId(id, 'Purchase'), eventTime: END.paidAt },
            ],
      );
    }),
    { numRuns: 40 },
  );
});

test('with the events sent at any moment between, Meta accepts each once at most and the order ends the same', async () => {
  const installed = await openWithClick();
  const { tieback } = installed;
  let id = 1000;
  await fc.assert(
    fc.asyncProperty(moves, async ({ ending, sequence }) => {
      id += 1;
      await play(installed, { id, sequence, work: tieback.work });
      const { order, events } = await endOf(installed, id);
      expect(order).toMatchObject({ ...END, cancelledAt: CANCELLED_AT[ending] });
      // What left before the cancellation was told stays.
      const isTold = events.some(({ eventName }) => eventName === 'Purchase');
      expect([order.decision, order.reason]).toEqual(isTold ? ['report', null] : ['withheld', 'cancelled']);
      if (ending === 'refunded') expect(events).toHaveLength(3);
      for (const { state, attempts } of events) expect([state, attempts]).toEqual(['accepted', 1]);
      const accepted = tieback.meta.accepted().map(({ event }) => String(event['event_id']));
      const ofThis = accepted.filter((one) => one.startsWith(`shopify:order:${id}:`));
      expect(ofThis.toSorted()).toEqual(events.map((event) => event.eventId));
    }),
    { numRuns: 40 },
  );
});
