import { expect, test } from 'vitest';
import { BUSINESS, call, codes, EVENTS, NOW, purchase, send, startMeta } from './pretend-meta-world.ts';

test('judges the version first, then the token, then the object, then the payload', async () => {
  const meta = await startMeta();
  const wrong = { method: 'POST', body: 'not json' };
  const at = (path: string, token: string | null = BUSINESS.token) => call(meta, path, { ...wrong, token });
  expect(codes(await at('/v20.0/1/events', 'unknown'))).toEqual([400, 2635, undefined]);
  expect(codes(await at('/v99.0/1/events', 'unknown'))).toEqual([400, 2635, undefined]);
  expect(codes(await at('/v26.0/1/events', null))).toEqual([401, 104, undefined]);
  expect(codes(await at('/v26.0/1/events', 'unknown'))).toEqual([401, 190, undefined]);
  expect(codes(await at('/v26.0/1/events'))).toEqual([400, 100, 33]);
  expect(codes(await at(EVENTS))).toEqual([400, 100, undefined]);
});

test('takes a version until its last day and not after', async () => {
  const lastDay = await startMeta({}, () => new Date('2027-01-21T23:59:00Z'));
  const dayAfter = await startMeta({}, () => new Date('2027-01-22T00:00:00Z'));
  const path = `/v21.0/${BUSINESS.wabaId}`;
  expect((await call(lastDay, path)).status).toBe(200);
  expect(codes(await call(dayAfter, path))).toEqual([400, 2635, undefined]);
});

test('refuses an expired and a revoked token, and the dataset of another business', async () => {
  const meta = await startMeta();
  meta.addBusiness({ ...BUSINESS, wabaId: '555', datasetId: '556', token: 'EAAother', phoneNumbers: [] });
  expect(codes(await call(meta, '/v26.0/556/events', { method: 'POST' }))).toEqual([400, 100, 33]);
  meta.expireToken(BUSINESS.token);
  expect(codes(await send(meta, purchase()))).toEqual([401, 190, 463]);
  meta.revokeToken(BUSINESS.token);
  expect(codes(await send(meta, purchase()))).toEqual([401, 190, undefined]);
});

test('takes the token from the header or the query, and its record never holds it', async () => {
  const meta = await startMeta();
  const body = { data: [purchase()], access_token: BUSINESS.token };
  await call(meta, EVENTS, { method: 'POST', body });
  const query = `${EVENTS}?access_token=${BUSINESS.token}`;
  expect((await call(meta, query, { method: 'POST', token: null, body })).status).toBe(200);
  await call(meta, EVENTS, { token: null });
  expect(
    meta.requests().map(({ method, path, authorization, status }) => [method, path, authorization, status]),
  ).toEqual([
    ['POST', EVENTS, 'bearer', 200],
    ['POST', EVENTS, 'query', 200],
    ['GET', EVENTS, 'none', 401],
  ]);
  expect(JSON.stringify(meta.requests())).not.toContain(BUSINESS.token);
});

test('answers in Graph’s form for another verb, an unknown path and a body that is too large', async () => {
  const meta = await startMeta();
  expect(codes(await call(meta, EVENTS))).toEqual([400, 100, 33]);
  expect(codes(await call(meta, `${EVENTS}/more`))).toEqual([400, 2500, undefined]);
  // The client may still be writing when the answer comes, and then sees only the cut.
  await call(meta, EVENTS, { method: 'POST', body: 'x'.repeat(9 * 1024 * 1024) }).catch(() => null);
  expect(meta.requests().at(-1)).toMatchObject({ path: EVENTS, status: 413 });
  expect(meta.accepted()).toEqual([]);
});

test('takes a form as the samples of the documentation send it, with the token in it', async () => {
  const meta = await startMeta();
  const fields = { data: JSON.stringify([purchase()]), access_token: BUSINESS.token };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const body of [new URLSearchParams(fields), form]) {
    const answer = await call(meta, EVENTS, { method: 'POST', token: null, body });
    expect([answer.status, answer.body['events_received']]).toEqual([200, 1]);
  }
  expect(meta.accepted().map(({ event }) => event)).toEqual([purchase(), purchase()]);
  expect(meta.requests().map(({ authorization }) => authorization)).toEqual(['body', 'body']);
  expect(JSON.stringify(meta.requests())).not.toContain(BUSINESS.token);
  const broken = await call(meta, EVENTS, { method: 'POST', body: new URLSearchParams({ data: '[{' }) });
  expect(codes(broken)).toEqual([400, 100, undefined]);
});

test('dates every answer by its own clock, and judges by it', async () => {
  const meta = await startMeta();
  expect(new Date((await send(meta, purchase())).headers.get('date') ?? '')).toEqual(NOW);
  meta.skewClock(-5 * 60_000);
  const behind = await send(meta, purchase());
  expect(new Date(behind.headers.get('date') ?? '')).toEqual(new Date('2026-11-20T09:55:00Z'));
  expect(codes(behind)).toEqual([400, 100, 2804004]);
});

test('tells usage on every answer while it is told to', async () => {
  const meta = await startMeta();
  expect((await send(meta, purchase())).headers.get('x-app-usage')).toBeNull();
  const business = {
    id: '123',
    type: 'ads_management',
    call_count: 100,
    estimated_time_to_regain_access: 15,
  };
  meta.setUsage({ app: { call_count: 95 }, business, adAccount: { acc_id_util_pct: 10 } });
  meta.faultNext({ kind: 'status', status: 400, code: 4, transient: true });
  for (const { status, headers } of [await send(meta, purchase()), await send(meta, purchase())]) {
    expect([200, 400]).toContain(status);
    const told = (name: string): unknown => JSON.parse(headers.get(name) ?? 'null');
    expect(told('x-app-usage')).toEqual({ call_count: 95, total_time: 0, total_cputime: 0 });
    expect(told('x-business-use-case-usage')).toEqual({
      '123': [{ ...business, id: undefined, total_time: 0, total_cputime: 0 }],
    });
    expect(told('x-ad-account-usage')).toMatchObject({ acc_id_util_pct: 10 });
  }
  meta.setUsage({});
  expect((await send(meta, purchase())).headers.get('x-app-usage')).toBeNull();
});

test('plays a fault on any request when told so, and on those for events only when not', async () => {
  const meta = await startMeta();
  meta.faultNext({ kind: 'html', status: 502 }, 1, 'any');
  const path = `${meta.url}/v26.0/${BUSINESS.wabaId}`;
  const headers = { authorization: `Bearer ${BUSINESS.token}` };
  expect((await fetch(path, { headers })).status).toBe(502);
  expect((await fetch(path, { headers })).status).toBe(200);
  meta.faultNext({ kind: 'html', status: 502 }, 1, 'any');
  meta.clearFaults();
  expect((await fetch(path, { headers })).status).toBe(200);
});
