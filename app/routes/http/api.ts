import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import { readReport } from '../../domain/api-event.ts';
import { readBearer } from '../../domain/api-key.ts';
import { API_PROBLEMS, problemBody, type ApiProblem, type ApiProblemCode } from '../../domain/api-problem.ts';
import { parseJson } from '../../domain/json.ts';
import { takeToken, type Bucket, type Rate } from '../../domain/rate-limit.ts';
import { findApiEvent, reportEvent } from '../../pipeline/api-events.ts';
import { apiCaller, type ApiCaller } from '../../pipeline/api-keys.ts';
import type { Services } from '../../services.ts';
import { awaited } from './awaited.ts';
import { apiDocument } from './openapi.ts';

const BODY_LIMIT = 64 * 1024;
const RATE: Rate = { perSecond: 50, burst: 200 };
const JSON_TYPE = /^application\/json *(; *charset="?utf-8"?)? *$/i;
// Visible ASCII, as in https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
const IDEMPOTENCY_KEY = /^[!-~]{1,255}$/;

/** A program's request that is answered with a problem. */
class Refusal extends Error {
  readonly problem: ApiProblem;
  readonly headers: Record<string, string>;
  constructor(problem: ApiProblem | ApiProblemCode, headers: Record<string, string> = {}) {
    super();
    this.problem = typeof problem === 'string' ? { code: problem } : problem;
    this.headers = headers;
  }
}

/** The API for a merchant's own programs. Every answer is JSON, and every problem is one of `API_PROBLEMS`. */
export function apiRoutes(services: Services): Router {
  const router = Router();
  const limit = createLimit(services);
  const caller = async (request: Request): Promise<ApiCaller> =>
    limit(await authenticated(services, request));
  const document = JSON.stringify(apiDocument(services.environment.shopify.appUrl));
  const readBody = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false });

  router.post(
    '/api/v1/events',
    awaited(async (request, response) => {
      const { shop } = await caller(request);
      const idempotencyKey = idempotencyKeyOf(request);
      const body = await jsonBody(request, response, readBody);
      const read = readReport(body, services.clock());
      if (read.kind === 'problems') throw new Refusal({ code: 'invalid_request', fields: read.problems });
      const outcome = await reportEvent(services, { shop, idempotencyKey, event: read.event });
      if (outcome.kind === 'problem') throw new Refusal(outcome.problem);
      answer(response, outcome.kind === 'created' ? 201 : 200, outcome.event);
    }),
  );
  router.get(
    '/api/v1/events/:id',
    awaited(async (request, response) => {
      const { shop } = await caller(request);
      const event = await findApiEvent(services, shop.id, request.params['id'] ?? '');
      if (event === null) throw new Refusal('event_not_found');
      answer(response, 200, event);
    }),
  );
  router.get('/api/v1/openapi.json', (_request, response) => {
    response.set('Cache-Control', 'public, max-age=3600').type('json').send(document);
  });

  router.all('/api/v1/events', notAllowed('POST'));
  router.all(['/api/v1/events/:id', '/api/v1/openapi.json'], notAllowed('GET, HEAD'));
  router.use('/api', () => {
    throw new Refusal('not_found');
  });
  router.use('/api', answerProblem(services));
  return router;
}

async function authenticated(services: Services, request: Request): Promise<ApiCaller> {
  const shown = readBearer(request.get('authorization'));
  // https://www.rfc-editor.org/rfc/rfc6750#section-3: without a key there is no error to name.
  if (shown === null) throw new Refusal('key_missing', { 'WWW-Authenticate': 'Bearer realm="Tieback"' });
  const invalid = { 'WWW-Authenticate': 'Bearer realm="Tieback", error="invalid_token"' };
  const found = shown.kind === 'key' ? await apiCaller(services, shown.key) : { kind: 'unknown' as const };
  switch (found.kind) {
    case 'caller':
      return found;
    case 'unknown':
      throw new Refusal('key_unknown', invalid);
    case 'revoked':
      throw new Refusal('key_revoked', invalid);
  }
}

/** One bucket for each key that was used, in this process: what several processes take together is so many times as much. */
function createLimit({ clock }: Services): (caller: ApiCaller) => ApiCaller {
  const buckets = new Map<string, Bucket>();
  return (caller) => {
    const { bucket, waitMs } = takeToken(buckets.get(caller.keyId) ?? null, clock(), RATE);
    buckets.set(caller.keyId, bucket);
    if (waitMs > 0)
      throw new Refusal('too_many_requests', { 'Retry-After': String(Math.ceil(waitMs / 1000)) });
    return caller;
  };
}

function idempotencyKeyOf(request: Request): string {
  const key = request.get('idempotency-key') ?? '';
  if (!IDEMPOTENCY_KEY.test(key)) throw new Refusal('idempotency_key_required');
  return key;
}

async function jsonBody(request: Request, response: Response, read: RequestHandler): Promise<unknown> {
  if (!JSON_TYPE.test(request.get('content-type') ?? '')) throw new Refusal('content_type_not_json');
  // Only now: nobody without a key can make us read a body.
  await new Promise<void>((resolve, reject) => {
    read(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error as Error)));
  });
  const parsed = Buffer.isBuffer(request.body)
    ? parseJson(utf8(request.body))
    : { kind: 'not_json' as const };
  if (parsed.kind === 'not_json') throw new Refusal('invalid_json');
  return parsed.value;
}

/** The text of a body; what is not UTF-8 gives one that is no JSON. */
function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
}

function notAllowed(allow: string): RequestHandler {
  return () => {
    throw new Refusal('method_not_allowed', { Allow: allow });
  };
}

function answer(response: Response, status: number, body: unknown): void {
  response.status(status).set('Cache-Control', 'no-store').json(body);
}

function answerProblem(services: Services): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const refusal = error instanceof Refusal ? error : refusalOf(error);
    const { code } = refusal.problem;
    if (code === 'unavailable') services.log.error({ err: error }, 'a request to the API failed');
    else services.log.debug({ code, method: request.method }, 'a request to the API was refused');
    response.set(refusal.headers);
    answer(response, API_PROBLEMS[code].status, problemBody(refusal.problem));
  };
}

/** What Express says of an address or a body that it could not read; everything else is our own failure. */
function refusalOf(error: unknown): Refusal {
  const { status } = error as { status?: number };
  if (status === 413) return new Refusal('body_too_large', { Connection: 'close' });
  if (status === 415) return new Refusal('content_type_not_json');
  if (error instanceof URIError) return new Refusal('not_found');
  if (status !== undefined && status < 500) return new Refusal('invalid_json');
  return new Refusal('unavailable', { 'Retry-After': '5' });
}
