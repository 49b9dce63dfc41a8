const SHOP_DOMAIN = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

/** Whether a text is a shop's permanent domain, in its one spelling. */
export function isShopDomain(text: string): boolean {
  return SHOP_DOMAIN.test(text);
}
