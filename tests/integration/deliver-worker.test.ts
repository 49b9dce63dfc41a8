import { expect, test } from 'vitest';
import { startWorker } from '../../app/pipeline/worker.ts';
import { addSales, numbered, requestSizes, statesOf } from './sales.ts';
import { openTieback, START } from './tieback.ts';

test('two running workers send what comes, each event once, and stop with nothing under way', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const began = performance.now();
  const clock = () => new Date(START.getTime() + Math.floor(performance.now() - began));
  const pipeline = { ...tieback.pipeline, clock };
  const workers = await Promise.all([1, 2].map(() => startWorker(pipeline, tieback.databaseUrl)));
  for (let batch = 0; batch < 10; batch += 1) {
    await addSales(tieback, connection, numbered(10, 1 + batch * 10));
    pipeline.bell.ring();
  }
  await tieback.meta.waitForAccepted(100, 15_000);
  await Promise.all(workers.map((worker) => worker.stop()));
  expect(await statesOf(tieback)).toEqual({ accepted: 100 });
  expect(requestSizes(tieback.meta).reduce((sum, size) => sum + size, 0)).toBe(100);
});

test('a worker that is told to stop while Meta answers waits for the answer and writes it down', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await addSales(tieback, connection, numbered(3));
  const { promise: asked, resolve: noteAsked } = Promise.withResolvers<void>();
  const { promise: go, resolve: answer } = Promise.withResolvers<void>();
  const graph: typeof tieback.pipeline.graph = async (request) => {
    noteAsked();
    await go;
    return tieback.pipeline.graph(request);
  };
  const worker = await startWorker({ ...tieback.pipeline, graph }, tieback.databaseUrl);
  await asked;
  const stopped = worker.stop();
  answer();
  await stopped;
  expect(await statesOf(tieback)).toEqual({ accepted: 3 });
});

test('a step that fails in every round keeps no other step from its turn', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.pipeline.db.$executeRaw`ALTER TABLE attribution_reruns RENAME TO attribution_reruns_gone`;
  const worker = await startWorker(tieback.pipeline, tieback.databaseUrl);
  await tieback.pay();
  await tieback.sendShopify('customers/data_request', {});
  const { db } = tieback.pipeline;
  // The first of the two stands before the step that fails, the second after it.
  while ((await db.delivery.count({ where: { state: 'due' } })) > 0);
  await worker.stop();
  const states = await db.delivery.findMany({ select: { state: true }, orderBy: { id: 'asc' } });
  expect(states).toEqual([{ state: 'done' }, { state: 'flagged' }]);
});
