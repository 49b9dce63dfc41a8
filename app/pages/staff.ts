import type { Services } from '../services.ts';

/**
 * Who acts, for the record: the number of the staff member in Shopify, which is all that the session token says of them
 * (https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens).
 */
export async function staffOf({ shopify }: Services, request: Request): Promise<string> {
  const { sessionToken } = await shopify.authenticate.admin(request);
  return `Shopify staff member no. ${sessionToken.sub}`;
}
