// Loaded with `node --import` before the app, because the Shopify library keeps the fetch it finds at import
// and has no option for another host: shop domains go to the pretend Shopify, everything else goes where it went.
const target = process.env.PRETEND_SHOPIFY_URL;
if (!target) throw new Error('PRETEND_SHOPIFY_URL is not set.');
const { fetch: realFetch, Headers, Request } = globalThis;

globalThis.fetch = function fetchFromPretendShop(input, init) {
  const request = input instanceof Request ? input : null;
  const url = new URL(request ? request.url : String(input));
  if (url.protocol !== 'https:' || !url.hostname.endsWith('.myshopify.com')) return realFetch(input, init);
  const headers = new Headers(init?.headers ?? request?.headers);
  headers.set('x-pretend-shop', url.hostname);
  const moved = target + url.pathname + url.search;
  return request
    ? realFetch(new Request(moved, request), { ...init, headers })
    : realFetch(moved, { ...init, headers });
};
