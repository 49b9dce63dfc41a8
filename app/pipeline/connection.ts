import { randomBytes } from 'node:crypto';
import type { Connection } from '../../prisma/generated/client.ts';
import type { ConnectionId, ShopId } from '../domain/ids.ts';
import type { EventReason } from '../domain/reason.ts';
import { unsubscribeApp } from '../platforms/meta/assets.ts';
import type { Transaction } from '../storage/database.ts';
import { isUuid, uuidv7 } from '../storage/uuid.ts';
import { clearAlertsOf } from './alerts.ts';
import type { ConnectionForm } from './connect-form.ts';
import type { Pipeline } from './context.ts';
import { connectionSecret } from './sealed.ts';

/** What the merchant should know of a number beside that it is connected. */
export type ConnectNote =
  /** Another shop uses the same WhatsApp account, with another number. */
  | 'account_shared'
  /** Another shop uses the same number. */
  | 'number_shared'
  /** The token may not look at the number, so its id is taken on trust. */
  | 'number_unproven'
  | 'secret_unproven'
  /** The token is of an app whose webhooks do not come here. */
  | 'foreign_app';

export type Connected = {
  kind: 'connected';
  connectionId: ConnectionId;
  displayNumber: string;
  datasetId: string;
  dataset: 'found_or_created' | 'given';
  /** Whether Meta confirmed that it sends this account's webhooks to the token's app. */
  subscribed: boolean;
  webhookPath: string;
  /** What Meta must be given when it verifies the connection's own webhook address; null on the shared app. */
  verifyToken: string | null;
  notes: readonly ConnectNote[];
};

export type GivenConnection = Pick<ConnectionForm, 'wabaId' | 'phoneNumberId' | 'token' | 'appSecret'> &
  Pick<Connected, 'displayNumber' | 'datasetId' | 'dataset' | 'subscribed'> & {
    signedUp?: boolean;
    tokenExpiresAt?: Date | null;
    /** The Meta app that the token is of; null where Meta does not say. */
    tokenAppId?: string | null;
    coexistence?: boolean;
    quality?: string | null;
    /** Why nothing can be sent through it yet; its chats are captured all the same. */
    paused?: EventReason | null;
    notes?: readonly ConnectNote[];
  };

/**
 * Stores a connection as given, without asking Meta. The same number connected again keeps its id, its clicks and its
 * waiting events, and becomes active.
 */
export async function saveConnection(
  pipeline: Pipeline,
  shop: ShopId,
  given: GivenConnection,
): Promise<Connected> {
  const { wabaId, phoneNumberId, displayNumber, datasetId, appSecret, quality = null } = given;
  const where = { shopId_phoneNumberId: { shopId: shop, phoneNumberId } };
  const verifyToken = appSecret === null ? null : randomBytes(24).toString('base64url');
  const own = appSecret === null ? ('token' as const) : ('own_app' as const);
  const id = await pipeline.db.$transaction(async (tx) => {
    await lockShop(tx, shop);
    const existing = await tx.connection.findUnique({ where });
    const id = (existing?.id ?? uuidv7(pipeline.clock())) as ConnectionId;
    const seal = sealer(pipeline, shop, id);
    const data = {
      method: given.signedUp === true ? ('embedded_signup' as const) : own,
      wabaId,
      displayNumber,
      numberDigits: displayNumber.replaceAll(/\D/g, ''),
      datasetId,
      token: seal('token', given.token),
      tokenExpiresAt: given.tokenExpiresAt ?? null,
      tokenAppId: given.tokenAppId ?? null,
      appSecret: appSecret === null ? null : seal('app_secret', appSecret),
      verifyToken: verifyToken === null ? null : seal('verify_token', verifyToken),
      coexistence: given.coexistence ?? false,
      ...(quality !== null && { quality }),
      ...workingAgain(pipeline),
      ...(given.paused && { state: 'paused' as const, stateReason: given.paused }),
    };
    await tx.connection.upsert({ where, create: { shopId: shop, id, phoneNumberId, ...data }, update: data });
    await clearAlertsOf(tx, pipeline.clock, { shopId: shop, subject: id });
    return id;
  });
  pipeline.bell.ring();
  return {
    kind: 'connected',
    connectionId: id,
    displayNumber,
    datasetId,
    dataset: given.dataset,
    subscribed: given.subscribed,
    webhookPath: webhookPath({ id, ownApp: appSecret !== null }),
    verifyToken,
    notes: given.notes ?? [],
  };
}

