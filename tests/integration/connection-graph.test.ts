import type { IncomingHttpHeaders } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createGraphClient } from '../../app/platforms/meta/graph.ts';
import { listenOnLoopback, sendJson } from '../sandbox/loopback-server.ts';

/** What the client reads of an answer with these headers, and the headers that it sent. */
async function answerWith(headers: Record<string, string>, token: string | null = 'EAAtoken') {
  let sent: IncomingHttpHeaders = {};
  const server = await listenOnLoopback((request, response) => {
    sent = request.headers;
    sendJson(response, 200, {}, headers);
  });
  onTestFinished(server.close);
  const graph = createGraphClient({ url: server.url, version: 'v26.0' });
  return { result: await graph({ method: 'GET', path: 'me', token }), sent };
}

test('the highest share of any of Meta’s limits is what counts', async () => {
  const { result } = await answerWith({
    'X-App-Usage': JSON.stringify({ call_count: 28, total_time: 25, total_cputime: 91 }),
    'X-Business-Use-Case-Usage': JSON.stringify({
      '102290129340398': [
        {
          type: 'ads_management',
          call_count: 95,
          total_cputime: 20,
          total_time: 20,
          estimated_time_to_regain_access: 2,
        },
      ],
    }),
    'X-Ad-Account-Usage': JSON.stringify({ acc_id_util_pct: 9.67 }),
    'X-FB-Ads-Insights-Throttle': JSON.stringify({ app_id_util_pct: 97.5, acc_id_util_pct: '10' }),
  });
  expect(result).toMatchObject({ kind: 'answered', usagePercent: 97.5, usageWaitSeconds: 120 });
});

test.each([
  ['no header', {}, null],
  ['nothing used', { 'x-app-usage': '{"call_count":0,"total_time":0,"total_cputime":0}' }, 0],
  ['a header that is no JSON', { 'x-app-usage': 'call_count: many' }, null],
])('%s is read as %j', async (_, headers, usagePercent) => {
  const { result } = await answerWith(headers as Record<string, string>);
  expect(result).toMatchObject({ kind: 'answered', usagePercent, usageWaitSeconds: null });
});

test('Meta’s clock is told with its answer; a date that is none is no clock', async () => {
  const { result } = await answerWith({ Date: 'Fri, 20 Nov 2026 19:30:00 GMT' });
  expect(result).toMatchObject({ date: new Date('2026-11-20T19:30:00Z') });
  expect((await answerWith({ Date: 'soon' })).result).toMatchObject({ date: null });
});

test('a token goes into the header and nowhere else; without one there is no such header', async () => {
  expect((await answerWith({})).sent.authorization).toBe('Bearer EAAtoken');
  expect((await answerWith({}, null)).sent).not.toHaveProperty('authorization');
});
