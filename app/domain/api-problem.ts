import { z } from 'zod';
import type { NotAttributedReason } from './reason.ts';

type Words = { status: number; message: string; fix: string };

const AGAIN = 'Nothing was stored: the same request may be sent again with the same Idempotency-Key';

/** Everything that can be wrong with a request: its status, what happened, and what to do. Codes never change meaning. */
export const API_PROBLEMS = {
  invalid_json: {
    status: 400,
    message: 'The body is not JSON in UTF-8.',
    fix: 'Send one JSON object.',
  },
  invalid_request: {
    status: 400,
    message: 'Something in the request is not as it must be.',
    fix: 'Correct what is named in fields, and send it again.',
  },
  idempotency_key_required: {
    status: 400,
    message: 'The Idempotency-Key header is missing, or is not 1 to 255 visible ASCII characters.',
    fix: 'Send a key that is this event’s own, such as its id in your program, and the same one on every try.',
  },
  key_missing: {
    status: 401,
    message: 'The request shows no API key.',
    fix: 'Send the header Authorization: Bearer with a key from Tieback’s settings.',
  },
  key_unknown: {
    status: 401,
    message: 'No shop has this API key, or the shop has uninstalled Tieback.',
    fix: 'Check that the whole key was copied, or create a new one in Tieback’s settings.',
  },
  key_revoked: {
    status: 401,
    message: 'This API key was revoked.',
    fix: 'Use another key, or create a new one in Tieback’s settings.',
  },
  not_found: {
    status: 404,
    message: 'There is nothing at this address.',
    fix: 'The addresses are listed at /api/v1/openapi.json.',
  },
  conversation_not_found: {
    status: 404,
    message: 'No conversation of this shop is known by what was given.',
    fix: `Only people who wrote to a connected WhatsApp number are known. ${AGAIN} once they have.`,
  },
  event_not_found: {
    status: 404,
    message: 'No event with this id was reported for this shop over the API.',
    fix: 'Use the id from the answer to the report; it is not the event_id.',
  },
  method_not_allowed: {
    status: 405,
    message: 'This address does not take this method.',
    fix: 'Use a method that the Allow header names.',
  },
  conversation_ambiguous: {
    status: 409,
    message: 'The phone number leads to several conversations.',
    fix: `Give the conversation by contact_id; fields names them. ${AGAIN}.`,
  },
  idempotency_key_reused: {
    status: 409,
    message: 'Another event was reported with this Idempotency-Key.',
    fix: 'Use a key for one event only. Nothing was stored of this request.',
  },
  body_too_large: {
    status: 413,
    message: 'The body is larger than 64 KB.',
    fix: 'Report one event in a request, with at most 100 contents.',
  },
  content_type_not_json: {
    status: 415,
    message: 'The body must be JSON in UTF-8, not compressed.',
    fix: 'Send the header Content-Type: application/json, and no Content-Encoding.',
  },
  no_ad_click: {
    status: 422,
    message: 'The conversation did not begin with an ad, so Meta is not told of it.',
    fix: `Nothing needs to be done. ${AGAIN} if the person taps an ad later.`,
  },
  click_outside_window: {
    status: 422,
    message: 'The ad click was too long before the event to count under the shop’s settings.',
    fix: `If customers take longer to decide, count more days after an ad click in the settings. ${AGAIN}.`,
  },
  click_after_order: {
    status: 422,
    message: 'The ad was tapped only after the event happened.',
    fix: `Check occurred_at, and its offset from UTC. ${AGAIN}.`,
  },
  too_many_requests: {
    status: 429,
    message: 'Too many requests came with this key.',
    fix: 'Wait for the seconds that Retry-After names; then send it again with the same Idempotency-Key.',
  },
  unavailable: {
    status: 503,
    message: 'Tieback could not do this now.',
    fix: 'Send the same request again with the same Idempotency-Key: it is never counted twice.',
  },
} as const satisfies Record<string, Words>;

export type ApiProblemCode = keyof typeof API_PROBLEMS;
export const API_PROBLEM_CODES = Object.keys(API_PROBLEMS) as [ApiProblemCode, ...ApiProblemCode[]];
/** What is wrong with one field; `path` as in `contents[0].id`. */
export type FieldProblem = { path: string; message: string };
export type ApiProblem = { code: ApiProblemCode; fields?: readonly FieldProblem[] };

/** Every answer that is not 2xx. */
export const problemSchema = z.strictObject({
  error: z.strictObject({
    code: z.enum(API_PROBLEM_CODES).describe('For programs. A code never changes its meaning.'),
    message: z.string().describe('What happened, for people.'),
    fix: z.string().describe('What to do about it.'),
    fields: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .optional()
      .describe('What is wrong with which field.'),
  }),
});

/** The body that tells of a problem. */
export function problemBody({ code, fields }: ApiProblem): z.infer<typeof problemSchema> {
  const { message, fix } = API_PROBLEMS[code];
  return { error: { code, message, fix, ...(fields && { fields: [...fields] }) } };
}

/** The problem with an event that is no ad's. */
export function unattributed(reason: NotAttributedReason): ApiProblemCode {
  switch (reason) {
    case 'no_ad_click':
    case 'click_outside_window':
    case 'click_after_order':
      return reason;
    // An event over the API names its conversation, so these are about finding it.
    case 'no_conversation':
    case 'no_phone':
    case 'phone_hidden':
    case 'phone_invalid':
    case 'phone_shared':
      return 'conversation_not_found';
  }
}
