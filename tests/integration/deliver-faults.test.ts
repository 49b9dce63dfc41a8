import { expect, test } from 'vitest';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { deliverBatch } from '../../app/pipeline/deliver.ts';
import { createGraphClient, type GraphClient } from '../../app/platforms/meta/graph.ts';
import { freePort } from '../../app/storage/free-port.ts';
import type { Fault } from '../sandbox/pretend-meta.ts';
import { requestSizes } from './sales.ts';
import { openTieback, START, type Connection, type Tieback } from './tieback.ts';

const SECOND_MS = 1000;
const HOUR_MS = 60 * 60 * SECOND_MS;
const after = (seconds: number) => new Date(START.getTime() + seconds * SECOND_MS);

const events = (tieback: Tieback) =>
  tieback.pipeline.db.conversionEvent.findMany({ orderBy: { eventId: 'asc' } });
const requests = (tieback: Tieback) => tieback.meta.requests().filter(({ path }) => path.endsWith('/events'));
const connections = (tieback: Tieback) => tieback.pipeline.db.connection.findMany();

async function withOrders(
  count: number,
  graphTimeoutMs = 5000,
): Promise<Tieback & { connection: Connection }> {
  const tieback = await openTieback({ graphTimeoutMs });
  const connection = await tieback.connect();
  await tieback.tapAd();
  for (let id = 1; id <= count; id += 1) await tieback.pay({ id });
  await captureBatch(tieback.pipeline);
  await attributeBatch(tieback.pipeline);
  return { ...tieback, connection };
}

/** Lets a week pass, in which a worker would take up whatever waits. */
async function passWeek(tieback: Tieback): Promise<void> {
  for (let hours = 0; hours < 7 * 24; hours += 12) {
    tieback.now.forward(12 * HOUR_MS);
    await tieback.work();
  }
}

test.each<[Fault, string, number | null, number]>([
  [{ kind: 'zero_received' }, 'short_receipt', 200, 0],
  [{ kind: 'html', status: 502 }, 'unreadable_answer', 502, 0],
  [{ kind: 'html', status: 200 }, 'unreadable_answer', 200, 0],
  [{ kind: 'not_json' }, 'unreadable_answer', 200, 0],
  [{ kind: 'cut_before' }, 'no_answer', null, 0],
  [{ kind: 'cut_after_accepting' }, 'no_answer', null, 1],
  [{ kind: 'hang' }, 'no_answer', null, 0],
  [{ kind: 'slow_body', ms: 20_000 }, 'no_answer', null, 1],
])(
  'after %j nobody knows whether Meta took the event, so it is never sent again',
  async (fault, reason, status, taken) => {
    const tieback = await withOrders(1, 400);
    tieback.meta.faultNext(fault);
    await tieback.work();
    const unknown = {
      state: 'unknown',
      reason,
      httpStatus: status,
      attempts: 1,
      settledAt: START,
      leaseUntil: null,
    };
    expect(await events(tieback)).toMatchObject([unknown]);
    await passWeek(tieback);
    expect(await events(tieback)).toMatchObject([unknown]);
    expect(requests(tieback)).toHaveLength(1);
    expect(tieback.meta.accepted()).toHaveLength(taken);
  },
);

test('what Meta says it could not do is tried again on the ladder until it is accepted', async () => {
  const tieback = await withOrders(1);
  tieback.meta.faultNext({ kind: 'status', status: 500, code: 2, transient: true }, 3);
  const waiting = {
    state: 'due',
    reason: 'meta_unavailable',
    httpStatus: 500,
    errorCode: '2',
    settledAt: null,
  };
  for (const [attempts, at, next] of [
    [1, 0, 5],
    [2, 5, 35],
    [3, 35, 155],
  ] as const) {
    tieback.now.at = new Date(after(at).getTime() - 1);
    await tieback.work();
    expect(requests(tieback)).toHaveLength(attempts - 1);
    tieback.now.at = after(at);
    await tieback.work();
    expect(await events(tieback)).toMatchObject([{ ...waiting, attempts, nextAttemptAt: after(next) }]);
  }
  tieback.now.at = after(155);
  await tieback.work();
  expect(await events(tieback)).toMatchObject([
    { state: 'accepted', reason: null, errorCode: null, attempts: 4, sentAt: START, settledAt: after(155) },
  ]);
  expect(new Set(requests(tieback).map(({ body }) => JSON.stringify(body))).size).toBe(1);
});

test.each<[string, Fault, number]>([
  ['Retry-After', { kind: 'status', status: 429, code: 80004, headers: { 'retry-after': '120' } }, 120],
  [
    'the usage header',
    {
      kind: 'status',
      status: 400,
      code: 80004,
      headers: { 'x-business-use-case-usage': '{"1":[{"estimated_time_to_regain_access":3}]}' },
    },
    180,
  ],
  ['nothing', { kind: 'status', status: 400, code: 613 }, 5],
])('a throttled event waits as long as Meta asks with %s', async (_, fault, seconds) => {
  const tieback = await withOrders(1);
  tieback.meta.faultNext(fault);
  await tieback.work();
  const next = after(seconds);
  expect(await events(tieback)).toMatchObject([{ state: 'due', reason: 'throttled', nextAttemptAt: next }]);
  tieback.now.at = new Date(next.getTime() - 1);
  await tieback.work();
  expect(requests(tieback)).toHaveLength(1);
  tieback.now.at = next;
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'accepted', attempts: 2 }]);
});

