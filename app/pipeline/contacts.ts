import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';

/** One thing a contact can be found by, already hashed with the shop's blind index. */
export type Identity = { shopId: ShopId; kind: 'phone' | 'user_id'; hash: Buffer<ArrayBuffer> };

/** The key under which `findContacts` returns an identity's contact. */
export const identityKey = ({ shopId, hash }: Pick<Identity, 'shopId' | 'hash'>): string =>
  `${shopId} ${hash.toString('hex')}`;

/** The contacts that own these identities, each within its own shop. */
export async function findContacts(
  tx: Transaction,
  identities: readonly Pick<Identity, 'shopId' | 'hash'>[],
): Promise<Map<string, ContactId>> {
  if (identities.length === 0) return new Map();
  const rows = await tx.$queryRaw<
    { shopId: ShopId; hash: Uint8Array<ArrayBuffer>; contactId: ContactId }[]
  >(Prisma.sql`
    SELECT i.shop_id AS "shopId", i.hash, i.contact_id AS "contactId"
    FROM unnest(${identities.map((i) => i.shopId)}::int[], ${identities.map((i) => i.hash)}::bytea[]) AS asked(shop_id, hash)
    JOIN contact_identities i ON i.shop_id = asked.shop_id AND i.hash = asked.hash`);
  return new Map(
    rows.map((row) => [identityKey({ shopId: row.shopId, hash: Buffer.from(row.hash) }), row.contactId]),
  );
}

/** Writes identities in one fixed order, so that two workers that learn the same ones never wait for each other. */
export async function saveIdentities(
  tx: Transaction,
  identities: readonly (Identity & { contactId: ContactId })[],
): Promise<void> {
  const sorted = identities.toSorted((a, b) => a.shopId - b.shopId || a.hash.compare(b.hash));
  await tx.contactIdentity.createMany({ data: sorted, skipDuplicates: true });
}
