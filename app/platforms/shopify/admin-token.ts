import { z } from 'zod';
import { parseJson } from '../../domain/json.ts';

export type ShopifyCredentials = { apiKey: string; apiSecret: string };
/** Lifetimes in seconds from the moment of the answer. */
export type TokenPair = {
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
  refreshTokenExpiresIn: number;
  scope: string;
};
export type Refreshed =
  | { kind: 'refreshed'; pair: TokenPair }
  /** The refresh token is used, expired or revoked: only a merchant who opens the app brings a new one. */
  | { kind: 'refused'; problem: string }
  | { kind: 'unavailable'; problem: string };

const TIMEOUT_MS = 10_000;

const pairSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1),
  refresh_token_expires_in: z.number().positive(),
  scope: z.string(),
});

/**
 * Exchanges a refresh token, which is good once, for a new pair. Never throws.
 * https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens
 */
export async function refreshOfflineToken(
  { apiKey, apiSecret }: ShopifyCredentials,
  { shop, refreshToken, fetch }: { shop: string; refreshToken: string; fetch: typeof globalThis.fetch },
): Promise<Refreshed> {
  try {
    const answer = await fetch(`https://${shop}/admin/oauth/access_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({
        client_id: apiKey,
        client_secret: apiSecret,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    if (answer.status === 429 || answer.status >= 500) {
      return { kind: 'unavailable', problem: `Shopify answered with HTTP ${answer.status}` };
    }
    if (!answer.ok)
      return { kind: 'refused', problem: `Shopify refused the refresh token (HTTP ${answer.status})` };
    const parsed = parseJson(text);
    const read = pairSchema.safeParse(parsed.kind === 'value' ? parsed.value : null);
    if (!read.success) return { kind: 'refused', problem: 'Shopify’s new token cannot be read' };
    const { data } = read;
    return {
      kind: 'refreshed',
      pair: {
        accessToken: data.access_token,
        expiresIn: data.expires_in,
        refreshToken: data.refresh_token,
        refreshTokenExpiresIn: data.refresh_token_expires_in,
        scope: data.scope,
      },
    };
  } catch (error) {
    return { kind: 'unavailable', problem: error instanceof Error ? error.message : String(error) };
  }
}
