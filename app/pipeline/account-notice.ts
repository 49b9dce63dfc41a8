import { LOST_ALERT, QUALITY_ALERT } from '../domain/account-notice.ts';
import type { AccountAlert, AccountNotice, QualityNotice } from '../domain/account-notice.ts';
import type { ConnectionId, ShopId } from '../domain/ids.ts';
import { phoneFromDisplay, whatsappForms } from '../domain/phone.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import { clearAlert, raiseAlert } from './alerts.ts';
import type { ConnectedNumber } from './connected-numbers.ts';
import type { Pipeline } from './context.ts';

type Work = Pick<Pipeline, 'clock' | 'metaApp'>;
type Target = { shopId: ShopId; connectionId: ConnectionId };
/** A connection, and the time of what is told of it. */
export type ToldTarget = Target & { at: Date };

/** A word of Meta about a WhatsApp account, with the connected numbers that it reaches. */
export type ToldAccount = {
  numbers: readonly ConnectedNumber[];
  at: Date;
  /** It came by the shared app's webhook. */
  shared: boolean;
  notice: AccountNotice;
};
export type ToldQuality = { numbers: readonly ConnectedNumber[]; notice: QualityNotice };

/**
 * Lets the state of connections follow what Meta says of their account. A word from before a connection was made, or made
 * again, is not about it: Meta repeats its webhooks for days. The shops' contacts must be held.
 */
export async function applyAccountNotice(
  pipeline: Work,
  tx: Transaction,
  { numbers, at, shared, notice }: ToldAccount,
): Promise<void> {
  const { concerns, appId, change } = notice;
  const ours = pipeline.metaApp.appId;
  const isOthers = shared && concerns === 'app' && appId !== null && ours !== null && appId !== ours;
  if (isOthers) return;
  const isMeant = (number: ConnectedNumber): boolean =>
    concerns === 'account' || !shared || isOfApp(number, ours);
  for (const number of numbers.filter(isMeant)) {
    switch (change.kind) {
      case 'lost':
        await lose(pipeline, tx, { ...number, at }, change);
        break;
      case 'paused':
        await pause(pipeline, tx, { ...number, at }, change);
        break;
      case 'restored':
        await restore(pipeline, tx, { ...number, at }, change);
        break;
      case 'alert':
        await raiseAnew(pipeline, tx, number, change.alert);
        break;
    }
  }
}

/** What happens to the shared app's bond with an account ends the tokens that it gave out, and no other app's. */
function isOfApp({ ownApp, signedUp, tokenAppId }: ConnectedNumber, appId: string | null): boolean {
  return !ownApp && (signedUp || (appId !== null && tokenAppId === appId));
}

/** Keeps Meta's word on a number's quality, and raises or clears its alert. */
export async function applyQualityNotice(
  pipeline: Work,
  tx: Transaction,
  { numbers, notice }: ToldQuality,
): Promise<void> {
  const told = phoneFromDisplay(notice.displayNumber);
  const forms = told === null ? [] : whatsappForms(told).map(({ digits }) => digits as string);
  const { quality, alert } = notice;
  if (numbers.length === 0 || forms.length === 0) return;
  const meant = await tx.$queryRaw<Target[]>(Prisma.sql`
    UPDATE connections c SET quality = ${quality}
    WHERE c.id = ANY(${numbers.map(({ connectionId }) => connectionId)}::uuid[]) AND ${isShown(forms)}
    RETURNING c.shop_id AS "shopId", c.id AS "connectionId"`);
  for (const target of meant) {
    if (alert === 'over')
      await clearAlert(tx, pipeline.clock, {
        shopId: target.shopId,
        subject: target.connectionId,
        name: QUALITY_ALERT,
      });
    else if (alert !== null) await raiseAnew(pipeline, tx, target, alert);
  }
}

const isShown = (digits: readonly string[]): Prisma.Sql =>
  Prisma.sql`c.number_digits = ANY(${digits}::text[])`;

/** A message that came to a number of ours under another id; `account`: by whose webhook, as in `connectedNumbers`. */
export type MovedNumber = { to: string; account: string; at: Date };

