import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { postOne } from './load.ts';
import { summary } from './numbers.ts';
import { orderTemplate } from './order-body.ts';
import { openWorld, until } from './world.ts';

const ORDERS = 200;

/** One order now and then on an idle system: from the webhook's start to Meta's receipt in the ledger. */
export async function idleLatency() {
  const world = await openWorld({ shops: 5, clickersPerShop: 100, workers: 1 });
  try {
    const agent = new Agent({ keepAlive: true });
    const template = orderTemplate();
    for (let index = 0; index < ORDERS; index += 1) {
      const shopIndex = index % world.shops.length;
      const phone = world.clickers[shopIndex]?.[Math.floor(index / world.shops.length)] ?? '';
      const status = await postOne(world, agent, template, {
        id: 6_000_000_000_000 + index,
        shopIndex,
        phone,
      });
      if (status !== '200') throw new Error(`answered with ${status}`);
      // Not in step with anything that beats in the worker.
      await delay(150 + Math.random() * 150);
    }
    agent.destroy();
    await until(async () => (await world.due()).events === 0, 30_000);
    // The time of payment is the moment in which the delivery was made, to the millisecond.
    const rows = await world.opened.pipeline.db.$queryRaw<{ ms: number }[]>`
      SELECT (extract(epoch FROM e.settled_at - o.paid_at) * 1000)::float8 AS ms
      FROM conversion_events e JOIN orders o ON o.shop_id = e.shop_id AND o.gid = e.subject WHERE e.state = 'accepted'`;
    return { orders: rows.length, webhookToReceiptMs: summary(rows.map((row) => row.ms)) };
  } finally {
    await world.close();
  }
}
