import { isEventName } from '../../domain/event-name.ts';
import { explainEventName } from '../../domain/explain-event-name.ts';
import { readSettings, type Settings } from '../../domain/settings.ts';
import type { ShopId } from '../../domain/ids.ts';
import { sharedWith, waitingEvents, webhookPath, type ConnectNote } from '../../pipeline/connection.ts';
import type { Services } from '../../services.ts';
import { shopClock, type ShopClock } from '../format.ts';
import { pausedWords } from '../paused-number.ts';
import { loadReportingFacts, type ReportingFacts } from './reporting-facts.ts';

/** What numbers and pixels have in common. Secrets stay in the database. */
type Wired = {
  id: string;
  datasetId: string;
  connectedSince: string;
  /** Why nothing is sent: paused until it works again, or lost until somebody connects it again. */
  stopped: { kind: 'paused' | 'lost'; since: string; sentence: string; fix: string | null } | null;
  /** Null: it does not expire, or Meta did not say. */
  tokenEnds: { at: string; soon: boolean } | null;
  /** Events whose names Meta refused here. */
  parked: { name: string; label: string }[];
  /** Events that have not been sent yet. */
  waiting: number;
};
type Ids = { displayNumber: string; wabaId: string; phoneNumberId: string };
type Method = 'embedded_signup' | 'own_app' | 'token';

export type ConnectedNumber = Wired &
  Ids & {
    method: Method;
    webhookAddress: string;
    quality: string | null;
    coexistence: boolean;
    lastWebhook: string | null;
    notes: ConnectNote[];
  };
export type ConnectedPixel = Wired;
export type DisconnectedNumber = Ids & {
  id: string;
  datasetId: string;
  method: Method;
  since: string;
  waiting: number;
};
/** What the browser needs for Embedded Signup; none of it is secret. */
export type SignUpSettings = { appId: string; configId: string; sdkUrl: string; version: string };

export type SettingsDetail = {
  settings: Settings;
  reporting: ReportingFacts;
  numbers: ConnectedNumber[];
  disconnected: DisconnectedNumber[];
  pixel: ConnectedPixel | null;
  /** Null where the shared Meta app is not set up for it. */
  signUp: SignUpSettings | null;
  zoneName: string;
};
type Shop = { id: number; timezone: string | null; settings: unknown };

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_DAYS = 14;

/** A shop's connections and its settings. */
export async function loadSettings(services: Services, shop: Shop): Promise<SettingsDetail> {
  const clock = shopClock(shop.timezone);
  const [rows, reporting] = await Promise.all([
    loadConnections(services, shop.id),
    loadReportingFacts(services, shop.id),
  ]);
  const connected = rows.filter(({ state }) => state !== 'disconnected');
  const numbers = connected.filter(({ kind }) => kind === 'whatsapp');
  const shared = await sharedWith(services, shop.id as ShopId, numbers.map(idsOf));
  const pixel = connected.find(({ kind }) => kind === 'pixel');
  return {
    settings: readSettings(shop.settings),
    reporting,
    zoneName: clock.zoneName,
    numbers: numbers.map((row, index) => ({
      ...wiredOf(services, row, clock),
      ...numberOf(services, row, clock),
      notes: [...(isForeign(services, row) ? ['foreign_app' as const] : []), ...(shared[index] ?? [])],
    })),
    disconnected: rows
      .filter(({ kind, state }) => kind === 'whatsapp' && state === 'disconnected')
      .map((row) => ({
        ...idsOf(row),
        id: row.id,
        datasetId: row.datasetId,
        method: row.method,
        since: clock.time(row.stateSince),
        waiting: row.waiting,
      })),
    pixel: pixel === undefined ? null : wiredOf(services, pixel, clock),
    signUp: signUpOf(services),
  };
}

type Row = Awaited<ReturnType<typeof loadConnections>>[number];

async function loadConnections({ db }: Pick<Services, 'db'>, shopId: number) {
  const rows = await db.connection.findMany({
    where: { shopId },
    omit: { token: true, verifyToken: true },
    orderBy: { createdAt: 'asc' },
  });
  const counts = await waitingEvents(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map(({ appSecret, ...row }) => ({
    ...row,
    ownApp: appSecret !== null,
    waiting: counts.get(row.id) ?? 0,
  }));
}

// The columns of a number are there by a CHECK of the table.
function idsOf({ displayNumber, wabaId, phoneNumberId }: Row): Ids {
  return { displayNumber: displayNumber ?? '', wabaId: wabaId ?? '', phoneNumberId: phoneNumberId ?? '' };
}

/** The token is of an app whose webhooks do not come here. */
function isForeign({ metaApp: { appId } }: Services, { ownApp, tokenAppId }: Row): boolean {
  return !ownApp && appId !== null && tokenAppId !== null && tokenAppId !== appId;
}

function wiredOf({ clock: now }: Services, row: Row, clock: ShopClock): Wired {
  const { id, datasetId, state, tokenExpiresAt: ends } = row;
  return {
    id,
    datasetId,
    connectedSince: clock.time(row.createdAt),
    stopped:
      state === 'paused' || state === 'lost'
        ? { kind: state, since: clock.time(row.stateSince), ...pausedWords(row.stateReason) }
        : null,
    tokenEnds: ends && {
      at: clock.time(ends),
      soon: ends.getTime() - now().getTime() < SOON_DAYS * DAY_MS,
    },
    parked: row.parkedEvents.map((name) => ({
      name,
      label: isEventName(name) ? explainEventName(name).label : name,
    })),
    waiting: row.waiting,
  };
}

function numberOf(
  services: Services,
  row: Row,
  clock: ShopClock,
): Omit<ConnectedNumber, keyof Wired | 'notes'> {
  const { id, method, quality, coexistence, ownApp } = row;
  const path = webhookPath({ id, ownApp });
  return {
    ...idsOf(row),
    method,
    webhookAddress: webhookAddress(services, path),
    quality: quality === null ? null : (QUALITY.get(quality.toUpperCase()) ?? quality),
    coexistence,
    lastWebhook: row.lastWebhookAt && clock.time(row.lastWebhookAt),
  };
}

const QUALITY: ReadonlyMap<string, string> = new Map([
  ['GREEN', 'High'],
  ['YELLOW', 'Medium'],
  ['RED', 'Low'],
  ['UNKNOWN', 'Not rated yet'],
]);

function signUpOf({ metaApp, environment }: Services): SignUpSettings | null {
  const { appId, appSecret, signupConfigId: configId, graphVersion: version } = metaApp;
  if (appId === null || appSecret === null || configId === null) return null;
  return { appId, configId, version, sdkUrl: environment.meta.sdkUrl };
}

/** The whole address of a webhook path, as Meta must be given it. */
export function webhookAddress({ environment }: Services, path: string): string {
  return `${environment.shopify.appUrl}${path}`;
}
