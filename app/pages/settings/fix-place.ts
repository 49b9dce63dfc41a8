import type { CheckName } from '../../domain/doctor-words.ts';
import type { Reason } from '../../domain/reason.ts';
import type { SectionId } from './places.ts';

/** What tells a number from a pixel: a pixel has no phone number. */
type Connection = { displayNumber: string | null };

// The other checks of a connection are put right at Meta.
const OF_CONNECTION: ReadonlySet<string> = new Set<CheckName>([
  'token_valid',
  'token_expiry',
  'app_subscribed',
  'dataset_of_waba',
  'parked_events',
]);

const OF_REASON: Partial<Record<Reason, SectionId>> = {
  click_outside_window: 'attribution',
  in_chat_off: 'channels',
  chat_link_off: 'channels',
  online_store_off: 'channels',
  point_of_sale_off: 'channels',
  renewal: 'channels',
  other_channel_off: 'channels',
  reporting_off: 'events',
  data_sale_opt_out: 'privacy',
  reported_automatically: 'doubt',
  no_answer: 'doubt',
  unreadable_answer: 'doubt',
  short_receipt: 'doubt',
  expired: 'numbers',
  event_name_parked: 'numbers',
  no_pixel: 'pixel',
  no_customer_data: 'payload',
  disconnected: 'numbers',
  wiring_token: 'numbers',
  wiring_dataset: 'numbers',
  app_uninstalled: 'numbers',
  partner_removed: 'numbers',
  account_deleted: 'numbers',
  account_offboarded: 'numbers',
  number_moved: 'numbers',
};

/** The section in which a connection is put right. */
export function sectionOfConnection({ displayNumber }: Connection): SectionId {
  return displayNumber === null ? 'pixel' : 'numbers';
}

/** The section in which what a check or an alert tells of is put right; null when elsewhere. `of`: null for the store. */
export function sectionOfCheck(name: string, of: Connection | null): SectionId | null {
  if (name === 'channels_chosen') return 'channels';
  if (of === null) return null;
  return OF_CONNECTION.has(name) || isRefusedName(name) ? sectionOfConnection(of) : null;
}

/** Whether an alert is about an event whose name Meta refused. */
function isRefusedName(name: string): boolean {
  return name.endsWith('_refused');
}

/** The section in which the reason of an order or an event is put right; null when there is none. */
export function sectionOfReason(reason: Reason): SectionId | null {
  return OF_REASON[reason] ?? null;
}
