import type { ShopId } from '../../domain/ids.ts';
import { contactsByPhone } from '../../pipeline/contact-search.ts';
import type { Services } from '../../services.ts';
import { AD_CLICK } from '../ad-click.ts';
import { conversationName } from '../conversations/conversation-name.ts';
import { formatCount, shopClock } from '../format.ts';

const SHOWN = 8;

/** A conversation that an order could belong to, as staff may recognise it. */
export type ChatChoice = { contactId: string; name: string; detail: string };
export type FoundChats =
  { kind: 'chats'; by: 'recent' | 'phone'; chats: ChatChoice[] } | { kind: 'unreadable_phone' };
type Shop = { id: number; country: string | null; timezone: string | null };

/**
 * The conversations of a phone number in any of its forms, or without one the most recent ones. The number is used for
 * this look-up and forgotten.
 */
export async function findChats(services: Services, shop: Shop, phone: string): Promise<FoundChats> {
  if (phone === '') return { kind: 'chats', by: 'recent', chats: await readChats(services, shop, undefined) };
  const ids = await contactsByPhone(services, { id: shop.id as ShopId, country: shop.country }, phone);
  if (ids === null) return { kind: 'unreadable_phone' };
  return { kind: 'chats', by: 'phone', chats: await readChats(services, shop, ids) };
}

async function readChats({ db }: Services, shop: Shop, ids: string[] | undefined): Promise<ChatChoice[]> {
  const clock = shopClock(shop.timezone);
  const contacts = await db.contact.findMany({
    where: { shopId: shop.id, mergedInto: null, ...(ids && { id: { in: ids } }) },
    select: {
      id: true,
      maskedPhone: true,
      lastMessageAt: true,
      _count: { select: { referrals: { where: AD_CLICK } } },
    },
    orderBy: { lastMessageAt: 'desc' },
    take: SHOWN,
  });
  return contacts.map(({ id, maskedPhone, lastMessageAt, _count }) => ({
    contactId: id,
    name: conversationName(maskedPhone),
    detail: `Last message ${clock.time(lastMessageAt)} · ${clickWords(_count.referrals)}`,
  }));
}

function clickWords(clicks: number): string {
  if (clicks === 0) return 'no ad click';
  return clicks === 1 ? '1 ad click' : `${formatCount(clicks)} ad clicks`;
}
