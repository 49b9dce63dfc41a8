import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { disconnectNumber } from '../../app/pipeline/connection.ts';
import { deliverBatch } from '../../app/pipeline/deliver.ts';
import type { GraphClient } from '../../app/platforms/meta/graph.ts';
import { listenOnLoopback, readBody, sendJson } from '../sandbox/loopback-server.ts';
import { cutDatabase } from './database.ts';
import { requestSizes } from './sales.ts';
import { CLICK_ID, MARIA, openTieback, START, type Tieback } from './tieback.ts';

const MINUTE_MS = 60_000;
const DEADLINE = new Date(START.getTime() + (7 * 24 - 1) * 60 * MINUTE_MS);

const events = (tieback: Tieback) =>
  tieback.pipeline.db.conversionEvent.findMany({ orderBy: { eventId: 'asc' } });
const requests = (tieback: Tieback) => tieback.meta.requests().filter(({ path }) => path.endsWith('/events'));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A world in which this many of Maria's orders are due to be reported. */
async function withOrders(count: number, options: Parameters<typeof openTieback>[0] = {}): Promise<Tieback> {
  const tieback = await openTieback(options);
  await tieback.connect();
  await tieback.tapAd();
  for (let id = 1; id <= count; id += 1) await tieback.pay({ id: 5512345678900 + id });
  await captureBatch(tieback.pipeline);
  await attributeBatch(tieback.pipeline);
  expect((await events(tieback)).map((event) => event.state)).toEqual(Array(count).fill('due'));
  return tieback;
}

test('Meta gets exactly what it documents, and nothing else', async () => {
  const tieback = await withOrders(1);
  await tieback.work();
  expect(requests(tieback)).toEqual([
    {
      method: 'POST',
      path: '/v26.0/774400112233445/events',
      authorization: 'bearer',
      status: 200,
      body: {
        partner_agent: 'tieback',
        data: [
          {
            event_name: 'Purchase',
            event_time: START.getTime() / 1000,
            event_id: 'shopify:order:5512345678901:Purchase',
            action_source: 'business_messaging',
            messaging_channel: 'whatsapp',
            user_data: {
              whatsapp_business_account_id: '102290129340398',
              ctwa_clid: CLICK_ID,
              em: [sha256('maria@example.com')],
              ph: [sha256(MARIA.digits), sha256(MARIA.whatsapp)],
              fn: [sha256('maria')],
              ln: [sha256('silva')],
              ct: [sha256('sãopaulo')],
              st: [sha256('sãopaulo')],
              zp: [sha256('01310100')],
              country: [sha256('br')],
              external_id: [sha256('gid://shopify/Customer/8700000000001')],
            },
            custom_data: {
              currency: 'BRL',
              value: 214.9,
              order_id: '5512345678901',
              content_type: 'product',
              content_ids: ['44100000000001'],
              contents: [{ id: '44100000000001', quantity: 1, item_price: 209.9 }],
            },
          },
        ],
      },
    },
  ]);
});

test('an accepted event has Meta’s receipt, and is never sent again', async () => {
  const tieback = await withOrders(1);
  await tieback.work();
  const [accepted] = tieback.meta.accepted();
  expect(await events(tieback)).toMatchObject([
    {
      state: 'accepted',
      reason: null,
      attempts: 1,
      httpStatus: 200,
      errorCode: null,
      fbtraceId: accepted?.fbtraceId,
      sentAt: START,
      settledAt: START,
      leaseUntil: null,
    },
  ]);
  expect((await events(tieback))[0]?.answer).toContain('"events_received":1');
  tieback.now.forward(MINUTE_MS);
  await tieback.work();
  expect(requests(tieback)).toHaveLength(1);
});

test('the token travels in the Authorization header only, and the row is `sending` before Meta has the request', async () => {
  const seen: unknown[] = [];
  const meta = await listenOnLoopback(async (request, response) => {
    const read = await readBody(request, 1_000_000);
    const rows = await events(tieback);
    seen.push({
      authorization: request.headers.authorization,
      elsewhere: [
        request.url,
        JSON.stringify({ ...request.headers, authorization: '' }),
        JSON.stringify(rows),
      ]
        .concat(read.kind === 'body' ? read.bytes.toString() : read.kind)
        .filter((text) => text?.includes('EAAtoken')),
      rows: rows.map(({ state, attempts, leaseUntil }) => ({ state, attempts, leaseUntil })),
    });
    sendJson(response, 200, { events_received: 1, fbtrace_id: 'A1' });
  });
  onTestFinished(() => meta.close());
  const tieback = await withOrders(1, { env: { META_GRAPH_URL: meta.url } });
  await tieback.work();
  const lease = new Date(START.getTime() + MINUTE_MS);
  expect(seen).toEqual([
    {
      authorization: 'Bearer EAAtoken-of-the-tests',
      elsewhere: [],
      rows: [{ state: 'sending', attempts: 1, leaseUntil: lease }],
    },
  ]);
  expect(await events(tieback)).toMatchObject([{ state: 'accepted', fbtraceId: 'A1' }]);
});

