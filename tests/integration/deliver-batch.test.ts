import { expect, test } from 'vitest';
import { deliverBatch } from '../../app/pipeline/deliver.ts';
import type { GraphClient } from '../../app/platforms/meta/graph.ts';
import { addSales, BAD_CLICK, numbered, requestSizes, saleOf, saleRequests, statesOf } from './sales.ts';
import { CLICK_ID, openTieback, START, type Connection, type Tieback } from './tieback.ts';

type World = Tieback & { connection: Connection };

async function withSales(sales: Parameters<typeof addSales>[2], graphTimeoutMs = 5_000): Promise<World> {
  const tieback = await openTieback({ graphTimeoutMs });
  const connection = await tieback.connect();
  await addSales(tieback, connection, sales);
  return { ...tieback, connection };
}

const withBad = (count: number, ...bad: number[]) =>
  numbered(count).map(({ id }) => (bad.includes(id) ? { id, clickId: BAD_CLICK } : { id }));
const idOf = (id: number) => `shopify:order:${id}:Purchase`;
const acceptedIds = ({ meta }: World) => meta.accepted().map(({ event }) => String(event['event_id']));

test('events of one dataset that are due together go in one request, exactly as each would alone', async () => {
  const { connection, ...world } = await withSales(numbered(3));
  await world.work();
  const sale = (id: number) => saleOf({ id, clickId: CLICK_ID, wabaId: connection.wabaId, now: START });
  const [request, ...more] = world.meta.requests();
  expect(more).toEqual([]);
  const body = request?.body as { data: { event_id: string }[] };
  expect({ ...body, data: body.data.toSorted((a, b) => a.event_id.localeCompare(b.event_id)) }).toEqual({
    data: [sale(1), sale(2), sale(3)],
    partner_agent: 'tieback',
  });
  const rows = await world.pipeline.db.conversionEvent.findMany();
  const [accepted] = world.meta.accepted();
  const settled = {
    state: 'accepted',
    attempts: 1,
    fbtraceId: accepted?.fbtraceId,
    leaseUntil: null,
    unsent: false,
  };
  expect(rows).toMatchObject([settled, settled, settled]);
});

test('a request holds at most a thousand events', async () => {
  const world = await withSales(numbered(2_300));
  await world.work();
  expect(requestSizes(world.meta)).toEqual([1_000, 1_000, 300]);
  expect(await statesOf(world)).toEqual({ accepted: 2_300 });
});

test('events too large for one request are spread over several, each marked before it leaves', async () => {
  const world = await withSales([1, 2, 3].map((id) => ({ id, items: 30_000 })));
  const unsent: number[] = [];
  const graph: GraphClient = async (request) => {
    unsent.push(await world.pipeline.db.conversionEvent.count({ where: { unsent: true } }));
    return world.pipeline.graph(request);
  };
  expect(await deliverBatch({ ...world.pipeline, graph })).toBe(3);
  expect(requestSizes(world.meta)).toEqual([1, 1, 1]);
  expect(unsent).toEqual([2, 1, 0]);
  expect(await statesOf(world)).toEqual({ accepted: 3 });
});

test('when Meta stops answering while a batch is halved, the breaker keeps the rest from becoming unknown', async () => {
  const world = await withSales(withBad(32, 32), 400);
  let requests = 0;
  const graph: GraphClient = (request) => {
    requests += 1;
    world.meta.faultNext(
      requests < 4 ? { kind: 'status', status: 400, code: 100, subcode: 2804087 } : { kind: 'cut_before' },
    );
    return world.pipeline.graph(request);
  };
  await deliverBatch({ ...world.pipeline, graph });
  expect(requestSizes(world.meta)).toEqual([32, 16, 8, 4, 4, 8]);
  expect(await statesOf(world)).toEqual({ unknown: 16, due: 16 });
});

test('a request for one bad event of a hundred is halved until that event stands alone, refused with its reason', async () => {
  const world = await withSales(withBad(100, 37));
  expect(await deliverBatch(world.pipeline)).toBe(100);
  expect(await statesOf(world)).toEqual({ accepted: 99, refused: 1 });
  expect(new Set(acceptedIds(world)).size).toBe(99);
  expect(world.meta.accepted()).toHaveLength(99);
  const refused = await world.pipeline.db.conversionEvent.findFirstOrThrow({ where: { state: 'refused' } });
  expect(refused).toMatchObject({
    eventId: idOf(37),
    reason: 'refused_click_id',
    errorCode: '100/2804087',
    attempts: 1,
  });
  expect(requestSizes(world.meta).length).toBeLessThanOrEqual(15);
});

