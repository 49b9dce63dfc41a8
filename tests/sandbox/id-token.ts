import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { isRecord, parseJsonOrNull } from './json-value.ts';

/** How long Shopify's id tokens live, in seconds (shopify.dev/docs/apps/build/authentication-authorization/session-tokens). */
const LIFETIME_SECONDS = 60;

type TokenParty = { domain: string; apiKey: string; apiSecret: string; now: Date };

/** Mints the token that Shopify's admin gives an embedded app: HS256 over the app's secret, 60 seconds long. */
export function mintIdToken(input: TokenParty): string {
  const issued = Math.floor(input.now.getTime() / 1000);
  const claims = {
    iss: `https://${input.domain}/admin`,
    dest: `https://${input.domain}`,
    aud: input.apiKey,
    sub: '42',
    exp: issued + LIFETIME_SECONDS,
    nbf: issued,
    iat: issued,
    jti: randomUUID(),
    sid: randomUUID(),
  };
  const signed = `${encodePart({ alg: 'HS256', typ: 'JWT' })}.${encodePart(claims)}`;
  return `${signed}.${createHmac('sha256', input.apiSecret).update(signed).digest('base64url')}`;
}

/** What is wrong with an id token as the subject of a token exchange for this shop; null when it is right. */
export function idTokenProblem(token: unknown, party: TokenParty): string | null {
  const [header, payload, signature, ...rest] = typeof token === 'string' ? token.split('.') : [];
  if (!header || !payload || !signature || rest.length > 0) return 'not a JSON web token';
  const algorithm = readPart(header)?.['alg'];
  if (algorithm !== 'HS256') return `algorithm ${String(algorithm)}, not HS256`;
  const expected = createHmac('sha256', party.apiSecret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'wrong signature';
  const claims = readPart(payload);
  if (!claims) return 'unreadable claims';
  if (claims['aud'] !== party.apiKey) return 'made for another app';
  if (claims['dest'] !== `https://${party.domain}`) return 'made for another shop';
  const seconds = party.now.getTime() / 1000;
  if (typeof claims['exp'] !== 'number' || claims['exp'] <= seconds) return 'expired';
  if (typeof claims['nbf'] !== 'number' || claims['nbf'] > seconds) return 'not valid yet';
  return null;
}

function encodePart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function readPart(part: string): Record<string, unknown> | null {
  const value = parseJsonOrNull(Buffer.from(part, 'base64url').toString('utf8'))?.value;
  return isRecord(value) ? value : null;
}
