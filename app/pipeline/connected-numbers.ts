import { namesAnother } from '../domain/account-notice.ts';
import type { ConnectionId, ShopId } from '../domain/ids.ts';
import type { ConnectionState } from '../domain/report.ts';
import { readSettings, type Settings } from '../domain/settings.ts';
import type { ReadUpdate } from '../domain/whatsapp-update.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { ShopFacts } from './shop.ts';

/** A number that a shop has connected, as an update finds it. */
export type ConnectedNumber = {
  shopId: ShopId;
  connectionId: ConnectionId;
  phoneNumberId: string;
  wabaId: string;
  state: Exclude<ConnectionState, 'disconnected'>;
  stateSince: Date;
  lastWebhookAt: Date | null;
  /** The merchant's own Meta app signs its webhooks. */
  ownApp: boolean;
  signedUp: boolean;
  /** The Meta app that its token is of, as far as Meta said. */
  tokenAppId: string | null;
  /** Null when the shop tells nothing of leads. */
  leads: ShopFacts | null;
};
type Row = Omit<ConnectedNumber, 'leads'> & {
  domain: string;
  country: string | null;
  settings: unknown;
  isOff: boolean;
};
/** An update, and by whose webhook it came: a connection's id, or empty for the shared Meta app. */
type Arrived = { account: string; update: ReadUpdate };
export type Reached = {
  numbers: ConnectedNumber[];
  /** Under another account than its own the number of a connection says nothing of it but that it moved. */
  strayed: ConnectedNumber[];
  /** A number that it would reach is known, but taken off, or its shop has uninstalled the app. */
  isOff: boolean;
};

const NOBODY: Reached = { numbers: [], strayed: [], isOff: false };

/**
 * The connected numbers that each update reaches: the one that it names, else all of its WhatsApp account. A merchant's
 * own app has one webhook address for all its numbers, so what comes to one connection's reaches all such of its shop.
 * An update that names another account reaches nobody: the id of a number may have been taken on trust.
 */
