import { randomBytes } from 'node:crypto';
import { API_KEY_BYTES, apiKeyHash, apiKeyHint, mintApiKey, readKeyName } from '../domain/api-key.ts';
import type { ShopId } from '../domain/ids.ts';
import type { ApiKey } from '../../prisma/generated/client.ts';
import { isUuid, uuidv7 } from '../storage/uuid.ts';
import type { Pipeline } from './context.ts';
import { shopFacts, type ShopFacts } from './shop.ts';

type Work = Pick<Pipeline, 'db' | 'clock'>;

/** How many keys a shop may have in use. */
export const MOST_API_KEYS = 20;
// What a key's last use is for, to see whether it is still needed, asks for no more, and a busy key is not written all the time.
const USED_EVERY_MS = 3_600_000;

/** A key as people see it; the key itself is known to nobody here. */
export type KnownApiKey = Omit<ApiKey, 'shopId' | 'hash'>;
export type ApiKeyOutcome =
  | { kind: 'created'; id: string; /** To be shown once. */ key: string; hint: string }
  | { kind: 'bad_name' }
  | { kind: 'too_many' };

/** Makes a key for a shop's own programs. `by` is who asked for it. */
export async function createApiKey(
  { db, clock }: Work,
  { shopId, name, by }: { shopId: ShopId; name: string; by: string },
): Promise<ApiKeyOutcome> {
  const read = readKeyName(name);
  if (read === null) return { kind: 'bad_name' };
  if ((await db.apiKey.count({ where: { shopId, revokedAt: null } })) >= MOST_API_KEYS)
    return { kind: 'too_many' };
  const key = mintApiKey(randomBytes(API_KEY_BYTES));
  const now = clock();
  const shown = { id: uuidv7(now), hint: apiKeyHint(key) };
  await db.apiKey.create({
    data: { ...shown, shopId, name: read, hash: apiKeyHash(key), createdBy: by, createdAt: now },
  });
  return { kind: 'created', ...shown, key };
}

/** A shop's keys, those in use first, then the latest. */
export function apiKeysOf({ db }: Pick<Pipeline, 'db'>, shopId: ShopId): Promise<KnownApiKey[]> {
  return db.apiKey.findMany({
    where: { shopId },
    omit: { shopId: true, hash: true },
    orderBy: [{ revokedAt: { sort: 'desc', nulls: 'first' } }, { createdAt: 'desc' }, { id: 'desc' }],
  });
}

/** Ends a key; one that was ended before keeps its time. */
export async function revokeApiKey(
  { db, clock }: Work,
  shopId: ShopId,
  id: string,
): Promise<{ kind: 'revoked' } | { kind: 'not_found' }> {
  if (!isUuid(id)) return { kind: 'not_found' };
  await db.apiKey.updateMany({ where: { shopId, id, revokedAt: null }, data: { revokedAt: clock() } });
  const known = await db.apiKey.count({ where: { shopId, id } });
  return { kind: known === 0 ? 'not_found' : 'revoked' };
}

export type ApiCaller = { kind: 'caller'; keyId: string; shop: ShopFacts };

/** Whose key this is. It is found by its hash, so how long that takes tells nothing of any other key. */
export async function apiCaller(
  { db, clock }: Work,
  key: string,
): Promise<ApiCaller | { kind: 'unknown' } | { kind: 'revoked' }> {
  const row = await db.apiKey.findUnique({ where: { hash: apiKeyHash(key) }, include: { shop: true } });
  if (row === null || row.shop.uninstalledAt !== null) return { kind: 'unknown' };
  if (row.revokedAt !== null) return { kind: 'revoked' };
  const now = clock();
  const stale = new Date(now.getTime() - USED_EVERY_MS);
  if (row.lastUsedAt === null || row.lastUsedAt <= stale) {
    await db.apiKey.updateMany({
      where: {
        shopId: row.shopId,
        id: row.id,
        OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: stale } }],
      },
      data: { lastUsedAt: now },
    });
  }
  return { kind: 'caller', keyId: row.id, shop: shopFacts(row.shop) };
}
