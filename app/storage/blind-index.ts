import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { ShopId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { Vault } from './vault.ts';

/**
 * A keyed hash by which a contact is found without its number being stored. It differs from shop to shop, so rows of
 * two shops cannot be joined by it, and without the key no list of all phone numbers helps to read it.
 */
export type BlindIndex = (shop: ShopId, kind: BlindKind, value: string) => Buffer<ArrayBuffer>;
export type BlindKind = 'phone' | 'user_id' | 'reference' | 'discount_code' | 'click' | 'cart' | 'checkout';

const HASH_BYTES = 16;
const SECRET = 'blind-index';

/** Opens the installation's index; its key is made at first start and kept sealed, so key rotation does not change it. */
export async function openBlindIndex(db: Database, vault: Vault): Promise<BlindIndex> {
  const binding = { table: 'installation_secrets', column: 'value', owner: 'installation', row: SECRET };
  const made = vault.seal(randomBytes(32).toString('base64'), binding);
  await db.installationSecret.createMany({ data: [{ name: SECRET, value: made }], skipDuplicates: true });
  const { value } = await db.installationSecret.findUniqueOrThrow({ where: { name: SECRET } });
  const key = createSecretKey(Buffer.from(vault.open(value, binding), 'base64'));
  return (shop, kind, text) =>
    Buffer.from(
      createHmac('sha256', key).update(`${shop}\u0000${kind}\u0000${text}`).digest().subarray(0, HASH_BYTES),
    );
}
