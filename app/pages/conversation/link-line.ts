import type { ChatLinkKind } from '../../domain/chat-link.ts';
import { draftOrderReference } from '../../domain/chat-link-address.ts';
import type { KnownChatLink, MadeChatLink } from '../../pipeline/chat-links.ts';
import { formatCount, type ShopClock } from '../format.ts';

/** What staff take over into the chat, or onto a draft order. */
export type Pasted =
  { kind: 'link'; url: string } | { kind: 'reference'; tag: string; attribute: string; value: string };
export type LinkLine = {
  id: string;
  heading: string;
  pasted: Pasted;
  made: string;
  /** Null for a reference, which nobody opens. */
  opened: string | null;
  orders: { name: string; url: string }[];
};

const KINDS: Readonly<Record<ChatLinkKind, string>> = {
  product: 'Product',
  cart: 'Cart',
  discount: 'Discount',
  draft_order: 'Draft order',
};
const ORDER_GID = 'gid://shopify/Order/';

/** A chat link of the conversation, in words. */
export function linkLine(link: KnownChatLink, clock: ShopClock): LinkLine {
  return {
    id: link.id,
    heading: heading(link),
    pasted: pasted(link),
    made: `Made ${clock.time(link.createdAt)}`,
    opened: link.kind === 'draft_order' ? null : openedWords(link, clock),
    orders: link.orders.map(({ gid, name }) => ({ name, url: orderUrlOf(gid) })),
  };
}

export function pasted(link: Pick<MadeChatLink, 'kind' | 'shortUrl' | 'token'>): Pasted {
  return link.kind === 'draft_order'
    ? { kind: 'reference', ...draftOrderReference(link.token) }
    : { kind: 'link', url: link.shortUrl };
}

/** The page of an order. */
export function orderUrlOf(gid: string): string {
  return `/app/orders/${gid.slice(ORDER_GID.length)}`;
}

function heading({
  kind,
  target,
  discountCode,
}: Pick<KnownChatLink, 'kind' | 'target' | 'discountCode'>): string {
  switch (kind) {
    case 'product':
    case 'cart':
      return `${KINDS[kind]}: ${decodeURI(target.replace(/^.*\/(?:products|cart)\//, ''))}`;
    case 'discount':
      return `${KINDS[kind]}: ${discountCode ?? ''}`;
    case 'draft_order':
      return KINDS[kind];
  }
}

function openedWords({ opened, lastOpenedAt }: KnownChatLink, clock: ShopClock): string {
  if (opened === 0 || lastOpenedAt === null) return 'Not opened yet';
  const last = clock.time(lastOpenedAt);
  return opened === 1 ? `Opened once, ${last}` : `Opened ${formatCount(opened)} times, last ${last}`;
}