export async function connectedNumbers(
  tx: Transaction,
  arrived: readonly Arrived[],
): Promise<(one: Arrived) => Reached> {
  const asked = arrived.map(({ update }) => addressOf(update));
  const ids = [...new Set(asked.flatMap(({ phoneNumberId }) => phoneNumberId ?? []))];
  const wabaIds = [...new Set(asked.flatMap(({ wabaId }) => wabaId ?? []))];
  if (ids.length === 0 && wabaIds.length === 0) return () => NOBODY;
  const ofAccounts = wabaIds.length === 0 ? Prisma.empty : Prisma.sql`OR c.waba_id = ANY(${wabaIds})`;
  // Settings are read for the shops alone that may want them: most tell nothing of leads.
  const rows = await tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.id AS "connectionId", c.phone_number_id AS "phoneNumberId", c.waba_id AS "wabaId",
      c.state::text AS state, c.state_since AS "stateSince", c.last_webhook_at AS "lastWebhookAt",
      c.app_secret IS NOT NULL AS "ownApp", c.method = 'embedded_signup' AS "signedUp", c.token_app_id AS "tokenAppId",
      c.state = 'disconnected' OR s.uninstalled_at IS NOT NULL AS "isOff", s.domain, s.country,
      CASE WHEN jsonb_exists_any(s.settings, ${LEAD_SWITCHES}) THEN s.settings END AS settings
    FROM connections c JOIN shops s ON s.id = c.shop_id
    WHERE c.kind = 'whatsapp' AND (c.phone_number_id = ANY(${ids}) ${ofAccounts})`);
  const ownApps = await shopsOfOwnApps(tx, arrived);
  const shops = new Map<ShopId, ShopFacts | null>();
  const numbers = rows.map(({ domain, country, settings, isOff, ...row }) => {
    const leads = shops.get(row.shopId) ?? leadShop({ id: row.shopId, domain, country }, settings);
    shops.set(row.shopId, leads);
    return { isOff, number: { ...row, leads } satisfies ConnectedNumber };
  });
  const byNumber = Map.groupBy(numbers, ({ number }) => number.phoneNumberId);
  const byAccount = Map.groupBy(numbers, ({ number }) => number.wabaId);
  return ({ account, update }) => {
    const { phoneNumberId, wabaId } = addressOf(update);
    const named = phoneNumberId === null ? byAccount.get(wabaId ?? '') : byNumber.get(phoneNumberId);
    const found = (named ?? []).filter(
      ({ number }) =>
        account === '' ||
        account === number.connectionId ||
        (number.ownApp && ownApps.get(account) === number.shopId),
    );
    const strays = (number: ConnectedNumber) => namesAnother(accountOf(update), number.wabaId);
    const on = found.flatMap(({ isOff, number }) => (isOff ? [] : [number]));
    return {
      numbers: on.filter((number) => !strays(number)),
      strayed: on.filter(strays),
      isOff: found.some(({ isOff, number }) => isOff && !strays(number)),
    };
  };
}

/** The shops of those connections by whose webhooks something came that have an app of their own. */
async function shopsOfOwnApps(
  tx: Transaction,
  arrived: readonly Arrived[],
): Promise<ReadonlyMap<string, ShopId>> {
  const ids = [...new Set(arrived.map(({ account }) => account))].filter((account) => account !== '');
  if (ids.length === 0) return new Map();
  const rows = await tx.connection.findMany({
    where: { id: { in: ids }, appSecret: { not: null } },
    select: { id: true, shopId: true },
  });
  return new Map(rows.map(({ id, shopId }) => [id, shopId as ShopId]));
}

function accountOf(update: ReadUpdate): string | null {
  return 'wabaId' in update ? update.wabaId : null;
}

const LEAD_SWITCHES = ['reportLeadSubmitted', 'reportQualifiedLead'] satisfies (keyof Settings)[];

function leadShop(shop: Omit<ShopFacts, 'settings'>, stored: unknown): ShopFacts | null {
  if (stored === null) return null;
  const settings = readSettings(stored);
  return LEAD_SWITCHES.some((name) => settings[name]) ? { ...shop, settings } : null;
}

type Address = { phoneNumberId: string | null; wabaId: string | null };

function addressOf(update: ReadUpdate): Address {
  switch (update.kind) {
    case 'message':
    case 'status':
    case 'echo':
    case 'automatic':
      return { phoneNumberId: update.phoneNumberId, wabaId: null };
    case 'identity':
      return {
        phoneNumberId: update.phoneNumberId,
        wabaId: update.phoneNumberId === null ? update.wabaId : null,
      };
    case 'account':
    case 'quality':
      return { phoneNumberId: null, wabaId: update.wabaId };
    case 'other':
    case 'unknown':
      return { phoneNumberId: null, wabaId: null };
  }
}

/** Locks these connections, all in one order, before a transaction changes several of them. */
export async function lockConnections(tx: Transaction, ids: readonly ConnectionId[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.$queryRaw(
    Prisma.sql`SELECT 1 FROM connections WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`,
  );
}

// How exactly it is known when a number was heard of last.
const HEARD_OF_MS = 60 * 60_000;

/** Notes when these numbers were heard of; at most once an hour for each, so that no row is written for every message. */
export async function noteWebhooks(
  tx: Transaction,
  heard: readonly { number: ConnectedNumber; at: Date }[],
): Promise<void> {
  const latest = new Map<ConnectionId, { shopId: ShopId; at: Date }>();
  for (const { number, at } of heard) {
    const { connectionId, shopId, lastWebhookAt } = number;
    if (lastWebhookAt !== null && at.getTime() - lastWebhookAt.getTime() < HEARD_OF_MS) continue;
    const known = latest.get(connectionId);
    if (known === undefined || known.at < at) latest.set(connectionId, { shopId, at });
  }
  if (latest.size === 0) return;
  const rows = [...latest];
  // Who holds the row writes the same, or a word of Meta that counts more: nobody waits for it.
  await tx.$executeRaw(Prisma.sql`
    WITH free AS (
      SELECT c.shop_id, c.id, n.at
      FROM unnest(${rows.map(([, { shopId }]) => shopId)}::int[], ${rows.map(([id]) => id)}::uuid[],
        ${rows.map(([, { at }]) => at)}::timestamptz[]) AS n(shop_id, id, at)
      JOIN connections c ON c.shop_id = n.shop_id AND c.id = n.id
      FOR NO KEY UPDATE OF c SKIP LOCKED
    )
    UPDATE connections c SET last_webhook_at = GREATEST(c.last_webhook_at, f.at)
    FROM free f WHERE c.shop_id = f.shop_id AND c.id = f.id`);
}
