import { isSufficient, judgeHashes } from './customer-rules.ts';
import { isRecord } from './json-value.ts';
import { coded, judgeTime, plain, present } from './refusal.ts';
import type { PixelRules } from './conversion-rules.ts';
import type { Refusal } from './refusal.ts';

type Json = Record<string, unknown>;

// The age is a store's own: its tills may tell Meta late
// (developers.facebook.com/docs/marketing-api/conversions-api/using-the-api).
const MAX_AGE_DAYS = { website: 7, physical_store: 62 } as const;

/** What an event of a website or a store is called, when it was, and where it happened. */
export function judgePixelHeader(event: Json, rules: PixelRules): Refusal | null {
  const { event_name: name, event_time: time, action_source: source } = event;
  if (typeof name !== 'string' || name === '') return plain('param event_name is required.');
  // No WhatsApp Business Account is linked to a pixel's dataset.
  if (source === 'business_messaging') return coded(2804132);
  // Meta knows more sources (app, email, phone_call …); their rules are not judged here, so they are not taken either.
  if (source !== 'website' && source !== 'physical_store') {
    return plain('param action_source must be one of {website, physical_store}.');
  }
  if (present(event['messaging_channel'])) {
    return plain('param messaging_channel is for the action_source business_messaging only.');
  }
  const late = judgeTime(time, rules.nowSeconds, MAX_AGE_DAYS[source]);
  if (late) return late;
  return source === 'website' && !isWebPage(event['event_source_url'])
    ? plain('param event_source_url must be a URL that begins with http:// or https:// for website events.')
    : null;
}

/**
 * Who the event is about: for a website by its browser and more, for a store by hashed data
 * (developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters).
 */
export function judgePixelPerson(user: unknown, event: Json): Refusal | null {
  if (!isRecord(user)) return plain('param user_data must be an object.');
  const website = event['action_source'] === 'website';
  if (website && !present(user['client_user_agent'])) {
    return plain('param user_data.client_user_agent is required for website events.');
  }
  return judgeHashes(user) ?? (isSufficient(user, website ? 'any' : 'hashed') ? null : coded(2804050));
}

function isWebPage(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\/[^/\s]/.test(value) && URL.canParse(value);
}
