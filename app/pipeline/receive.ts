import { mayHoldReference } from '../domain/checkout.ts';
import { isShopDomain } from '../domain/shop-domain.ts';
import { fingerprint } from '../domain/fingerprint.ts';
import { parseJson } from '../domain/json.ts';
import type { ShopId } from '../domain/ids.ts';
import { isSameSecret } from '../domain/secret.ts';
import { readRecipient, splitDelivery } from '../domain/whatsapp-update.ts';
import { isSignedByMeta, isSignedByShopify } from '../platforms/signature.ts';
import { isUuid } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';
import type { InboxWriter, NewDelivery } from './inbox-writer.ts';
import { connectionSecret } from './sealed.ts';

export type Received =
  | { kind: 'stored'; rows: number }
  | { kind: 'already_stored' }
  /** Nothing is ever made of it. */
  | { kind: 'not_needed' }
  | { kind: 'bad_signature' }
  | { kind: 'bad_request'; problem: string }
  /** The database did not take it: the sender must try again. */
  | { kind: 'not_stored'; error: unknown };

/** The headers of a webhook, by lower-case name. */
type HeaderReader = (name: string) => string | undefined;

export type Receiver = Pipeline & { inbox: InboxWriter };

const REQUIRED_HEADERS = ['x-shopify-topic', 'x-shopify-shop-domain', 'x-shopify-webhook-id'] as const;
const MAX_KEY_LENGTH = 512;

/**
 * Stores a Shopify delivery once. `X-Shopify-Webhook-Id` is the same on every retry of a delivery
 * (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
 */
export async function receiveShopify(
  receiver: Receiver,
  request: { raw: Buffer; header: HeaderReader; secrets: readonly string[] },
): Promise<Received> {
  const { raw, header } = request;
  if (!isSignedByShopify(raw, header('x-shopify-hmac-sha256'), request.secrets))
    return { kind: 'bad_signature' };
  const missing = REQUIRED_HEADERS.filter((name) => !header(name));
  if (missing.length > 0) return { kind: 'bad_request', problem: `missing header ${missing.join(', ')}` };
  const domain = (header('x-shopify-shop-domain') ?? '').toLowerCase();
  if (!isShopDomain(domain)) return { kind: 'bad_request', problem: 'X-Shopify-Shop-Domain is not a shop' };
  const webhookId = header('x-shopify-webhook-id') ?? '';
  if (webhookId.length > MAX_KEY_LENGTH)
    return { kind: 'bad_request', problem: 'X-Shopify-Webhook-Id is too long' };
  const body = raw.toString('utf8');
  if (parseJson(body).kind === 'not_json') return { kind: 'bad_request', problem: 'the body is not JSON' };
  // Shops send far more carts than orders, and only one that a chat link led to belongs to a conversation.
  const topic = header('x-shopify-topic') ?? '';
  if (topic.startsWith('carts/') && !mayHoldReference(body)) return { kind: 'not_needed' };

  const triggeredAt = new Date(header('x-shopify-triggered-at') ?? Number.NaN);
  return store(receiver, [
    {
      source: 'shopify',
      account: domain,
      key: webhookId,
      topic,
      eventId: header('x-shopify-event-id') ?? null,
      triggeredAt: Number.isNaN(triggeredAt.getTime()) ? null : triggeredAt,
      body,
    },
  ]);
}

/** Whose webhook path it came to: the shared Meta app's, or one connection's own. */
export type WhatsAppPath = { kind: 'shared' } | { kind: 'connection'; id: string };

/**
 * Stores each message, status and other update of a WhatsApp delivery once. Meta may batch a retry differently, so the
 * updates are told apart, not the batches (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview).
 */
