import { isJsonObject, jsonArray, jsonText, parseJson } from './json.ts';
import { classifyError } from './meta-error.ts';
import type { MetaError } from './meta-error.ts';
import type { EventReason } from './reason.ts';

export { errorCode } from './meta-error.ts';
export type { MetaError } from './meta-error.ts';

export type SendResult =
  | {
      kind: 'answered';
      status: number;
      retryAfterSeconds: number | null;
      usageWaitSeconds: number | null;
      /** Meta's clock, as its answer's Date header says it. */
      date?: Date | null;
      /** The highest percentage of a limit that Meta's usage headers tell of. */
      usagePercent?: number | null;
      body: string;
    }
  /** DNS, connection refused, connect timeout: provably not sent. */
  | { kind: 'never_left'; detail: string }
  /** A timeout or a reset after the request may have left. */
  | { kind: 'cut'; detail: string };
export type Outcome =
  | { kind: 'accepted'; fbtraceId: string | null; warnings: string[] }
  | { kind: 'refused'; reason: EventReason; error: MetaError }
  | { kind: 'retry'; reason: EventReason; waitSeconds: number | null; error: MetaError | null }
  | { kind: 'wiring'; reason: EventReason; error: MetaError }
  | { kind: 'unknown'; reason: EventReason; error: MetaError | null };

/**
 * What became of `sent` events. Accepted only when Meta's receipt counts exactly them. Whatever Graph answered with an
 * error it has not taken, so that may be sent again; without a readable answer it may have been taken, and since Meta
 * does not de-duplicate messaging events it is unknown. Decided by status, code and subcode, never by Meta's words,
 * which are translated: https://developers.facebook.com/docs/graph-api/guides/error-handling
 */
export function classifyOutcome(result: SendResult, sent: number): Outcome {
  switch (result.kind) {
    case 'never_left':
      return { kind: 'retry', reason: 'not_reached', waitSeconds: null, error: null };
    case 'cut':
      return unknown('no_answer');
    case 'answered':
      return classifyAnswer(result, sent);
  }
}

type Answer = Extract<SendResult, { kind: 'answered' }>;

function classifyAnswer(answer: Answer, sent: number): Outcome {
  const parsed = parseJson(answer.body);
  const body = parsed.kind === 'value' ? parsed.value : null;
  const error = readError(body);
  if (answer.status >= 200 && answer.status < 300) {
    return error === null
      ? classifyReceipt(body, sent)
      : { kind: 'unknown', reason: 'unreadable_answer', error };
  }

  if (error === null) {
    if (answer.status !== 429) return unknown('unreadable_answer');
    return { kind: 'retry', reason: 'throttled', waitSeconds: waitOf(answer), error };
  }
  const { action, reason } = classifyError(error, answer.status);
  if (action === 'retry') return { kind: 'retry', reason, waitSeconds: waitOf(answer), error };
  return { kind: action, reason, error };
}

function classifyReceipt(body: unknown, sent: number): Outcome {
  const received = isJsonObject(body) ? body['events_received'] : undefined;
  if (!isJsonObject(body) || typeof received !== 'number') return unknown('unreadable_answer');
  if (received !== sent || sent < 1) return unknown('short_receipt');
  const warnings = jsonArray(body['messages'])
    .map(jsonText)
    .filter((text) => text !== null);
  return { kind: 'accepted', fbtraceId: jsonText(body['fbtrace_id']), warnings };
}

function readError(body: unknown): MetaError | null {
  const error = isJsonObject(body) ? body['error'] : null;
  if (!isJsonObject(error)) return null;
  const code = readCode(error['code']);
  if (code === null) return null;
  return {
    code,
    subcode: readCode(error['error_subcode']),
    fbtraceId: jsonText(error['fbtrace_id']),
    transient: error['is_transient'] === true,
  };
}

function readCode(value: unknown): number | null {
  const code = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : null;
}

function waitOf(answer: Answer): number | null {
  const waits = [answer.retryAfterSeconds, answer.usageWaitSeconds].filter(
    (seconds) => seconds !== null && Number.isFinite(seconds) && seconds > 0,
  );
  return waits.length === 0 ? null : Math.max(...waits.map(Number));
}

function unknown(reason: EventReason): Outcome {
  return { kind: 'unknown', reason, error: null };
}
