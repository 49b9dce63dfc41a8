import { randomBytes } from 'node:crypto';
import { graphError } from './graph-error.ts';
import { firstApp, grantBusiness } from './graph-state.ts';
import { unknownApp } from './graph-token.ts';
import type { GraphAnswer } from './graph-error.ts';
import type { GraphState } from './graph-state.ts';

/** How a business came through the dialog (developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation). */
export type FinishEvent = 'FINISH' | 'FINISH_ONLY_WABA' | 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING';
export type Signup = {
  code: string;
  wabaId: string;
  /** The business's own token, which the code is exchanged for. */
  token: string;
  event?: FinishEvent;
  /** The number that was chosen; by default the account's first. */
  phoneNumberId?: string;
  appId?: string;
  expiresAt?: Date | null;
  scopes?: readonly string[];
};
type IssuedCode = { signup: Signup; issuedAt: Date | null; used: boolean };
export type SignupState = { offers: Signup[]; codes: Map<string, IssuedCode> };

const CODE_LIFE_MS = 30_000;

/** Lets a business that is known come through the dialog; its code may be exchanged without the dialog as well. */
export function offerSignup(state: GraphState, signup: Signup): void {
  if (!state.businesses.has(signup.wabaId)) throw new Error('Add the business before its sign-up.');
  state.signup.offers.push(signup);
  state.signup.codes.set(signup.code, { signup, issuedAt: null, used: false });
}

/** What the dialog answers when a business went through it: a code of its own each time, good for half a minute. */
export function issueCode(state: GraphState, signup: Signup, now: Date): { code: string; message: object } {
  const unissued = state.signup.codes.get(signup.code)?.issuedAt === null;
  const code = unissued ? signup.code : `AQ${randomBytes(48).toString('base64url')}`;
  state.signup.codes.set(code, { signup, issuedAt: now, used: false });
  const business = state.businesses.get(signup.wabaId);
  const { event = 'FINISH' } = signup;
  const phoneNumberId = signup.phoneNumberId ?? business?.phoneNumbers[0]?.id;
  const data = {
    ...(event === 'FINISH' && { phone_number_id: phoneNumberId }),
    waba_id: signup.wabaId,
    business_id: business?.businessId,
  };
  return { code, message: { data, type: 'WA_EMBEDDED_SIGNUP', event, version: 3 } };
}

/**
 * The exchange of a code for the business's token
 * (developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-tech-provider).
 * Its refusals are those of developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow.
 */
export function exchangeCode(state: GraphState, query: URLSearchParams, now: Date): GraphAnswer {
  const clientId = query.get('client_id');
  if (clientId === null) return refuse(101, 'Missing client_id parameter.');
  const app = state.apps.get(clientId);
  if (!app) return unknownApp();
  if (query.get('client_secret') !== app.secret) return refuse(1, 'Error validating client secret.');
  const issued = state.signup.codes.get(query.get('code') ?? '');
  const appId = issued?.signup.appId ?? firstApp(state);
  if (!issued || appId !== app.id) return refuse(100, 'Invalid verification code format.');
  if (issued.used) return refuse(100, 'This authorization code has been used.', 36009);
  if (issued.issuedAt !== null && now.getTime() - issued.issuedAt.getTime() > CODE_LIFE_MS) {
    return refuse(100, 'This authorization code has expired.', 36007);
  }
  issued.used = true;
  const { wabaId, token, expiresAt = null, scopes } = issued.signup;
  grantBusiness(state, { wabaId, token, appId, expiresAt, ...(scopes && { scopes }) });
  const seconds = expiresAt === null ? null : Math.floor((expiresAt.getTime() - now.getTime()) / 1000);
  const body = {
    access_token: token,
    token_type: 'bearer',
    ...(seconds !== null && { expires_in: seconds }),
  };
  return { status: 200, body };
}

function refuse(code: number, message: string, subcode: number | null = null): GraphAnswer {
  return graphError({ status: 400, code, subcode, message });
}