test('workers that deliver at once send each event once', async () => {
  const tieback = await withOrders(60);
  const worker = async () => {
    let sent = 0;
    for (let taken = -1; taken !== 0; sent += taken) taken = await deliverBatch(tieback.pipeline);
    return sent;
  };
  const sent = await Promise.all([worker(), worker(), worker()]);
  expect(sent.reduce((sum, count) => sum + count, 0)).toBe(60);
  expect(requestSizes(tieback.meta).reduce((sum, size) => sum + size, 0)).toBe(60);
  expect(new Set(tieback.meta.accepted().map(({ event }) => event['event_id'])).size).toBe(60);
  expect(new Set((await events(tieback)).map((event) => `${event.state} ${event.attempts}`))).toEqual(
    new Set(['accepted 1']),
  );
});

test('what a worker that died was sending becomes unknown when its lease ends, and is not sent again', async () => {
  const tieback = await withOrders(1);
  const leaseUntil = new Date(START.getTime() + MINUTE_MS);
  await tieback.pipeline.db.conversionEvent.updateMany({
    data: { state: 'sending', attempts: 1, leaseUntil },
  });
  tieback.now.forward(MINUTE_MS - 1);
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'sending' }]);
  for (let minute = 0; minute < 3; minute += 1) {
    tieback.now.forward(minute === 0 ? 1 : MINUTE_MS);
    await tieback.work();
    expect(await events(tieback)).toMatchObject([{ state: 'unknown', reason: 'no_answer', attempts: 1 }]);
  }
  expect(requests(tieback)).toEqual([]);
});

test('Meta’s answer is kept through an outage of the database and written down after it', async () => {
  const tieback = await withOrders(1);
  const { pipeline } = tieback;
  let restore = async () => {};
  const graph: GraphClient = async (request) => {
    const answer = await pipeline.graph(request);
    restore = await cutDatabase(tieback.databaseUrl);
    return answer;
  };
  const { promise: refused, resolve: noteRefusal } = Promise.withResolvers<void>();
  const log = pino({ level: 'warn' }, { write: () => noteRefusal() });
  const delivering = deliverBatch({ ...pipeline, graph, log });
  await refused;
  await restore();
  expect(await delivering).toBe(1);
  expect(await events(tieback)).toMatchObject([{ state: 'accepted', reason: null, leaseUntil: null }]);
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test('an event at its deadline expires without a request', async () => {
  const tieback = await withOrders(1);
  expect(await events(tieback)).toMatchObject([{ deadline: DEADLINE }]);
  tieback.now.at = DEADLINE;
  await tieback.work();
  expect(await events(tieback)).toMatchObject([
    { state: 'expired', reason: 'expired', attempts: 0, settledAt: DEADLINE },
  ]);
  expect(requests(tieback)).toEqual([]);
});

test('an event just before its deadline is still sent, and taken by Meta', async () => {
  const tieback = await withOrders(1);
  tieback.now.at = new Date(DEADLINE.getTime() - 1);
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'accepted' }]);
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test('the events of a number that was taken off wait unsent and expire', async () => {
  const tieback = await withOrders(2);
  const { db } = tieback.pipeline;
  const { shopId, id } = await db.connection.findFirstOrThrow();
  await disconnectNumber(tieback.pipeline, shopId as Parameters<typeof disconnectNumber>[1], id);
  await tieback.work();
  expect((await events(tieback)).map((event) => event.state)).toEqual(['due', 'due']);
  tieback.now.at = DEADLINE;
  await tieback.work();
  expect((await events(tieback)).map((event) => event.state)).toEqual(['expired', 'expired']);
  expect(requests(tieback)).toEqual([]);
});

test('an event whose seal does not open holds up no other and goes when its key is back', async () => {
  const tieback = await withOrders(2);
  const { db } = tieback.pipeline;
  const [locked] = await events(tieback);
  const where = { id: locked?.id ?? '' };
  await db.conversionEvent.update({ where, data: { payload: `v1.gone.${locked?.payload.split('.')[2]}` } });
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'due' }, { state: 'accepted' }]);
  await db.conversionEvent.update({ where, data: { payload: locked?.payload ?? '' } });
  await tieback.work();
  expect(requests(tieback)).toHaveLength(1);
  tieback.now.forward(5 * MINUTE_MS);
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'accepted' }, { state: 'accepted' }]);
});

test('what Meta would refuse is refused here, with the reason and without a request', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ clid: 'a click id with spaces' });
  await tieback.pay();
  await tieback.work();
  expect(await events(tieback)).toMatchObject([
    { state: 'refused', reason: 'refused_payload', httpStatus: null, settledAt: START },
  ]);
  expect((await events(tieback))[0]?.answer).toContain('user_data.ctwa_clid');
  expect(requests(tieback)).toEqual([]);
});
