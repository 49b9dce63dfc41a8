import { setTimeout as delay } from 'node:timers/promises';
import type { Tieback } from '../integration/tieback.ts';
import type { FaultShop } from './shop.ts';

const PATIENCE_MS = 60_000;
const LOOK_MS = 15;

/** Whether nothing of a shop waits to be worked or sent. */
export async function isQuiet(tieback: Tieback, shop: FaultShop): Promise<boolean> {
  const { db } = tieback.pipeline;
  const accounts = [shop.domain, shop.connectionId];
  const due = await db.delivery.count({ where: { state: 'due', account: { in: accounts } } });
  if (due > 0) return false;
  const events = { shopId: shop.shopId, state: { in: ['due' as const, 'sending' as const] } };
  return (await db.conversionEvent.count({ where: events })) === 0;
}

/** Waits until something holds that other processes bring about. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come to pass in time');
    await delay(LOOK_MS);
  }
}

/** Waits until other processes have come to the end of a shop's work; fails when one ends before. */
export async function untilQuiet(tieback: Tieback, shop: FaultShop, ended: Promise<string>): Promise<void> {
  let end: string | null = null;
  void ended.then((how) => (end = how));
  await until(async () => {
    if (await isQuiet(tieback, shop)) return true;
    if (end !== null) throw new Error(`the process ended before the work was done: ${end}`);
    return false;
  });
}
