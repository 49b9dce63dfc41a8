import { createHmac } from 'node:crypto';

/** How Shopify calls the app's proxy address for a visitor of `https://SHOP/apps/tieback/PATH`. */
export type ProxyVisit = {
  appUrl: string;
  shop: string;
  /** What stands behind the proxy's own path, like `/l/TOKEN`. */
  path: string;
  /** The visitor's own parameters. */
  query?: readonly (readonly [string, string])[];
  secret: string;
  now: Date;
};

/**
 * The address that Shopify's servers ask, signed as Shopify signs it
 * (https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies).
 */
export function proxyAddress({ appUrl, shop, path, query = [], secret, now }: ProxyVisit): string {
  const parameters = new URLSearchParams([
    ...query.map(([name, value]) => [name, value]),
    ['shop', shop],
    ['logged_in_customer_id', ''],
    ['path_prefix', '/apps/tieback'],
    ['timestamp', String(Math.floor(now.getTime() / 1000))],
  ]);
  const values = Map.groupBy(parameters, ([name]) => name);
  const message = [...values]
    .map(([name, given]) => `${name}=${given.map(([, value]) => value).join(',')}`)
    .toSorted()
    .join('');
  parameters.append('signature', createHmac('sha256', secret).update(message).digest('hex'));
  return `${appUrl}/proxy${path}?${parameters.toString()}`;
}

/** Where a visitor of the shop who opens a chat link is led, as the address that a browser would go to next. */
export async function openThroughProxy(
  visit: ProxyVisit,
  userAgent = 'Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36',
): Promise<{ status: number; location: string | null }> {
  const answer = await fetch(proxyAddress(visit), {
    redirect: 'manual',
    headers: { 'user-agent': userAgent, 'x-forwarded-for': '203.0.113.7' },
  });
  await answer.body?.cancel();
  return { status: answer.status, location: answer.headers.get('location') };
}
