import { randomInt } from 'node:crypto';
import { graphError } from './graph-error.ts';
import type { GraphAnswer, Locale } from './graph-error.ts';

export type PhoneNumber = { id: string; displayNumber: string; verifiedName: string };
export type Business = {
  wabaId: string;
  phoneNumbers: PhoneNumber[];
  token: string;
  datasetId?: string;
  appSubscribed?: boolean;
  canManage?: boolean;
  locale?: Locale;
};
export type KnownBusiness = Omit<Business, 'token' | 'datasetId'> & {
  datasetId: string | null;
  appSubscribed: boolean;
  overrideCallback: string | null;
};
export type TokenRecord = {
  state: 'live' | 'expired' | 'revoked';
  locale: Locale;
  businesses: Map<string, { canManage: boolean }>;
};

/** Everything the pretend Meta knows: businesses by WABA, and what points at them. */
export type GraphState = {
  businesses: Map<string, KnownBusiness>;
  tokens: Map<string, TokenRecord>;
  wabaOfDataset: Map<string, string>;
  wabaOfPhone: Map<string, string>;
  wabaOfClick: Map<string, string>;
};

export function newGraphState(): GraphState {
  return {
    businesses: new Map(),
    tokens: new Map(),
    wabaOfDataset: new Map(),
    wabaOfPhone: new Map(),
    wabaOfClick: new Map(),
  };
}

/** Adds a business, or changes it; a token given twice reaches every business it was given with. */
export function rememberBusiness(state: GraphState, business: Business): void {
  const { token, datasetId, ...rest } = business;
  const known: KnownBusiness = {
    ...rest,
    datasetId: datasetId ?? state.businesses.get(business.wabaId)?.datasetId ?? null,
    appSubscribed: business.appSubscribed ?? false,
    overrideCallback: null,
  };
  state.businesses.set(known.wabaId, known);
  if (known.datasetId !== null) state.wabaOfDataset.set(known.datasetId, known.wabaId);
  for (const phone of known.phoneNumbers) state.wabaOfPhone.set(phone.id, known.wabaId);
  const record = state.tokens.get(token) ?? {
    state: 'live',
    locale: business.locale ?? 'en',
    businesses: new Map(),
  };
  record.businesses.set(known.wabaId, { canManage: business.canManage ?? true });
  state.tokens.set(token, record);
}

/** The dataset of a business; minted on first use, because a WABA owns one only. */
export function datasetOf(state: GraphState, business: KnownBusiness): string {
  if (business.datasetId !== null) return business.datasetId;
  const id = `1${String(randomInt(10 ** 14)).padStart(14, '0')}`;
  business.datasetId = id;
  state.wabaOfDataset.set(id, business.wabaId);
  return id;
}

/** The record of a live token, or Graph's refusal (developers.facebook.com/docs/graph-api/guides/error-handling). */
export function checkToken(
  state: GraphState,
  token: string | null,
): { kind: 'live'; record: TokenRecord } | { kind: 'refused'; answer: GraphAnswer } {
  const refuse = (code: number, subcode: number | null, message: string) => ({
    kind: 'refused' as const,
    answer: graphError({ status: 401, code, subcode, message }),
  });
  if (token === null) return refuse(104, null, 'An access token is required to request this resource.');
  const record = state.tokens.get(token);
  if (!record) return refuse(190, null, 'Invalid OAuth access token - Cannot parse access token');
  switch (record.state) {
    case 'live':
      return { kind: 'live', record };
    case 'expired':
      return refuse(190, 463, 'Error validating access token: Session has expired.');
    case 'revoked':
      return refuse(190, null, 'Error validating access token: The user has not authorized application.');
  }
}
