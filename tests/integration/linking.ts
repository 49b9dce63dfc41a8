import type { ContactId, OrderGid } from '../../app/domain/ids.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../app/domain/settings.ts';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { reconsiderBatch } from '../../app/pipeline/reconsider.ts';
import { saveSettings } from '../../app/pipeline/shop.ts';
import { shopifyAddress, shopifyCustomer, shopifyOrder } from '../builders/shopify.ts';
import { textMessage } from '../sandbox/pretend-whatsapp.ts';
import { MARIA, type Connection, type Tieback } from './tieback.ts';

type Json = Record<string, unknown>;

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
/** The checkout of tests/builders/shopify.ts. */
export const CHECKOUT = new Date('2026-11-18T13:22:29Z');
export const JOAO = '5521988776655';

export const gidOf = (id: number): OrderGid => `gid://shopify/Order/${id}` as OrderGid;

/** The order's fields with this phone as its only one, and a buyer of its own for each number. */
export function bought(id: number, fields: { phone?: string | null; buyer?: number; at?: Date } = {}): Json {
  const { phone = MARIA.order, buyer = 1, at = CHECKOUT } = fields;
  const time = at.toISOString();
  const gid = `gid://shopify/Customer/${buyer}`;
  return {
    id,
    created_at: time,
    processed_at: time,
    updated_at: time,
    customer: shopifyCustomer({ id: buyer, admin_graphql_api_id: gid, default_address: null }),
    billing_address: null,
    shipping_address: shopifyAddress({ phone }),
  };
}

export const ordersOf = ({ pipeline }: Tieback) => pipeline.db.order.findMany({ orderBy: { gid: 'asc' } });
export const orderOf = ({ pipeline }: Tieback, id: number) =>
  pipeline.db.order.findFirstOrThrow({ where: { gid: gidOf(id) } });
export const eventsOf = ({ pipeline }: Tieback) =>
  pipeline.db.conversionEvent.findMany({ orderBy: [{ subject: 'asc' }, { eventName: 'asc' }] });

/** What Meta accepted, by event id. */
export const acceptedBy = ({ meta }: Tieback): string[] =>
  meta
    .accepted()
    .map(({ event }) => String(event['event_id']))
    .toSorted();

/** Works everything but the sending, so that events stay as they were decided. */
export async function decide({ pipeline }: Tieback): Promise<void> {
  while (
    (await captureBatch(pipeline)) + (await attributeBatch(pipeline)) + (await reconsiderBatch(pipeline)) >
    0
  );
}

export async function changeSettings(
  { pipeline }: Tieback,
  { shopId }: Connection,
  changed: Partial<Settings>,
): Promise<void> {
  await saveSettings(pipeline, shopId, { ...DEFAULT_SETTINGS, ...changed });
}

/** Tells of an order; an answer other than 200 fails the test. */
export async function tell(tieback: Tieback, topic: string, fields: Json, triggeredAt?: Date): Promise<void> {
  const options = triggeredAt === undefined ? {} : { triggeredAt };
  const { status } = await tieback.sendShopify(topic, shopifyOrder(fields), options);
  if (status !== 200) throw new Error(`the webhook was answered with ${status}`);
}

/** A message without an ad behind it. */
export async function write(
  tieback: Tieback,
  { wabaId, phoneNumberId, displayNumber }: Connection,
  message: { from: string | null; userId?: string | null; messageId: string; at?: Date },
): Promise<void> {
  const at = message.at ?? tieback.now.at;
  await tieback.sendWhatsApp(textMessage({ wabaId, phoneNumberId, displayNumber, ...message, at }));
}

/** The contact that people see under this mask's end. */
export async function contactOf({ pipeline }: Tieback, ending: string): Promise<ContactId> {
  const found = await pipeline.db.contact.findFirstOrThrow({
    where: { maskedPhone: { endsWith: ending }, mergedInto: null },
  });
  return found.id as ContactId;
}
