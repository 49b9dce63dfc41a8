import type { ContactId, ShopId } from '../../domain/ids.ts';
import { contactsByPhone } from '../../pipeline/contact-search.ts';
import type { Services } from '../../services.ts';
import { Prisma } from '../../storage/database.ts';
import { formatCount, formatSums, shopClock } from '../format.ts';
import { IS_AD_CLICK } from '../ad-click.ts';
import { conversationName } from './conversation-name.ts';
import { conversationsUrl, conversationUrl, type ConversationsFilter, type Place } from './filter.ts';

const PAGE_SIZE = 50;

export type ConversationLine = {
  id: string;
  /** The masked number, or that WhatsApp hides it. */
  name: string;
  url: string;
  lastMessage: string;
  clicks: string;
  orders: string;
  /** Of its paid orders, after refunds; null when there is none. */
  revenue: string | null;
};
export type ConversationsList = {
  zoneName: string;
  /** Whether anybody has written at all. */
  hasConversations: boolean;
  lines: ConversationLine[];
  previousUrl: string | null;
  nextUrl: string | null;
};
/** What a search by phone number found. */
export type PhoneSearch = { kind: 'found'; lines: ConversationLine[] } | { kind: 'unreadable_phone' };
type Shop = { id: number; country: string | null; currency: string | null; timezone: string | null };

/** One page of a shop's conversations; those that were merged into another are part of that one. */
export async function loadConversations(
  services: Services,
  shop: Shop,
  filter: ConversationsFilter,
): Promise<ConversationsList> {
  const { after, before } = filter;
  const conditions = [
    ...(after === null ? [] : [Prisma.sql`(c.last_message_at, c.id) < ${place(after)}`]),
    ...(before === null ? [] : [Prisma.sql`(c.last_message_at, c.id) > ${place(before)}`]),
  ];
  const [rows, anybody] = await Promise.all([
    readRows(services, shop.id, conditions, before === null ? 'DESC' : 'ASC'),
    services.db.contact.findFirst({ where: { shopId: shop.id, mergedInto: null }, select: { id: true } }),
  ]);
  const more = rows.length > PAGE_SIZE;
  const page = rows.slice(0, PAGE_SIZE);
  // Above a place the nearest conversations are read first, which is the list upside down.
  if (before !== null) page.reverse();

  const [first, last] = [page.at(0), page.at(-1)];
  const above = before === null ? after !== null : more;
  const below = before === null ? more : true;
  return {
    zoneName: shopClock(shop.timezone).zoneName,
    hasConversations: anybody !== null,
    lines: page.map((row) => conversationLine(row, shop, filter)),
    previousUrl: first && above ? conversationsUrl({ after: null, before: first }) : null,
    nextUrl: last && below ? conversationsUrl({ before: null, after: last }) : null,
  };
}

/** The conversations of a phone number in any of its forms. The number is looked up and forgotten. */
export async function searchConversations(
  services: Services,
  shop: Shop,
  phone: string,
): Promise<PhoneSearch> {
  const known = { id: shop.id as ShopId, country: shop.country };
  const ids = await contactsByPhone(services, known, phone);
  if (ids === null) return { kind: 'unreadable_phone' };
  const rows = await readRows(services, shop.id, [Prisma.sql`c.id = ANY(${ids}::uuid[])`], 'DESC');
  const all = { after: null, before: null };
  return { kind: 'found', lines: rows.map((row) => conversationLine(row, shop, all)) };
}

type Row = {
  id: ContactId;
  maskedPhone: string | null;
  lastMessageAt: Date;
  clicks: number;
  orders: number;
  /** Paid sums by currency, as decimal text. */
  revenue: Record<string, string>;
};

function readRows(
  { db }: Services,
  shopId: number,
  conditions: readonly Prisma.Sql[],
  direction: 'ASC' | 'DESC',
): Promise<Row[]> {
  const where = [Prisma.sql`c.shop_id = ${shopId}`, Prisma.sql`c.merged_into IS NULL`, ...conditions];
  const order = Prisma.raw(`last_message_at ${direction}, id ${direction}`);
  return db.$queryRaw<Row[]>`
    WITH page AS (
      SELECT c.shop_id, c.id, c.masked_phone, c.last_message_at FROM contacts c
      WHERE ${Prisma.join(where, ' AND ')} ORDER BY ${order} LIMIT ${PAGE_SIZE + 1}
    )
    SELECT c.id, c.masked_phone AS "maskedPhone", c.last_message_at AS "lastMessageAt",
           clicks.count AS clicks, orders.count AS orders, orders.revenue
    FROM page c,
    LATERAL (
      SELECT count(*)::int AS count FROM referrals r
      WHERE r.shop_id = c.shop_id AND r.contact_id = c.id AND ${IS_AD_CLICK}
    ) clicks,
    LATERAL (
      SELECT COALESCE(sum(of_one.count), 0)::int AS count,
             COALESCE(jsonb_object_agg(of_one.currency, of_one.paid::text) FILTER (WHERE of_one.paid IS NOT NULL), '{}')
               AS revenue
      FROM (
        SELECT o.currency, count(*) AS count,
               sum(COALESCE(o.current_total, o.paid_total)) FILTER (WHERE o.paid_at IS NOT NULL AND NOT o.test) AS paid
        FROM orders o WHERE o.shop_id = c.shop_id AND o.contact_id = c.id GROUP BY o.currency
      ) of_one
    ) orders
    ORDER BY ${order}`;
}

function place({ lastMessageAt, id }: Place): Prisma.Sql {
  return Prisma.sql`(${lastMessageAt.toISOString()}::timestamptz, ${id}::uuid)`;
}

function conversationLine(row: Row, shop: Shop, filter: ConversationsFilter): ConversationLine {
  const sums = new Map(Object.entries(row.revenue).map(([currency, sum]) => [currency, Number(sum)]));
  return {
    id: row.id,
    name: conversationName(row.maskedPhone),
    url: conversationUrl(row.id, filter),
    lastMessage: shopClock(shop.timezone).time(row.lastMessageAt),
    clicks: formatCount(row.clicks),
    orders: formatCount(row.orders),
    revenue: sums.size === 0 ? null : formatSums(sums, shop.currency),
  };
}
