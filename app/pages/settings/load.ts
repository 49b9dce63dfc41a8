import { readSettings } from '../../domain/settings.ts';
import type { Settings } from '../../domain/settings.ts';
import { webhookPath } from '../../pipeline/connection.ts';
import type { Services } from '../../services.ts';
import { shopClock } from '../format.ts';
import { pausedWords } from '../paused-number.ts';

export type ConnectedNumber = {
  id: string;
  displayNumber: string;
  wabaId: string;
  phoneNumberId: string;
  datasetId: string;
  connectedSince: string;
  webhookAddress: string;
  /** Whether the merchant's own Meta app, not the shared one, receives its webhooks. */
  ownApp: boolean;
  paused: { since: string; sentence: string; fix: string | null } | null;
};
export type SettingsDetail = { settings: Settings; numbers: ConnectedNumber[]; zoneName: string };
type Shop = { id: number; timezone: string | null; settings: unknown };

/** A shop's connected numbers and its settings. Secrets stay in the database. */
export async function loadSettings(services: Services, shop: Shop): Promise<SettingsDetail> {
  const clock = shopClock(shop.timezone);
  const rows = await services.db.whatsAppConnection.findMany({
    where: { shopId: shop.id, state: { not: 'disconnected' } },
    omit: { token: true, verifyToken: true },
    orderBy: { createdAt: 'asc' },
  });
  return {
    settings: readSettings(shop.settings),
    zoneName: clock.zoneName,
    numbers: rows.map((row) => ({
      id: row.id,
      displayNumber: row.displayNumber,
      wabaId: row.wabaId,
      phoneNumberId: row.phoneNumberId,
      datasetId: row.datasetId,
      connectedSince: clock.time(row.createdAt),
      webhookAddress: webhookAddress(services, webhookPath(row)),
      ownApp: row.appSecret !== null,
      paused:
        row.state === 'paused'
          ? { since: clock.time(row.stateSince), ...pausedWords(row.stateReason) }
          : null,
    })),
  };
}

/** The whole address of a webhook path, as Meta must be given it. */
export function webhookAddress({ environment }: Services, path: string): string {
  return `${environment.shopify.appUrl}${path}`;
}