test('three bad events of a hundred are each found, and the others all delivered', async () => {
  const world = await withSales(withBad(100, 1, 50, 100));
  await world.work();
  const rows = await world.pipeline.db.conversionEvent.findMany({ where: { state: 'refused' } });
  expect(new Set(rows.map((row) => row.eventId))).toEqual(new Set([1, 50, 100].map(idOf)));
  expect(await statesOf(world)).toEqual({ accepted: 97, refused: 3 });
  expect(new Set(acceptedIds(world)).size).toBe(97);
  expect(world.meta.accepted()).toHaveLength(97);
});

test('while a batch is halved, what is not in the request stays claimed and is known not to be with Meta', async () => {
  const world = await withSales(withBad(4, 4));
  const { pipeline } = world;
  const seen: { sent: number; unsent: number; others: number }[] = [];
  const graph: GraphClient = async (request) => {
    const sent = (request.body as { data: unknown[] }).data.length;
    world.now.forward(50_000);
    const where = { state: 'sending' as const, leaseUntil: { gt: world.now.at } };
    const count = (unsent: boolean) => pipeline.db.conversionEvent.count({ where: { ...where, unsent } });
    seen.push({ sent, unsent: await count(true), others: await count(false) });
    return pipeline.graph(request);
  };
  await deliverBatch({ ...pipeline, graph });
  expect(seen[0]).toEqual({ sent: 4, unsent: 0, others: 4 });
  for (const { sent, others } of seen) expect(others).toBe(sent);
  expect(seen.slice(1).every(({ sent, unsent }) => sent + unsent <= 4)).toBe(true);
  expect(await statesOf(world)).toEqual({ accepted: 3, refused: 1 });
});

test('a cut while halving leaves only the events of that request unknown', async () => {
  const world = await withSales(withBad(8, 8), 400);
  let requests = 0;
  const graph: GraphClient = (request) => {
    requests += 1;
    if (requests === 2) world.meta.faultNext({ kind: 'cut_after_accepting' });
    return world.pipeline.graph(request);
  };
  await deliverBatch({ ...world.pipeline, graph });
  const cut = saleRequests(world.meta)[1];
  expect(cut).toMatchObject({ status: 0 });
  const unknown = await world.pipeline.db.conversionEvent.findMany({ where: { state: 'unknown' } });
  expect(new Set(unknown.map((row) => row.eventId))).toEqual(
    new Set(cut?.data.map((event) => event.event_id)),
  );
  const states = await statesOf(world);
  expect((states['accepted'] ?? 0) + (states['refused'] ?? 0) + unknown.length).toBe(8);
  expect(new Set(acceptedIds(world)).size).toBe(world.meta.accepted().length);
});

test('when Meta throttles while a batch is halved, what is left waits as it asks, and nothing is sent twice', async () => {
  const world = await withSales(withBad(8, 8));
  let requests = 0;
  const graph: GraphClient = (request) => {
    requests += 1;
    if (requests === 3)
      world.meta.faultNext({ kind: 'status', status: 429, code: 80004, headers: { 'retry-after': '60' } });
    return world.pipeline.graph(request);
  };
  await deliverBatch({ ...world.pipeline, graph });
  expect(requests).toBe(3);
  const due = await world.pipeline.db.conversionEvent.findMany({ where: { state: 'due' } });
  expect(due.length).toBeGreaterThan(0);
  for (const row of due)
    expect(row).toMatchObject({ reason: 'throttled', nextAttemptAt: new Date(START.getTime() + 60_000) });
  world.now.forward(60_000);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 7, refused: 1 });
  expect(new Set(acceptedIds(world)).size).toBe(world.meta.accepted().length);
});

test('a receipt for fewer events than were sent leaves all of them unknown', async () => {
  const world = await withSales(numbered(3));
  const graph: GraphClient = async (request) => {
    const answer = await world.pipeline.graph(request);
    return answer.kind === 'answered' ? { ...answer, body: '{"events_received":2}' } : answer;
  };
  await deliverBatch({ ...world.pipeline, graph });
  expect(await statesOf(world)).toEqual({ unknown: 3 });
  await world.work();
  expect(requestSizes(world.meta)).toEqual([3]);
});

test('one event that the check stops does not hold up the others of its batch', async () => {
  const world = await withSales([{ id: 1, clickId: 'has a space' }, { id: 2 }, { id: 3 }]);
  await world.work();
  expect(requestSizes(world.meta)).toEqual([2]);
  expect(await statesOf(world)).toEqual({ accepted: 2, refused: 1 });
});

test('an event written with an account that was put right since is sent with the right one', async () => {
  const tieback = await openTieback();
  const wrong = await tieback.connect({ wabaId: '999' });
  await addSales(tieback, wrong, numbered(1));
  const right = await tieback.connect();
  tieback.meta.addClick({ ctwaClid: CLICK_ID, wabaId: right.wabaId });
  await tieback.work();
  expect(tieback.meta.accepted()).toMatchObject([
    { event: { user_data: { whatsapp_business_account_id: right.wabaId } } },
  ]);
});
