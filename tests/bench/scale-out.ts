import { randomBytes } from 'node:crypto';
import type { ConnectionId, ReferralId, ShopId } from '../../app/domain/ids.ts';
import { writeEvents } from '../../app/pipeline/ledger.ts';
import { uuidv7 } from '../../app/storage/uuid.ts';
import { saleOf } from '../integration/sales.ts';
import { writeBacklog } from './ceiling.ts';
import { cpuSeconds, familyCpuSeconds } from './cpu.ts';
import { openWorld, phoneOf, until, type World } from './world.ts';

const SHOPS = 600;
const EVENTS_PER_SHOP = 5;
const META_MS = 1_000;
const ORDERS = 20_000;

/**
 * What a second worker adds. Where Meta takes a second to answer, a worker waits, and neither the database nor the
 * processor is the limit; where orders are worked off, both cores are: the worker's share of the work says how far.
 */
export async function scaleOut() {
  const slow = { one: await deliverToSlowMeta(1), two: await deliverToSlowMeta(2) };
  const busy = { one: await workOffOrders(1), two: await workOffOrders(2) };
  const ratio = (a: number, b: number): number => Math.round((a / b) * 100) / 100;
  return {
    slowMeta: {
      metaAnswersAfterMs: META_MS,
      ...{ datasets: SHOPS, events: SHOPS * EVENTS_PER_SHOP },
      eventsPerSecond: slow,
      ratio: ratio(slow.two, slow.one),
    },
    orders: {
      orders: ORDERS,
      ordersPerSecond: { one: busy.one.perSecond, two: busy.two.perSecond },
      ratio: ratio(busy.two.perSecond, busy.one.perSecond),
      coresBusy: { one: busy.one.cores, two: busy.two.cores },
    },
  };
}

/** Events a second that `workers` deliver, each dataset's in one request that Meta answers after a second. */
async function deliverToSlowMeta(workers: number): Promise<number> {
  const world = await openWorld({ shops: SHOPS, clickersPerShop: 0, workers });
  try {
    await world.tellMeta({ kind: 'slow', ms: META_MS, times: SHOPS * EVENTS_PER_SHOP });
    await writeSales(world);
    await until(async () => (await world.due()).events === 0, 300_000);
    const [took] = await world.opened.pipeline.db.$queryRaw<{ seconds: number }[]>`
      SELECT extract(epoch FROM max(settled_at) - min(sent_at))::float8 AS seconds
      FROM conversion_events WHERE state = 'accepted'`;
    return Math.round((SHOPS * EVENTS_PER_SHOP) / (took?.seconds ?? Number.NaN));
  } finally {
    await world.close();
  }
}

async function writeSales(world: World): Promise<void> {
  const { pipeline } = world.opened;
  const connections = await pipeline.db.connection.findMany({ where: { kind: 'whatsapp' } });
  const now = new Date();
  const events = connections.flatMap((connection, shop) =>
    Array.from({ length: EVENTS_PER_SHOP }, (_, index) => {
      const id = shop * EVENTS_PER_SHOP + index + 1;
      const clickId = `Af${randomBytes(96).toString('base64url')}`;
      return {
        kind: 'due' as const,
        source: 'order' as const,
        referralId: uuidv7(now) as ReferralId,
        notBefore: null,
        shopId: connection.shopId as ShopId,
        subject: `gid://shopify/Order/${id}`,
        eventName: 'Purchase' as const,
        channel: 'business_messaging' as const,
        connectionId: connection.id as ConnectionId,
        datasetId: connection.datasetId,
        eventId: `shopify:order:${id}:Purchase`,
        eventTime: now,
        deadline: new Date(now.getTime() + 6 * 86_400_000),
        value: { amount: '10.50', currency: 'BRL' },
        payload: saleOf({ id, clickId, wabaId: connection.wabaId ?? '', now }),
      };
    }),
  );
  const clicks = events.map(({ payload }) => ({
    ctwaClid: payload.user_data.ctwa_clid,
    wabaId: payload.user_data.whatsapp_business_account_id,
  }));
  await world.tellMeta({ kind: 'add_clicks', clicks });
  await pipeline.db.$transaction((tx) => writeEvents(pipeline, tx, events));
}

/** Orders a second from a backlog to their decision, and how many cores that kept busy, all processes together. */
async function workOffOrders(workers: number): Promise<{ perSecond: number; cores: number }> {
  const world = await openWorld({ shops: 50, clickersPerShop: 100, workers });
  try {
    // Strangers' orders: they are decided, and nothing is delivered beside them.
    await writeBacklog(world, ORDERS, (shop, round) => phoneOf(shop, 9_000 + (round % 1_000)));
    // The workers began while the backlog was still being written.
    const left = (await world.due()).deliveries;
    const before = usedSeconds(world);
    const start = performance.now();
    await until(async () => (await world.due()).deliveries === 0, 300_000);
    const seconds = (performance.now() - start) / 1000;
    const cores = Math.round(((usedSeconds(world) - before) / seconds) * 10) / 10;
    return { perSecond: Math.round(left / seconds), cores };
  } finally {
    await world.close();
  }
}

function usedSeconds({ pids }: World): number {
  return pids.workers.reduce((sum, pid) => sum + cpuSeconds(pid), familyCpuSeconds(pids.postgres));
}
