import { hashEmail, hashPhone } from './customer-data.ts';
import type { Money, Order } from './order.ts';
import type { PhoneDigits } from './phone.ts';
import { META_MAX_AGE_MS } from './report.ts';
import type { ReportDecision } from './report.ts';
import type { Settings } from './settings.ts';

/** One element of `data` as Meta takes it; `value` and `item_price` in major units, `event_time` in Unix seconds. */
export type ConversionEventPayload = {
  event_name: string;
  event_time: number;
  event_id: string;
  action_source: 'business_messaging';
  messaging_channel: 'whatsapp';
  user_data: {
    whatsapp_business_account_id: string;
    ctwa_clid: string;
    ph?: string[];
    em?: string[];
  };
  custom_data: {
    currency: string;
    value: number;
    order_id: string;
    content_type?: 'product';
    content_ids?: string[];
    contents?: { id: string; quantity: number; item_price?: number }[];
  };
};

/** https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging */
const EVENT_NAMES: ReadonlySet<string> = new Set([
  'Purchase',
  'LeadSubmitted',
  'InitiateCheckout',
  'AddToCart',
  'ViewContent',
  'OrderCreated',
  'OrderShipped',
  'OrderDelivered',
  'OrderCanceled',
  'OrderReturned',
  'CartAbandoned',
  'QualifiedLead',
  'RatingProvided',
  'ReviewProvided',
]);
// A browser's traces make Meta refuse a messaging event, and a Page's id is for datasets of a Page.
const FORBIDDEN_USER_DATA = ['client_ip_address', 'client_user_agent', 'fbc', 'fbp', 'page_id'];
// Unix time in milliseconds is above this, in seconds not before the year 5138.
const MILLISECONDS_FROM = 1e11;

/** What an event says of its order, before it is known which click it is for. */
export type DraftEvent = {
  /** Hashed as Meta wants it; empty when the shop does not send it. */
  customer: { ph?: string[]; em?: string[] };
  order: ConversionEventPayload['custom_data'];
};

/**
 * What Meta is told of an order, whichever conversation it is linked to in the end. `paidTotal`: what the buyer agreed
 * to; phone and email only hashed and only if the shop wants it.
 */
export function draftEvent(input: {
  order: Pick<Order, 'legacyId' | 'email' | 'items' | 'total'>;
  paidTotal: Money;
  settings: Pick<Settings, 'sendCustomerHashes'>;
  phones: readonly PhoneDigits[];
}): DraftEvent {
  const { order, paidTotal } = input;
  return {
    customer: input.settings.sendCustomerHashes ? customerHashes(input.phones, order.email) : {},
    order: {
      currency: paidTotal.currency,
      value: Number(paidTotal.amount),
      order_id: order.legacyId,
      ...(order.items.length > 0 && contentsOf(order, paidTotal.currency)),
    },
  };
}

/**
 * The event as Meta takes it for WhatsApp; the click id goes as it came.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
 */
export function addressEvent(
  draft: DraftEvent,
  to: { decision: Extract<ReportDecision, { kind: 'report' }>; wabaId: string; clickId: string },
): ConversionEventPayload {
  const { decision } = to;
  return {
    event_name: decision.eventName,
    event_time: Math.floor(decision.eventTime.getTime() / 1000),
    event_id: decision.eventId,
    action_source: decision.channel,
    messaging_channel: 'whatsapp',
    user_data: { whatsapp_business_account_id: to.wabaId, ctwa_clid: to.clickId, ...draft.customer },
    custom_data: draft.order,
  };
}

function customerHashes(
  phones: readonly PhoneDigits[],
  email: string | null,
): { ph?: string[]; em?: string[] } {
  const ph = [...new Set(phones.map(hashPhone))].filter((hashed) => hashed !== null);
  const em = email === null ? null : hashEmail(email);
  return { ...(ph.length > 0 && { ph }), ...(em !== null && { em: [em] }) };
}

function contentsOf(
  order: Pick<Order, 'items' | 'total'>,
  currency: string,
): Partial<ConversionEventPayload['custom_data']> {
  // A line's price is in the shop's currency; beside a value in another one it would be wrong.
  const priced = order.total.currency === currency;
  return {
    content_type: 'product',
    content_ids: [...new Set(order.items.map((item) => item.id))],
    contents: order.items.map(({ id, quantity, price }) =>
      priced ? { id, quantity, item_price: Number(price) } : { id, quantity },
    ),
  };
}

/** What Meta would refuse about an event sent now, in plain words; empty when nothing. */
export function checkEvent(payload: ConversionEventPayload, now: Date): { field: string; problem: string }[] {
  const { user_data: user, custom_data: custom } = payload;
  const problems: { field: string; problem: string }[] = [];
  const check = (fine: boolean, field: string, problem: string) => {
    if (!fine) problems.push({ field, problem });
  };

  check(EVENT_NAMES.has(payload.event_name), 'event_name', 'Meta does not know this event in chats.');
  const late = timeProblem(payload.event_time, now);
  if (late !== null) problems.push({ field: 'event_time', problem: late });
  check(matches(payload.event_id, /\S/), 'event_id', 'It is empty.');
  check(payload.action_source === 'business_messaging', 'action_source', 'It must be business_messaging.');
  check(payload.messaging_channel === 'whatsapp', 'messaging_channel', 'It must be whatsapp, in lower case.');

  const waba = user.whatsapp_business_account_id;
  check(
    matches(waba, /^\d+$/),
    'user_data.whatsapp_business_account_id',
    'It is not a number of digits only.',
  );
  check(matches(user.ctwa_clid, /^\S+$/), 'user_data.ctwa_clid', 'It is empty or has white space in it.');
  for (const key of FORBIDDEN_USER_DATA) {
    check(!Object.hasOwn(user, key), `user_data.${key}`, 'Meta refuses it on an event from a chat.');
  }
  for (const key of ['ph', 'em'] as const) {
    const hashed = (user[key] ?? []).every((value) => /^[0-9a-f]{64}$/.test(value));
    check(hashed, `user_data.${key}`, 'It is not a SHA-256 in lower-case hex.');
  }

  const worth = Number.isFinite(custom.value) && custom.value >= 0;
  check(worth, 'custom_data.value', 'It is missing, negative or not a number.');
  check(
    /^[A-Z]{3}$/.test(custom.currency),
    'custom_data.currency',
    'It is not an ISO 4217 code such as USD.',
  );
  const named = (custom.contents ?? []).every((item) => typeof item.id === 'string' && item.id !== '');
  check(named, 'custom_data.contents', 'An item has no id.');
  return problems;
}

// A stored payload may lack what its type promises, and a pattern would read that as the word "undefined".
function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function timeProblem(seconds: number, now: Date): string | null {
  if (!Number.isSafeInteger(seconds)) return 'It is not a whole number of Unix seconds.';
  if (seconds >= MILLISECONDS_FROM) return 'It is in milliseconds; Meta wants seconds.';
  const ageMs = now.getTime() - seconds * 1000;
  if (ageMs < 0) return 'It is in the future.';
  return ageMs > META_MAX_AGE_MS ? 'It is more than 7 days ago.' : null;
}
