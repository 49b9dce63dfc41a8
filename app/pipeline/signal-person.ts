import type { Region } from '../domain/conversion-event.ts';
import { regionOf } from '../domain/data-use.ts';
import type { ContactId } from '../domain/ids.ts';
import { countryOfMask } from '../domain/phone.ts';
import type { BuyersConsent } from '../domain/report.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { ShopFacts } from './shop.ts';

type Of = { shop: Pick<ShopFacts, 'id' | 'country'>; contactId: ContactId };
/** What is known of somebody who wrote, beside what they did. `said`: on the latest of their orders that says anything. */
export type Person = { maskedPhone: string | null; said: BuyersConsent['said'] };

/** What is known of these people. */
export async function loadPeople(tx: Transaction, asked: readonly Of[]): Promise<Map<ContactId, Person>> {
  if (asked.length === 0) return new Map();
  const people = [...new Map(asked.map((one) => [`${one.shop.id} ${one.contactId}`, one])).values()];
  const rows = await tx.$queryRaw<(Person & { contactId: ContactId })[]>(Prisma.sql`
    SELECT c.id AS "contactId", c.masked_phone AS "maskedPhone", o.consent::text AS said
    FROM unnest(${people.map(({ shop }) => shop.id)}::int[], ${people.map(({ contactId }) => contactId)}::uuid[])
      AS asked(shop_id, id)
    JOIN contacts c ON c.shop_id = asked.shop_id AND c.id = asked.id
    LEFT JOIN LATERAL (SELECT consent FROM orders
      WHERE shop_id = c.shop_id AND contact_id = c.id AND consent IS NOT NULL
      ORDER BY placed_at DESC, gid DESC LIMIT 1) o ON true`);
  return new Map(rows.map(({ contactId, ...person }) => [contactId, person]));
}

/** Where somebody is: what is said of it, else by their number's calling code, else where the shop is. */
export function placeOf(said: Region | null, person: Person | undefined, { country }: Of['shop']): Region {
  const masked = person?.maskedPhone ?? null;
  return regionOf(said, [masked && countryOfMask(masked, country), country]);
}
