import type { ContactId, ShopId } from '../domain/ids.ts';
import { phoneFromWhatsApp, readPhone, whatsappForms, type PhoneDigits } from '../domain/phone.ts';
import type { Transaction } from '../storage/database.ts';
import { numberHints } from './clues.ts';
import { findContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';

type Known = { id: ShopId; country: string | null };

/**
 * The contacts that a phone number leads to in any form that WhatsApp may know it by, as typed by a person or as
 * WhatsApp writes it; null when it cannot be read. The number is used for this look-up and kept nowhere.
 */
export async function contactsByPhone(
  pipeline: Pick<Pipeline, 'db' | 'index'>,
  shop: Known,
  phone: string,
): Promise<ContactId[] | null> {
  const hashes = await phoneHashes(pipeline, pipeline.db, shop, phone);
  if (hashes.length === 0) return null;
  const identities = hashes.map((hash) => ({ shopId: shop.id, hash }));
  return [...new Set((await findContacts(pipeline.db, identities)).values())];
}

/** The keyed hashes of every form of a phone number, read with the shop's own countries; none when it is unreadable. */
export async function phoneHashes(
  { index }: Pick<Pipeline, 'index'>,
  db: Transaction,
  shop: Known,
  phone: string,
): Promise<Buffer<ArrayBuffer>[]> {
  const reading = readPhone(phone, await phoneCountries(db, shop));
  const asWritten = phoneFromWhatsApp(phone.replaceAll(/[\s().-]/g, ''));
  const numbers: PhoneDigits[] = [
    ...(reading.kind === 'numbers' ? reading.numbers : []),
    ...(asWritten === null ? [] : [asWritten]),
  ];
  const digits = new Set(numbers.flatMap(whatsappForms).map((form) => form.digits));
  return [...digits].map((one) => index(shop.id, 'phone', one));
}

async function phoneCountries(db: Transaction, shop: Known): Promise<string[]> {
  const numbers = await db.connection.findMany({
    where: { shopId: shop.id },
    select: { displayNumber: true },
  });
  const { numberCountries } = numberHints(numbers.flatMap(({ displayNumber }) => displayNumber ?? []));
  return [...(shop.country === null ? [] : [shop.country]), ...numberCountries];
}
