import { z } from 'zod';
import { classifyOutcome, type MetaError } from '../../domain/outcome.ts';
import { parseJson } from '../../domain/json.ts';
import type { GraphClient } from './graph.ts';

export type AssetAnswer<T> =
  | { kind: 'found'; value: T }
  /** Meta answered with an error. */
  | { kind: 'refused'; error: MetaError }
  /** No usable answer came; `detail` is for the log. */
  | { kind: 'no_answer'; detail: string };

export type PhoneNumber = { id: string; displayNumber: string; verifiedName: string | null };

const phoneNumbersSchema = z.object({
  data: z.array(
    z.object({
      id: z.coerce.string(),
      display_phone_number: z.string(),
      verified_name: z.string().nullish(),
    }),
  ),
});

/** The numbers of a WhatsApp Business Account: `GET /{waba}/phone_numbers`. */
export async function listPhoneNumbers(
  graph: GraphClient,
  wabaId: string,
  token: string,
): Promise<AssetAnswer<PhoneNumber[]>> {
  const answer = await ask(
    graph,
    { method: 'GET', path: `${wabaId}/phone_numbers?limit=100`, token },
    phoneNumbersSchema,
  );
  if (answer.kind !== 'found') return answer;
  const numbers = answer.value.data.map((row) => ({
    id: row.id,
    displayNumber: row.display_phone_number,
    verifiedName: row.verified_name ?? null,
  }));
  return { kind: 'found', value: numbers };
}

/**
 * The dataset of a WhatsApp Business Account, made if there is none: `POST /{waba}/dataset` does both, while GET answers
 * an empty list for an account without one (https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging).
 */
export async function findOrCreateDataset(
  graph: GraphClient,
  wabaId: string,
  token: string,
): Promise<AssetAnswer<string>> {
  const schema = z.object({ id: z.coerce.string().regex(/^\d+$/) });
  const answer = await ask(graph, { method: 'POST', path: `${wabaId}/dataset`, token, body: {} }, schema);
  return answer.kind === 'found' ? { kind: 'found', value: answer.value.id } : answer;
}

/** Asks Meta to send the account's webhooks to the app that the token belongs to: `POST /{waba}/subscribed_apps`. */
export async function subscribeApp(
  graph: GraphClient,
  wabaId: string,
  token: string,
): Promise<AssetAnswer<boolean>> {
  const answer = await ask(
    graph,
    { method: 'POST', path: `${wabaId}/subscribed_apps`, token },
    z.object({ success: z.boolean() }),
  );
  return answer.kind === 'found' ? { kind: 'found', value: answer.value.success } : answer;
}

async function ask<T>(
  graph: GraphClient,
  request: Parameters<GraphClient>[0],
  schema: z.ZodType<T>,
): Promise<AssetAnswer<T>> {
  const result = await graph(request);
  if (result.kind !== 'answered') return { kind: 'no_answer', detail: result.detail };
  if (result.status >= 200 && result.status < 300) {
    const json = parseJson(result.body);
    const value = schema.safeParse(json.kind === 'value' ? json.value : null);
    return value.success
      ? { kind: 'found', value: value.data }
      : { kind: 'no_answer', detail: 'unexpected answer' };
  }
  const outcome = classifyOutcome(result, 1);
  return outcome.kind !== 'accepted' && outcome.error
    ? { kind: 'refused', error: outcome.error }
    : { kind: 'no_answer', detail: `HTTP ${result.status}` };
}
