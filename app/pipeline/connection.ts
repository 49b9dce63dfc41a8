import { randomBytes } from 'node:crypto';
import type { ConnectionId, ShopId } from '../domain/ids.ts';
import type { EventReason } from '../domain/reason.ts';
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
      datasetId,
      token: seal('token', given.token),
      tokenExpiresAt: given.tokenExpiresAt ?? null,
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
    if (others.some((other) => other.phoneNumberId === phoneNumberId)) return ['number_shared'];
    return others.some((other) => other.wabaId === wabaId) ? ['account_shared'] : [];
  });
}

/** Where Meta must post this number's webhooks. */
export function webhookPath({ id, ownApp }: { id: string; ownApp: boolean }): string {
  return ownApp ? `/webhooks/whatsapp/${id}` : '/webhooks/whatsapp';
}

/** Takes a number or a pixel off. Its clicks stay, its waiting events stay until their deadline, its secrets go. */
export async function disconnectNumber(
  pipeline: Pipeline,
  shop: ShopId,
  connectionId: string,
): Promise<{ kind: 'disconnected' } | { kind: 'not_found' }> {
  if (!isUuid(connectionId)) return { kind: 'not_found' };
  const count = await pipeline.db.$transaction(async (tx) => {
    const { count } = await tx.connection.updateMany({
      where: { shopId: shop, id: connectionId, state: { not: 'disconnected' } },
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
    return count;
  });
  return count > 0 ? { kind: 'disconnected' } : { kind: 'not_found' };
}
