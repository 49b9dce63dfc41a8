import { createHmac } from 'node:crypto';
import {
  adReferral,
  whatsappAutomaticEvents,
  whatsappBatch,
  whatsappBody,
  whatsappEcho,
  whatsappMessage,
  whatsappStatus,
} from '../builders/whatsapp.ts';
import type { StatusPricing } from '../builders/whatsapp.ts';

export { accountUpdate, phoneNumberQualityUpdate } from './whatsapp-account.ts';

type Body = Record<string, unknown>;
type Account = { wabaId: string; phoneNumberId: string; displayNumber: string };
export type TextMessage = Account & {
  /** The person's number in digits; null: hidden behind a username. */
  from: string | null;
  userId?: string | null;
  messageId: string;
  at: Date;
  text?: string;
};
/** `clid` null: an ad in WhatsApp Status, for which Meta leaves the click id out. */
export type AdClickMessage = TextMessage & { clid: string | null; adId: string; headline?: string };

/**
 * A webhook as Meta signs it: hex HMAC-SHA256 of the post body with the app secret
 * (developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads). A string is sent as it is.
 */
export function signedDelivery(input: { appSecret: string; body: unknown }): {
  body: string;
  headers: Record<string, string>;
} {
  const body = typeof input.body === 'string' ? input.body : JSON.stringify(input.body);
  const signature = createHmac('sha256', input.appSecret).update(body).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'facebookexternalua',
      'X-Hub-Signature-256': `sha256=${signature}`,
    },
  };
}

/** Posts one signed webhook, as Meta does, and gives back the app's answer. */
export async function deliver(input: {
  url: string;
  appSecret: string;
  body: unknown;
}): Promise<{ status: number; text: string }> {
  const answer = await fetch(input.url, { method: 'POST', ...signedDelivery(input) });
  return { status: answer.status, text: await answer.text() };
}

/** The first message of a person who tapped a Click-to-WhatsApp ad. */
export function adClickMessage(message: AdClickMessage): Body {
  const { clid, adId, headline } = message;
  const referral = adReferral({ clickId: clid, sourceId: adId, ...(headline !== undefined && { headline }) });
  return whatsappMessage({ ...messageFields(message), referral });
}

/** A plain message, without an ad behind it. */
export function textMessage(message: TextMessage): Body {
  return whatsappMessage(messageFields(message));
}

/** How a message of the business fared, what it cost, and what began the conversation. */
export function statusUpdate(
  status: Account & {
    messageId: string;
    to: string;
    status: string;
    at: Date;
    pricing?: StatusPricing;
    origin?: string;
  },
): Body {
  return whatsappStatus({ ...status, id: status.messageId, at: unixSeconds(status.at) });
}

/** A message that the business wrote in the WhatsApp Business app. */
export function echo(message: Account & { messageId: string; to: string; at: Date }): Body {
  return whatsappEcho({ ...message, id: message.messageId, at: unixSeconds(message.at) });
}

type SeenEvent = {
  messageId: string;
  at: Date;
  clid: string;
  eventName?: 'Purchase' | 'LeadSubmitted';
  currency?: string;
  value?: number;
};

/** A sale or lead that Meta itself saw in the thread. */
export function automaticEvent(event: Account & SeenEvent): Body {
  return automaticEvents({ ...event, events: [event] });
}

/** Several of them in one delivery. */
export function automaticEvents(seen: Account & { events: readonly SeenEvent[] }): Body {
  const events = seen.events.map(({ messageId, at, clid, ...event }) => ({
    ...event,
    id: messageId,
    clickId: clid,
    at: unixSeconds(at),
  }));
  return whatsappAutomaticEvents(events, seen);
}

/**
 * Contact cards that a person sent, on their own or (`origin` contact_request) as the answer to a request for theirs
 * (developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/contacts).
 */
export function contactCards(
  message: TextMessage & { origin: 'contact_request' | 'other'; numbers: readonly string[] },
): Body {
  const { origin, numbers, from, userId = null } = message;
  const cards = numbers.map((number) => ({
    name: { formatted_name: 'Sheena Nelson', first_name: 'Sheena', last_name: 'Nelson' },
    phones: [{ phone: `+${number}`, wa_id: number, type: 'CELL' }],
    origin,
  }));
  const contact = {
    profile: { name: 'Sheena Nelson', ...(from === null && { username: 'realsheenanelson' }) },
    ...(from !== null && { wa_id: from }),
    ...(userId !== null && { user_id: userId }),
  };
  const messages = [{ ...senderFields(message), type: 'contacts', contacts: cards }];
  return whatsappBody('messages', { contacts: [contact], messages }, message);
}

/**
 * WhatsApp's word that a person has a new number, and with it a new user id
 * (developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/system).
 */
export function numberChanged(
  change: Omit<TextMessage, 'from' | 'text'> & { from: string; to: string; newUserId?: string },
): Body {
  const { from, to, userId = null, newUserId } = change;
  const system = {
    body: `User Sheena Nelson changed from ${from} to ${to}`,
    wa_id: to,
    ...(newUserId !== undefined && { user_id: newUserId, previous_user_id: userId }),
    type: 'user_changed_number',
  };
  return whatsappBody(
    'messages',
    { messages: [{ ...senderFields(change), type: 'system', system }] },
    change,
  );
}

/** The same where no number can be shared: only the user id's change is told. */
export function userIdChanged(
  change: Omit<TextMessage, 'from' | 'userId' | 'text'> & { userId: string; newUserId: string },
): Body {
  const { userId, newUserId, messageId, at } = change;
  const system = {
    body: `User Sheena Nelson changed from ${userId} to ${newUserId}`,
    user_id: newUserId,
    previous_user_id: userId,
    type: 'user_changed_user_id',
  };
  const message = { id: messageId, timestamp: String(unixSeconds(at)), type: 'system', system };
  return whatsappBody('messages', { messages: [message] }, change);
}

/**
 * The webhook field of the same name
 * (developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids).
 */
export function userIdUpdate(change: Account & { userId: string; newUserId: string; at: Date }): Body {
  const { userId: previous, newUserId: current, at } = change;
  const update = { user_id: { previous, current }, timestamp: unixSeconds(at) };
  return whatsappBody('user_id_update', { user_id_update: [update] }, change);
}

/** One delivery with the entries of several. */
export function batch(...bodies: Body[]): Body {
  return whatsappBatch(bodies);
}

function messageFields(message: TextMessage): Parameters<typeof whatsappMessage>[0] {
  const { wabaId, phoneNumberId, displayNumber, from, userId = null, messageId, at, text } = message;
  const account = { wabaId, phoneNumberId, displayNumber };
  return {
    ...account,
    from,
    userId,
    id: messageId,
    at: unixSeconds(at),
    ...(text !== undefined && { body: text }),
  };
}

function senderFields({ from, userId = null, messageId, at }: TextMessage): Body {
  return {
    ...(from !== null && { from }),
    ...(userId !== null && { from_user_id: userId }),
    id: messageId,
    timestamp: String(unixSeconds(at)),
  };
}

function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
