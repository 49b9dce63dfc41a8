import { expect, onTestFinished, test } from 'vitest';
import { startPretendMeta } from '../sandbox/pretend-meta.ts';
import type { Fault, PretendMeta } from '../sandbox/pretend-meta.ts';

const NOW = new Date('2026-11-20T10:00:00Z');
const BODY = JSON.stringify({
  data: [
    {
      event_name: 'Purchase',
      event_time: NOW.getTime() / 1000,
      action_source: 'business_messaging',
      messaging_channel: 'whatsapp',
      user_data: { whatsapp_business_account_id: '10', ctwa_clid: 'ARclick' },
      custom_data: { currency: 'USD', value: 1 },
    },
  ],
});

async function startFaulty(...faults: Fault[]): Promise<PretendMeta> {
  const meta = await startPretendMeta({ now: () => NOW });
  onTestFinished(meta.close);
  meta.addBusiness({ wabaId: '10', phoneNumbers: [], token: 'EAAtoken', datasetId: '20' });
  meta.addClick({ ctwaClid: 'ARclick', wabaId: '10' });
  for (const fault of faults) meta.faultNext(fault);
  return meta;
}

function send(meta: PretendMeta, signal?: AbortSignal): Promise<Response> {
  const headers = { authorization: 'Bearer EAAtoken' };
  return fetch(`${meta.url}/v26.0/20/events`, {
    method: 'POST',
    headers,
    body: BODY,
    ...(signal && { signal }),
  });
}

test('plays a Graph error with its code, subcode, transience and headers, once', async () => {
  const headers = { 'retry-after': '7' };
  const meta = await startFaulty({
    kind: 'status',
    status: 429,
    code: 80004,
    subcode: 2446079,
    transient: true,
    headers,
  });
  const answer = await send(meta);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
  expect(await answer.json()).toMatchObject({
    error: { code: 80004, error_subcode: 2446079, is_transient: true, type: 'OAuthException' },
  });
  expect(meta.accepted()).toHaveLength(0);
  expect((await send(meta)).status).toBe(200);
});

test('plays a fault as often as told, on events only', async () => {
  const meta = await startFaulty();
  meta.faultNext({ kind: 'html', status: 502 }, 2);
  const headers = { authorization: 'Bearer EAAtoken' };
  const statuses = [(await fetch(`${meta.url}/v26.0/10`, { headers })).status];
  for (let sent = 0; sent < 3; sent += 1) statuses.push((await send(meta)).status);
  expect(statuses).toEqual([200, 502, 502, 200]);
});

test('answers HTML, nothing readable, or a receipt over nothing, and accepts none of them', async () => {
  const meta = await startFaulty(
    { kind: 'html', status: 500 },
    { kind: 'not_json' },
    { kind: 'zero_received' },
  );
  const [html, text, zero] = [await send(meta), await send(meta), await send(meta)];
  expect([html.status, (await html.text()).startsWith('<!DOCTYPE html>')]).toEqual([500, true]);
  expect([text.status, await text.text()]).toEqual([200, 'OK']);
  expect([zero.status, await zero.json()]).toMatchObject([200, { events_received: 0 }]);
  expect(meta.accepted()).toHaveLength(0);
});

test('cuts the line before and after accepting', async () => {
  const meta = await startFaulty({ kind: 'cut_before' }, { kind: 'cut_after_accepting' });
  await expect(send(meta)).rejects.toThrow();
  expect(meta.accepted()).toHaveLength(0);
  await expect(send(meta)).rejects.toThrow();
  expect(meta.accepted()).toHaveLength(1);
  expect(meta.requests().map(({ status }) => status)).toEqual([0, 0]);
});

test('hangs until the client gives up, having accepted nothing', async () => {
  const meta = await startFaulty({ kind: 'hang' });
  const patience = new AbortController();
  const hung = send(meta, patience.signal);
  while (!meta.requests().some(({ path }) => path.endsWith('/events'))) await fetch(`${meta.url}/v26.0/10`);
  patience.abort();
  await expect(hung).rejects.toThrow();
  expect(meta.accepted()).toHaveLength(0);
});

test('sends a slow body whole, and accepts', async () => {
  const meta = await startFaulty({ kind: 'slow_body', ms: 5 });
  expect(await (await send(meta)).json()).toMatchObject({ events_received: 1 });
  expect(meta.accepted()).toHaveLength(1);
});

test('waits for accepted events, and tells the last refusal when they do not come', async () => {
  const meta = await startFaulty();
  const reached = meta.waitForAccepted(2, 60_000);
  await Promise.all([send(meta), send(meta)]);
  await reached;
  await meta.waitForAccepted(2, 0);
  await fetch(`${meta.url}/v26.0/20/events`, { method: 'POST' });
  await expect(meta.waitForAccepted(3, 1)).rejects.toThrow(/accepted 2 of 3 events within 1 ms.*"code":104/);
});

test('closes with requests under way and connections kept alive, and frees its port', async () => {
  const meta = await startFaulty({ kind: 'hang' });
  const hung = send(meta).catch(() => 'cut');
  const waiting = meta.waitForAccepted(1, 60_000).catch((error: Error) => error.message);
  while (!meta.requests().some(({ path }) => path.endsWith('/events'))) await fetch(`${meta.url}/v26.0/10`);
  await meta.close();
  expect(await hung).toBe('cut');
  expect(await waiting).toContain('closed');
  await expect(fetch(meta.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test('keeps no record of requests when told so', async () => {
  const meta = await startPretendMeta({ keepRequests: false });
  onTestFinished(meta.close);
  expect((await fetch(`${meta.url}/v26.0/10`)).status).toBe(401);
  expect(meta.requests()).toEqual([]);
});
