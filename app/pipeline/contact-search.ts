import type { ContactId, ShopId } from '../domain/ids.ts';
import { phoneFromWhatsApp, readPhone, whatsappForms, type PhoneDigits } from '../domain/phone.ts';
import { numberHints } from './clues.ts';
import { findContacts } from './contacts.ts';
import type { Pipeline } from './context.ts';

/**
 * The contacts that a phone number leads to in any form that WhatsApp may know it by, as typed by a person or as
 * WhatsApp writes it; null when it cannot be read. The number is used for this look-up and kept nowhere.
 */
export async function contactsByPhone(
  pipeline: Pick<Pipeline, 'db' | 'index'>,
  shop: { id: ShopId; country: string | null },
  phone: string,
): Promise<ContactId[] | null> {
  const reading = readPhone(phone, await phoneCountries(pipeline, shop));
  const asWritten = phoneFromWhatsApp(phone.replaceAll(/[\s().-]/g, ''));
  const numbers: PhoneDigits[] = [
    ...(reading.kind === 'numbers' ? reading.numbers : []),
    ...(asWritten === null ? [] : [asWritten]),
  ];
  if (numbers.length === 0) return null;
  const digits = new Set(numbers.flatMap(whatsappForms).map((form) => form.digits));
  const hashes = [...digits].map((one) => ({ shopId: shop.id, hash: pipeline.index(shop.id, 'phone', one) }));
  return [...new Set((await findContacts(pipeline.db, hashes)).values())];
}

async function phoneCountries(
  { db }: Pick<Pipeline, 'db'>,
  shop: { id: ShopId; country: string | null },
): Promise<string[]> {
  const numbers = await db.whatsAppConnection.findMany({
    where: { shopId: shop.id },
    select: { displayNumber: true },
  });
  const { numberCountries } = numberHints(numbers.map(({ displayNumber }) => displayNumber));
  return [...(shop.country === null ? [] : [shop.country]), ...numberCountries];
}
