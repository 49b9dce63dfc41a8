import { type Request, Router } from 'express';
import { isbot } from 'isbot';
import { openChatLink } from '../../pipeline/chat-links.ts';
import { proxiedShop } from '../../pipeline/proxied-shop.ts';
import type { Services } from '../../services.ts';
import { awaited } from './awaited.ts';

/**
 * What visitors of a shop ask for under `/apps/tieback`: chat links. Shopify asks in their place and signs it
 * (https://shopify.dev/docs/apps/build/online-store/app-proxies). A visitor is led on into the shop whatever happens.
 */
export function appProxyRoutes(services: Services): Router {
  const router = Router();
  router.get(
    ['/proxy', '/proxy/*'],
    awaited(async (request, response) => {
      const shopDomain = proxiedShop({
        query: new URL(request.originalUrl, 'http://proxy.invalid').searchParams,
        secrets: services.environment.shopify.apiSecrets,
        now: services.clock(),
      });
      if (shopDomain === null) {
        services.log.info('a request that Shopify did not sign came to the app proxy');
        response.status(401).type('text').send('Shopify has not signed this request\n');
        return;
      }
      const page = (await chatLinkPage(services, request, shopDomain)) ?? `https://${shopDomain}/`;
      response.status(302).set({ Location: page, 'Cache-Control': 'no-store' }).end();
    }),
  );
  return router;
}

/** Where the chat link that is asked for leads; null when there is none, or when that cannot be found out now. */
async function chatLinkPage(
  services: Services,
  request: Request,
  shopDomain: string,
): Promise<string | null> {
  const [, token] = /^\/proxy\/l\/([0-9A-Za-z]+)\/?$/.exec(request.path) ?? [];
  if (token === undefined) return null;
  // WhatsApp fetches a link for its preview before anybody has tapped it.
  const counted = request.method === 'GET' && !isbot(request.get('user-agent'));
  try {
    const opened = await openChatLink(services, { shopDomain, token, counted });
    return opened.kind === 'opened' ? opened.address : null;
  } catch (error) {
    services.log.error({ err: error, shop: shopDomain }, 'a chat link could not be looked up');
    return null;
  }
}
