import type { IdentitySource } from '../../domain/link.ts';
import type { ShopClock } from '../format.ts';

/** A record that two chats became one. */
export type MergeLine = { id: string; words: string; undone: boolean };
type Merge = { shownBy: IdentitySource; mergedAt: Date; undoneAt: Date | null };

const SHOWN_BY: Readonly<Record<IdentitySource, string>> = {
  message: 'a message came from both at once',
  contact_request: 'the customer shared their number when they were asked for it',
  // Nothing merges by a card (docs/decisions/015); the column could hold it.
  shared_contact: 'the customer sent a contact card',
  changed: 'WhatsApp said that the customer’s number or user ID changed',
};

/** What became of two chats that WhatsApp showed to be one person's. */
export function mergeWords({ shownBy, mergedAt, undoneAt }: Merge, clock: ShopClock): string {
  const merged = `Two chats became one on ${clock.time(mergedAt)}: ${SHOWN_BY[shownBy]}.`;
  return undoneAt === null ? merged : `${merged} They were taken apart again on ${clock.time(undoneAt)}.`;
}

export function mergeLine(merge: Merge & { id: string }, clock: ShopClock): MergeLine {
  return { id: merge.id, words: mergeWords(merge, clock), undone: merge.undoneAt !== null };
}
