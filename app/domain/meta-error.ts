import { CONVERSION_ERRORS } from './conversion-error-catalogue.ts';
import { GRAPH_ERRORS, type KnownError, type Verdict } from './graph-error-catalogue.ts';

/** What of Meta's error envelope may be decided on. */
export type MetaError = {
  code: number;
  subcode: number | null;
  fbtraceId: string | null;
  transient: boolean;
};

/** Every error of Meta's that is known, by code and subcode. */
export const META_ERRORS: readonly KnownError[] = [...GRAPH_ERRORS, ...CONVERSION_ERRORS];

const KNOWN: ReadonlyMap<string, KnownError> = new Map(META_ERRORS.map((known) => [errorCode(known), known]));
const INVALID_PARAMETER = 100;
const PERMISSION: Verdict = { action: 'wiring', reason: 'wiring_permission' };
const TOKEN: Verdict = { action: 'wiring', reason: 'wiring_token' };
const THROTTLED: Verdict = { action: 'retry', reason: 'throttled' };
const UNAVAILABLE: Verdict = { action: 'retry', reason: 'meta_unavailable' };
const PAYLOAD: Verdict = { action: 'refused', reason: 'refused_payload' };

/** What to do about a refusal, by code and subcode; the HTTP status decides only about codes that are not known. */
export function classifyError(error: MetaError, status: number): Verdict {
  const { code, subcode, transient } = error;
  const known = findError(code, subcode);
  // What Meta itself calls passing is not final, whatever its code.
  if (known?.action === 'refused' && known.code === 1 && transient) return UNAVAILABLE;
  if (known !== null) return { action: known.action, reason: known.reason };
  if (code === INVALID_PARAMETER) return transient ? UNAVAILABLE : PAYLOAD;
  if (code >= 200 && code <= 299) return PERMISSION;
  // Limits by business use case, one code for each.
  if (code >= 80000 && code <= 80099) return THROTTLED;
  if (status === 429) return THROTTLED;
  if (transient || status >= 500) return UNAVAILABLE;
  if (status === 401) return TOKEN;
  return status === 403 ? PERMISSION : PAYLOAD;
}

/** What is known of an error: of exactly this subcode, else of its code whatever the subcode. */
export function findError(code: number, subcode: number | null): KnownError | null {
  return KNOWN.get(errorCode({ code, subcode })) ?? KNOWN.get(errorCode({ code, subcode: null })) ?? null;
}

/** Code and subcode for people to look up: "100/2804087", or "190". */
export function errorCode({ code, subcode }: Pick<MetaError, 'code' | 'subcode'>): string {
  return subcode === null ? String(code) : `${code}/${subcode}`;
}
