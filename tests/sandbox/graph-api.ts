import { judgeData } from './conversion-rules.ts';
import { graphError, newTraceId, refusedEvent, unsupportedRequest } from './graph-error.ts';
import { answerObject } from './graph-objects.ts';
import { exchangeCode } from './graph-signup.ts';
import { maySend } from './graph-state.ts';
import { checkToken, debugToken } from './graph-token.ts';
import { isAlive, splitVersion } from './graph-version.ts';
import { isRecord } from './json-value.ts';
import type { DatasetRules } from './conversion-rules.ts';
import type { GraphAnswer } from './graph-error.ts';
import type { GraphCall } from './graph-request.ts';
import type { GraphState, TokenRecord } from './graph-state.ts';

type Accepted = {
  datasetId: string;
  events: Record<string, unknown>[];
  fbtraceId: string;
  testEventCode: string | null;
};

/** Meta's order: version, token, object and right, then the payload. */
export function answerGraph(
  state: GraphState,
  call: GraphCall,
  now: Date,
  accept: (accepted: Accepted) => void,
): GraphAnswer {
  const { version, parts } = splitVersion(call.url.pathname);
  const query = call.url.searchParams;
  if (version !== null && !isAlive(version, now)) {
    const message = `(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: v26.0.`;
    return graphError({ status: 400, code: 2635, message });
  }
  if (parts.join('/') === 'oauth/access_token' && (call.method === 'GET' || call.method === 'POST'))
    return exchangeCode(state, call.method === 'GET' ? query : formOf(call.body), now);
  const bearer = checkToken(state, call.token, now);
  if (bearer.kind === 'refused') return bearer.answer;
  const [objectId = '', edge = null, ...rest] = parts;
  if (rest.length > 0) {
    const message = `Unknown path components: /${[edge, ...rest].join('/')}`;
    return graphError({ status: 400, code: 2500, message });
  }
  if (call.method === 'GET' && objectId === 'debug_token') {
    return debugToken(state, query.get('input_token'), bearer, now);
  }
  if (edge !== 'events') {
    return answerObject(state, bearer, { method: call.method, objectId, edge, query, body: call.body });
  }
  const rules = bearer.kind === 'user' ? rulesOf(state, bearer.record, objectId, now) : null;
  if (call.method !== 'POST' || bearer.kind !== 'user' || rules === null) {
    return unsupportedRequest(call.method, objectId);
  }
  const verdict = judgeData(call.body, rules);
  if (!('events' in verdict)) return refusedEvent(verdict, bearer.record.locale);
  const fbtraceId = newTraceId();
  const testCode = isRecord(call.body) ? call.body['test_event_code'] : null;
  const testEventCode = typeof testCode === 'string' ? testCode : null;
  accept({ datasetId: objectId, events: verdict.events, fbtraceId, testEventCode });
  const body = { events_received: verdict.events.length, messages: [], fbtrace_id: fbtraceId };
  return { status: 200, body };
}

/** By what the events for a dataset are judged; null: the token may not send to it, or it is none. */
function rulesOf(state: GraphState, token: TokenRecord, datasetId: string, now: Date): DatasetRules | null {
  const nowSeconds = Math.floor(now.getTime() / 1000);
  if (state.pixels.has(datasetId)) {
    return token.objects.has(datasetId) ? { kind: 'pixel', nowSeconds } : null;
  }
  const wabaId = state.wabaOfDataset.get(datasetId);
  if (wabaId === undefined || !maySend(token, wabaId)) return null;
  const ownsClick = (ctwaClid: string) => state.wabaOfClick.get(ctwaClid) === wabaId;
  return { kind: 'chat', wabaId, nowSeconds, ownsClick, refusedNames: state.refusedNames };
}

function formOf(body: unknown): URLSearchParams {
  const fields = isRecord(body) ? Object.entries(body) : [];
  return new URLSearchParams(
    fields.filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
}
