import { z } from 'zod';
import { MODELS } from './attribution.ts';
import { CHANNEL_CHOICES, type ChannelChoice, type OrderClass } from './channel.ts';
import type { EventName } from './event-name.ts';
import { isJsonObject } from './json.ts';

/**
 * What happens to an event of which nobody knows whether Meta took it: `hold` keeps it for a person, so that nothing is
 * reported twice; `resend` sends it again with the same event id, so that nothing is missed.
 */
const UNKNOWN_OUTCOMES = ['hold', 'resend'] as const;
export type UnknownOutcome = (typeof UNKNOWN_OUTCOMES)[number];

/** What of an order counts as its value; discounts are always taken off, as Shopify does in all of its totals. */
export const VALUE_RULES = ['total', 'without_shipping', 'subtotal', 'without_shipping_and_tax'] as const;
export type ValueRule = (typeof VALUE_RULES)[number];
export const VALUE_CURRENCIES = ['shop', 'buyer'] as const;
export const CONTENT_IDS = ['variant', 'product'] as const;
/** Whose events ask Meta to use them as a service provider alone. */
export const LIMITED_DATA_USES = ['off', 'california', 'us_states', 'everyone'] as const;
export type LimitedDataUse = (typeof LIMITED_DATA_USES)[number];
/** What becomes of events about customers who opted out of the sale of their data. */
export const SALE_OPT_OUTS = ['withhold', 'limit'] as const;
/** Whether an order is reported that Meta detected in the chat by itself. */
export const AUTOMATIC_EVENTS = ['withhold', 'report'] as const;

type Setting<T> = {
  /** What operators call it. */
  word: string;
  schema: z.ZodType<T>;
  default: T;
  read(word: string): unknown;
  expected: string;
};

const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['off', false],
  ['false', false],
  ['no', false],
]);

function onOff(word: string, by: boolean): Setting<boolean> {
  return {
    word,
    schema: z.boolean(),
    default: by,
    read: (given) => SWITCH.get(given.toLowerCase()) ?? null,
    expected: 'on or off',
  };
}

function choice<const T extends string>(word: string, all: readonly [T, ...T[]], by: T = all[0]): Setting<T> {
  return {
    word,
    schema: z.enum(all) as unknown as z.ZodType<T>,
    default: by,
    read: (given) => given.toLowerCase(),
    expected: all.join(' or '),
  };
}

function whole(
  word: string,
  { of, from, to, by }: { of: string; from: number; to: number; by: number },
): Setting<number> {
  return {
    word,
    schema: z.int().min(from).max(to),
    default: by,
    read: (given) => (/^\d{1,3}$/.test(given) ? Number(given) : null),
    expected: `a whole number of ${of} from ${from} to ${to}`,
  };
}

function text(word: string, form: { pattern: RegExp; by: string; expected: string }): Setting<string> {
  const { pattern, by, expected } = form;
  return { word, schema: z.string().regex(pattern), default: by, read: (given) => given, expected };
}

const channel = <C extends OrderClass>(of: C): Setting<ChannelChoice> =>
  choice(`channel_${of}`, CHANNEL_CHOICES[of] as readonly [ChannelChoice, ...ChannelChoice[]]);

