import { randomBytes } from 'node:crypto';
import { GENERIC_TITLE, wordsOf } from './graph-words.ts';
import type { Locale } from './graph-words.ts';
import type { Refusal } from './refusal.ts';

export type GraphAnswer = { status: number; body: unknown; headers?: Record<string, string> };

/** A trace id in Meta's form: "A" and 22 url-safe characters. */
export function newTraceId(): string {
  return `A${randomBytes(17).toString('base64url').slice(0, 22)}`;
}

/** Graph's error envelope without the words for people (developers.facebook.com/docs/graph-api/guides/error-handling). */
export function graphError(error: {
  status: number;
  code: number;
  message: string;
  type?: string;
  subcode?: number | null;
  transient?: boolean;
  headers?: Record<string, string>;
}): GraphAnswer {
  return {
    status: error.status,
    ...(error.headers ? { headers: error.headers } : {}),
    body: {
      error: {
        message: error.message,
        type: error.type ?? 'OAuthException',
        code: error.code,
        ...(error.subcode ? { error_subcode: error.subcode } : {}),
        ...(error.transient === undefined ? {} : { is_transient: error.transient }),
        fbtrace_id: newTraceId(),
      },
    },
  };
}

/** Code 100 without a subcode; the message says which parameter is wrong. */
export function invalidParameter(message: string): GraphAnswer {
  return graphError({ status: 400, code: 100, message: `(#100) ${message}` });
}

/** Graph's answer for an object the token cannot see, or a verb the object does not know: both look alike. */
export function unsupportedRequest(method: string, objectId: string): GraphAnswer {
  return graphError({
    status: 400,
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${objectId}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
  });
}

/** A refused conversion event: code 100, its subcode, and words in the language of the token's owner. */
export function refusedEvent(refusal: Refusal, locale: Locale): GraphAnswer {
  const words = wordsOf(refusal.subcode, locale);
  const [title, message] = words ?? [GENERIC_TITLE[locale], refusal.message];
  return {
    status: 400,
    body: {
      error: {
        message: words ? 'Invalid parameter' : refusal.message,
        type: 'OAuthException',
        code: 100,
        ...(refusal.subcode === null ? {} : { error_subcode: refusal.subcode }),
        is_transient: false,
        error_user_title: title,
        error_user_msg: message,
        fbtrace_id: newTraceId(),
      },
    },
  };
}
