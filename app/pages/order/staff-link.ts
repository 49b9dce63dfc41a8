import { z } from 'zod';
import type { ContactId } from '../../domain/ids.ts';
import type { StaffLink } from '../../domain/link.ts';
import type { ShopClock } from '../format.ts';

const contactId = z.string().transform((id) => id as ContactId);
const stored = z.object({
  contactId: contactId.nullable(),
  rejected: z.array(contactId),
  by: z.string(),
  at: z.iso.datetime(),
});

/** What a person said of an order; null when nobody did, or when it was taken back. */
export function readStaffLink(json: unknown): StaffLink | null {
  const read = stored.safeParse(json).data ?? null;
  return read === null || (read.contactId === null && read.rejected.length === 0) ? null : read;
}

/** What a person said of an order, in a sentence. */
export function staffSentence({ contactId: chat, by, at }: StaffLink, clock: ShopClock): string {
  const said = chat === null ? 'said that it does not belong to a chat that claimed it' : 'linked it by hand';
  return `${by.charAt(0).toUpperCase()}${by.slice(1)} ${said}, ${clock.time(new Date(at))}.`;
}