const SETTINGS = {
  /** How many days after an ad click an order is credited to it. */
  windowDays: whole('window_days', { of: 'days', from: 1, to: 90, by: 7 }),
  /** How the credit is given to the ad clicks in that time. */
  model: choice('attribution_model', MODELS, 'last_click'),
  /** A phone number that more buyers than this gave is nobody's. */
  phoneLimit: whole('phone_limit', { of: 'buyers', from: 1, to: 50, by: 5 }),

  reportLeadSubmitted: onOff('report_lead_submitted', false),
  reportQualifiedLead: onOff('report_qualified_lead', false),
  reportViewContent: onOff('report_view_content', false),
  reportAddToCart: onOff('report_add_to_cart', false),
  reportInitiateCheckout: onOff('report_initiate_checkout', false),
  reportCartAbandoned: onOff('report_cart_abandoned', false),
  /** An OrderCreated when the order is placed and not paid yet, as with cash on delivery. */
  reportOrderCreated: onOff('report_order_created', false),
  /** A Purchase when the order is paid. */
  reportPurchase: onOff('report_purchase', true),
  reportOrderShipped: onOff('report_order_shipped', false),
  reportOrderDelivered: onOff('report_order_delivered', false),
  reportOrderCanceled: onOff('report_order_canceled', false),
  reportOrderReturned: onOff('report_order_returned', false),
  reportRatingProvided: onOff('report_rating_provided', false),
  reportReviewProvided: onOff('report_review_provided', false),

  /** A lead counts as qualified after so many messages since the ad click; 0: not by their number. */
  qualifiedLeadMessages: whole('qualified_lead_messages', { of: 'messages', from: 0, to: 50, by: 0 }),
  /** A lead counts as qualified when the person writes again after the business has answered. */
  qualifiedLeadReply: onOff('qualified_lead_reply', true),
  /** How long after its last change a checkout counts as left. */
  cartAbandonedHours: whole('cart_abandoned_hours', { of: 'hours', from: 1, to: 72, by: 4 }),

  channelInChat: channel('in_chat'),
  channelChatLink: channel('chat_link'),
  channelOnlineStore: channel('online_store'),
  channelPointOfSale: channel('point_of_sale'),
  channelRenewal: channel('renewal'),
  channelOtherChannel: channel('other_channel'),
  /** Whether somebody chose the channels, rather than leaving them as they came. */
  channelsChosen: onOff('channels_chosen', false),
  automaticEvents: choice('automatic_events', AUTOMATIC_EVENTS),

  valueRule: choice('value_rule', VALUE_RULES),
  valueCurrency: choice('value_currency', VALUE_CURRENCIES),
  contentIds: choice('content_ids', CONTENT_IDS),
  /** Hashed customer data beside the click id. */
  sendCustomerHashes: onOff('send_customer_hashes', true),
  /** The `event_id` of website events; the shop's pixel must send the same for Meta to count a sale once. */
  websiteEventId: text('website_event_id', {
    pattern: /^(?=.*\{(order_id|checkout_token)\})([\w:.-]|\{(order_id|checkout_token|event_name)\}){1,100}$/,
    by: 'shopify:order:{order_id}:{event_name}',
    expected: 'letters, digits and : . _ - with {order_id} or {checkout_token}, and {event_name} if wanted',
  }),

  limitedDataUse: choice('limited_data_use', LIMITED_DATA_USES),
  dataSaleOptOut: choice('data_sale_opt_out', SALE_OPT_OUTS),
  /** Events count for measurement alone, never for choosing whom ads are shown to. */
  attributionOnly: onOff('attribution_only', false),

  unknownOutcome: choice('unknown_outcome', UNKNOWN_OUTCOMES),
  /** Where alerts go beside the overview; empty: nowhere. */
  alertEmail: text('alert_email', {
    pattern: /^$|^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/,
    by: '',
    expected: 'an email address, or nothing',
  }),
} satisfies Record<string, Setting<unknown>>;

export type SettingKey = keyof typeof SETTINGS;
export type Settings = { [K in SettingKey]: (typeof SETTINGS)[K]['default'] };
const KEYS = Object.keys(SETTINGS) as SettingKey[];
const KEY_OF_WORD: ReadonlyMap<string, SettingKey> = new Map(KEYS.map((key) => [SETTINGS[key].word, key]));
export const DEFAULT_SETTINGS: Settings = byKey((key) => SETTINGS[key].default);

/** A shop's settings, every one of them given. */
export const settingsSchema = z.object(
  byKey((key) => SETTINGS[key].schema),
) as unknown as z.ZodType<Settings>;

type Change =
  | { kind: 'changed'; settings: Settings }
  | { kind: 'unknown_key'; keys: string[] }
  | { kind: 'bad_value'; expected: string };

/** Reads stored settings; a field that is missing or corrupt falls back to its default. */
export function readSettings(stored: unknown): Settings {
  const given = isJsonObject(stored) ? stored : {};
  return byKey((key) => {
    const read = (SETTINGS[key].schema as z.ZodType<unknown>).safeParse(given[key]);
    return read.success ? read.data : SETTINGS[key].default;
  });
}

/** Applies one `key=value` of the operator's command, e.g. `window_days=14` or `report_purchase=off`. */
export function changeSetting(settings: Settings, word: string, value: string): Change {
  const key = KEY_OF_WORD.get(word);
  if (key === undefined) return { kind: 'unknown_key', keys: [...KEY_OF_WORD.keys()] };
  const { read, expected } = SETTINGS[key];
  const changed = settingsSchema.safeParse({ ...settings, [key]: read(value.trim()) });
  return changed.success ? { kind: 'changed', settings: changed.data } : { kind: 'bad_value', expected };
}

/** What a setting takes, in words. */
export function expectedOf(key: SettingKey): string {
  return SETTINGS[key].expected;
}

/** The settings in the operator's words. */
export function settingsAsWords(settings: Settings): Record<string, string | number | boolean> {
  return Object.fromEntries(KEYS.map((key) => [SETTINGS[key].word, settings[key]]));
}

/** The setting that switches an event on. */
export function switchOf(name: EventName): `report${EventName}` {
  return `report${name}`;
}

/** What a shop chose for a kind of order. */
export function channelFor(settings: Settings, of: OrderClass): ChannelChoice {
  switch (of) {
    case 'in_chat':
      return settings.channelInChat;
    case 'chat_link':
      return settings.channelChatLink;
    case 'online_store':
      return settings.channelOnlineStore;
    case 'point_of_sale':
      return settings.channelPointOfSale;
    case 'renewal':
      return settings.channelRenewal;
    case 'other_channel':
      return settings.channelOtherChannel;
  }
}

function byKey<T>(value: (key: SettingKey) => unknown): T {
  return Object.fromEntries(KEYS.map((key) => [key, value(key)])) as T;
}
