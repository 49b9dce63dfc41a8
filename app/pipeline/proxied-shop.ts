import { isShopDomain } from '../domain/shop-domain.ts';
import { isSignedByShopifyProxy } from '../platforms/signature.ts';

// As Shopify's own library allows.
const CLOCK_TOLERANCE_S = 90;
/**
 * The shop whose visitor Shopify's app proxy speaks for; null when the request is not signed with one of the secrets,
 * or not of this moment (https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies).
 */
export function proxiedShop({
  query,
  secrets,
  now,
}: {
  query: URLSearchParams;
  secrets: readonly string[];
  now: Date;
}): string | null {
  if (!isSignedByShopifyProxy(query, secrets)) return null;
  const seconds = /^\d{1,12}$/.test(query.get('timestamp') ?? '') ? Number(query.get('timestamp')) : 0;
  if (Math.abs(now.getTime() / 1000 - seconds) > CLOCK_TOLERANCE_S) return null;
  // A visitor's own parameter of this name would be signed as well: then there are two, and neither is taken.
  const shop = query.getAll('shop').join(',');
  return isShopDomain(shop) ? shop : null;
}
