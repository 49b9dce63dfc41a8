import type { Alert } from '../../prisma/generated/client.ts';
import { Prisma, type Database, type Transaction } from '../storage/database.ts';
import { isUuid, uuidv7 } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';

/** What an alert is about: `subject` is a connection's id, or "shop". */
export type AlertKey = { shopId: number; subject: string; name: string };

/** Tells people of something, on the overview and by mail. Nothing happens while it stands told, dismissed or not. */
export async function raiseAlert(
  tx: Transaction,
  clock: () => Date,
  alert: AlertKey & { detail: string; fix: string | null; /** Over by itself then. */ until?: Date | null },
): Promise<void> {
  const now = clock();
  const { shopId, subject, name, detail, fix, until = null } = alert;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO alerts (shop_id, id, subject, name, detail, fix, raised_at, expires_at)
    VALUES (${shopId}, ${uuidv7(now)}::uuid, ${subject}, ${name}, ${detail}, ${fix}, ${now}, ${until})
    ON CONFLICT (shop_id, subject, name) WHERE cleared_at IS NULL DO NOTHING`);
}

/** Takes an alert back: it is right again. */
export async function clearAlert(
  tx: Transaction,
  clock: () => Date,
  { shopId, subject, name }: AlertKey,
): Promise<void> {
  await tx.alert.updateMany({
    where: { shopId, subject, name, clearedAt: null },
    data: { clearedAt: clock() },
  });
}

/** Takes all alerts of a connection back, as when it was connected anew: what is still wrong is told again. */
export async function clearAlertsOf(
  tx: Transaction,
  clock: () => Date,
  { shopId, subject }: Omit<AlertKey, 'name'>,
): Promise<void> {
  await tx.alert.updateMany({ where: { shopId, subject, clearedAt: null }, data: { clearedAt: clock() } });
}

/** Takes back what was true until a time that is over. */
export async function clearExpired({ db, clock }: Pick<Pipeline, 'db' | 'clock'>): Promise<void> {
  const now = clock();
  await db.alert.updateMany({
    where: { clearedAt: null, expiresAt: { lte: now } },
    data: { clearedAt: now },
  });
}

/** Puts an alert away for good; it comes back only when it was right in between. */
export async function dismissAlert(
  { db, clock }: Pick<Pipeline, 'db' | 'clock'>,
  shopId: number,
  id: string,
): Promise<{ kind: 'dismissed' } | { kind: 'not_found' }> {
  if (!isUuid(id)) return { kind: 'not_found' };
  const { count } = await db.alert.updateMany({
    where: { shopId, id, dismissedAt: null },
    data: { dismissedAt: clock() },
  });
  return count > 0 ? { kind: 'dismissed' } : { kind: 'not_found' };
}

/** Everything that stands told, whether somebody put it away or not. */
export function openAlertKeys(tx: Transaction, shopId: number): Promise<AlertKey[]> {
  return tx.alert.findMany({
    where: { shopId, clearedAt: null },
    select: { shopId: true, subject: true, name: true },
  });
}

/** What people should know of now, the newest first. */
export function openAlerts(db: Database | Transaction, shopId: number): Promise<Alert[]> {
  return db.alert.findMany({
    where: { shopId, clearedAt: null, dismissedAt: null },
    orderBy: [{ raisedAt: 'desc' }, { id: 'desc' }],
  });
}