test('an event whose next try would be past its deadline expires', async () => {
  const tieback = await withOrders(1);
  tieback.now.at = after(7 * 24 * 3600 - 3600 - 3);
  tieback.meta.faultNext({ kind: 'status', status: 500, code: 2, transient: true });
  await tieback.work();
  expect(await events(tieback)).toMatchObject([
    { state: 'expired', reason: 'expired', attempts: 1, errorCode: '2' },
  ]);
});

test.each<[string, string, (tieback: Awaited<ReturnType<typeof withOrders>>) => Promise<void> | void]>([
  ['wiring_token', '190/463', ({ meta, connection }) => meta.expireToken(connection.token)],
  ['wiring_token', '190', ({ meta, connection }) => meta.revokeToken(connection.token)],
  ['wiring_permission', '200', ({ meta }) => meta.faultNext({ kind: 'status', status: 403, code: 200 }, 2)],
  ['wiring_dataset', '100/33', rewire],
])(
  '%s (%s) pauses the number, keeps its events, and a new connection sends them',
  async (reason, code, break_) => {
    const tieback = await withOrders(2);
    await break_(tieback);
    await tieback.work();
    expect(await connections(tieback)).toMatchObject([
      { state: 'paused', stateReason: reason, stateSince: START },
    ]);
    const waiting = { state: 'due', reason, errorCode: code, attempts: 1, settledAt: null };
    expect(await events(tieback)).toMatchObject([waiting, waiting]);

    await tieback.pay({ id: 3 });
    tieback.now.forward(HOUR_MS);
    await tieback.work();
    expect(requestSizes(tieback.meta)).toEqual([2]);
    const again = await tieback.connect({ token: 'EAAnew-token-of-the-tests' });
    expect(again.connectionId).toBe(tieback.connection.connectionId);
    await tieback.work();
    expect((await events(tieback)).map(({ state, attempts }) => `${state} ${attempts}`)).toEqual([
      'accepted 2',
      'accepted 2',
      'accepted 1',
    ]);
    expect(await connections(tieback)).toMatchObject([{ state: 'active', stateReason: null }]);
  },
);

/** The connection's dataset becomes one that Meta does not know. */
async function rewire({ pipeline }: Tieback): Promise<void> {
  await pipeline.db.connection.updateMany({ data: { datasetId: '900000000000002' } });
}

test('a late refusal of the old token does not pause the number that was just connected again', async () => {
  const tieback = await withOrders(1);
  const { pipeline, meta, connection } = tieback;
  meta.expireToken(connection.token);
  const graph: GraphClient = async (request) => {
    const answer = await pipeline.graph(request);
    await tieback.connect({ token: 'EAAnew-token-of-the-tests' });
    return answer;
  };
  expect(await deliverBatch({ ...pipeline, graph })).toBe(1);
  expect(await connections(tieback)).toMatchObject([{ state: 'active', stateReason: null }]);
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'accepted', attempts: 2 }]);
});

test('one shop’s broken wiring leaves the others alone', async () => {
  const tieback = await withOrders(1);
  const other = {
    domain: 'outra-loja.myshopify.com',
    wabaId: '200',
    phoneNumberId: '201',
    datasetId: '202',
    token: 'EAAother',
  };
  await tieback.connect(other);
  await tieback.tapAd({ ...other, clid: 'OtherClick', messageId: 'wamid.OTHER' });
  expect((await tieback.sendShopify('orders/paid', {}, { domain: other.domain })).status).toBe(200);
  await tieback.pay({ id: 2 }, { domain: other.domain });
  tieback.meta.revokeToken(tieback.connection.token);
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'due' }, { state: 'accepted', datasetId: '202' }]);
  expect((await connections(tieback)).map(({ state }) => state).toSorted()).toEqual(['active', 'paused']);
});

test.each<[string, string, Fault | null]>([
  ['refused_click_id', '100/2804087', null],
  ['refused_amount', '100/2804009', { kind: 'status', status: 400, code: 100, subcode: 2804009 }],
  ['refused_payload', '100', { kind: 'status', status: 400, code: 100 }],
])('%s is final: the event is not sent again and the number goes on', async (reason, code, fault) => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  if (fault) tieback.meta.faultNext(fault);
  else
    tieback.meta.addClick({ ctwaClid: 'Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4_0NiN', wabaId: '1' });
  await tieback.pay();
  await tieback.work();
  const refused = {
    state: 'refused',
    reason,
    errorCode: code,
    httpStatus: 400,
    attempts: 1,
    settledAt: START,
  };
  expect(await events(tieback)).toMatchObject([refused]);
  expect((await events(tieback))[0]?.fbtraceId).toMatch(/^A/);
  await passWeek(tieback);
  expect(await events(tieback)).toMatchObject([refused]);
  expect(requests(tieback)).toHaveLength(1);
  expect(await connections(tieback)).toMatchObject([{ state: 'active' }]);
});

test('what never left is sent once Meta can be reached', async () => {
  const tieback = await withOrders(1);
  const nobody = createGraphClient({ url: `http://127.0.0.1:${await freePort()}`, version: 'v26.0' });
  expect(await deliverBatch({ ...tieback.pipeline, graph: nobody })).toBe(1);
  expect(await events(tieback)).toMatchObject([
    {
      state: 'due',
      reason: 'not_reached',
      httpStatus: null,
      answer: 'ECONNREFUSED',
      nextAttemptAt: after(5),
    },
  ]);
  tieback.now.at = after(5);
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'accepted', reason: null, attempts: 2 }]);
  expect(tieback.meta.accepted()).toHaveLength(1);
});
