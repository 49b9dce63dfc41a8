import { REFERENCE_ATTRIBUTE, REFERENCE_PARAMETER, type ChatLinkKind } from './chat-link.ts';

/** Where Shopify's app proxy takes requests for Tieback (`[app_proxy]` in shopify.app.toml). */
const PROXY_PATH = '/apps/tieback';

/** The address that staff paste: opening it is counted, and leads on to `chatLinkAddress`. */
export function shortAddress(shopDomain: string, token: string): string {
  return `https://${shopDomain}${PROXY_PATH}/l/${token}`;
}

/** A chat link's page in the shop with its token, placed where it comes back with the order. */
export function chatLinkAddress(
  shopDomain: string,
  { kind, target }: { kind: ChatLinkKind; target: string },
  token: string,
): string {
  const url = new URL(`https://${shopDomain}${target}`);
  switch (kind) {
    case 'product':
    case 'draft_order':
      return withParameter(url.href, REFERENCE_PARAMETER, token);
    case 'cart':
      return withParameter(url.href, `attributes[${REFERENCE_ATTRIBUTE}]`, token);
    case 'discount': {
      const to = new URL(url.searchParams.get('redirect') ?? '/', url);
      to.searchParams.set(REFERENCE_PARAMETER, token);
      return `${url.origin}${url.pathname}?redirect=${encodeURIComponent(`${to.pathname}${to.search}`)}`;
    }
  }
}

/** What staff put on a draft order: as a tag, or as the value of an additional detail (cart attribute). */
export function draftOrderReference(token: string): { tag: string; attribute: string; value: string } {
  return { tag: `${REFERENCE_PARAMETER}:${token}`, attribute: REFERENCE_ATTRIBUTE, value: token };
}

// As Shopify writes the brackets of a permalink; a URLSearchParams would escape them.
function withParameter(href: string, name: string, value: string): string {
  return `${href}${href.includes('?') ? '&' : '?'}${name}=${value}`;
}
