import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openAlerts } from '../../app/pipeline/alerts.ts';
import { deliverBatch } from '../../app/pipeline/deliver.ts';
import { probeConnections } from '../../app/pipeline/probe.ts';
import type { GraphClient } from '../../app/platforms/meta/graph.ts';
import type { Fault } from '../sandbox/pretend-meta.ts';
import { addSales, BAD_CLICK, numbered, probeRequests, requestSizes, statesOf } from './sales.ts';
import { openTieback, START, type Connection, type Tieback } from './tieback.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const NO_PERMISSION: Fault = { kind: 'status', status: 403, code: 200 };
const UNAVAILABLE: Fault = { kind: 'status', status: 500, code: 2, transient: true };

async function withSales(count: number): Promise<Tieback & { connection: Connection; alerts: string[] }> {
  const tieback = await openTieback({ graphTimeoutMs: 400 });
  const connection = await tieback.connect();
  await addSales(tieback, connection, numbered(count));
  const alerts: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void alerts.push(JSON.parse(line).msg) });
  Object.assign(tieback.pipeline, { log });
  return { ...tieback, connection, alerts };
}

const connectionOf = ({ pipeline }: Tieback) => pipeline.db.connection.findFirstOrThrow();

test('a wiring fault pauses the number once, with one alert, and nothing of it is lost or tried meanwhile', async () => {
  const world = await withSales(5);
  world.meta.faultNext(NO_PERMISSION);
  await world.work();
  await world.work();
  expect(requestSizes(world.meta)).toEqual([5]);
  expect(world.alerts).toEqual(['connection paused']);
  expect(await connectionOf(world)).toMatchObject({
    state: 'paused',
    stateReason: 'wiring_permission',
    stateSince: START,
    probeAt: new Date(START.getTime() + MINUTE_MS),
  });
  expect(await statesOf(world)).toEqual({ due: 5 });
  const { shopId, connectionId: subject } = world.connection;
  expect(await openAlerts(world.pipeline.db, shopId)).toMatchObject([{ subject, name: 'connection_paused' }]);
  world.now.forward(MINUTE_MS);
  await world.work();
  expect(await openAlerts(world.pipeline.db, shopId)).toEqual([]);
});

test('a paused number is probed after 1, 5, 15 and 30 minutes and then every hour, and never with a sale', async () => {
  const world = await withSales(1);
  world.meta.revokeToken(world.connection.token);
  await world.work();
  const at: number[] = [];
  for (let minute = 1; minute <= 4 * 60; minute += 1) {
    world.now.forward(MINUTE_MS);
    const before = probeRequests(world.meta).length;
    await world.work();
    if (probeRequests(world.meta).length > before) at.push(minute);
  }
  expect(at).toEqual([1, 6, 21, 51, 111, 171, 231]);
  expect(requestSizes(world.meta)).toEqual([1]);
  expect(world.meta.accepted()).toEqual([]);
});

test('a probe that Meta refuses for its click id alone shows that the wiring is right: the number works again by itself', async () => {
  const world = await withSales(3);
  world.meta.faultNext(NO_PERMISSION, 2);
  await world.work();
  world.now.forward(MINUTE_MS);
  expect(await probeConnections(world.pipeline)).toBe(0);
  expect(await connectionOf(world)).toMatchObject({ state: 'paused' });
  world.now.forward(5 * MINUTE_MS);
  await world.work();
  expect(probeRequests(world.meta)).toMatchObject([{ status: 403 }, { status: 400 }]);
  expect(await connectionOf(world)).toMatchObject({ state: 'active', stateReason: null, probeAt: null });
  expect(await statesOf(world)).toEqual({ accepted: 3 });
  expect(world.meta.accepted()).toHaveLength(3);
  expect(world.alerts).toEqual(['connection paused', 'connection resumed']);
});

