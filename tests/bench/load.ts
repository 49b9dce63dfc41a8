import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { orderTemplate, paidHeaders } from './order-body.ts';
import { phoneOf, SHOPIFY_SECRET, type World } from './world.ts';

export type LoadResult = {
  sent: number;
  matching: number;
  latencies: number[];
  answers: Record<string, number>;
};

const TICK_MS = 5;
// People of no shop's clicks.
const STRANGER = 9_000;

/**
 * Posts paid orders at a fixed rate, whatever the answers do: a late answer does not slow the next order, and its
 * latency counts from the moment the order was to be sent.
 */
export async function postOrders(
  world: World,
  options: { perSecond: number; seconds: number; matchingShare: number; firstId: number },
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const template = orderTemplate();
  const result: LoadResult = { sent: 0, matching: 0, latencies: [], answers: {} };
  const total = options.perSecond * options.seconds;
  const open = new Set<Promise<void>>();
  const start = performance.now();
  while (result.sent < total) {
    const elapsed = performance.now() - start;
    const wanted = Math.min(total, Math.floor((elapsed / 1000) * options.perSecond));
    while (result.sent < wanted) {
      const index = result.sent;
      result.sent += 1;
      const shopIndex = index % world.shops.length;
      const clickers = world.clickers[shopIndex] ?? [];
      // Spread evenly over every hundred orders of a shop.
      const round = Math.floor(index / world.shops.length);
      const matches =
        clickers.length > 0 && (round * 37 + shopIndex * 11) % 100 < options.matchingShare * 100;
      const phone = matches
        ? clickers[round % clickers.length]
        : phoneOf(shopIndex, STRANGER + (round % 1_000));
      if (matches) result.matching += 1;
      const due = start + (index / options.perSecond) * 1000;
      const sent = postOne(world, agent, template, {
        id: options.firstId + index,
        shopIndex,
        phone: phone ?? '',
      })
        .then((status) => {
          result.latencies.push(performance.now() - due);
          result.answers[status] = (result.answers[status] ?? 0) + 1;
        })
        .finally(() => open.delete(sent));
      open.add(sent);
    }
    await delay(TICK_MS);
  }
  await Promise.all(open);
  agent.destroy();
  return result;
}

/** Posts one signed orders/paid delivery; gives the status, or the code of the failure. */
export function postOne(
  world: Pick<World, 'url' | 'shops'>,
  agent: Agent,
  template: ReturnType<typeof orderTemplate>,
  order: { id: number; shopIndex: number; phone: string },
): Promise<string> {
  const at = new Date().toISOString();
  const body = Buffer.from(template({ id: order.id, phone: order.phone, at }));
  const shop = world.shops[order.shopIndex]?.domain ?? '';
  const headers = paidHeaders({ shop, body, secret: SHOPIFY_SECRET, id: randomUUID(), at });
  return new Promise((resolve) => {
    const sent = request(`${world.url}/webhooks/shopify`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(String(answer.statusCode)));
    });
    sent.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    sent.end(body);
  });
}
