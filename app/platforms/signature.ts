import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether `given` is the HMAC-SHA256 of the raw bytes under any of the secrets (several while a secret is rotated).
 * No secret at all refuses: a missing setting must never mean "unchecked". Constant time for each secret.
 */
function isSigned(raw: Buffer, given: Buffer, secrets: readonly string[]): boolean {
  return secrets
    .map((secret) => {
      const wanted = createHmac('sha256', secret).update(raw).digest();
      return given.length === wanted.length && timingSafeEqual(given, wanted);
    })
    .includes(true);
}

/** `X-Shopify-Hmac-Sha256`: base64 (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries). */
export function isSignedByShopify(
  raw: Buffer,
  header: string | undefined,
  secrets: readonly string[],
): boolean {
  // Node's decoder also takes base64url, missing padding and junk between the characters.
  const [base64] = /^[A-Za-z0-9+/]{43}=$/.exec(header ?? '') ?? [];
  return base64 !== undefined && isSigned(raw, Buffer.from(base64, 'base64'), secrets);
}

/** `X-Hub-Signature-256`: `sha256=` and hex (https://developers.facebook.com/docs/graph-api/webhooks/getting-started). */
export function isSignedByMeta(raw: Buffer, header: string | undefined, secrets: readonly string[]): boolean {
  const [, hex] = /^sha256=([0-9a-fA-F]{64})$/.exec(header ?? '') ?? [];
  return hex !== undefined && isSigned(raw, Buffer.from(hex, 'hex'), secrets);
}
