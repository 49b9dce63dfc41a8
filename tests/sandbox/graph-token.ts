import { graphError, invalidParameter } from './graph-error.ts';
import { MANAGE } from './graph-state.ts';
import type { GraphAnswer } from './graph-error.ts';
import type { GraphState, MetaApp, TokenRecord } from './graph-state.ts';

export type Bearer = { kind: 'user'; record: TokenRecord } | { kind: 'app'; app: MetaApp };
type TokenFault = { code: number; subcode: number | null; message: string };

/** Who a token speaks for, or Graph's refusal (developers.facebook.com/docs/graph-api/guides/error-handling). */
export function checkToken(
  state: GraphState,
  token: string | null,
  now: Date,
): Bearer | { kind: 'refused'; answer: GraphAnswer } {
  if (token === null) {
    return refuse({
      code: 104,
      subcode: null,
      message: 'An access token is required to request this resource.',
    });
  }
  if (token.includes('|')) return checkAppToken(state, token);
  const record = state.tokens.get(token);
  const fault = faultOf(record, now);
  return record && !fault ? { kind: 'user', record } : refuse(fault ?? UNREADABLE);
}

/**
 * What Meta tells of a token to its app, or to the token itself
 * (developers.facebook.com/docs/graph-api/reference/debug_token).
 */
export function debugToken(state: GraphState, asked: string | null, by: Bearer, now: Date): GraphAnswer {
  if (asked === null) return invalidParameter('The parameter input_token is required');
  if (asked.includes('|')) return debugAppToken(state, asked);
  const record = state.tokens.get(asked);
  if (!record) return data({ error: wordFault(UNREADABLE), is_valid: false, scopes: [] });
  if (by.kind === 'user' && by.record !== record) {
    return invalidParameter(
      'You must provide an app access token, or a user access token that is an owner or developer of the app',
    );
  }
  if (by.kind === 'app' && by.app.id !== record.appId) {
    return invalidParameter('The App_id in the input_token did not match the Viewing App');
  }
  const fault = faultOf(record, now);
  return data({
    app_id: record.appId,
    type: 'SYSTEM_USER',
    application: state.apps.get(record.appId)?.name,
    data_access_expires_at: unixOrZero(record.dataAccessExpiresAt),
    ...(fault && { error: wordFault(fault) }),
    expires_at: unixOrZero(record.expiresAt),
    is_valid: fault === null,
    scopes: [...record.scopes],
    granular_scopes: [...record.scopes].map((scope) => granularScope(state, record, scope)),
    user_id: record.userId,
  });
}

/** WhatsApp accounts stand here under their own id for the one permission and under their presence id for the others. */
function granularScope(state: GraphState, record: TokenRecord, scope: string): object {
  if (!scope.startsWith('whatsapp_')) return { scope };
  const businesses = [...record.businesses.keys()].flatMap((wabaId) => state.businesses.get(wabaId) ?? []);
  const byWaba = scope !== 'whatsapp_business_manage_events';
  const seen = scope === MANAGE ? businesses.filter(({ wabaId }) => manages(record, wabaId)) : businesses;
  return { scope, target_ids: seen.map(({ wabaId, presenceId }) => (byWaba ? wabaId : presenceId)) };
}

function manages(record: TokenRecord, wabaId: string): boolean {
  return record.businesses.get(wabaId)?.canManage ?? false;
}

function checkAppToken(state: GraphState, token: string): ReturnType<typeof checkToken> {
  const app = state.apps.get(token.slice(0, token.indexOf('|')));
  if (!app) return { kind: 'refused', answer: unknownApp() };
  return token === `${app.id}|${app.secret}` ? { kind: 'app', app } : refuse(WRONG_SECRET);
}

function debugAppToken(state: GraphState, token: string): GraphAnswer {
  const checked = checkAppToken(state, token);
  if (checked.kind !== 'app') return data({ error: wordFault(WRONG_SECRET), is_valid: false, scopes: [] });
  const { id, name } = checked.app;
  return data({ app_id: id, type: 'APP', application: name, is_valid: true, scopes: [] });
}

/** Graph's answer about an app that does not exist. */
export function unknownApp(): GraphAnswer {
  const message = 'Error validating application. Cannot get application info due to a system error.';
  return graphError({ status: 400, code: 101, message });
}

const UNREADABLE: TokenFault = {
  code: 190,
  subcode: null,
  message: 'Invalid OAuth access token - Cannot parse access token',
};
const WRONG_SECRET: TokenFault = {
  code: 190,
  subcode: null,
  message: 'Invalid OAuth access token signature.',
};

function faultOf(record: TokenRecord | undefined, now: Date): TokenFault | null {
  if (!record) return UNREADABLE;
  if (record.state === 'revoked') {
    const message = 'Error validating access token: The user has not authorized application.';
    return { code: 190, subcode: null, message };
  }
  const over = record.state === 'expired' || (record.expiresAt !== null && record.expiresAt <= now);
  const message = 'Error validating access token: Session has expired.';
  return over ? { code: 190, subcode: 463, message } : null;
}

function refuse(fault: TokenFault): { kind: 'refused'; answer: GraphAnswer } {
  return { kind: 'refused', answer: graphError({ status: 401, ...fault }) };
}

function wordFault({ code, subcode, message }: TokenFault): object {
  return { code, message, ...(subcode !== null && { subcode }) };
}

function data(value: object): GraphAnswer {
  return { status: 200, body: { data: value } };
}

// Zero is Graph's word for never.
function unixOrZero(at: Date | null): number {
  return at === null ? 0 : Math.floor(at.getTime() / 1000);
}
