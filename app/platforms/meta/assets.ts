import { z } from 'zod';
import { ask, type AssetAnswer } from './answer.ts';
import type { GraphClient } from './graph.ts';

export type { AssetAnswer, NotFound } from './answer.ts';

export type PhoneNumber = {
  id: string;
  displayNumber: string;
  verifiedName: string | null;
  /** "GREEN", "YELLOW", "RED" or what Meta may call it later. */
  quality: string | null;
  /** The WhatsApp Business app is used beside the Cloud API. */
  onBusinessApp: boolean;
};

const id = z.coerce.string().regex(/^\d+$/);
const phoneNumbersSchema = z.object({
  data: z.array(
    z.object({
      id: z.coerce.string(),
      display_phone_number: z.string(),
      verified_name: z.string().nullish(),
      quality_rating: z.string().nullish(),
      is_on_biz_app: z.boolean().nullish(),
    }),
  ),
  paging: z
    .object({ cursors: z.object({ after: z.string() }).nullish(), next: z.string().nullish() })
    .nullish(),
});

const FIELDS = 'id,display_phone_number,verified_name,quality_rating,is_on_biz_app';
// 100 numbers each; no account has more than a few thousand.
const MAX_PAGES = 50;

/**
 * The numbers of a WhatsApp Business Account, page by page: `GET /{waba}/phone_numbers`
 * (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers).
 */
export async function listPhoneNumbers(
  graph: GraphClient,
  wabaId: string,
  token: string,
): Promise<AssetAnswer<PhoneNumber[]>> {
  const numbers: PhoneNumber[] = [];
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const from: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const path = `${wabaId}/phone_numbers?fields=${FIELDS}&limit=100${from}`;
    const answer = await ask(graph, { method: 'GET', path, token }, phoneNumbersSchema);
    if (answer.kind !== 'found') return answer;
    const { data, paging } = answer.value;
    numbers.push(
      ...data.map((row) => ({
        id: row.id,
        displayNumber: row.display_phone_number,
        verifiedName: row.verified_name ?? null,
        quality: row.quality_rating ?? null,
        onBusinessApp: row.is_on_biz_app ?? false,
      })),
    );
    after = paging?.next ? (paging.cursors?.after ?? null) : null;
    if (after === null) break;
  }
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
  const request = { method: 'POST' as const, path: `${wabaId}/dataset`, token, body: {} };
  const answer = await ask(graph, request, z.object({ id }));
  return answer.kind === 'found' ? { kind: 'found', value: answer.value.id } : answer;
}

/** The dataset that a WhatsApp Business Account has; null when it has none. Makes none. */
export async function readDataset(
  graph: GraphClient,
  wabaId: string,
  token: string,
): Promise<AssetAnswer<string | null>> {
  const schema = z.object({ data: z.array(z.object({ id })) });
  const answer = await ask(graph, { method: 'GET', path: `${wabaId}/dataset`, token }, schema);
  return answer.kind === 'found' ? { kind: 'found', value: answer.value.data[0]?.id ?? null } : answer;
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

/** Ends the subscription of the app that the token belongs to: `DELETE /{waba}/subscribed_apps`. */
export async function unsubscribeApp(
  graph: GraphClient,
  wabaId: string,
  token: string,
): Promise<AssetAnswer<boolean>> {
  const request = { method: 'DELETE' as const, path: `${wabaId}/subscribed_apps`, token };
  const answer = await ask(graph, request, z.object({ success: z.boolean() }));
  return answer.kind === 'found' ? { kind: 'found', value: answer.value.success } : answer;
}

/**
 * What Graph calls the type of any object that the token may see, e.g. "Page"; by this a mistaken id is named
 * (https://developers.facebook.com/docs/graph-api/overview#metadata).
 */
export async function readObjectType(
  graph: GraphClient,
  objectId: string,
  token: string,
): Promise<AssetAnswer<string>> {
  const schema = z.object({ metadata: z.object({ type: z.string() }) });
  const answer = await ask(graph, { method: 'GET', path: `${objectId}?metadata=1&fields=id`, token }, schema);
  return answer.kind === 'found' ? { kind: 'found', value: answer.value.metadata.type } : answer;
}
