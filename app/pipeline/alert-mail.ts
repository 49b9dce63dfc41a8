import type { Alert, Shop } from '../../prisma/generated/client.ts';
import { alertTitle, connectionName } from '../domain/alert-words.ts';
import { readSettings } from '../domain/settings.ts';
import type { Mail } from '../platforms/mail.ts';
import { Prisma } from '../storage/database.ts';
import type { Job } from '../storage/jobs.ts';
import { isUuid } from '../storage/uuid.ts';
import { clearExpired } from './alerts.ts';
import type { Pipeline } from './context.ts';

/** Takes back what is over by itself, and mails what was raised since the last run. */
export function alertsJob(pipeline: Pipeline): Job {
  return {
    name: 'alerts',
    cron: '*/5 * * * *',
    run: async () => {
      await clearExpired(pipeline);
      await mailAlerts(pipeline);
    },
  };
}

/**
 * Sends what was raised and not mailed yet, one letter for each shop that wants them. Returns how many letters went.
 *
 * At most once: an alert counts as mailed before its letter leaves, for a second letter about the same thing every night
 * would teach people to look away, while the overview shows the alert in any case. Only where the mail server surely did
 * not take the letter is it tried again, by the next run.
 */
export async function mailAlerts(pipeline: Pipeline, shopId: number | null = null): Promise<number> {
  if (pipeline.mailer === null) return 0;
  const shops = await pipeline.db.shop.findMany({
    where: {
      ...(shopId !== null && { id: shopId }),
      uninstalledAt: null,
      alerts: { some: { mailedAt: null, clearedAt: null, dismissedAt: null } },
    },
    orderBy: { id: 'asc' },
  });
  let sent = 0;
  for (const shop of shops) sent += (await mailShop(pipeline, shop)) ? 1 : 0;
  return sent;
}

async function mailShop(pipeline: Pipeline, shop: Shop): Promise<boolean> {
  const { mailer, db, log } = pipeline;
  const { alertEmail } = readSettings(shop.settings);
  if (mailer === null || alertEmail === '') return false;
  const alerts = await claim(pipeline, shop.id);
  if (alerts.length === 0) return false;
  const result = await mailer.send(await letter(pipeline, shop, { to: alertEmail, alerts }));
  if (result.kind === 'sent') return true;
  log.warn(
    { shop: shop.domain, outcome: result.kind, problem: result.problem },
    'alerts could not be mailed',
  );
  if (result.kind === 'refused') {
    const ids = alerts.map(({ id }) => id);
    await db.alert.updateMany({ where: { shopId: shop.id, id: { in: ids } }, data: { mailedAt: null } });
  }
  return false;
}

/** No two runs get the same alert. */
function claim({ db, clock }: Pipeline, shopId: number): Promise<Alert[]> {
  return db.$queryRaw<Alert[]>(Prisma.sql`
    WITH claimed AS (
      UPDATE alerts SET mailed_at = ${clock()}
      WHERE shop_id = ${shopId} AND mailed_at IS NULL AND cleared_at IS NULL AND dismissed_at IS NULL
      RETURNING *)
    SELECT shop_id AS "shopId", id::text, subject, name, detail, fix, raised_at AS "raisedAt",
      cleared_at AS "clearedAt", dismissed_at AS "dismissedAt", mailed_at AS "mailedAt", expires_at AS "expiresAt"
    FROM claimed ORDER BY raised_at, id`);
}

async function letter(
  { db, shopifyApiKey }: Pipeline,
  shop: Shop,
  { to, alerts }: { to: string; alerts: readonly Alert[] },
): Promise<Mail> {
  const connections = await db.connection.findMany({
    where: { shopId: shop.id, id: { in: alerts.map(({ subject }) => subject).filter(isUuid) } },
    select: { id: true, displayNumber: true, datasetId: true },
  });
  const names = new Map(connections.map((row) => [row.id, connectionName(row)]));
  const name = shop.name ?? shop.domain;
  const items = alerts.map((alert) => {
    const title = `${names.get(alert.subject) ?? 'Your store'}: ${alertTitle(alert.name)}`;
    return [title, alert.detail, ...(alert.fix === null ? [] : [`What to do: ${alert.fix}`])].join('\n');
  });
  const [first] = alerts;
  const more = alerts.length > 1 ? ` and ${alerts.length - 1} more` : '';
  return {
    to,
    subject: `${name}: ${first?.detail ?? ''}${more}`,
    text: [
      `Tieback found something in ${name} (${shop.domain}) that needs a look.`,
      ...items,
      `All checks are in Tieback under Health: ${healthAddress(shop, shopifyApiKey)}`,
      'This address stands in Tieback’s settings, under Alerts.',
      '',
    ].join('\n\n'),
  };
}

/** The health page inside the Shopify admin, which finds an app by its API key; its list of apps where that is not known. */
function healthAddress({ domain }: Shop, apiKey: string | null): string {
  const apps = `https://admin.shopify.com/store/${domain.replace(/\.myshopify\.com$/, '')}/apps`;
  // As Shopify's own libraries build it: `getEmbeddedAppUrl` of @shopify/shopify-api, and the app's path after it.
  return apiKey === null ? apps : `${apps}/${apiKey}/app/health`;
}
