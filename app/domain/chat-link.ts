/** The cart attribute (Shopify hides names that begin with `__` from buyers) a chat link's token comes back in. */
export const REFERENCE_ATTRIBUTE = '__wa_ref';

/** The parameter of a page's address that carries a chat link's token; with a colon, the tag of a draft order. */
export const REFERENCE_PARAMETER = 'wa_ref';

const TOKEN = /^[0-9A-Za-z]{16}$/;
const TOKEN_LENGTH = 16;
const TOKEN_BYTES = 12;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The token of a chat link in what came back with an order; null for anything that cannot be one. */
export function readToken(text: string): string | null {
  const trimmed = text.trim();
  return TOKEN.test(trimmed) ? trimmed : null;
}

/** A token of 16 base62 characters from random bytes, at least 12 of them. Throws RangeError for fewer. */
export function mintToken(random: Uint8Array): string {
  if (random.length < TOKEN_BYTES) throw new RangeError(`a token takes ${TOKEN_BYTES} random bytes`);
  let rest = random.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return Array.from({ length: TOKEN_LENGTH }, () => {
    const digit = BASE62[Number(rest % 62n)];
    rest /= 62n;
    return digit;
  }).join('');
}

export const CHAT_LINK_KINDS = ['product', 'cart', 'discount', 'draft_order'] as const;
export type ChatLinkKind = (typeof CHAT_LINK_KINDS)[number];

/** What staff ask for, as they typed it. */
export type ChatLinkRequest =
  | { kind: 'product'; product: string; variant: string | null }
  | { kind: 'cart'; cart: string; discount: string | null }
  | { kind: 'discount'; code: string; to: string | null }
  | { kind: 'draft_order' };
export type ChatLinkField = 'product' | 'variant' | 'cart' | 'discount' | 'code' | 'to';
export type ChatLinkProblem = { field: ChatLinkField; problem: string };

/** What a chat link leads to: a path of the shop with its query, still without a token. */
export type ChatLinkTarget = {
  kind: ChatLinkKind;
  target: string;
  /** The code that was made for this conversation alone. */
  discountCode: string | null;
};
export type ChatLinkReading =
  { kind: 'readable'; link: ChatLinkTarget } | { kind: 'invalid'; problems: ChatLinkProblem[] };

/** Reads what staff typed; `shopDomain` is the shop's myshopify.com domain. Every problem is told at once. */
export function readChatLink(request: ChatLinkRequest, shopDomain: string): ChatLinkReading {
  switch (request.kind) {
    case 'product':
      return readProduct(request);
    case 'cart':
      return readCart(request);
    case 'discount':
      return readDiscount(request, shopDomain);
    case 'draft_order':
      return readable({ kind: 'draft_order', target: '/', discountCode: null });
  }
}

const HANDLE = /^[\p{L}\p{N}_-]{1,255}$/u;
const PRODUCT_PATH =
  /^((?:\/[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2})?)(?:\/collections\/[^/]+)?\/products\/([^/]+)\/?$/i;
const VARIANT = /^[1-9]\d{0,19}$/;
const NOT_A_PRODUCT =
  'This is neither the address of a product page, with /products/ in it, nor a product’s handle.';
const NOT_A_VARIANT = 'A variant ID is digits only; leave it empty for the product’s first variant.';

/**
 * A product page, by handle or by pasted address: of any https host, because a shop sells under a domain of its own;
 * only its path is kept, and the link leads to the shop itself.
 */
function readProduct({ product, variant }: { product: string; variant: string | null }): ChatLinkReading {
  const page = productPage(product.trim());
  const chosen = variant?.trim() || (page?.searchParams.get('variant') ?? '');
  const path = page && productPath(page.pathname);
  const badVariant = chosen !== '' && !VARIANT.test(chosen);
  if (path === null || badVariant) {
    return invalid([
      ...(path === null ? [{ field: 'product', problem: NOT_A_PRODUCT } as const] : []),
      ...(badVariant ? [{ field: 'variant', problem: NOT_A_VARIANT } as const] : []),
    ]);
  }
  const target = chosen === '' ? path : `${path}?variant=${chosen}`;
  return readable({ kind: 'product', target, discountCode: null });
}

