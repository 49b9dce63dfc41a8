type Json = Record<string, unknown>;

const WABA_ID = '102290129340398';
const PHONE_NUMBER_ID = '106540352242922';
const CLICK_ID = 'Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4_0NiNhEgpGo0AHemvuSoifXaytfTzcchptiErTKCq';

/** The number that a webhook is about; by default that of Meta's samples. */
export type WhatsAppAccount = { wabaId?: string; phoneNumberId?: string; displayNumber?: string };

/** The referral of a message from a Click-to-WhatsApp ad; null takes a field out, as Meta does for ads in Status. */
export function adReferral(
  fields: { clickId?: string | null; sourceId?: string; sourceType?: string; headline?: string } = {},
): Json {
  const { clickId = CLICK_ID, sourceId = '120226305854810726', sourceType = 'ad' } = fields;
  const { headline = 'Chat with us' } = fields;
  return {
    source_url: 'https://fb.me/3cr4Wqqkv',
    source_id: sourceId,
    source_type: sourceType,
    body: 'Summer Succulents are here!',
    headline,
    media_type: 'image',
    image_url: 'https://scontent.example.com/v/t45.1',
    ...(clickId !== null && { ctwa_clid: clickId }),
    welcome_message: { text: 'Hi there! Let us know how we can help!' },
  };
}

export type WhatsAppMessageFields = WhatsAppAccount & {
  id?: string;
  /** Null: hidden behind a username, so `from` and `wa_id` are left out. */
  from?: string | null;
  userId?: string | null;
  /** Unix seconds. */
  at?: number;
  type?: string;
  body?: string;
  name?: string;
  referral?: Json | null;
};

/** Meta's webhook body with one inbound message. */
export function whatsappMessage(fields: WhatsAppMessageFields = {}): Json {
  const { from = '16505551234', userId = null, at = 1750275992, type = 'text', referral = null } = fields;
  const id = fields.id ?? 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUQ0N0VFMDA2MTQ0RkJFNkNDNAA=';
  const contact = {
    profile: { name: fields.name ?? 'Sheena Nelson', ...(from === null && { username: 'realsheenanelson' }) },
    ...(from !== null && { wa_id: from }),
    ...(userId !== null && { user_id: userId }),
  };
  const message = {
    ...(referral !== null && { referral }),
    ...(from !== null && { from }),
    ...(userId !== null && { from_user_id: userId }),
    id,
    timestamp: String(at),
    ...(type === 'text' && { text: { body: fields.body ?? 'Can I get more info about this?' } }),
    type,
  };
  return whatsappBody('messages', { contacts: [contact], messages: [message] }, fields);
}

/** Why a message cost what it did; `free_entry_point` and `referral_conversion` tell of a chat that an ad began. */
export type StatusPricing = {
  type: 'regular' | 'free_customer_service' | 'free_entry_point';
  category: string;
  billable?: boolean;
};

/**
 * Meta's webhook body with one status of a message that the business sent. The conversation is told while a free entry
 * point is open only, from v24.0 on.
 */
export function whatsappStatus(
  fields: WhatsAppAccount & {
    id?: string;
    status?: string;
    to?: string;
    at?: number;
    pricing?: StatusPricing;
    origin?: string;
  } = {},
): Json {
  const { id = 'wamid.STATUS', status = 'delivered', to = '16505551234', at = 1750275993 } = fields;
  const { pricing, origin } = fields;
  const contacts = [{ profile: { name: 'Sheena Nelson' }, wa_id: to }];
  const told = {
    id,
    status,
    timestamp: String(at),
    recipient_id: to,
    ...(origin !== undefined && {
      conversation: {
        id: 'b2a1f3c5d7e9',
        expiration_timestamp: String(at + 259_200),
        origin: { type: origin },
      },
    }),
    ...(pricing && {
      pricing: { billable: pricing.type === 'regular', pricing_model: 'PMP', ...pricing },
    }),
  };
  return whatsappBody('messages', { contacts, statuses: [told] }, fields);
}

/** Meta's webhook body with one message that the business wrote in the WhatsApp Business app. */
export function whatsappEcho(fields: WhatsAppAccount & { id?: string; to?: string; at?: number } = {}): Json {
  const { id = 'wamid.ECHO', to = '16505551234', at = 1750275994 } = fields;
  const echo = {
    from: fields.displayNumber ?? '15550783881',
    to,
    id,
    timestamp: String(at),
    type: 'text',
    text: { body: 'Hello!' },
  };
  return whatsappBody('smb_message_echoes', { message_echoes: [echo] }, fields);
}

export type AutomaticEventFields = {
  id?: string;
  eventName?: 'Purchase' | 'LeadSubmitted';
  at?: number;
  clickId?: string;
  currency?: string;
  value?: number;
};

/** Meta's webhook body with one sale or lead that Meta itself saw in the thread. */
export function whatsappAutomaticEvent(fields: WhatsAppAccount & AutomaticEventFields = {}): Json {
  return whatsappAutomaticEvents([fields], fields);
}

/** The same with several. */
export function whatsappAutomaticEvents(
  events: readonly AutomaticEventFields[] = [{}],
  account: WhatsAppAccount = {},
): Json {
  return whatsappBody('automatic_events', { automatic_events: events.map(automaticEvent) }, account);
}

function automaticEvent(fields: AutomaticEventFields): Json {
  const { id = 'wamid.AUTOMATIC', eventName = 'Purchase', at = 1749069131, clickId = CLICK_ID } = fields;
  return {
    id,
    event_name: eventName,
    timestamp: at,
    ctwa_clid: clickId,
    ...(eventName === 'Purchase' && {
      custom_data: { currency: fields.currency ?? 'USD', value: fields.value ?? 25000 },
    }),
  };
}

/** Meta's envelope around one value. */
export function whatsappBody(field: string, value: Json, account: WhatsAppAccount = {}): Json {
  const { wabaId = WABA_ID, phoneNumberId = PHONE_NUMBER_ID, displayNumber = '15550783881' } = account;
  const metadata = { display_phone_number: displayNumber, phone_number_id: phoneNumberId };
  const framed = { messaging_product: 'whatsapp', metadata, ...value };
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: wabaId, changes: [{ value: framed, field }] }],
  };
}

/** Meta's envelope around word of an account, which names no number; `entryId`: the account or the portfolio. */
export function whatsappNotice(field: string, value: Json, entry: { id: string; time: number }): Json {
  return { object: 'whatsapp_business_account', entry: [{ ...entry, changes: [{ value, field }] }] };
}

/** One delivery with the entries of several, as Meta batches them. */
export function whatsappBatch(bodies: readonly Json[]): Json {
  const entry = bodies.flatMap((body) => (Array.isArray(body['entry']) ? (body['entry'] as unknown[]) : []));
  return { object: 'whatsapp_business_account', entry };
}
