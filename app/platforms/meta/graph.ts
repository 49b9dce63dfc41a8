import type { SendResult } from '../../domain/outcome.ts';

export type GraphRequest = {
  method: 'GET' | 'POST' | 'DELETE';
  /** After the version, e.g. `1234567890/events`. */
  path: string;
  /** Null: the request carries its own credentials. */
  token: string | null;
  body?: unknown;
  /** Sent as a form instead of a body. */
  form?: Readonly<Record<string, string>>;
};

/** One request to the Graph API. Never throws: whatever happens is a SendResult. */
export type GraphClient = (request: GraphRequest) => Promise<SendResult>;

// Meta suggests 1.5 s; but a request that is cut has an unknown outcome, so patience is cheaper than impatience. It ends before a
// process that is told to stop has to (DRAIN_MS in app/process.ts).
const TIMEOUT_MS = 8_000;
const MAX_ANSWER_CHARACTERS = 65_536;

// Failures before a connection stood: nothing of the request can have reached Meta.
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * The token goes into the Authorization header, not into the URL, where proxies and logs might keep it. A path may hold
 * one all the same (`inspectToken`), so no URL is ever logged here, nor is it part of what is given back.
 */
export function createGraphClient(options: {
  url: string;
  version: string;
  timeoutMs?: number;
}): GraphClient {
  return async ({ method, path, token, body, form }) => {
    try {
      const response = await fetch(`${options.url}/${options.version}/${path}`, {
        method,
        headers: {
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(form !== undefined && { body: new URLSearchParams(form) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
      });
      return {
        kind: 'answered',
        status: response.status,
        retryAfterSeconds: retryAfter(response.headers),
        usageWaitSeconds: usageWait(response.headers),
        usagePercent: usagePercent(response.headers),
        date: dateOf(response.headers),
        body: (await response.text()).slice(0, MAX_ANSWER_CHARACTERS),
      };
    } catch (error) {
      const code = failureCode(error);
      return NEVER_LEFT.has(code) ? { kind: 'never_left', detail: code } : { kind: 'cut', detail: code };
    }
  };
}

function failureCode(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (typeof code === 'string') return code;
    if (cause.name === 'TimeoutError') return 'TIMEOUT';
  }
  return error instanceof Error ? error.name : 'UNKNOWN';
}

function retryAfter(headers: Headers): number | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** `estimated_time_to_regain_access` counts minutes (https://developers.facebook.com/docs/graph-api/overview/rate-limiting). */
function usageWait(headers: Headers): number | null {
  const minutes = [
    ...(headers.get('x-business-use-case-usage') ?? '').matchAll(
      /"estimated_time_to_regain_access":\s*(\d+)/g,
    ),
  ];
  const longest = Math.max(0, ...minutes.map(([, value]) => Number(value)));
  return longest > 0 ? longest * 60 : null;
}

// Graph counts against several limits, each in a header of its own and of its own shape; shares of a limit are whole
// percentages: https://developers.facebook.com/docs/graph-api/overview/rate-limiting and
// https://developers.facebook.com/docs/marketing-api/insights/best-practices
const USAGE_HEADERS = [
  'x-app-usage',
  'x-business-use-case-usage',
  'x-ad-account-usage',
  'x-fb-ads-insights-throttle',
];
const SHARE =
  /"(?:call_count|total_time|total_cputime|acc_id_util_pct|app_id_util_pct)":\s*"?(\d+(?:\.\d+)?)/g;

/** How much of a limit is used up, for the limit that is nearest; null when Meta does not say. */
function usagePercent(headers: Headers): number | null {
  const shares = USAGE_HEADERS.flatMap((name) => [...(headers.get(name) ?? '').matchAll(SHARE)]);
  return shares.length === 0 ? null : Math.max(...shares.map(([, value]) => Number(value)));
}

function dateOf(headers: Headers): Date | null {
  const date = new Date(headers.get('date') ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}