function productPage(text: string): URL | null {
  if (HANDLE.test(text)) return readUrl(`/products/${text}`, 'https://shop.invalid');
  const address = /^(https:\/\/|\/(?!\/))/i.test(text) ? text : `https://${text}`;
  return readUrl(address, 'https://shop.invalid');
}

function productPath(pathname: string): string | null {
  const [, locale, encoded] = PRODUCT_PATH.exec(pathname) ?? [];
  const handle = encoded === undefined ? null : decoded(encoded);
  if (locale === undefined || handle === null || !HANDLE.test(handle)) return null;
  return `${locale}/products/${encodeURIComponent(handle)}`;
}

const CART_LINE = /^([1-9]\d{0,19}):([1-9]\d{0,2})$/;
const MOST_CART_LINES = 50;
const NOT_A_CART =
  'Enter each product as variant ID, colon and quantity from 1 to 999, like 44100000000001:2, with commas between.';

/** A cart permalink (https://shopify.dev/docs/apps/build/checkout/create-cart-permalinks). */
function readCart({ cart, discount }: { cart: string; discount: string | null }): ChatLinkReading {
  const lines = cart.split(/[\s,]+/).filter((line) => line !== '');
  const code = discount?.trim() ?? '';
  const badCart =
    lines.length === 0 || lines.length > MOST_CART_LINES || lines.some((line) => !CART_LINE.test(line));
  const badCode = code !== '' && !isDiscountCode(code);
  if (badCart || badCode) {
    return invalid([
      ...(badCart ? [{ field: 'cart', problem: NOT_A_CART } as const] : []),
      ...(badCode ? [{ field: 'discount', problem: NOT_A_CODE } as const] : []),
    ]);
  }
  const query = code === '' ? '' : `?discount=${encodeURIComponent(code)}`;
  return readable({ kind: 'cart', target: `/cart/${lines.join(',')}${query}`, discountCode: null });
}

const NOT_A_CODE = 'Enter the discount code as it is in Shopify, without spaces.';
const NOT_IN_THE_SHOP = 'Enter a page of your own online store, like /collections/new.';

/** A code's sharing link (https://help.shopify.com/en/manual/discounts/managing-discount-codes), with where it leads on. */
function readDiscount(request: { code: string; to: string | null }, shopDomain: string): ChatLinkReading {
  const code = request.code.trim();
  const to = pathInShop(request.to?.trim() || '/', shopDomain);
  const badCode = !isDiscountCode(code);
  if (badCode || to === null) {
    return invalid([
      ...(badCode ? [{ field: 'code', problem: NOT_A_CODE } as const] : []),
      ...(to === null ? [{ field: 'to', problem: NOT_IN_THE_SHOP } as const] : []),
    ]);
  }
  const target = `/discount/${encodeURIComponent(code)}?redirect=${encodeURIComponent(to)}`;
  return readable({ kind: 'discount', target, discountCode: code });
}

// A slash, a dot alone and the like would make another path of the code's address.
function isDiscountCode(code: string): boolean {
  return /^[^\s\p{C}/\\?#%]{1,100}$/u.test(code) && !/^\.+$/.test(code);
}

/** A page of the shop as path and query: given as a path, as an address at the shop, or as a product page anywhere. */
function pathInShop(text: string, shopDomain: string): string | null {
  const base = `https://${shopDomain}`;
  const url = readUrl(/^(https:\/\/|\/)/i.test(text) ? text : `https://${text}`, base);
  if (url === null) return null;
  // A browser takes what begins with two slashes for another host, whatever stands before it in the text.
  if (url.origin !== base || url.pathname.startsWith('//')) return productPath(url.pathname);
  url.searchParams.delete(REFERENCE_PARAMETER);
  return `${url.pathname}${url.search}`;
}

function readUrl(text: string, base: string): URL | null {
  if (/[\p{C}\\]/u.test(text) || !URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function readable(link: ChatLinkTarget): ChatLinkReading {
  return { kind: 'readable', link };
}

function invalid(problems: ChatLinkProblem[]): ChatLinkReading {
  return { kind: 'invalid', problems };
}
