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
  /** Null when the shop tells nothing of leads. */
  leads: ShopFacts | null;
};
type Row = Omit<ConnectedNumber, 'leads'> & { domain: string; country: string | null; settings: unknown };

/** The connected numbers of each update: the one that it names, else all of its WhatsApp account. */
export async function connectedNumbers(
  tx: Transaction,
  updates: readonly ReadUpdate[],
): Promise<(update: ReadUpdate) => ConnectedNumber[]> {
  const asked = updates.map(addressOf);
  const ids = [...new Set(asked.flatMap(({ phoneNumberId }) => phoneNumberId ?? []))];
  const wabaIds = [...new Set(asked.flatMap(({ wabaId }) => wabaId ?? []))];
  if (ids.length === 0 && wabaIds.length === 0) return () => [];
  const ofAccounts = wabaIds.length === 0 ? Prisma.empty : Prisma.sql`OR c.waba_id = ANY(${wabaIds})`;
  // Settings are read for the shops alone that may want them: most tell nothing of leads.
  const rows = await tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.id AS "connectionId", c.phone_number_id AS "phoneNumberId", c.waba_id AS "wabaId",
      c.state::text AS state, c.state_since AS "stateSince", c.last_webhook_at AS "lastWebhookAt",
      c.app_secret IS NOT NULL AS "ownApp", s.domain, s.country,
      CASE WHEN jsonb_exists_any(s.settings, ${LEAD_SWITCHES}) THEN s.settings END AS settings
    FROM connections c JOIN shops s ON s.id = c.shop_id AND s.uninstalled_at IS NULL
    WHERE c.kind = 'whatsapp' AND (c.phone_number_id = ANY(${ids}) ${ofAccounts}) AND c.state <> 'disconnected'`);
  const shops = new Map<ShopId, ShopFacts | null>();
  const numbers = rows.map(({ domain, country, settings, ...row }): ConnectedNumber => {
    const leads = shops.get(row.shopId) ?? leadShop({ id: row.shopId, domain, country }, settings);
    shops.set(row.shopId, leads);
    return { ...row, leads };
  });
  const byNumber = Map.groupBy(numbers, (row) => row.phoneNumberId);
  const byAccount = Map.groupBy(numbers, (row) => row.wabaId);
  return (update) => {
    const { phoneNumberId, wabaId } = addressOf(update);
    if (phoneNumberId !== null) return byNumber.get(phoneNumberId) ?? [];
    return wabaId === null ? [] : (byAccount.get(wabaId) ?? []);
  };
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
