import { createCookie } from '@remix-run/node';

// Partitioned, because the app lives in a frame of the Shopify admin, where other cookies are blocked
// (developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies). Losing it only shows the list.
const setUpCookie = createCookie('tieback_set_up', {
  path: '/app',
  httpOnly: true,
  secure: true,
  sameSite: 'none',
  partitioned: true,
  maxAge: 365 * 24 * 60 * 60,
});

/** Whether this person put the set-up list away for this shop. */
export async function isSetUpDismissed(request: Request, shopId: number): Promise<boolean> {
  const shops: unknown = await setUpCookie.parse(request.headers.get('Cookie'));
  return Array.isArray(shops) && shops.includes(shopId);
}

/** The Set-Cookie value that puts the set-up list away, or brings it back. */
export async function rememberSetUp(request: Request, shopId: number, dismissed: boolean): Promise<string> {
  const stored: unknown = await setUpCookie.parse(request.headers.get('Cookie'));
  const others = (Array.isArray(stored) ? stored : []).filter((shop) => shop !== shopId).slice(-20);
  return setUpCookie.serialize(dismissed ? [...others, shopId] : others);
}