test.each<[string, Fault]>([
  ['a fault of Meta', UNAVAILABLE],
  ['a refusal for another reason', { kind: 'status', status: 400, code: 100, subcode: 2804003 }],
  ['a page of HTML', { kind: 'html', status: 200 }],
  ['a cut line', { kind: 'cut_before' }],
])('%s in answer to a probe proves nothing', async (_, fault) => {
  const world = await withSales(1);
  world.meta.faultNext(NO_PERMISSION);
  await world.work();
  world.meta.faultNext(fault);
  world.now.forward(MINUTE_MS);
  expect(await probeConnections(world.pipeline)).toBe(0);
  expect(await connectionOf(world)).toMatchObject({ state: 'paused', stateReason: 'wiring_permission' });
});

test('a probe that finds another fault says so', async () => {
  const world = await withSales(1);
  world.meta.faultNext(NO_PERMISSION);
  await world.work();
  world.meta.revokeToken(world.connection.token);
  world.now.forward(MINUTE_MS);
  await world.work();
  expect(await connectionOf(world)).toMatchObject({
    state: 'paused',
    stateReason: 'wiring_token',
    stateSince: START,
  });
});

test('workers at once send one probe', async () => {
  const world = await withSales(1);
  world.meta.faultNext(NO_PERMISSION);
  await world.work();
  world.now.forward(MINUTE_MS);
  await Promise.all([1, 2, 3].map(() => probeConnections(world.pipeline)));
  expect(probeRequests(world.meta)).toHaveLength(1);
});

test('a number that is paused again right after a probe let it work is probed at longer intervals, not from the start', async () => {
  const world = await withSales(2);
  world.meta.faultNext(NO_PERMISSION);
  await world.work();
  world.now.forward(MINUTE_MS);
  expect(await probeConnections(world.pipeline)).toBe(1);
  world.meta.faultNext(NO_PERMISSION);
  await deliverBatch(world.pipeline);
  const probeAt = new Date(world.now.at.getTime() + 5 * MINUTE_MS);
  expect(await connectionOf(world)).toMatchObject({ state: 'paused', probeAt });
});

test('a dataset that fails three times is left alone, then tried with a single event, and works again once that is taken', async () => {
  const world = await withSales(1);
  world.meta.faultNext(UNAVAILABLE, 4);
  for (const seconds of [0, 6, 36]) {
    world.now.at = new Date(START.getTime() + seconds * SECOND_MS);
    await world.work();
  }
  expect(await connectionOf(world)).toMatchObject({
    state: 'active',
    failures: 3,
    holdUntil: new Date(START.getTime() + 51 * SECOND_MS),
  });
  await addSales(world, world.connection, numbered(10, 2));
  world.now.at = new Date(START.getTime() + 51 * SECOND_MS - 1);
  await world.work();
  expect(requestSizes(world.meta)).toEqual([1, 1, 1]);
  world.now.at = new Date(START.getTime() + 51 * SECOND_MS);
  await world.work();
  expect(requestSizes(world.meta)).toEqual([1, 1, 1, 1]);
  expect(await connectionOf(world)).toMatchObject({
    failures: 4,
    holdUntil: new Date(START.getTime() + 81 * SECOND_MS),
  });
  world.now.at = new Date(START.getTime() + 81 * SECOND_MS);
  await world.work();
  expect(requestSizes(world.meta)).toEqual([1, 1, 1, 1, 1, 9]);
  expect(await connectionOf(world)).toMatchObject({ failures: 0, holdUntil: null });
  world.now.at = new Date(START.getTime() + 600 * SECOND_MS);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 11 });
});

test('when Meta stops answering, the breaker limits how many events become unknown', async () => {
  const world = await withSales(0);
  world.meta.faultNext({ kind: 'cut_before' }, 5);
  for (let second = 0; second < 4; second += 1) {
    await addSales(world, world.connection, numbered(10, 1 + second * 10));
    await world.work();
    world.now.forward(SECOND_MS);
  }
  expect(requestSizes(world.meta)).toEqual([10, 10, 10]);
  world.now.forward(MINUTE_MS);
  await world.work();
  expect(requestSizes(world.meta)).toEqual([10, 10, 10, 1]);
  expect(await statesOf(world)).toEqual({ unknown: 31, due: 9 });
});

