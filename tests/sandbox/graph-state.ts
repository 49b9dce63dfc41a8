import { randomInt } from 'node:crypto';
import type { Locale } from './graph-words.ts';
import type { SignupState } from './graph-signup.ts';

/** A Meta app; `signupConfigId` is its configuration of Facebook Login for Business, variation Embedded Signup. */
export type MetaApp = { id: string; secret: string; name: string; signupConfigId: string };
/** The app that every token of the sandbox belongs to unless it says otherwise. */
export const META_APP: MetaApp = {
  id: '670843887433847',
  secret: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  name: 'Tieback',
  signupConfigId: '1234567890123456',
};

/** What Graph tells of a number, by Graph's own names (developers.facebook.com/docs/graph-api/reference/whats-app-business-account-to-number-current-status). */
export type PhoneFields = {
  quality_rating: 'GREEN' | 'YELLOW' | 'RED' | 'UNKNOWN';
  status:
    'CONNECTED' | 'PENDING' | 'OFFLINE' | 'FLAGGED' | 'RESTRICTED' | 'BANNED' | 'MIGRATED' | 'DISCONNECTED';
  code_verification_status: 'VERIFIED' | 'NOT_VERIFIED' | 'EXPIRED';
  platform_type: 'CLOUD_API' | 'ON_PREMISE' | 'NOT_APPLICABLE';
  is_on_biz_app: boolean;
  throughput: { level: 'STANDARD' | 'HIGH' | 'NOT_APPLICABLE' };
};
export type PhoneNumber = { id: string; displayNumber: string; verifiedName: string } & Partial<PhoneFields>;
export type KnownPhone = Omit<PhoneNumber, keyof PhoneFields> & PhoneFields;

export type Business = {
  wabaId: string;
  phoneNumbers: PhoneNumber[];
  token: string;
  datasetId?: string | undefined;
  appSubscribed?: boolean;
  /** False: an Events Manager token, which may send events and nothing else. */
  canManage?: boolean;
  locale?: Locale;
  /** The app that the token was made with; it must be known. */
  appId?: string;
  /** When the token ends; null: never. */
  expiresAt?: Date | null;
  dataAccessExpiresAt?: Date | null;
  scopes?: readonly string[];
  /** The portfolio that owns the account. */
  businessId?: string;
  /** Under this id, not the account's, `debug_token` lists the permission to send events. */
  presenceId?: string;
};
export type Subscription = { appId: string; overrideCallback: string | null; verifyToken: string | null };
export type KnownBusiness = {
  wabaId: string;
  businessId: string;
  presenceId: string;
  phoneNumbers: KnownPhone[];
  datasetId: string | null;
  /** By app. */
  subscriptions: Map<string, Subscription>;
};
export type TokenRecord = {
  token: string;
  userId: string;
  state: 'live' | 'expired' | 'revoked';
  locale: Locale;
  appId: string;
  expiresAt: Date | null;
  dataAccessExpiresAt: Date | null;
  scopes: Set<string>;
  businesses: Map<string, { canManage: boolean }>;
  /** Pixels, Pages and whatever else the token was given. */
  objects: Set<string>;
};
/** Anything else that has an id at Meta, by Graph's name for its type. */
export type GraphObject = { id: string; type: string; token: string; name?: string };

/** Everything the pretend Meta knows: businesses by WABA, and what points at them. */
export type GraphState = {
  apps: Map<string, MetaApp>;
  businesses: Map<string, KnownBusiness>;
  tokens: Map<string, TokenRecord>;
  wabaOfDataset: Map<string, string>;
  wabaOfPhone: Map<string, string>;
  wabaOfClick: Map<string, string>;
  pixels: Set<string>;
  objects: Map<string, GraphObject>;
  refusedNames: Set<string>;
  signup: SignupState;
};

const SEND_EVENTS = 'whatsapp_business_manage_events';
export const MANAGE = 'whatsapp_business_management';
const ALL_SCOPES = [MANAGE, 'whatsapp_business_messaging', SEND_EVENTS];

export function newGraphState(app: MetaApp): GraphState {
  return {
    apps: new Map([[app.id, app]]),
    businesses: new Map(),
    tokens: new Map(),
    wabaOfDataset: new Map(),
    wabaOfPhone: new Map(),
    wabaOfClick: new Map(),
    pixels: new Set(),
    objects: new Map(),
    refusedNames: new Set(),
    signup: { offers: [], codes: new Map() },
  };
}

