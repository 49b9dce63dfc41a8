import type { EventReason } from './reason.ts';

/** What of Meta's error envelope may be decided on. */
export type MetaError = {
  code: number;
  subcode: number | null;
  fbtraceId: string | null;
  transient: boolean;
};

/** `wiring`: every event of the connection would be refused until a person puts it right. */
type Verdict = { action: 'refused' | 'retry' | 'wiring'; reason: EventReason };

const INVALID_PARAMETER = 100;
const TOKEN: Verdict = { action: 'wiring', reason: 'wiring_token' };
const PERMISSION: Verdict = { action: 'wiring', reason: 'wiring_permission' };
const DATASET: Verdict = { action: 'wiring', reason: 'wiring_dataset' };
const THROTTLED: Verdict = { action: 'retry', reason: 'throttled' };
const UNAVAILABLE: Verdict = { action: 'retry', reason: 'meta_unavailable' };
const PAYLOAD: Verdict = { action: 'refused', reason: 'refused_payload' };

// Codes: https://developers.facebook.com/docs/graph-api/guides/error-handling and
// https://developers.facebook.com/docs/marketing-api/error-reference
const BY_CODE: ReadonlyMap<number, Verdict> = new Map([
  [1, UNAVAILABLE],
  [2, UNAVAILABLE],
  [3, PERMISSION],
  [4, THROTTLED],
  [10, PERMISSION],
  [17, THROTTLED],
  [32, THROTTLED],
  [33, DATASET],
  [102, TOKEN],
  [104, TOKEN],
  [190, TOKEN],
  [341, THROTTLED],
  [368, { action: 'retry', reason: 'policy_block' }],
  [613, THROTTLED],
  [803, DATASET],
  [2635, { action: 'retry', reason: 'outdated_version' }],
]);

// Subcodes of an invalid parameter. Meta documents only the first; the others are known from live answers.
const BY_SUBCODE: ReadonlyMap<number, Verdict> = new Map([
  [33, DATASET],
  [2804003, { action: 'refused', reason: 'refused_too_old' }],
  [2804009, { action: 'refused', reason: 'refused_amount' }],
  [2804023, { action: 'refused', reason: 'refused_amount' }],
  [2804065, DATASET],
  [2804066, { action: 'refused', reason: 'refused_event_name' }],
  [2804081, { action: 'refused', reason: 'refused_amount' }],
  [2804087, { action: 'refused', reason: 'refused_click_id' }],
  [2804116, DATASET],
  [2804131, DATASET],
  [2804132, DATASET],
]);

/** What to do about a refusal, by code and subcode; the HTTP status decides only about codes that are not known. */
export function classifyError(error: MetaError, status: number): Verdict {
  const { code, subcode } = error;
  if (code === INVALID_PARAMETER)
    return (subcode !== null && BY_SUBCODE.get(subcode)) || payloadUnless(error);
  // Meta's one unknown error that does not go away.
  if (code === 1 && subcode === 99 && !error.transient) return PAYLOAD;
  const known = BY_CODE.get(code);
  if (known !== undefined) return known;
  if (code >= 200 && code <= 299) return PERMISSION;
  // Limits by business use case, one code for each.
  if (code >= 80000 && code <= 80099) return THROTTLED;
  return byStatus(error, status);
}

function payloadUnless(error: MetaError): Verdict {
  return error.transient ? UNAVAILABLE : PAYLOAD;
}

function byStatus(error: MetaError, status: number): Verdict {
  if (status === 429) return THROTTLED;
  if (error.transient || status >= 500) return UNAVAILABLE;
  if (status === 401) return TOKEN;
  return status === 403 ? PERMISSION : PAYLOAD;
}

/** Code and subcode for people to look up: "100/2804087", or "190". */
export function errorCode(error: MetaError): string {
  return error.subcode === null ? String(error.code) : `${error.code}/${error.subcode}`;
}
