import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { shopifyOrder } from '../builders/shopify.ts';
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

/** All that Shopify tells of one order, in the sequence in which it happened; it is edited and paid a second time. */
const STORY: Told[] = [
  told('orders/create', '10:22:34', PENDING),
  told('orders/updated', '10:23:00', { ...PENDING, total_price: '220.00' }),
  told('orders/paid', '10:24:00', { total_price: '220.00' }),
  told('orders/updated', '10:24:00', { total_price: '220.00' }),
  told('orders/updated', '10:25:00', { ...EDITED, financial_status: 'partially_paid' }),
  told('orders/paid', '10:26:00', EDITED),
  told('orders/cancelled', '10:27:00', {
    ...EDITED,
    financial_status: 'refunded',
    cancelled_at: at('10:27:00'),
  }),
];
const SALES = [
  { kind: 'sale', status: 'success', processed_at: at('10:23:58') },
  { kind: 'sale', status: 'success', processed_at: at('10:25:57') },
];

/** A delivery of the story (some twice), a round of work, or a look at Shopify's list as it was at some moment. */
type Move = { kind: 'deliver'; told: Told } | { kind: 'work' } | { kind: 'reconcile'; shown: Told };

const deliveries = STORY.map((one): Move => ({ kind: 'deliver', told: one }));
const look = fc.constantFrom(...STORY).map((shown): Move => ({ kind: 'reconcile', shown }));
const moves = fc
  .record({
    again: fc.subarray(deliveries),
    works: fc.integer({ min: 0, max: 6 }),
    looks: fc.array(look, { maxLength: 3 }),
  })
  .chain(({ again, works, looks }) => {
    const all = [...deliveries, ...again, ...looks, ...Array<Move>(works).fill({ kind: 'work' })];
    return fc.shuffledSubarray(all, { minLength: all.length });
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
        const answer = await tieback.sendShopify(topic, shopifyOrder({ id, ...body }), { triggeredAt });
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
  const events = await db.conversionEvent.findMany({ where: { subject: gid } });
  return {
    order: { ...order, total: Number(order?.total), paidTotal: Number(order?.paidTotal) },
    events: events.map((event) => ({ ...event, value: Number(event.value) })),
  };
}

const END = {
  name: '#1042-B',
  financialStatus: 'refunded',
  total: 250,
  paidAt: new Date(at('10:24:00')),
  paidToldBy: 'orders_paid',
  paidTotal: 220,
  cancelledAt: new Date(at('10:27:00')),
  shopifyUpdatedAt: new Date(at('10:27:00')),
  decision: 'report',
  reason: null,
};

async function openWithClick(): Promise<Installed> {
  const installed = await openInstalled();
  await installed.tieback.connect();
  await installed.tieback.tapAd();
  await installed.tieback.work();
  return installed;
}

test('whatever comes late, twice or swapped, and whenever the list is read, the order and its event end the same', async () => {
  const installed = await openWithClick();
  const { pipeline } = installed.tieback;
  const work = async (): Promise<void> => {
    while ((await attributeBatch(pipeline)) > 0);
  };
  let id = 1000;
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      id += 1;
      await play(installed, { id, sequence, work });
      const { order, events } = await endOf(installed, id);
      expect(order).toMatchObject(END);
      expect(events).toMatchObject([
        {
          state: 'due',
          value: 220,
          eventId: `shopify:order:${id}:Purchase`,
          eventTime: END.paidAt,
        },
      ]);
    }),
    { numRuns: 60 },
  );
});

test('with the event sent at any moment between, Meta accepts one and the order ends the same', async () => {
  const installed = await openWithClick();
  const { tieback } = installed;
  let id = 1000;
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      id += 1;
      await play(installed, { id, sequence, work: tieback.work });
      const { order, events } = await endOf(installed, id);
      expect(order).toMatchObject(END);
      expect(events).toMatchObject([{ state: 'accepted', attempts: 1 }]);
      const accepted = tieback.meta.accepted().map(({ event }) => event['event_id']);
      expect(accepted.filter((one) => one === `shopify:order:${id}:Purchase`)).toHaveLength(1);
    }),
    { numRuns: 40 },
  );
});
