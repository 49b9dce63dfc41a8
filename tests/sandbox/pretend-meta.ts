import type { IncomingMessage, ServerResponse } from 'node:http';
import { judgeData } from './conversion-rules.ts';
import { playFault } from './graph-fault.ts';
import { checkToken, newGraphState, rememberBusiness } from './graph-business.ts';
import { graphError, newTraceId, refusedEvent, unsupportedRequest } from './graph-error.ts';
import { answerObject } from './graph-objects.ts';
import { isRecord, parseJsonOrNull } from './json-value.ts';
import { listenOnLoopback, readBody, sendJson } from './loopback-server.ts';
import { waitingRoom } from './waiting-room.ts';
import type { Business, GraphState, TokenRecord } from './graph-business.ts';
import type { GraphAnswer } from './graph-error.ts';
import type { Fault } from './graph-fault.ts';

export type { Business } from './graph-business.ts';
export type { Fault } from './graph-fault.ts';
type AcceptedEvent = {
  datasetId: string;
  event: Record<string, unknown>;
  at: Date;
  fbtraceId: string;
};
type GraphRequest = {
  method: string;
  path: string;
  authorization: 'bearer' | 'query' | 'none';
  /** HTTP status answered; 0 when no answer was given. */
  status: number;
  body: unknown;
};
export type PretendMeta = {
  url: string;
  addBusiness(business: Business): void;
  addClick(click: { ctwaClid: string; wabaId: string }): void;
  expireToken(token: string): void;
  revokeToken(token: string): void;
  accepted(): AcceptedEvent[];
  requests(): GraphRequest[];
  faultNext(fault: Fault, times?: number): void;
  clearFaults(): void;
  waitForAccepted(count: number, timeoutMs: number): Promise<void>;
  now: () => Date;
  close(): Promise<void>;
};

type Call = {
  method: string;
  url: URL;
  token: string | null;
  authorization: GraphRequest['authorization'];
  body: unknown;
};

const MAX_BODY_BYTES = 8 * 1024 * 1024;

// First and last day of each version (developers.facebook.com/docs/graph-api/changelog); null: no end announced.
const VERSIONS: ReadonlyMap<string, readonly [from: string, until: string | null]> = new Map([
  ['v21.0', ['2024-10-02', '2027-01-21']],
  ['v22.0', ['2025-01-21', '2027-05-20']],
  ['v23.0', ['2025-05-29', '2027-10-08']],
  ['v24.0', ['2025-10-08', '2028-02-18']],
  ['v25.0', ['2026-02-18', '2028-07-29']],
  ['v26.0', ['2026-07-29', null]],
]);

/**
 * Starts a pretend Graph API that judges conversion events in Meta's order and refuses with Meta's codes.
 * `now` is its clock; `keepRequests: false` drops the record of requests, for long benchmarks.
 */
export async function startPretendMeta(
  options: { now?: () => Date; keepRequests?: boolean } = {},
): Promise<PretendMeta> {
  const now = options.now ?? (() => new Date());
  const keepRequests = options.keepRequests ?? true;
  const state = newGraphState();
  const accepted: AcceptedEvent[] = [];
  const requests: GraphRequest[] = [];
  const faults: Fault[] = [];
  const room = waitingRoom(() => accepted.length);

  function judge(call: Call): GraphAnswer {
    const answer = answerCall(state, call, now(), (datasetId, events, fbtraceId) => {
      const at = now();
      for (const event of events) accepted.push({ datasetId, event, at, fbtraceId });
    });
    room.note(answer);
    return answer;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await readBody(request, MAX_BODY_BYTES);
    const call = readCall(request, read.kind === 'body' ? read.bytes : Buffer.alloc(0));
    const isEvents = call.method === 'POST' && call.url.pathname.endsWith('/events');
    const fault = isEvents ? faults.shift() : undefined;
    let status: number;
    if (read.kind === 'too_large') {
      const answer = graphError({
        status: 413,
        code: 1,
        message: 'Please reduce the amount of data you are asking for.',
      });
      status = answer.status;
      sendJson(response, status, answer.body);
    } else if (fault) {
      status = playFault({ fault, response, judge: () => judge(call) });
    } else {
      const answer = judge(call);
      status = answer.status;
      sendJson(response, status, answer.body, answer.headers);
    }
    if (keepRequests) requests.push(recordOf(call, status));
  }

  const server = await listenOnLoopback(handle);
  return {
    url: server.url,
    now,
    addBusiness: (business) => rememberBusiness(state, business),
    addClick: ({ ctwaClid, wabaId }) => void state.wabaOfClick.set(ctwaClid, wabaId),
    expireToken: (token) => setTokenState(state, token, 'expired'),
    revokeToken: (token) => setTokenState(state, token, 'revoked'),
    accepted: () => [...accepted],
    requests: () => [...requests],
    faultNext: (fault, times = 1) => void faults.push(...Array.from({ length: times }, () => fault)),
    clearFaults: () => void faults.splice(0),
    waitForAccepted: room.waitFor,
    async close() {
      room.close();
      await server.close();
    },
  };
}

