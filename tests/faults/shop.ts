import { shopifyAddress, shopifyCustomer, shopifyOrder } from '../builders/shopify.ts';
import type { Connection, Tieback } from '../integration/tieback.ts';
import { adClickMessage } from '../sandbox/pretend-whatsapp.ts';

type Json = Record<string, unknown>;
/** A shop of its own for one story, with a number and a dataset that no other story uses. */
export type FaultShop = Connection & { number: number };
/** `id` is the same whenever it is sent again. */
export type Webhook = {
  id: string;
  path: string;
  request: { body: string; headers: Record<string, string> };
};

const MINUTE_MS = 60_000;
const NOBODY = '(21) 3333-4444';

/** The `number`th shop of a world, installed and connected. */
export async function openShop(tieback: Tieback, number: number): Promise<FaultShop> {
  const connection = await tieback.connect({
    domain: `shop-${number}.myshopify.com`,
    wabaId: String(1_000_000_000 + number),
    phoneNumberId: String(2_000_000_000 + number),
    datasetId: String(3_000_000_000 + number),
    token: `EAAshop${number}`,
  });
  return { ...connection, number };
}

export const clickId = (shop: FaultShop, person: number): string => `Click-${shop.number}-${person}`;
export const orderGid = (shop: FaultShop, order: number): string =>
  `gid://shopify/Order/${orderId(shop, order)}`;
export const eventId = (gid: string): string => `shopify:order:${gid.split('/').at(-1)}:Purchase`;
const orderId = (shop: FaultShop, order: number): number => shop.number * 1000 + order;
const phone = (person: number): string => `(11) 98765-4${String(person).padStart(3, '0')}`;

/** The message of a person who tapped an ad, at the shop's own webhook path, which tells whose delivery it is. */
export function tap(tieback: Tieback, shop: FaultShop, person: number, at: Date): Webhook {
  const { wabaId, phoneNumberId, displayNumber, connectionId } = shop;
  const message = adClickMessage({
    wabaId,
    phoneNumberId,
    displayNumber,
    from: `5511987654${String(person).padStart(3, '0')}`,
    clid: clickId(shop, person),
    adId: '120226305854810726',
    messageId: `wamid.${shop.number}.${person}`,
    at,
  });
  return {
    id: `tap of ${person}`,
    path: `/webhooks/whatsapp/${connectionId}`,
    request: tieback.signWhatsApp(message),
  };
}

export type OrderTelling = {
  number: number;
  /** Null: somebody who never wrote to the shop. */
  person: number | null;
  topic: string;
  placedAt: Date;
  /** Counts the order's changes, one a second. */
  update: number;
};

/** An order as Shopify has it after a change of that topic. */
export function orderBody(shop: FaultShop, { number, person, topic, placedAt, update }: OrderTelling): Json {
  const time = (seconds: number): string => new Date(placedAt.getTime() + seconds * 1000).toISOString();
  const address = shopifyAddress({ phone: person === null ? NOBODY : phone(person) });
  return shopifyOrder({
    id: orderId(shop, number),
    created_at: time(0),
    processed_at: time(0),
    updated_at: time(update),
    financial_status: topic === 'orders/create' ? 'pending' : 'paid',
    billing_address: address,
    shipping_address: address,
    customer: { ...shopifyCustomer(), default_address: address },
  });
}

/** The webhook of one change of an order: the same one whenever it is sent again. */
export function orderWebhook(tieback: Tieback, shop: FaultShop, telling: OrderTelling): Webhook {
  const { number, topic, placedAt, update } = telling;
  const id = `${topic}-${orderId(shop, number)}-${update}`;
  const request = tieback.signShopify({
    domain: shop.domain,
    topic,
    body: orderBody(shop, telling),
    webhookId: id,
    triggeredAt: new Date(placedAt.getTime() + update * 1000),
  });
  return { id, path: '/webhooks/shopify', request };
}

/** Posts a webhook; false when it was not acknowledged, so that the platform has to send it again. */
export async function acknowledged(tieback: Tieback, { path, request }: Webhook): Promise<boolean> {
  const { status, text } = await tieback.post(path, request);
  if (status !== 200 && status !== 503) throw new Error(`${path} answered ${status}: ${text}`);
  return status === 200;
}

export const minutesBefore = (at: Date, minutes: number): Date =>
  new Date(at.getTime() - minutes * MINUTE_MS);
