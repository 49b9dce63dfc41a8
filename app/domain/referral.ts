import { isJsonObject, jsonId, jsonText, writeJson } from './json.ts';
import type { JsonObject } from './json.ts';

/** One ad click, as it came with a WhatsApp message. `raw` is the JSON of the whole referral. */
export type Referral = {
  clickId: string | null;
  sourceType: string | null;
  sourceId: string | null;
  sourceUrl: string | null;
  headline: string | null;
  mediaType: string | null;
  raw: string;
};

/**
 * The referral of a message that came from an ad, or null. Lenient, since a lost click cannot be fetched again: a
 * field of the wrong type becomes null, and `raw` keeps everything. Meta leaves `ctwa_clid` out for ads in WhatsApp
 * Status: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/text
 */
export function readReferral(message: unknown): Referral | null {
  const referral = findReferral(message);
  if (referral === null) return null;
  return {
    clickId: readClickId(referral['ctwa_clid']),
    sourceType: jsonText(referral['source_type']),
    sourceId: jsonId(referral['source_id']),
    sourceUrl: jsonText(referral['source_url']),
    headline: jsonText(referral['headline']),
    mediaType: jsonText(referral['media_type']),
    raw: writeJson(referral),
  };
}

/** Whether the click came from an ad: a post of a page leaves a referral too, but neither of these. */
export function isAdClick(referral: Pick<Referral, 'clickId' | 'sourceType'>): boolean {
  return referral.clickId !== null || referral.sourceType?.toLowerCase() === 'ad';
}

function findReferral(message: unknown): JsonObject | null {
  if (!isJsonObject(message)) return null;
  // Some providers that forward Meta's webhooks nest it under `context`.
  const nested = isJsonObject(message['context']) ? message['context']['referral'] : undefined;
  return [message['referral'], nested].find(isFilledObject) ?? null;
}

function isFilledObject(value: unknown): value is JsonObject {
  return isJsonObject(value) && Object.keys(value).length > 0;
}

/** A `ctwa_clid` exactly as it came: it is case-sensitive and checked against the real click, so not even trimmed. */
export function readClickId(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  return jsonId(value);
}
