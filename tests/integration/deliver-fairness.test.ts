import { expect, test } from 'vitest';
import { createCourier } from '../../app/pipeline/courier.ts';
import { deliverBatch } from '../../app/pipeline/deliver.ts';
import type { GraphClient } from '../../app/platforms/meta/graph.ts';
import { addSales, numbered, requestSizes, saleRequests, statesOf } from './sales.ts';
import { CLICK_ID, openTieback, type Connection, type Tieback } from './tieback.ts';

const SECOND_MS = 1_000;

/** The number of another shop. */
function connectShop(tieback: Tieback, n: number): Promise<Connection> {
  return tieback.connect({
    domain: `shop-${n}.myshopify.com`,
    wabaId: `1000${n}`,
    phoneNumberId: `2000${n}`,
    datasetId: `3000${n}`,
    token: `EAAshop-${n}`,
  });
}

/** One event of a shop of its own; click ids belong to one account each. */
async function addShopSale(tieback: Tieback, n: number): Promise<Connection> {
  const connection = await connectShop(tieback, n);
  const clickId = `${CLICK_ID}-${n}`;
  await addSales(tieback, connection, [{ id: 1_000_000 + n, clickId }]);
  return connection;
}

/** What waits now was tried before, a day ago. */
async function makeRetries(tieback: Tieback): Promise<void> {
  const nextAttemptAt = new Date(tieback.now.at.getTime() - 24 * 3600 * SECOND_MS);
  await tieback.pipeline.db.conversionEvent.updateMany({
    where: { state: 'due' },
    data: { attempts: 3, nextAttemptAt },
  });
}

const stateOf = async ({ pipeline }: Tieback, { connectionId }: Connection) =>
  (await pipeline.db.conversionEvent.findMany({ where: { connectionId } })).map((row) => row.state);

test('one event of a shop goes in the first round although another shop has ten thousand older ones', async () => {
  const tieback = await openTieback();
  const busy = await tieback.connect();
  await addSales(tieback, busy, numbered(10_000));
  tieback.now.forward(SECOND_MS);
  const small = await addShopSale(tieback, 1);
  expect(await deliverBatch(tieback.pipeline)).toBe(1_001);
  expect(await stateOf(tieback, small)).toEqual(['accepted']);
  expect(requestSizes(tieback.meta).toSorted()).toEqual([1, 1_000]);
  await tieback.work();
  expect(await statesOf(tieback)).toEqual({ accepted: 10_001 });
});

test('old retries of many shops do not hold up a new event, nor new events of many shops an old retry', async () => {
  const tieback = await openTieback();
  for (let n = 1; n <= 30; n += 1) await addShopSale(tieback, n);
  await makeRetries(tieback);
  const fresh = await addShopSale(tieback, 31);
  await deliverBatch(tieback.pipeline);
  expect(await stateOf(tieback, fresh)).toEqual(['accepted']);

  for (let n = 32; n <= 60; n += 1) await addShopSale(tieback, n);
  const retried = () =>
    tieback.pipeline.db.conversionEvent.count({ where: { state: 'accepted', attempts: 4 } });
  const before = await retried();
  await deliverBatch(tieback.pipeline);
  expect(await retried()).toBeGreaterThan(before);
  await tieback.work();
  expect(await statesOf(tieback)).toEqual({ accepted: 60 });
});

test('new events of a dataset go before its heap of old retries, which keeps a share of each request', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await addSales(tieback, connection, numbered(2_000));
  await makeRetries(tieback);
  await addSales(tieback, connection, numbered(900, 5_000));
  await deliverBatch(tieback.pipeline);
  const accepted = (attempts: number) =>
    tieback.pipeline.db.conversionEvent.count({ where: { state: 'accepted', attempts } });
  expect([await accepted(1), await accepted(4)]).toEqual([800, 200]);
  await tieback.work();
  expect(await statesOf(tieback)).toEqual({ accepted: 2_900 });
});

test('a dataset whose request hangs does not hold up the others, and gets no second request meanwhile', async () => {
  const tieback = await openTieback();
  const slow = await addShopSale(tieback, 1);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  let asked = 0;
  const graph: GraphClient = async (request) => {
    if (request.path.startsWith(slow.datasetId)) {
      asked += 1;
      await answered;
    }
    return tieback.pipeline.graph(request);
  };
  const courier = createCourier({ ...tieback.pipeline, graph });
  expect(await courier.round()).toBe(1);
  for (let n = 2; n <= 4; n += 1) {
    const other = await addShopSale(tieback, n);
    await addSales(tieback, slow, [{ id: n, clickId: `${CLICK_ID}-1` }]);
    expect(await courier.round()).toBe(1);
    await tieback.meta.waitForAccepted(n - 1, 5_000);
    expect(await stateOf(tieback, slow)).toContain('sending');
    expect(saleRequests(tieback.meta).at(-1)?.path).toContain(other.datasetId);
  }
  expect(asked).toBe(1);
  answer();
  await courier.drain();
  expect(await courier.round()).toBe(3);
  await courier.drain();
  expect(await statesOf(tieback)).toEqual({ accepted: 7 });
});

test('a lone event goes at once; while events keep coming a dataset waits half a second for company', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const courier = createCourier(tieback.pipeline);
  const comes = async (id: number) => {
    await addSales(tieback, connection, [{ id }]);
    const claimed = await courier.round();
    await courier.drain();
    return claimed;
  };
  expect(await comes(1)).toBe(1);
  expect(courier.restMs()).toBe(null);
  tieback.now.forward(100);
  expect(await comes(2)).toBe(1);
  tieback.now.forward(100);
  expect(await comes(3)).toBe(1);
  tieback.now.forward(100);
  expect(await comes(4)).toBe(0);
  expect(courier.restMs()).toBe(400);
  tieback.now.forward(399);
  expect(await comes(5)).toBe(0);
  tieback.now.forward(1);
  expect(await comes(6)).toBe(3);
  tieback.now.forward(SECOND_MS);
  expect(courier.restMs()).toBe(null);
  expect(await comes(7)).toBe(1);
});
