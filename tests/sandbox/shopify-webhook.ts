import { createHmac, randomUUID } from 'node:crypto';

export type WebhookInput = {
  domain: string;
  topic: string;
  body: unknown;
  webhookId?: string;
  eventId?: string;
  triggeredAt?: Date;
};

/**
 * A webhook as Shopify signs it: base64 HMAC-SHA256 of the raw bytes
 * (shopify.dev/docs/apps/build/webhooks/verify-deliveries). A string body is sent as it is.
 */
export function signedWebhook(input: WebhookInput & { secret: string; now: Date }): {
  body: string;
  headers: Record<string, string>;
} {
  const body = typeof input.body === 'string' ? input.body : writeExact(input.body);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Shopify-Captain-Hook',
      'X-Shopify-Topic': input.topic,
      'X-Shopify-Hmac-Sha256': createHmac('sha256', input.secret).update(body).digest('base64'),
      'X-Shopify-Shop-Domain': input.domain,
      'X-Shopify-API-Version': '2026-10',
      'X-Shopify-Webhook-Id': input.webhookId ?? randomUUID(),
      'X-Shopify-Event-Id': input.eventId ?? randomUUID(),
      'X-Shopify-Triggered-At': (input.triggeredAt ?? input.now).toISOString(),
    },
  };
}

// Shopify's ids may exceed 2^53, so an order may hold them as bigint.
function writeExact(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? rawNumber(inner) : inner));
}

function rawNumber(value: bigint): unknown {
  const rawJson: unknown = Reflect.get(JSON, 'rawJSON');
  if (typeof rawJson !== 'function') throw new Error('This Node cannot write integers above 2^53 as JSON.');
  return rawJson(String(value));
}
