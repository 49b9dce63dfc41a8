import { idTokenProblem } from './id-token.ts';
import { isRecord, parseJsonOrNull } from './json-value.ts';
import { issueTokens } from './shopify-shop.ts';
import type { PretendShop } from './shopify-shop.ts';

/** One request for a token: what was asked and how it ended. Holds no token. */
export type TokenRequest = {
  grant: 'token_exchange' | 'refresh' | 'unknown';
  shop: string;
  at: Date;
  status: number;
  error: string | null;
};
type Answer = {
  grant: TokenRequest['grant'];
  status: number;
  error: string | null;
  body: Record<string, unknown>;
};

/**
 * Answers POST /admin/oauth/access_token
 * (shopify.dev/docs/apps/build/authentication-authorization/access-tokens/token-exchange and offline-access-tokens).
 */
export function answerTokenRequest(input: {
  shop: PretendShop;
  body: string;
  apiKey: string;
  apiSecret: string;
  now: Date;
  refuseRefresh: () => boolean;
}): Answer {
  const parsed = parseJsonOrNull(input.body)?.value;
  const body = isRecord(parsed) ? parsed : {};
  const grant = grantOf(body['grant_type']);
  const refuse = (error: string, why: string): Answer => ({
    grant,
    status: 400,
    error,
    body: { error, error_description: why },
  });
  if (body['client_id'] !== input.apiKey)
    return refuse('application_cannot_be_found', 'No app has this client_id.');
  if (body['client_secret'] !== input.apiSecret)
    return refuse('invalid_client', 'The client_secret is wrong.');
  switch (grant) {
    case 'unknown':
      return refuse('unsupported_grant_type', `grant_type ${String(body['grant_type'])} is not supported.`);
    case 'token_exchange': {
      const problem = exchangeProblem(body, input);
      if (problem) return refuse(...problem);
      break;
    }
    case 'refresh': {
      const { refreshToken } = input.shop;
      const isGood = refreshToken !== null && refreshToken.expiresAt > input.now.getTime();
      if (input.refuseRefresh() || !isGood || body['refresh_token'] !== refreshToken.value) {
        return refuse('invalid_grant', 'The refresh token is unknown, used, revoked or expired.');
      }
    }
  }
  return { grant, status: 200, error: null, body: issueTokens(input.shop, input.now) };
}

function exchangeProblem(
  body: Record<string, unknown>,
  input: { shop: PretendShop; apiKey: string; apiSecret: string; now: Date },
): [error: string, why: string] | null {
  if (body['subject_token_type'] !== 'urn:ietf:params:oauth:token-type:id_token') {
    return ['invalid_request', 'subject_token_type must be an id_token.'];
  }
  if (body['requested_token_type'] !== 'urn:shopify:params:oauth:token-type:offline-access-token') {
    return ['invalid_request', 'requested_token_type must be an offline access token.'];
  }
  // Public apps made since April 2026 may only hold expiring tokens.
  if (body['expiring'] !== '1') return ['invalid_request', 'expiring must be 1.'];
  const { apiKey, apiSecret, now } = input;
  const problem = idTokenProblem(body['subject_token'], {
    domain: input.shop.domain,
    apiKey,
    apiSecret,
    now,
  });
  return problem === null ? null : ['invalid_subject_token', `The subject token is ${problem}.`];
}

function grantOf(value: unknown): TokenRequest['grant'] {
  if (value === 'urn:ietf:params:oauth:grant-type:token-exchange') return 'token_exchange';
  return value === 'refresh_token' ? 'refresh' : 'unknown';
}
