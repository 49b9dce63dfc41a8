import { expect, test } from 'vitest';
import { claimLanes, holdEvents } from '../../app/pipeline/claim.ts';
import { createCourier } from '../../app/pipeline/courier.ts';
import { deliverBatch } from '../../app/pipeline/deliver.ts';
import type { GraphClient } from '../../app/platforms/meta/graph.ts';
import { addSales, BAD_CLICK, numbered, requestSizes, statesOf } from './sales.ts';
import { openTieback, type Connection, type Tieback } from './tieback.ts';

const LEASE_MS = 60_000;
const ALL = { withNew: 10, retriesOnly: 10, busy: [] };

async function withSales(
  sales: Parameters<typeof addSales>[2],
): Promise<Tieback & { connection: Connection }> {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await addSales(tieback, connection, sales);
  return { ...tieback, connection };
}

test('what a worker had claimed but not sent when it died is due again when its lease ends, and sent once', async () => {
  const world = await withSales(numbered(3));
  expect((await claimLanes(world.pipeline, ALL))[0]?.events).toHaveLength(3);
  world.now.forward(LEASE_MS - 1);
  await world.work();
  expect(await statesOf(world)).toEqual({ sending: 3 });
  world.now.forward(1);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 3 });
  expect(requestSizes(world.meta)).toEqual([3]);
});

test('what was marked as leaving when the worker died is unknown when its lease ends, and the rest is due', async () => {
  const world = await withSales(numbered(4));
  const [lane] = await claimLanes(world.pipeline, ALL);
  const events = lane?.events ?? [];
  expect((await holdEvents(world.pipeline, events.slice(0, 1), events.slice(1))).size).toBe(1);
  world.now.forward(LEASE_MS);
  await world.work();
  expect(await statesOf(world)).toEqual({ unknown: 1, accepted: 3 });
  expect(requestSizes(world.meta)).toEqual([3]);
});

test('a worker that comes back after its lease does not send what another has taken since', async () => {
  const world = await withSales(numbered(2));
  const [lane] = await claimLanes(world.pipeline, ALL);
  world.now.forward(LEASE_MS);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 2 });
  expect(await holdEvents(world.pipeline, lane?.events ?? [], [])).toEqual(new Set());
});

test('an answer that comes after the lease still counts', async () => {
  const world = await withSales(numbered(1));
  const graph: GraphClient = async (request) => {
    const answer = await world.pipeline.graph(request);
    world.now.forward(LEASE_MS);
    await world.work();
    expect(await statesOf(world)).toEqual({ unknown: 1 });
    return answer;
  };
  await deliverBatch({ ...world.pipeline, graph });
  expect(await world.pipeline.db.conversionEvent.findFirst()).toMatchObject({
    state: 'accepted',
    reason: null,
  });
  expect(requestSizes(world.meta)).toEqual([1]);
});

test.each([1, 2])(
  'statement %i of a delivery loses its answer: what it did stands, and nothing is sent twice',
  async (lost) => {
    const world = await withSales(numbered(2));
    const { pipeline } = world;
    const { db } = pipeline;
    let statements = 0;
    const losing = new Proxy(db, {
      get: (target, name) =>
        name === '$queryRaw'
          ? async (sql: Parameters<typeof db.$queryRaw>[0]) => {
              const rows = await db.$queryRaw(sql);
              statements += 1;
              if (statements === lost) throw new Error('the connection was reset');
              return rows;
            }
          : Reflect.get(target, name, target),
    });
    const claimed = await deliverBatch({ ...pipeline, db: losing }).catch(() => null);
    // Claimed without its knowing, they were never marked as leaving; the lost mark is simply made again.
    expect([claimed, await statesOf(world)]).toEqual(
      lost === 1 ? [null, { sending: 2 }] : [2, { accepted: 2 }],
    );
    world.now.forward(LEASE_MS);
    await world.work();
    expect(await statesOf(world)).toEqual({ accepted: 2 });
    expect(requestSizes(world.meta)).toEqual([2]);
  },
);

test('on stopping, a worker finishes its request, puts back what would need more, and starts nothing', async () => {
  const world = await withSales([...numbered(7), { id: 8, clickId: BAD_CLICK }]);
  const { promise: asked, resolve: noteAsked } = Promise.withResolvers<void>();
  const { promise: go, resolve: answer } = Promise.withResolvers<void>();
  const graph: GraphClient = async (request) => {
    noteAsked();
    await go;
    return world.pipeline.graph(request);
  };
  const courier = createCourier({ ...world.pipeline, graph });
  await courier.round();
  await asked;
  const stopped = courier.stop();
  answer();
  await stopped;
  expect(requestSizes(world.meta)).toEqual([8]);
  expect(await statesOf(world)).toEqual({ due: 8 });
  expect(await world.pipeline.db.conversionEvent.findFirst()).toMatchObject({
    reason: 'interrupted',
    unsent: false,
  });
  expect(await courier.round()).toBe(0);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 7, refused: 1 });
});