/** Adds a business, or adds numbers to it and changes it; a token given twice reaches every business it was given with. */
export function rememberBusiness(state: GraphState, business: Business): void {
  const before = state.businesses.get(business.wabaId);
  const appId = business.appId ?? firstApp(state);
  const known: KnownBusiness = {
    wabaId: business.wabaId,
    businessId: business.businessId ?? before?.businessId ?? newId('5'),
    presenceId: business.presenceId ?? before?.presenceId ?? newId('9'),
    phoneNumbers: [...otherPhones(before, business.phoneNumbers), ...business.phoneNumbers.map(withDefaults)],
    datasetId: business.datasetId ?? before?.datasetId ?? null,
    subscriptions: before?.subscriptions ?? new Map(),
  };
  if (business.appSubscribed) {
    known.subscriptions.set(appId, { appId, overrideCallback: null, verifyToken: null });
  }
  state.businesses.set(known.wabaId, known);
  if (known.datasetId !== null) state.wabaOfDataset.set(known.datasetId, known.wabaId);
  for (const phone of known.phoneNumbers) state.wabaOfPhone.set(phone.id, known.wabaId);
  grantBusiness(state, business);
}

/** Gives a token to a business that is known. */
export function grantBusiness(state: GraphState, grant: Omit<Business, 'phoneNumbers' | 'datasetId'>): void {
  const canManage = grant.canManage ?? grant.scopes?.includes(MANAGE) ?? true;
  const record = tokenOf(state, grant.token, grant);
  for (const scope of grant.scopes ?? (canManage ? ALL_SCOPES : [SEND_EVENTS])) record.scopes.add(scope);
  record.businesses.set(grant.wabaId, { canManage });
}

/** Makes an object that the token may see. */
export function rememberObject(state: GraphState, object: GraphObject): void {
  state.objects.set(object.id, object);
  tokenOf(state, object.token, {}).objects.add(object.id);
}

/** Makes a pixel's dataset that the token may send to. */
export function rememberPixel(
  state: GraphState,
  pixel: { datasetId: string; token: string; name?: string },
): void {
  const { datasetId, token, name } = pixel;
  state.pixels.add(datasetId);
  rememberObject(state, { id: datasetId, type: 'AdsPixel', token, ...(name !== undefined && { name }) });
  state.tokens.get(token)?.scopes.add('ads_management');
}

/** The dataset of a business; minted on first use, because a WABA owns one only. */
export function datasetOf(state: GraphState, business: KnownBusiness): string {
  if (business.datasetId !== null) return business.datasetId;
  const id = newId('1');
  business.datasetId = id;
  state.wabaOfDataset.set(id, business.wabaId);
  return id;
}

/** Whether the token may send events to a dataset of chats. */
export function maySend(record: TokenRecord, wabaId: string): boolean {
  return record.businesses.has(wabaId) && record.scopes.has(SEND_EVENTS);
}

function tokenOf(
  state: GraphState,
  token: string,
  given: Pick<Partial<Business>, 'locale' | 'appId' | 'expiresAt' | 'dataAccessExpiresAt'>,
): TokenRecord {
  const known = state.tokens.get(token);
  const record: TokenRecord = known ?? {
    token,
    userId: newId('1220'),
    state: 'live',
    locale: given.locale ?? 'en',
    appId: given.appId ?? firstApp(state),
    expiresAt: null,
    dataAccessExpiresAt: null,
    scopes: new Set(),
    businesses: new Map(),
    objects: new Set(),
  };
  if (given.expiresAt !== undefined) record.expiresAt = given.expiresAt;
  if (given.dataAccessExpiresAt !== undefined) record.dataAccessExpiresAt = given.dataAccessExpiresAt;
  state.tokens.set(token, record);
  return record;
}

function otherPhones(before: KnownBusiness | undefined, given: readonly PhoneNumber[]): KnownPhone[] {
  const ids = new Set(given.map(({ id }) => id));
  return before?.phoneNumbers.filter(({ id }) => !ids.has(id)) ?? [];
}

function withDefaults(phone: PhoneNumber): KnownPhone {
  return {
    quality_rating: 'GREEN',
    status: 'CONNECTED',
    code_verification_status: 'VERIFIED',
    platform_type: 'CLOUD_API',
    is_on_biz_app: false,
    throughput: { level: 'STANDARD' },
    ...phone,
  };
}

/** The app that is meant where none is named. */
export function firstApp(state: GraphState): string {
  const [first] = state.apps.keys();
  if (first === undefined) throw new Error('The pretend Meta has no app.');
  return first;
}

function newId(prefix: string): string {
  return `${prefix}${String(randomInt(10 ** 14)).padStart(14, '0')}`;
}