test('what Meta asks one dataset to wait holds all its events at once, and no other dataset', async () => {
  const world = await withSales(1);
  const other = await world.connect({
    domain: 'outra-loja.myshopify.com',
    wabaId: '200',
    phoneNumberId: '201',
    datasetId: '202',
    token: 'EAAother',
  });
  world.meta.faultNext({ kind: 'status', status: 429, code: 80004, headers: { 'retry-after': '120' } });
  await world.work();
  await addSales(world, world.connection, [{ id: 2 }]);
  await addSales(world, other, [{ id: 3, clickId: 'OtherClick' }]);
  world.now.forward(119 * SECOND_MS);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 1, due: 2 });
  world.now.forward(SECOND_MS);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 3 });
});

test('what Meta asks its whole app to wait holds every number of that app, and not one with a Meta app of its own', async () => {
  const world = await withSales(1);
  const connect = (name: string, appSecret: string | null) =>
    world.connect({
      domain: `${name}.myshopify.com`,
      wabaId: `2${appSecret?.length ?? 0}0`,
      phoneNumberId: `2${appSecret?.length ?? 0}1`,
      datasetId: `2${appSecret?.length ?? 0}2`,
      token: `EAA${name}`,
      appSecret,
    });
  const shared = await connect('outra-loja', null);
  const own = await connect('loja-propria', 'secret-of-their-own-app');
  world.meta.faultNext({ kind: 'status', status: 400, code: 4, headers: { 'retry-after': '120' } });
  await world.work();
  await addSales(world, shared, [{ id: 2, clickId: 'SharedClick' }]);
  await addSales(world, own, [{ id: 3, clickId: 'OwnClick' }]);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 1, due: 2 });
  world.now.forward(120 * SECOND_MS);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 3 });
});

test('a wiring fault while a batch is halved puts back all that is left', async () => {
  const world = await withSales(4);
  let requests = 0;
  const graph: GraphClient = (request) => {
    requests += 1;
    if (requests === 1) world.meta.faultNext({ kind: 'status', status: 400, code: 100 });
    if (requests === 3) world.meta.faultNext(NO_PERMISSION);
    return world.pipeline.graph(request);
  };
  await deliverBatch({ ...world.pipeline, graph });
  expect(await statesOf(world)).toEqual({ accepted: 2, due: 2 });
  expect(await connectionOf(world)).toMatchObject({ state: 'paused' });
});

test.each([
  [89, 0],
  [90, 30 * SECOND_MS],
  [100, 5 * MINUTE_MS],
])(
  'an answer that says %d %% of Meta’s limit is used holds the dataset for %d ms',
  async (percent, heldMs) => {
    const world = await withSales(1);
    world.meta.setUsage({ app: { call_count: 12, total_time: percent }, business: { call_count: 3 } });
    await world.work();
    expect(await statesOf(world)).toEqual({ accepted: 1 });
    const { holdUntil, failures } = await connectionOf(world);
    expect({ holdUntil, failures }).toEqual({
      holdUntil: heldMs === 0 ? null : new Date(START.getTime() + heldMs),
      failures: 0,
    });
    await addSales(world, world.connection, numbered(1, 2));
    await world.work();
    expect(requestSizes(world.meta)).toHaveLength(heldMs === 0 ? 2 : 1);
    world.now.forward(heldMs);
    await world.work();
    expect(requestSizes(world.meta)).toHaveLength(2);
  },
);

test('the rest of a lane waits too when Meta’s limit is nearly used up', async () => {
  const world = await withSales(3);
  await addSales(world, world.connection, [{ id: 9, clickId: BAD_CLICK }]);
  world.meta.setUsage({ business: { total_cputime: 95 } });
  await world.work();
  expect(requestSizes(world.meta)).toEqual([4, 2]);
  expect(await statesOf(world)).toEqual({ accepted: 2, due: 2 });
  world.meta.setUsage({});
  world.now.forward(30 * SECOND_MS);
  await world.work();
  expect(await statesOf(world)).toEqual({ accepted: 3, refused: 1 });
});
