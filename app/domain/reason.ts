export const NOT_ATTRIBUTED_REASONS = [
  'no_phone',
  'phone_hidden',
  'phone_invalid',
  'phone_shared',
  'no_conversation',
  'no_ad_click',
  'click_outside_window',
  'click_after_order',
] as const;
export type NotAttributedReason = (typeof NOT_ATTRIBUTED_REASONS)[number];

export const WITHHELD_REASONS = [
  'test_order',
  'zero_value',
  'cancelled',
  'renewal',
  'reporting_off',
  'no_click_id',
  'disconnected',
  'too_old',
] as const;
export type WithheldReason = (typeof WITHHELD_REASONS)[number];

/** Why an event is where it is. */
export const EVENT_REASONS = [
  'expired',
  'customer_erased',
  'refused_payload',
  'refused_click_id',
  'refused_event_name',
  'refused_amount',
  'refused_too_old',
  'wiring_token',
  'wiring_permission',
  'wiring_dataset',
  'throttled',
  'policy_block',
  'outdated_version',
  'meta_unavailable',
  'not_reached',
  'no_answer',
  'unreadable_answer',
  'short_receipt',
  'interrupted',
  'key_missing',
] as const;
export type EventReason = (typeof EVENT_REASONS)[number];

export type Reason = NotAttributedReason | WithheldReason | EventReason;
export const REASONS: readonly Reason[] = [...NOT_ATTRIBUTED_REASONS, ...WITHHELD_REASONS, ...EVENT_REASONS];

export const ORDER_STATES = [
  'reported',
  'queued',
  'retrying',
  'unknown',
  'refused',
  'withheld',
  'not_attributed',
  'unpaid',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export type Tone = 'success' | 'info' | 'attention' | 'warning' | 'critical';

const known: ReadonlySet<string> = new Set(REASONS);

/** Whether a stored text is one of the closed list. */
export function isReason(text: string): text is Reason {
  return known.has(text);
}
