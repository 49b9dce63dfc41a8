import { z } from 'zod';
import { ask, type AssetAnswer } from './answer.ts';
import type { GraphClient } from './graph.ts';

export type TokenFacts = {
  valid: boolean;
  appId: string | null;
  appName: string | null;
  /** Null: never, or Meta does not say. */
  expiresAt: Date | null;
  scopes: readonly string[];
  /** Every id that a permission was given for. WhatsApp accounts may stand here under another id than their own. */
  targets: readonly string[];
};

const seconds = z.number().nullish();
const debugSchema = z.object({
  data: z.object({
    is_valid: z.boolean(),
    app_id: z.coerce.string().nullish(),
    application: z.string().nullish(),
    expires_at: seconds,
    data_access_expires_at: seconds,
    scopes: z.array(z.string()).nullish(),
    granular_scopes: z.array(z.object({ target_ids: z.array(z.coerce.string()).nullish() })).nullish(),
  }),
});

/** An app's own token, with which it may ask about the tokens it gave out. */
export function appToken(app: { appId: string; appSecret: string }): string {
  return `${app.appId}|${app.appSecret}`;
}

/**
 * What Meta knows of a token, asked with the token itself or with its app's own (`appToken`), which Meta refuses when the
 * secret is not that app's. Meta takes this question by GET alone, so the token in question stands in the URL, over TLS
 * (https://developers.facebook.com/docs/graph-api/reference/debug_token).
 */
export async function inspectToken(
  graph: GraphClient,
  token: string,
  by: string,
): Promise<AssetAnswer<TokenFacts>> {
  const path = `debug_token?input_token=${encodeURIComponent(token)}`;
  const answer = await ask(graph, { method: 'GET', path, token: by }, debugSchema);
  if (answer.kind !== 'found') return answer;
  const { data } = answer.value;
  const facts = {
    valid: data.is_valid,
    appId: data.app_id ?? null,
    appName: data.application ?? null,
    expiresAt: earliest(data.expires_at, data.data_access_expires_at),
    scopes: data.scopes ?? [],
    targets: [...new Set((data.granular_scopes ?? []).flatMap((scope) => scope.target_ids ?? []))],
  };
  return { kind: 'found', value: facts };
}

/** Zero is Meta's word for never. */
function earliest(...ends: (number | null | undefined)[]): Date | null {
  const known = ends.filter((end) => typeof end === 'number' && end > 0).map(Number);
  return known.length === 0 ? null : new Date(Math.min(...known) * 1000);
}

/** Whether Meta accepts a token at all: `GET /me` needs no permission. */
export async function checkLive(graph: GraphClient, token: string): Promise<AssetAnswer<string>> {
  const schema = z.object({ id: z.coerce.string() });
  const answer = await ask(graph, { method: 'GET', path: 'me?fields=id,name', token }, schema);
  return answer.kind === 'found' ? { kind: 'found', value: answer.value.id } : answer;
}

/**
 * Exchanges the code that Embedded Signup gave the browser for the business's own token. A code works once and for half
 * a minute. Code and secret go in a form, since a URL may be kept on its way (https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-tech-provider).
 */
export async function exchangeCode(
  graph: GraphClient,
  app: { appId: string; appSecret: string },
  code: string,
): Promise<AssetAnswer<string>> {
  const form = { client_id: app.appId, client_secret: app.appSecret, code };
  const schema = z.object({ access_token: z.string().min(1) });
  const request = { method: 'POST' as const, path: 'oauth/access_token', token: null, form };
  const answer = await ask(graph, request, schema);
  return answer.kind === 'found' ? { kind: 'found', value: answer.value.access_token } : answer;
}