/** One at a time for each shop: the secrets are sealed for the id that the row will have. */
export async function lockShop(tx: Transaction, shop: ShopId): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM shops WHERE id = ${shop} FOR NO KEY UPDATE`;
}

/** Seals secrets of one connection. */
export function sealer(
  { vault }: Pick<Pipeline, 'vault'>,
  shop: ShopId,
  id: string,
): (column: 'token' | 'app_secret' | 'verify_token', plain: string) => string {
  return (column, plain) => vault.seal(plain, connectionSecret(shop, id, column));
}

/** The columns of a connection that works, with nothing left of what was wrong before. */
export function workingAgain({ clock }: Pick<Pipeline, 'clock'>) {
  return {
    state: 'active' as const,
    stateReason: null,
    stateSince: clock(),
    failures: 0,
    holdUntil: null,
    probes: 0,
    probeAt: null,
  };
}

/**
 * Which of the numbers, or of their accounts, other shops are connected to as well; which shops these are is nobody's
 * business. One answer for each number given, in their order.
 */
export async function sharedWith(
  { db }: Pick<Pipeline, 'db'>,
  shop: ShopId,
  numbers: readonly { wabaId: string; phoneNumberId: string }[],
): Promise<ConnectNote[][]> {
  const others = await db.connection.findMany({
    where: {
      shopId: { not: shop },
      state: { not: 'disconnected' },
      wabaId: { in: [...new Set(numbers.map(({ wabaId }) => wabaId))] },
      shop: { uninstalledAt: null },
    },
    select: { wabaId: true, phoneNumberId: true },
  });
  return numbers.map(({ wabaId, phoneNumberId }) => {
    const ofAccount = others.filter((other) => other.wabaId === wabaId);
    if (ofAccount.some((other) => other.phoneNumberId === phoneNumberId)) return ['number_shared'];
    return ofAccount.length > 0 ? ['account_shared'] : [];
  });
}

/** How many events wait for each of these connections, as far as any do. */
export async function waitingEvents(
  db: Transaction,
  connectionIds: readonly string[],
): Promise<Map<string, number>> {
  // The literal names the index of what is due, however long the history is.
  const rows = await db.$queryRaw<{ id: string; events: number }[]>`
    SELECT connection_id AS id, count(*)::int AS events FROM conversion_events
    WHERE state = 'due' AND connection_id = ANY(${connectionIds}::uuid[]) GROUP BY 1`;
  return new Map(rows.map(({ id, events }) => [id, events]));
}

/** Where Meta must post this number's webhooks; an own app may use that of any of its numbers for all of them. */
export function webhookPath({ id, ownApp }: { id: string; ownApp: boolean }): string {
  return ownApp ? `/webhooks/whatsapp/${id}` : '/webhooks/whatsapp';
}

/** `stillSubscribed`: Meta did not confirm that it stops sending the account's chats; they are not kept. */
export type Disconnected = { kind: 'disconnected'; stillSubscribed: boolean };

/**
 * Takes a number or a pixel off. Its clicks stay, its waiting events stay until their deadline, its secrets go. With the
 * last number of an account on the shared Meta app, Meta is asked to send that app nothing of the account any more.
 */
export async function disconnectNumber(
  pipeline: Pipeline,
  shop: ShopId,
  connectionId: string,
): Promise<Disconnected | { kind: 'not_found' }> {
  if (!isUuid(connectionId)) return { kind: 'not_found' };
  const where = { shopId: shop, id: connectionId, state: { not: 'disconnected' as const } };
  const taken = await pipeline.db.$transaction(async (tx) => {
    await lockShop(tx, shop);
    const before = await tx.connection.findFirst({ where });
    const { count } = await tx.connection.updateMany({
      where,
      data: {
        state: 'disconnected',
        stateReason: null,
        stateSince: pipeline.clock(),
        token: '',
        tokenExpiresAt: null,
        appSecret: null,
        verifyToken: null,
      },
    });
    if (count > 0) await clearAlertsOf(tx, pipeline.clock, { shopId: shop, subject: connectionId });
    return count > 0 ? before : null;
  });
  if (taken === null) return { kind: 'not_found' };
  return { kind: 'disconnected', stillSubscribed: !(await unsubscribe(pipeline, taken)) };
}

/** True also where there is nothing to end: another app's subscription is not ours to end, nor one that others need. */
async function unsubscribe(pipeline: Pipeline, taken: Connection): Promise<boolean> {
  const { wabaId, method, tokenAppId, appSecret } = taken;
  const { appId } = pipeline.metaApp;
  const isOurs = method === 'embedded_signup' || (appId !== null && tokenAppId === appId);
  if (wabaId === null || appSecret !== null || !isOurs) return true;
  const others = await pipeline.db.connection.count({
    where: { wabaId, appSecret: null, state: { not: 'disconnected' }, shop: { uninstalledAt: null } },
  });
  if (others > 0) return true;
  const ids = { shop: taken.shopId, connection: taken.id };
  try {
    const token = pipeline.vault.open(
      taken.token,
      connectionSecret(taken.shopId as ShopId, taken.id, 'token'),
    );
    const answer = await unsubscribeApp(pipeline.graph, wabaId, token);
    if (answer.kind === 'found' && answer.value) return true;
    pipeline.log.warn({ ...ids, answer: answer.kind }, 'Meta did not end the subscription of an account');
  } catch (error) {
    pipeline.log.error({ err: error, ...ids }, 'the sealed token of a connection does not open');
  }
  return false;
}
