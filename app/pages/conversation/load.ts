import type { ContactId, ShopId } from '../../domain/ids.ts';
import { explainState } from '../../domain/explain.ts';
import { chatLinksOf, currentContact } from '../../pipeline/chat-links.ts';
import type { Services } from '../../services.ts';
import { Prisma } from '../../storage/database.ts';
import { AD_CLICK } from '../ad-click.ts';
import { conversationName } from '../conversations/conversation-name.ts';
import { formatCount, formatMoney, shopClock } from '../format.ts';
import type { ShopClock } from '../format.ts';
import { ORDERS_WITH_EVENT, readState } from '../order-query.ts';
import type { StateColumns } from '../order-query.ts';
import type { StateBadge } from '../tone.ts';
import { linkLine, orderUrlOf } from './link-line.ts';
import type { LinkLine } from './link-line.ts';
import { mergeLine } from './merge-words.ts';
import type { MergeLine } from './merge-words.ts';
import { readAutomatic, readTold } from './told.ts';
import type { AutomaticLine, ToldLine } from './told.ts';

const MOST_SHOWN = 50;

export type ClickLine = { id: string; ad: string; clickedAt: string; hasClickId: boolean };
export type BoughtLine = {
  gid: string;
  name: string;
  url: string;
  placed: string;
  total: string;
  badge: StateBadge;
};
export type ConversationDetail = {
  id: ContactId;
  name: string;
  zoneName: string;
  firstMessage: string;
  lastMessage: string;
  messages: string;
  clicks: ClickLine[];
  orders: BoughtLine[];
  /** Chats that became one with this one. */
  merges: MergeLine[];
  links: LinkLine[];
  told: ToldLine[];
  /** What Meta noticed by itself. */
  automatic: AutomaticLine[];
  /** Says of each list that only its latest entries are shown; null when all are. */
  cut: Readonly<Record<'clicks' | 'orders' | 'links' | 'told', string | null>>;
};
export type LoadedConversation =
  | { kind: 'conversation'; detail: ConversationDetail }
  /** It became one with another, which holds everything of it. */
  | { kind: 'merged'; into: ContactId }
  | { kind: 'not_found' };
type Shop = { id: number; domain: string; timezone: string | null };

/** One conversation with what led to it and what came of it. */
export async function loadConversation(
  services: Services,
  shop: Shop,
  id: string,
): Promise<LoadedConversation> {
  const shopId = shop.id as ShopId;
  const current = await currentContact(services.db, shopId, id);
  if (current === null) return { kind: 'not_found' };
  if (current !== id) return { kind: 'merged', into: current };

  const { db } = services;
  const clock = shopClock(shop.timezone);
  const of = { shopId, contactId: current };
  const most = { clock, limit: MOST_SHOWN + 1 };
  const [contact, clicks, orders, merges, links, told, automatic] = await Promise.all([
    db.contact.findUnique({ where: { shopId_id: { shopId, id: current } } }),
    db.referral.findMany({
      where: { ...of, ...AD_CLICK },
      orderBy: { clickedAt: 'desc' },
      take: MOST_SHOWN + 1,
      omit: { raw: true },
    }),
    readOrders(services, of),
    db.contactMerge.findMany({ where: of, orderBy: { mergedAt: 'desc' }, omit: { moved: true } }),
    chatLinksOf(services, { id: shopId, domain: shop.domain }, current, MOST_SHOWN + 1),
    readTold(services, of, most),
    readAutomatic(services, of, { clock, limit: MOST_SHOWN }),
  ]);
  // Erased while this page was being read.
  if (contact === null) return { kind: 'not_found' };
  return {
    kind: 'conversation',
    detail: {
      id: current,
      name: conversationName(contact.maskedPhone),
      zoneName: clock.zoneName,
      firstMessage: clock.time(contact.firstMessageAt),
      lastMessage: clock.time(contact.lastMessageAt),
      messages: formatCount(contact.messages),
      clicks: clicks.slice(0, MOST_SHOWN).map((click) => ({
        id: click.id,
        ad: click.headline ?? click.sourceId ?? 'An ad that WhatsApp did not name',
        clickedAt: clock.time(click.clickedAt),
        hasClickId: click.clickId !== null,
      })),
      orders: orders.slice(0, MOST_SHOWN).map((order) => boughtLine(order, clock)),
      merges: merges.map((merge) => mergeLine(merge, clock)),
      links: links.slice(0, MOST_SHOWN).map((link) => linkLine(link, clock)),
      told: told.slice(0, MOST_SHOWN),
      automatic,
      cut: {
        clicks: cutWords(clicks),
        orders: cutWords(orders),
        links: cutWords(links),
        told: cutWords(told),
      },
    },
  };
}

type OrderRow = StateColumns & { gid: string; name: string; placedAt: Date; total: string; currency: string };

function readOrders(
  { db }: Services,
  { shopId, contactId }: { shopId: ShopId; contactId: ContactId },
): Promise<OrderRow[]> {
  return db.$queryRaw<OrderRow[]>(Prisma.sql`
    SELECT o.gid, o.name, o.placed_at AS "placedAt", COALESCE(o.current_total, o.total)::text AS total, o.currency,
           o.decision::text AS decision, o.reason, e.state::text AS "eventState", e.attempts,
           e.reason AS "eventReason"
    FROM ${ORDERS_WITH_EVENT}
    WHERE o.shop_id = ${shopId} AND o.contact_id = ${contactId}::uuid
    ORDER BY o.placed_at DESC, o.gid DESC LIMIT ${MOST_SHOWN + 1}`);
}

function cutWords(read: readonly unknown[]): string | null {
  return read.length > MOST_SHOWN ? `The latest ${MOST_SHOWN} are shown.` : null;
}

function boughtLine(row: OrderRow, clock: ShopClock): BoughtLine {
  const { state } = readState(row);
  const { label, tone } = explainState(state);
  return {
    gid: row.gid,
    name: row.name,
    url: orderUrlOf(row.gid),
    placed: clock.time(row.placedAt),
    total: formatMoney(row.total, row.currency),
    badge: { state, label, tone },
  };
}
