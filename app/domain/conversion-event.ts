import type { Channel } from './channel.ts';
import { canIdentify, CUSTOMER_KEYS, type CustomerHashes } from './customer-data.ts';
import type { DataLimits } from './data-use.ts';
import type { WithheldReason } from './reason.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** What was sold or looked at; `value` and `item_price` in major units of `currency`. */
export type CustomData = {
  currency?: string;
  value?: number;
  order_id?: string;
  content_type?: 'product' | 'product_group';
  content_ids?: string[];
  contents?: { id: string; quantity: number; item_price?: number }[];
  num_items?: number;
};

type Common = {
  event_name: string;
  /** Unix seconds. */
  event_time: number;
  event_id: string;
  opt_out?: true;
  data_processing_options?: ['LDU'];
  data_processing_options_country?: number;
  data_processing_options_state?: number;
  custom_data?: CustomData;
};

/** Told to the dataset of a WhatsApp Business Account; a browser's traces make Meta refuse it. */
export type ChatEventPayload = Common & {
  action_source: 'business_messaging';
  messaging_channel: 'whatsapp';
  user_data: { whatsapp_business_account_id: string; ctwa_clid: string } & CustomerHashes;
};
/** Told to a pixel's dataset. */
export type WebsiteEventPayload = Common & {
  action_source: 'website';
  event_source_url: string;
  user_data: {
    client_user_agent: string;
    client_ip_address?: string;
    fbc?: string;
    ctwa_clid?: string;
  } & CustomerHashes;
};
/** Told to a pixel's dataset; the buyer is known by hashed data alone. */
export type StoreEventPayload = Common & {
  action_source: 'physical_store';
  user_data: { ctwa_clid?: string } & CustomerHashes;
};
/** One element of `data` as Meta takes it. */
export type ConversionEventPayload = ChatEventPayload | WebsiteEventPayload | StoreEventPayload;

/** The buyer's browser at checkout; goes to Meta with website events alone. */
export type Browser = {
  userAgent: string;
  ip: string | null;
  /** The page of the shop, without what its query may say of a person. */
  page: string;
  fbc: string | null;
};
/** Where somebody is, as ISO 3166 codes: "US" and "CA". */
export type Region = { country: string | null; state: string | null };

/** What an event says, before it is known which click it is for and as what it is told. */
export type DraftEvent = {
  /** Hashed as Meta wants it; empty when the shop does not send it. */
  customer: CustomerHashes;
  order?: CustomData;
  browser?: Browser;
  region?: Region;
};

/** What a draft lacks of what Meta must have on a channel; null when nothing. */
export function lackOf(
  draft: Pick<DraftEvent, 'customer' | 'browser'>,
  { channel, hasClickId }: { channel: Channel; hasClickId: boolean },
): Extract<WithheldReason, 'no_click_id' | 'no_browser' | 'no_customer_data'> | null {
  const customer = Object.keys(hashesOf(draft));
  switch (channel) {
    case 'business_messaging':
      return hasClickId ? null : 'no_click_id';
    case 'website': {
      if (draft.browser === undefined) return 'no_browser';
      const known = [...Object.keys(browserFields(draft.browser)), ...customer];
      return canIdentify(hasClickId ? [...known, 'ctwa_clid'] : known) ? null : 'no_customer_data';
    }
    case 'physical_store':
      return canIdentify(customer) ? null : 'no_customer_data';
  }
}

/** A draft as the shop's settings of now let it be told: hashed customer data may have been switched off since. */
export function asSwitched<D extends Pick<DraftEvent, 'customer'>>(
  draft: D,
  { sendCustomerHashes }: Pick<Settings, 'sendCustomerHashes'>,
): D {
  return sendCustomerHashes ? draft : { ...draft, customer: {} };
}

/** Whether an event tells hashed customer data. */
export function tellsOfCustomer({ user_data: user }: ConversionEventPayload): boolean {
  return CUSTOMER_KEYS.some((key) => user[key] !== undefined);
}

/** An event without its hashed customer data; null when Meta could not tell then whom it is about. */
export function withoutCustomer(payload: ConversionEventPayload): ConversionEventPayload | null {
  const told = structuredClone(payload);
  for (const key of CUSTOMER_KEYS) Reflect.deleteProperty(told.user_data, key);
  const isKnown =
    told.action_source === 'business_messaging' ||
    (told.action_source === 'website' && canIdentify(Object.keys(told.user_data)));
  return isKnown ? told : null;
}

/**
 * The event as Meta takes it; the click id goes as it came. Null when the draft lacks what its channel must have, as
 * `lackOf` says it.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging and
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event
 */
export function addressEvent(
  draft: DraftEvent,
  to: { report: Report; wabaId: string; clickId: string | null; limits: DataLimits },
): ConversionEventPayload | null {
  const { report, clickId } = to;
  if (lackOf(draft, { channel: report.channel, hasClickId: clickId !== null }) !== null) return null;
  const customer = hashesOf(draft);
  const common = {
    event_name: report.eventName,
    event_time: Math.floor(report.eventTime.getTime() / 1000),
    event_id: report.eventId,
    ...limitFields(to.limits),
    ...(draft.order && Object.keys(draft.order).length > 0 && { custom_data: draft.order }),
  };
  const click = clickId === null ? {} : { ctwa_clid: clickId };
  switch (report.channel) {
    case 'business_messaging':
      if (clickId === null) return null;
      return {
        ...common,
        action_source: 'business_messaging',
        messaging_channel: 'whatsapp',
        user_data: { whatsapp_business_account_id: to.wabaId, ctwa_clid: clickId, ...customer },
      };
    case 'website': {
      if (draft.browser === undefined) return null;
      const user_data = { ...browserFields(draft.browser), ...click, ...customer };
      return { ...common, action_source: 'website', event_source_url: draft.browser.page, user_data };
    }
    case 'physical_store':
      return { ...common, action_source: 'physical_store', user_data: { ...click, ...customer } };
  }
}

// By name: a draft that was kept as text may hold more than its type says, and a browser's traces make Meta refuse a chat.
function hashesOf({ customer }: Pick<DraftEvent, 'customer'>): CustomerHashes {
  return Object.fromEntries(CUSTOMER_KEYS.flatMap((key) => (customer[key] ? [[key, customer[key]]] : [])));
}

function browserFields({ userAgent, ip, fbc }: Browser) {
  return {
    client_user_agent: userAgent,
    ...(ip !== null && { client_ip_address: ip }),
    ...(fbc !== null && { fbc }),
  };
}

function limitFields({ optOut, limitedTo }: DataLimits) {
  return {
    ...(optOut && { opt_out: true as const }),
    ...(limitedTo && {
      data_processing_options: ['LDU'] as ['LDU'],
      data_processing_options_country: limitedTo.country,
      data_processing_options_state: limitedTo.state,
    }),
  };
}
