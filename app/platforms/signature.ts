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

/**
 * `signature` of a request through Shopify's app proxy: hex, over the other parameters, sorted and run together, with
 * several values of one name joined by commas
 * (https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies).
 */
export function isSignedByShopifyProxy(query: URLSearchParams, secrets: readonly string[]): boolean {
  const [, hex] = /^([0-9a-f]{64})$/.exec(query.get('signature') ?? '') ?? [];
  const names = [...new Set(query.keys())].filter((name) => name !== 'signature');
  const signed = names.map((name) => `${name}=${query.getAll(name).join(',')}`).toSorted();
  return hex !== undefined && isSigned(Buffer.from(signed.join('')), Buffer.from(hex, 'hex'), secrets);
}
