import { judgeChatHeader, judgeChatPerson, judgeClick } from './chat-rules.ts';
import { judgeProcessing } from './customer-rules.ts';
import { isRecord } from './json-value.ts';
import { judgePixelHeader, judgePixelPerson } from './pixel-rules.ts';
import { plain } from './refusal.ts';
import { judgeSale } from './sale-rules.ts';
import type { Refusal } from './refusal.ts';

export type { Refusal } from './refusal.ts';
export type ChatRules = {
  kind: 'chat';
  wabaId: string;
  nowSeconds: number;
  ownsClick: (ctwaClid: string) => boolean;
  /** Names of the fourteen that Meta does not take at the moment. */
  refusedNames?: ReadonlySet<string>;
};
export type PixelRules = { kind: 'pixel'; nowSeconds: number };
/** What kind of dataset the events are for: that of a WhatsApp Business Account, or that of a pixel. */
export type DatasetRules = ChatRules | PixelRules;
type Json = Record<string, unknown>;

/** Meta's own cap (developers.facebook.com/docs/marketing-api/conversions-api/using-the-api). */
const MAX_EVENTS = 1000;

/** What Meta finds wrong with the body of POST /{dataset}/events; one wrong event refuses all of them. */
export function judgeData(body: unknown, rules: DatasetRules): Refusal | { events: Json[] } {
  const { data, partner_agent: agent, test_event_code: testCode } = isRecord(body) ? body : {};
  if (data === undefined) return plain('The parameter data is required');
  if (!Array.isArray(data)) return plain('param data must be an array.');
  if (data.length === 0) return plain('param data must be non-empty.');
  if (data.length > MAX_EVENTS) return plain(`param data must have at most ${MAX_EVENTS} element(s).`);
  if (!isText(agent)) return plain('param partner_agent must be a string.');
  if (!isText(testCode)) return plain('param test_event_code must be a string.');
  const events: Json[] = [];
  for (const [index, event] of data.entries()) {
    if (!isRecord(event)) return plain(`param data[${index}] must be an object.`);
    const refusal = judgeEvent(event, rules);
    if (refusal) return refusal;
    events.push(event);
  }
  return { events };
}

/**
 * A click id is looked up last: an invented one is refused with exactly 2804087 only when nothing else is wrong, which
 * is what makes it a probe of token, dataset and shape.
 */
function judgeEvent(event: Json, rules: DatasetRules): Refusal | null {
  const user = event['user_data'];
  switch (rules.kind) {
    case 'chat':
      return (
        judgeChatHeader(event, rules) ??
        judgeFields(event) ??
        judgeChatPerson(user, event, rules) ??
        judgeSale(event) ??
        judgeClick(user, rules)
      );
    case 'pixel':
      return (
        judgePixelHeader(event, rules) ??
        judgeFields(event) ??
        judgePixelPerson(user, event) ??
        judgeSale(event)
      );
  }
}

// developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event
function judgeFields(event: Json): Refusal | null {
  const {
    event_id: id,
    opt_out: optOut,
    messaging_outcome_data: outcome,
    original_event_data: original,
  } = event;
  if (!isText(id)) return plain('param event_id must be a string.');
  if (optOut !== undefined && typeof optOut !== 'boolean') return plain('param opt_out must be a boolean.');
  // developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/automatic-events-api
  if (outcome !== undefined && !(isRecord(outcome) && typeof outcome['outcome_type'] === 'string')) {
    return plain('param messaging_outcome_data must be an object with an outcome_type.');
  }
  if (original !== undefined && !isRecord(original))
    return plain('param original_event_data must be an object.');
  return judgeProcessing(event);
}

function isText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}
