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
  'in_chat_off',
  'chat_link_off',
  'online_store_off',
  'point_of_sale_off',
  'renewal',
  'other_channel_off',
  'reporting_off',
  'consent_denied',
  'data_sale_opt_out',
  'reported_automatically',
  'event_name_parked',
  'no_click_id',
  'chat_event_only',
  'no_pixel',
  'no_browser',
  'no_customer_data',
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
  'refused_time',
  'refused_contents',
  'refused_customer_data',
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
  'app_uninstalled',
  'partner_removed',
  'account_deleted',
  'account_offboarded',
  'account_disabled',
  'number_moved',
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
