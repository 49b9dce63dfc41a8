import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerGraph } from './graph-api.ts';
import { graphError } from './graph-error.ts';
import { playFault } from './graph-fault.ts';
import { deletePhone, movePhone, setPhone } from './graph-phones.ts';
import { readCall, recordOf } from './graph-request.ts';
import { offerSignup } from './graph-signup.ts';
import { META_APP, newGraphState, rememberBusiness, rememberObject, rememberPixel } from './graph-state.ts';
import { usageHeaders } from './graph-usage.ts';
import { listenOnLoopback, readBody, sendJson } from './loopback-server.ts';
import { answerBrowser } from './signup-page.ts';
import { waitingRoom } from './waiting-room.ts';
import type { GraphAnswer } from './graph-error.ts';
import type { Fault } from './graph-fault.ts';
import type { GraphCall, GraphRequest } from './graph-request.ts';
import type { Signup } from './graph-signup.ts';
import type {
  Business,
  GraphObject,
  GraphState,
  MetaApp,
  PhoneFields,
  Subscription,
  TokenRecord,
} from './graph-state.ts';
import type { Usage } from './graph-usage.ts';

export type { Business } from './graph-state.ts';
export type { Fault } from './graph-fault.ts';
type AcceptedEvent = {
  datasetId: string;
  event: Record<string, unknown>;
  at: Date;
  fbtraceId: string;
  /** Such events are counted like all others. */
  testEventCode?: string;
};
export type PretendMeta = {
  url: string;
  /** The app of the sandbox, and by `addApp` those of merchants. */
  app: MetaApp;
  addApp(app: Pick<MetaApp, 'id' | 'secret'> & Partial<MetaApp>): void;
  addBusiness(business: Business): void;
  /** A business that may come through Embedded Signup; it must have been added. */
  addSignup(signup: Signup): void;
  addPixel(pixel: { datasetId: string; token: string; name?: string }): void;
  /** A Page, AdAccount, Business … that the token may see. */
  addObject(object: GraphObject): void;
  addClick(click: { ctwaClid: string; wabaId: string }): void;
  expireToken(token: string): void;
  revokeToken(token: string): void;
  setPhone(id: string, fields: Partial<PhoneFields>): void;
  /** Shows a number as Meta shows one that broke its rules. */
  restrictPhone(id: string): void;
  movePhone(id: string, toWabaId: string): void;
  deletePhone(id: string): void;
  /** Makes one of the fourteen names refused with 2804066, until `takeEventName`. */
  refuseEventName(name: string): void;
  takeEventName(name: string): void;
  /** What every answer tells of usage from now on. */
  setUsage(usage: Usage): void;
  /** Puts Meta's clock, by which it judges and dates its answers, so far from the real one. */
  skewClock(ms: number): void;
  /** The apps that get an account's webhooks, and where to. */
  subscriptions(wabaId: string): Subscription[];
  accepted(): AcceptedEvent[];
  requests(): GraphRequest[];
  /** On the next requests for events; `on` 'any': on the next requests of whatever kind. */
  faultNext(fault: Fault, times?: number, on?: 'events' | 'any'): void;
  clearFaults(): void;
  waitForAccepted(count: number, timeoutMs: number): Promise<void>;
  now: () => Date;
  close(): Promise<void>;
};

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * Starts a pretend Graph API that judges conversion events in Meta's order and refuses with Meta's codes, and the pages of
 * Meta that a browser sees during Embedded Signup. `now` is its clock; `keepRequests: false` drops the record of
 * requests, for long benchmarks.
 */
export async function startPretendMeta(
  options: { now?: () => Date; keepRequests?: boolean; app?: Partial<MetaApp> } = {},
): Promise<PretendMeta> {
  const keepRequests = options.keepRequests ?? true;
  const app: MetaApp = { ...META_APP, ...options.app };
  const state = newGraphState(app);
  const accepted: AcceptedEvent[] = [];
  const requests: GraphRequest[] = [];
  const faults = { events: [] as Fault[], any: [] as Fault[] };
  const room = waitingRoom(() => accepted.length);
  let [usage, skewMs]: [Usage, number] = [{}, 0];
  const now = () => new Date((options.now?.().getTime() ?? Date.now()) + skewMs);

  function judge(call: GraphCall): GraphAnswer {
    const answer = answerGraph(state, call, now(), ({ events, datasetId, fbtraceId, testEventCode }) => {
      const at = now();
      for (const event of events) {
        accepted.push({ datasetId, event, at, fbtraceId, ...(testEventCode !== null && { testEventCode }) });
      }
    });
    room.note(answer);
    return answer;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tells = { date: now().toUTCString(), ...usageHeaders(usage) };
    for (const [name, value] of Object.entries(tells)) response.setHeader(name, value);
    if (await answerBrowser(state, request, response, now())) return;
    const read = await readBody(request, MAX_BODY_BYTES);
    const call = await readCall(request, read.kind === 'body' ? read.bytes : Buffer.alloc(0));
    const isEvents = call.method === 'POST' && call.url.pathname.endsWith('/events');
    const fault = (isEvents ? faults.events.shift() : undefined) ?? faults.any.shift();
    let status: number;
    if (read.kind === 'too_large') {
      const message = 'Please reduce the amount of data you are asking for.';
      const answer = graphError({ status: 413, code: 1, message });
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
    app,
    now,
    addApp: (added) => void state.apps.set(added.id, { ...META_APP, name: 'Own app', ...added }),
    addBusiness: (business) => rememberBusiness(state, business),
    addSignup: (signup) => offerSignup(state, signup),
    addPixel: (pixel) => rememberPixel(state, pixel),
    addObject: (object) => rememberObject(state, object),
    addClick: ({ ctwaClid, wabaId }) => void state.wabaOfClick.set(ctwaClid, wabaId),
    expireToken: (token) => setTokenState(state, token, 'expired'),
    revokeToken: (token) => setTokenState(state, token, 'revoked'),
    setPhone: (id, fields) => setPhone(state, id, fields),
    restrictPhone: (id) => setPhone(state, id, { status: 'RESTRICTED', quality_rating: 'RED' }),
    movePhone: (id, toWabaId) => movePhone(state, id, toWabaId),
    deletePhone: (id) => deletePhone(state, id),
    refuseEventName: (name) => void state.refusedNames.add(name),
    takeEventName: (name) => void state.refusedNames.delete(name),
    setUsage: (told) => void (usage = told),
    skewClock: (ms) => void (skewMs = ms),
    subscriptions: (wabaId) => [...(state.businesses.get(wabaId)?.subscriptions.values() ?? [])],
    accepted: () => [...accepted],
    requests: () => [...requests],
    faultNext: (fault, times = 1, on = 'events') =>
      void faults[on].push(...Array.from({ length: times }, () => fault)),
    clearFaults() {
      faults.events.splice(0);
      faults.any.splice(0);
    },
    waitForAccepted: room.waitFor,
    async close() {
      room.close();
      await server.close();
    },
  };
}

function setTokenState(state: GraphState, token: string, next: TokenRecord['state']): void {
  const record = state.tokens.get(token);
  if (!record) throw new Error('The pretend Meta does not know this token.');
  record.state = next;
}