/** Meta's order: version, token, object and right, then the payload. */
function answerCall(
  state: GraphState,
  call: Call,
  now: Date,
  accept: (datasetId: string, events: Record<string, unknown>[], fbtraceId: string) => void,
): GraphAnswer {
  const [version = '', objectId = '', edge = null, ...rest] = call.url.pathname.slice(1).split('/');
  if (!isAlive(version, now)) {
    const message = `(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: v26.0.`;
    return graphError({ status: 400, code: 2635, message });
  }
  const token = checkToken(state, call.token);
  if (token.kind === 'refused') return token.answer;
  if (rest.length > 0) {
    const message = `Unknown path components: /${[edge, ...rest].join('/')}`;
    return graphError({ status: 400, code: 2500, message });
  }
  const wabaId = state.wabaOfDataset.get(objectId);
  if (wabaId === undefined) {
    const fields = call.url.searchParams.get('fields')?.split(',') ?? null;
    return answerObject(state, token.record, {
      method: call.method,
      objectId,
      edge,
      fields,
      body: call.body,
    });
  }
  if (!token.record.businesses.has(wabaId) || call.method !== 'POST' || edge !== 'events') {
    return unsupportedRequest(call.method, objectId);
  }
  const verdict = judgeData(call.body, {
    wabaId,
    nowSeconds: Math.floor(now.getTime() / 1000),
    ownsClick: (ctwaClid) => state.wabaOfClick.get(ctwaClid) === wabaId,
  });
  if (!('events' in verdict)) return refusedEvent(verdict, token.record.locale);
  const fbtraceId = newTraceId();
  accept(objectId, verdict.events, fbtraceId);
  return {
    status: 200,
    body: { events_received: verdict.events.length, messages: [], fbtrace_id: fbtraceId },
  };
}

function isAlive(version: string, now: Date): boolean {
  const life = VERSIONS.get(version);
  if (!life) return false;
  const [from, until] = life;
  const today = now.toISOString().slice(0, 10);
  return today >= from && (until === null || today <= until);
}

function readCall(request: IncomingMessage, bytes: Buffer): Call {
  const url = new URL(request.url ?? '/', 'http://graph.invalid');
  const bearer = /^(?:Bearer|OAuth) (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
  const query = url.searchParams.get('access_token');
  const text = bytes.toString('utf8');
  return {
    method: request.method ?? 'GET',
    url,
    token: bearer ?? query,
    authorization: bearer !== null ? 'bearer' : query !== null ? 'query' : 'none',
    body: text === '' ? null : (parseJsonOrNull(text)?.value ?? text),
  };
}

function recordOf(call: Call, status: number): GraphRequest {
  const { method, authorization, body } = call;
  const shown = isRecord(body) && 'access_token' in body ? { ...body, access_token: '(not kept)' } : body;
  return { method, path: call.url.pathname, authorization, status, body: shown };
}

function setTokenState(state: GraphState, token: string, next: TokenRecord['state']): void {
  const record = state.tokens.get(token);
  if (!record) throw new Error('The pretend Meta does not know this token.');
  record.state = next;
}
