import type { KnownIdentity, KnownPeople } from '../domain/contact-identity.ts';
import type { ContactId, ShopId } from '../domain/ids.ts';
import { Prisma, type Transaction } from '../storage/database.ts';

/** One thing a contact can be found by, already hashed with the shop's blind index. */
export type Identity = { shopId: ShopId; kind: 'phone' | 'user_id'; hash: Buffer<ArrayBuffer> };
export type People = Pick<KnownPeople, 'identities' | 'contacts'>;
export type ContactKey = { shopId: ShopId; contactId: ContactId };

/** The key under which `findContacts` returns an identity's contact. */
export const identityKey = ({ shopId, hash }: Pick<Identity, 'shopId' | 'hash'>): string =>
  `${shopId} ${hash.toString('hex')}`;

// Any number will do that no other advisory lock of this database uses.
const LOCK_SPACE = 7_461_626;

/**
 * Holds these shops' contacts until the transaction ends: alone, to change who is who, or shared, to write down what
 * rests on who is who now. Taken first in a transaction and in one order of shops, so nobody ever deadlocks.
 */
export async function holdContacts(
  tx: Transaction,
  shopIds: readonly ShopId[],
  mode: 'alone' | 'shared',
): Promise<void> {
  const sorted = [...new Set(shopIds)].toSorted((a, b) => a - b);
  const lock =
    mode === 'alone' ? Prisma.sql`pg_advisory_xact_lock` : Prisma.sql`pg_advisory_xact_lock_shared`;
  await tx.$executeRaw(
    Prisma.sql`SELECT ${lock}(${LOCK_SPACE}::int, id) FROM unnest(${sorted}::int[]) AS s(id)`,
  );
}

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
    FROM ${asked(identities)} JOIN contact_identities i ON i.shop_id = asked.shop_id AND i.hash = asked.hash`);
  return new Map(
    rows.map((row) => [identityKey({ shopId: row.shopId, hash: Buffer.from(row.hash) }), row.contactId]),
  );
}

/** The contacts that own these identities, with everything else that they are known by; `key` is the hash in hex. */
export async function loadPeople(
  tx: Transaction,
  identities: readonly Pick<Identity, 'shopId' | 'hash'>[],
): Promise<Map<ShopId, People>> {
  if (identities.length === 0) return new Map();
  const rows = await tx.$queryRaw<(KnownIdentity & { shopId: ShopId; firstMessageAt: Date })[]>(Prisma.sql`
    WITH owners AS (
      SELECT DISTINCT i.shop_id, i.contact_id
      FROM ${asked(identities)} JOIN contact_identities i ON i.shop_id = asked.shop_id AND i.hash = asked.hash
    )
    SELECT i.shop_id AS "shopId", encode(i.hash, 'hex') AS key, i.kind::text AS kind, i.contact_id AS "contactId",
      i.source::text AS source, COALESCE(i.accounts, '{}') AS accounts, c.first_message_at AS "firstMessageAt"
    FROM owners o JOIN contacts c ON c.shop_id = o.shop_id AND c.id = o.contact_id
    JOIN contact_identities i ON i.shop_id = o.shop_id AND i.contact_id = o.contact_id`);
  return new Map(
    [...Map.groupBy(rows, ({ shopId }) => shopId)].map(([shopId, known]) => {
      const contacts = new Map(
        known.map(({ contactId: id, firstMessageAt }) => [id, { id, firstMessageAt }]),
      );
      return [shopId, { identities: known, contacts: [...contacts.values()] }];
    }),
  );
}

/** Which of these contacts a person took apart from each other, and when. */
export async function loadApart(
  tx: Transaction,
  contacts: readonly ContactKey[],
): Promise<KnownPeople['apart'][number][]> {
  const rows = await tx.$queryRaw<{ contactId: ContactId; mergedId: ContactId; since: Date }[]>(Prisma.sql`
    SELECT m.contact_id AS "contactId", m.merged_id AS "mergedId", max(m.undone_at) AS since
    FROM unnest(${contacts.map((c) => c.shopId)}::int[], ${contacts.map((c) => c.contactId)}::uuid[]) AS c(shop_id, id)
    JOIN contact_merges m ON m.shop_id = c.shop_id AND m.contact_id = c.id AND m.undone_at IS NOT NULL
    GROUP BY 1, 2`);
  return rows.map(({ contactId, mergedId, since }) => ({
    contactIds: [contactId, mergedId] as const,
    since,
  }));
}

export async function insertContacts(
  tx: Transaction,
  contacts: readonly { id: ContactId; shopId: ShopId; at: Date }[],
): Promise<void> {
  if (contacts.length === 0) return;
  await tx.contact.createMany({
    data: contacts.map(({ id, shopId, at }) => ({ id, shopId, firstMessageAt: at, lastMessageAt: at })),
  });
}

/** Writes identities that are new, have changed hands or are better known; `learnedAt` is when that was said. */
export async function saveIdentities(
  tx: Transaction,
  identities: readonly (KnownIdentity & { shopId: ShopId; learnedAt: Date })[],
): Promise<void> {
  if (identities.length === 0) return;
  const rows = identities.map(({ key, ...row }) => ({ ...row, hash: Buffer.from(key, 'hex') }));
  // Arrays of arrays cannot differ in length in PostgreSQL, so the accounts travel as JSON.
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO contact_identities AS i (shop_id, hash, kind, contact_id, source, learned_at, accounts)
    SELECT n.shop_id, n.hash, n.kind::identity_kind, n.contact_id, n.source::identity_source, n.learned_at,
      ARRAY(SELECT jsonb_array_elements_text(n.accounts::jsonb))
    FROM unnest(${rows.map((r) => r.shopId)}::int[], ${rows.map((r) => r.hash)}::bytea[], ${rows.map((r) => r.kind)}::text[],
      ${rows.map((r) => r.contactId)}::uuid[], ${rows.map((r) => r.source)}::text[],
      ${rows.map((r) => r.learnedAt)}::timestamptz[], ${rows.map((r) => JSON.stringify(r.accounts))}::text[])
      AS n(shop_id, hash, kind, contact_id, source, learned_at, accounts)
    ON CONFLICT (shop_id, hash) DO UPDATE SET contact_id = EXCLUDED.contact_id, source = EXCLUDED.source,
      accounts = EXCLUDED.accounts, learned_at = CASE WHEN i.contact_id = EXCLUDED.contact_id
        AND i.source = EXCLUDED.source THEN i.learned_at ELSE EXCLUDED.learned_at END`);
}

function asked(identities: readonly Pick<Identity, 'shopId' | 'hash'>[]): Prisma.Sql {
  return Prisma.sql`unnest(${identities.map((i) => i.shopId)}::int[], ${identities.map((i) => i.hash)}::bytea[]) AS asked(shop_id, hash)`;
}
