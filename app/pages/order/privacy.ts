import type { Services } from '../../services.ts';
import { Prisma } from '../../storage/database.ts';
import { formatMoney, type ShopClock } from '../format.ts';

/** What the buyer said of their data, in words. */
export type BuyersWord = { said: string; saleOptOut: string };
/** A purchase that Meta noticed in the chat by itself. */
export type AutomaticLine = { key: string; sentence: string };
type OrderFacts = {
  gid: string;
  contactId: string | null;
  customerGid: string | null;
  consent: 'granted' | 'denied' | null;
  reason: string | null;
  placedAt: Date;
  paidAt: Date | null;
};

const SAID = {
  granted: 'Agreed to marketing in your store',
  denied: 'Refused marketing in your store: Meta is not told',
} as const;
const NEAR_MS = 72 * 60 * 60 * 1000;

export async function readBuyersWord(
  { db }: Pick<Services, 'db'>,
  shopId: number,
  { consent, customerGid }: OrderFacts,
  clock: ShopClock,
): Promise<BuyersWord> {
  const row =
    customerGid === null
      ? null
      : await db.customerConsent.findUnique({ where: { shopId_customerGid: { shopId, customerGid } } });
  return { said: consent === null ? 'Nothing was said' : SAID[consent], saleOptOut: saleWords(row, clock) };
}

function saleWords(
  row: { answeredAt: Date | null; saleOptOut: boolean | null } | null,
  clock: ShopClock,
): string {
  if (row === null) return 'Shopify was not asked';
  if (row.answeredAt === null || row.saleOptOut === null) return 'Shopify was asked and has not answered yet';
  const when = `says Shopify, ${clock.time(row.answeredAt)}`;
  return row.saleOptOut ? `Opted out, ${when}` : `Did not opt out, ${when}`;
}

/** The purchases that Meta noticed in the order's chat and that stand for it, or may. */
export async function readAutomatic(
  { db }: Pick<Services, 'db'>,
  shopId: number,
  order: OrderFacts,
  clock: ShopClock,
): Promise<AutomaticLine[]> {
  const { contactId, gid, placedAt, paidAt } = order;
  if (contactId === null) return [];
  const from = new Date(placedAt.getTime() - NEAR_MS);
  const to = new Date((paidAt ?? placedAt).getTime() + NEAR_MS);
  const rows = await db.$queryRaw<
    { key: string; at: Date; value: string | null; currency: string | null; orderGid: string | null }[]
  >(Prisma.sql`
    SELECT DISTINCT a.key, a.at, a.value::text AS value, a.currency, a.order_gid AS "orderGid"
    FROM referrals r JOIN automatic_events a ON a.shop_id = r.shop_id AND a.click_hash = r.click_hash
    WHERE r.shop_id = ${shopId} AND r.contact_id = ${contactId}::uuid AND a.event_name = 'Purchase'
      AND (a.order_gid = ${gid} OR (a.order_gid IS NULL AND a.at BETWEEN ${from} AND ${to}))
    ORDER BY a.at, a.key`);
  return rows.map(({ key, at, value, currency, orderGid }) => {
    const worth = value === null || currency === null ? '' : ` of ${formatMoney(value, currency)}`;
    const seen = `Meta itself saw a purchase${worth} in this chat, ${clock.time(at)}.`;
    const stands = orderGid === gid ? ' It stands for this order.' : '';
    const kept = order.reason === 'reported_automatically' ? ' So Meta was not told a second time.' : '';
    return { key, sentence: `${seen}${stands}${orderGid === gid ? kept : ''}` };
  });
}