export async function receiveWhatsApp(
  receiver: Receiver,
  request: {
    raw: Buffer;
    signature: string | undefined;
    path: WhatsAppPath;
    sharedSecrets: readonly string[];
  },
): Promise<Received> {
  const secrets = await signingSecrets(receiver, request.path, request.sharedSecrets);
  if (secrets.kind === 'failed') return { kind: 'not_stored', error: secrets.error };
  if (!isSignedByMeta(request.raw, request.signature, secrets.values)) return { kind: 'bad_signature' };
  const split = splitDelivery(request.raw.toString('utf8'));
  if (split.kind === 'not_json') return { kind: 'bad_request', problem: 'the body is not JSON' };
  const accountOf = await accounts(receiver, request.path, secrets.ownAppOf);
  return store(
    receiver,
    split.updates.map(({ key, topic, text }) => ({
      source: 'whatsapp',
      account: accountOf(text),
      key: fingerprint(key),
      topic,
      eventId: null,
      triggeredAt: null,
      body: text,
    })),
  );
}

/** Meta's check of a webhook address: the challenge to answer with, or null to refuse. */
export async function verifyWhatsAppPath(
  pipeline: Pipeline,
  request: { mode: string; token: string; challenge: string; path: WhatsAppPath; sharedToken: string | null },
): Promise<string | null> {
  const wanted =
    request.path.kind === 'shared' ? request.sharedToken : await ownVerifyToken(pipeline, request.path.id);
  if (request.mode !== 'subscribe' || !wanted || !isSameSecret(request.token, wanted)) return null;
  return request.challenge;
}

/** `ownAppOf`: the shop whose own Meta app signs; null for the shared one. */
type Secrets = { kind: 'secrets'; values: readonly string[]; ownAppOf: ShopId | null };

/**
 * By whose webhook each update counts as come. An app of the merchant's has one address for all its numbers, which is that
 * of any of them; an update is kept under the connection that it names, so that by two addresses it still comes once.
 */
async function accounts(
  { db }: Pick<Pipeline, 'db'>,
  path: WhatsAppPath,
  ownAppOf: ShopId | null,
): Promise<(text: string) => string> {
  if (path.kind === 'shared') return () => '';
  if (ownAppOf === null) return () => path.id;
  const own = await db.connection.findMany({
    where: { shopId: ownAppOf, kind: 'whatsapp', appSecret: { not: null } },
    select: { id: true, phoneNumberId: true },
  });
  if (own.length < 2) return () => path.id;
  const byNumber = new Map(own.map(({ id, phoneNumberId }) => [phoneNumberId, id]));
  return (text) => byNumber.get(readRecipient(text).phoneNumberId ?? '') ?? path.id;
}

async function signingSecrets(
  pipeline: Pipeline,
  path: WhatsAppPath,
  shared: readonly string[],
): Promise<Secrets | { kind: 'failed'; error: unknown }> {
  const none = { kind: 'secrets', values: shared, ownAppOf: null } as const;
  if (path.kind === 'shared') return none;
  try {
    const connection = await findConnection(pipeline, path.id);
    if (!connection) return { ...none, values: [] };
    if (connection.appSecret === null) return none;
    const shopId = connection.shopId as ShopId;
    const binding = connectionSecret(shopId, connection.id, 'app_secret');
    return { ...none, values: [pipeline.vault.open(connection.appSecret, binding)], ownAppOf: shopId };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

async function ownVerifyToken(pipeline: Pipeline, id: string): Promise<string | null> {
  const connection = await findConnection(pipeline, id);
  if (!connection?.verifyToken) return null;
  const binding = connectionSecret(connection.shopId as ShopId, connection.id, 'verify_token');
  return pipeline.vault.open(connection.verifyToken, binding);
}

async function findConnection(pipeline: Pipeline, id: string) {
  // The path is the only place where a connection is looked up without its shop: it is what tells us the shop.
  return isUuid(id) ? pipeline.db.connection.findUnique({ where: { id } }) : null;
}

async function store(receiver: Receiver, deliveries: readonly NewDelivery[]): Promise<Received> {
  try {
    const rows = await receiver.inbox(deliveries);
    if (rows === 0) return { kind: 'already_stored' };
    receiver.bell.ring();
    return { kind: 'stored', rows };
  } catch (error) {
    return { kind: 'not_stored', error };
  }
}
