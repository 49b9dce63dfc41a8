import type { z } from 'zod';
import { isJsonObject, jsonArray, parseJson } from '../../domain/json.ts';

export const ADMIN_API_VERSION = '2026-10';

export type Operation<T> = { query: string; variables: Record<string, unknown>; data: z.ZodType<T> };
export type AdminFailure =
  /** 401: the token is not, or no longer, good for this shop. */
  | { kind: 'unauthorized' }
  /** Shopify asked to wait, or failed, or could not be reached, on every try: later it may answer. */
  | { kind: 'unavailable'; problem: string }
  /** Shopify does not take the question, or answers in an unknown shape: asking again changes nothing. */
  | { kind: 'refused'; problem: string };
export type AdminAnswer<T> = { kind: 'answered'; data: T } | AdminFailure;

/** Shopify's Admin GraphQL API for one shop. Never throws. */
export type AdminClient = <T>(operation: Operation<T>) => Promise<AdminAnswer<T>>;

export type AdminTransport = {
  fetch: typeof globalThis.fetch;
  clock: () => Date;
  /** Resolves after this many milliseconds, or at once when whoever asked is being stopped. */
  wait: (ms: number) => Promise<unknown>;
};

type Try<T> =
  | AdminAnswer<T>
  /** Worth another try, after `waitMs` or, when Shopify named no time, after the ladder's step. */
  | { kind: 'again'; problem: string; waitMs: number | null };
type Bucket = { available: number; maximum: number; restoreRate: number; at: number };

const TRIES = 6;
const TIMEOUT_MS = 20_000;
const FIRST_STEP_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const MAX_PROBLEM = 300;

/**
 * A client that knows the price of its questions. Shopify counts points in a bucket that fills at a steady rate, and
 * answers THROTTLED with HTTP 200 when it is too empty; both are waited for, by the numbers of Shopify's own answer
 * (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits). `tries` is 1 where somebody waits for a page.
 */
export function createAdminClient(
  options: { shop: string; accessToken: string; tries?: number } & AdminTransport,
): AdminClient {
  const { shop, accessToken, clock, wait, tries = TRIES } = options;
  const costs = new Map<string, number>();
  let bucket: Bucket | null = null;

  return async (operation) => {
    const { query } = operation;
    for (let made = 1; ; made += 1) {
      const cost = costs.get(query);
      if (cost !== undefined && bucket !== null && tries > 1) await waitFor(cost, bucket);
      const answer = await post(options, `https://${shop}`, accessToken, operation);
      const { status } = answer;
      if (answer.price !== null) {
        // The same question costs more with larger pages.
        costs.set(query, Math.max(answer.price.cost, cost ?? 0));
        bucket = { ...answer.price.bucket, at: clock().getTime() };
      }
      if (status.kind !== 'again') return status;
      if (made >= tries) return { kind: 'unavailable', problem: status.problem };
      const step = FIRST_STEP_MS * 2 ** (made - 1);
      await wait(Math.min(status.waitMs ?? step, LONGEST_WAIT_MS));
    }
  };

  async function waitFor(cost: number, { available, maximum, restoreRate, at }: Bucket): Promise<void> {
    const filled = Math.floor(((clock().getTime() - at) * restoreRate) / 1000);
    const short = Math.min(cost, maximum) - Math.min(maximum, available + Math.max(0, filled));
    if (short > 0) await wait(Math.min(Math.ceil((short / restoreRate) * 1000), LONGEST_WAIT_MS));
  }
}

type Price = { cost: number; bucket: Omit<Bucket, 'at'> };
type Posted<T> = { status: Try<T>; price: Price | null };

async function post<T>(
  { fetch }: AdminTransport,
  origin: string,
  accessToken: string,
  { query, variables, data }: Operation<T>,
): Promise<Posted<T>> {
  const again = (problem: string, waitMs: number | null = null): Posted<T> => ({
    status: { kind: 'again', problem, waitMs },
    price: null,
  });
  let response: { status: number; retryAfter: string | null; text: string };
  try {
    const answer = await fetch(`${origin}/admin/api/${ADMIN_API_VERSION}/graphql.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-shopify-access-token': accessToken },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    response = {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      text: await answer.text(),
    };
  } catch (error) {
    return again(error instanceof Error ? error.message : String(error));
  }
  const { status, retryAfter, text } = response;
  if (status === 401) return { status: { kind: 'unauthorized' }, price: null };
  const seconds = Number(retryAfter ?? Number.NaN);
  if (status === 429 || status >= 500) {
    return again(`Shopify answered with HTTP ${status}`, seconds > 0 ? seconds * 1000 : null);
  }
  if (status !== 200) return refused(`Shopify answered with HTTP ${status}: ${text}`);
  const parsed = parseJson(text);
  if (parsed.kind === 'not_json' || !isJsonObject(parsed.value)) return again('Shopify’s answer is not JSON');
  return readAnswer(parsed.value, data);
}

function readAnswer<T>(body: Readonly<Record<string, unknown>>, schema: z.ZodType<T>): Posted<T> {
  const price = readPrice(body);
  const errors = jsonArray(body['errors']).filter(isJsonObject);
  const codes = errors.map((error) =>
    isJsonObject(error['extensions']) ? error['extensions']['code'] : null,
  );
  if (codes.includes('THROTTLED')) {
    const waitMs = price === null ? null : throttleWaitMs(price);
    return { status: { kind: 'again', problem: 'Shopify throttles its Admin API', waitMs }, price };
  }
  if (codes.includes('INTERNAL_SERVER_ERROR')) {
    return { status: { kind: 'again', problem: 'Shopify failed inside', waitMs: null }, price };
  }
  if (body['errors'] !== undefined) {
    const words = errors.map((error) => String(error['message'])).join('; ');
    return refused(words === '' ? JSON.stringify(body['errors']) : words, price);
  }
  const read = schema.safeParse(body['data']);
  if (read.success) return { status: { kind: 'answered', data: read.data }, price };
  return refused(`an answer of an unknown shape at ${read.error.issues[0]?.path.join('.') ?? ''}`, price);
}

function refused<T>(problem: string, price: Price | null = null): Posted<T> {
  return { status: { kind: 'refused', problem: problem.slice(0, MAX_PROBLEM) }, price };
}

/** Until the bucket holds what was asked for; a second at least, since others drink from it too. */
function throttleWaitMs({ cost, bucket }: Price): number {
  return Math.max(1000, Math.ceil(((cost - bucket.available) / bucket.restoreRate) * 1000));
}

function readPrice(body: Readonly<Record<string, unknown>>): Price | null {
  const extensions = isJsonObject(body['extensions']) ? body['extensions'] : {};
  const cost = isJsonObject(extensions['cost']) ? extensions['cost'] : {};
  const status = isJsonObject(cost['throttleStatus']) ? cost['throttleStatus'] : {};
  const requested = cost['requestedQueryCost'];
  const [available, maximum, restoreRate] = [
    status['currentlyAvailable'],
    status['maximumAvailable'],
    status['restoreRate'],
  ];
  if (![requested, available, maximum, restoreRate].every((value) => typeof value === 'number')) return null;
  const bucket = { available: Number(available), maximum: Number(maximum), restoreRate: Number(restoreRate) };
  return bucket.restoreRate > 0 ? { cost: Number(requested), bucket } : null;
}
