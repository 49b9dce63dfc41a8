// Loaded with `node --import` before a process of the app. It stops the process before its first line until it is told
// to start, counts every point where the app waits for something outside (a query, a request, an answer it gives), and
// can kill it at one of them: `Name #2` is the second time that point is reached. The app itself knows nothing of this.
import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';
import pg from 'pg';

// The worker's pulse and its schedules come when they come, and nothing of an order hangs on them.
const ASIDE = /pgboss|worker_beats|pg_advisory|^LISTEN/;

let counting = false;
let crashAt = null;
let gate = null;
let reached = new Map();

function reach(point) {
  if (!counting) return;
  const times = (reached.get(point) ?? 0) + 1;
  reached.set(point, times);
  if (`${point} #${times}` === crashAt) process.kill(process.pid, 'SIGKILL');
}

function nameOf(query) {
  const text = typeof query === 'string' ? query : query?.text;
  return typeof text !== 'string' || ASIDE.test(text) ? null : text.replace(/\s+/g, ' ').trim().slice(0, 120);
}

const send = pg.Client.prototype.query;
pg.Client.prototype.query = function query(...args) {
  const name = nameOf(args[0]);
  if (name === null) return send.apply(this, args);
  const answered = args.at(-1);
  if (typeof answered === 'function') {
    args[args.length - 1] = (...result) => {
      reach(`after ${name}`);
      answered(...result);
    };
  }
  const ask = () => {
    reach(`before ${name}`);
    const answer = send.apply(this, args);
    if (typeof answered === 'function') return answer;
    return answer.finally(() => reach(`after ${name}`));
  };
  return gate === null ? ask() : gate.promise.then(ask);
};

const { fetch: realFetch, Date: RealDate } = globalThis;
globalThis.fetch = async function fetch(...args) {
  reach('before a request to Meta');
  const response = await realFetch(...args);
  reach('after the headers of Meta’s answer');
  const text = response.text.bind(response);
  response.text = async () => {
    const body = await text();
    reach('after the body of Meta’s answer');
    return body;
  };
  return response;
};
subscribe('undici:request:bodySent', () => reach('after a request to Meta has left'));

const { end } = ServerResponse.prototype;
ServerResponse.prototype.end = function endResponse(...args) {
  reach('before the answer to a webhook');
  const response = end.apply(this, args);
  reach('after the answer to a webhook');
  return response;
};

let ahead = 0;
const now = () => RealDate.now() + ahead;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});

const ORDERS = {
  /** Runs the app, with a clock that starts at `at`. */
  start({ at }) {
    ahead = at - RealDate.now();
    started.resolve();
  },
  /** Holds every query back, so that what comes in meanwhile is worked in one batch. */
  hold() {
    gate ??= Promise.withResolvers();
  },
  /** Lets queries through and counts from here; dies at `crashAt`, if that is given. */
  go(order) {
    reached = new Map();
    counting = true;
    crashAt = order.crashAt ?? null;
    gate?.resolve();
    gate = null;
  },
  report() {
    counting = false;
    process.send({ reached: [...reached] });
  },
};

const started = Promise.withResolvers();
process.on('message', (order) => ORDERS[order.kind](order));
process.on('disconnect', () => process.exit(0));
// Loaded while nobody waits for it, so that the start takes less time.
await import('../../app/serve.ts');
process.send({ loaded: true });
await started.promise;