/** The connections whose number these messages came to under an id that nobody has connected. */
export async function movedNumbers(tx: Transaction, moved: readonly MovedNumber[]): Promise<ToldTarget[]> {
  const told = moved.flatMap(({ to, account, at }) => {
    const digits = phoneFromDisplay(to);
    return digits === null ? [] : whatsappForms(digits).map((form) => ({ digits: form.digits, account, at }));
  });
  if (told.length === 0) return [];
  return tx.$queryRaw<ToldTarget[]>(Prisma.sql`
    SELECT c.shop_id AS "shopId", c.id AS "connectionId", max(m.at) AS at
    FROM unnest(${told.map(({ digits }) => digits as string)}::text[], ${told.map(({ account }) => account || null)}::uuid[],
      ${told.map(({ at }) => at)}::timestamptz[]) AS m(digits, account, at)
    JOIN connections c ON c.number_digits = m.digits
    JOIN shops s ON s.id = c.shop_id AND s.uninstalled_at IS NULL
    WHERE c.state IN ('active', 'paused') AND (m.account IS NULL OR m.account = c.id
      OR (c.app_secret IS NOT NULL AND EXISTS (SELECT FROM connections a
        WHERE a.id = m.account AND a.shop_id = c.shop_id AND a.app_secret IS NOT NULL)))
    GROUP BY 1, 2`);
}

/** Marks numbers that moved: Meta takes no event of theirs for the former account. */
export async function loseMoved(
  pipeline: Work,
  tx: Transaction,
  targets: readonly ToldTarget[],
): Promise<void> {
  const byTime = targets.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const distinct = new Map(byTime.map((target) => [target.connectionId, target]));
  for (const target of distinct.values()) {
    await lose(pipeline, tx, target, {
      reason: 'number_moved',
      alert: {
        name: LOST_ALERT,
        detail: 'The number belongs to another WhatsApp account by now. No event can be sent through it.',
        fix: 'Connect the number again in the settings, with the account that it belongs to now.',
      },
    });
  }
}

async function lose(
  pipeline: Work,
  tx: Transaction,
  target: ToldTarget,
  { reason, alert }: { reason: string; alert: AccountAlert },
): Promise<void> {
  const { count } = await tx.connection.updateMany({
    where: { ...asItWas(target), state: { in: ['active', 'paused'] } },
    data: { state: 'lost', stateReason: reason, stateSince: sinceOf(pipeline, target), probeAt: null },
  });
  if (count > 0) await raise(pipeline, tx, target, alert);
}

async function pause(
  pipeline: Work,
  tx: Transaction,
  target: ToldTarget,
  { reason, alert }: { reason: string; alert: AccountAlert },
): Promise<void> {
  const stateSince = sinceOf(pipeline, target);
  const { count } = await tx.connection.updateMany({
    where: { ...asItWas(target), state: { in: ['active', 'paused'] } },
    data: { state: 'paused', stateReason: reason, stateSince, probes: 0, probeAt: null },
  });
  if (count > 0) await raise(pipeline, tx, target, alert);
}

async function restore(
  pipeline: Work,
  tx: Transaction,
  target: ToldTarget,
  { reason, over }: { reason: string; over: readonly string[] },
): Promise<void> {
  const works = { state: 'active', stateReason: null, stateSince: sinceOf(pipeline, target) } as const;
  const { count } = await tx.connection.updateMany({
    where: { ...asItWas(target), state: { in: ['paused', 'lost'] }, stateReason: reason },
    data: { ...works, failures: 0, holdUntil: null, probes: 0, probeAt: null },
  });
  const { shopId, connectionId } = target;
  for (const name of over) {
    // One that is lost for something else stays so.
    if (name === LOST_ALERT && count === 0) continue;
    await clearAlert(tx, pipeline.clock, { shopId, subject: connectionId, name });
  }
}

/** The connection, if it was in its state already when that was told; Meta tells whole seconds. */
function asItWas({ shopId, connectionId, at }: ToldTarget) {
  return { shopId, id: connectionId, stateSince: { lt: new Date(at.getTime() + 1000) } };
}

// The time of what was told, so that what is told next is known to be later, however late both come.
function sinceOf({ clock }: Work, { at }: ToldTarget): Date {
  const now = clock();
  return at < now ? at : now;
}

/** Something that Meta says is told each time it says it, whatever became of the time before; the latest word stands. */
async function raiseAnew(
  pipeline: Work,
  tx: Transaction,
  target: Target,
  alert: AccountAlert,
): Promise<void> {
  const { shopId, connectionId: subject } = target;
  await clearAlert(tx, pipeline.clock, { shopId, subject, name: alert.name });
  if (alert.until && alert.until <= pipeline.clock()) return;
  await raise(pipeline, tx, target, alert);
}

async function raise(pipeline: Work, tx: Transaction, target: Target, alert: AccountAlert): Promise<void> {
  await raiseAlert(tx, pipeline.clock, { shopId: target.shopId, subject: target.connectionId, ...alert });
}
