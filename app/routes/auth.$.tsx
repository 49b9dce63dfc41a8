import type { LoaderFunctionArgs } from '@remix-run/node';

/** Shopify's session-token and exit-iframe pages, which the library itself answers. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await context.services.shopify.authenticate.admin(request);
  return null;
}
