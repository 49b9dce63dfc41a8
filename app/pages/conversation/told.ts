import { isEventName } from '../../domain/event-name.ts';
import { explain, explainState } from '../../domain/explain.ts';
import { explainEventName } from '../../domain/explain-event-name.ts';
import type { ContactId, ShopId } from '../../domain/ids.ts';
import type { Services } from '../../services.ts';
import { Prisma } from '../../storage/database.ts';
import { formatMoney, type ShopClock } from '../format.ts';
import { stateOf, toldName } from '../order/events.ts';
import type { StateBadge } from '../tone.ts';
import { orderUrlOf } from './link-line.ts';

/** An event of the conversation's clicks, in one entry of a list. */
export type ToldLine = {
  id: string;
  label: string;
  /** Meta's name for it. */
  name: string;
  at: string;
  value: string | null;
  badge: StateBadge;
  /** Why it is not with Meta; null when it is. */
  sentence: string | null;
  order: { name: string; url: string } | null;
};
/** An event that Meta noticed in the conversation by itself. */
export type AutomaticLine = { key: string; label: string; at: string; value: string | null };
type Of = { shopId: ShopId; contactId: ContactId };

type Row = {
  id: string;
  eventName: string;
  eventTime: Date;
  value: string | null;
  currency: string | null;
  state: Parameters<typeof stateOf>[0]['state'];
  attempts: number;
  reason: string | null;
  subject: string;
  orderName: string | null;
};

/** What Meta was told of a conversation, is to be told, or was not told and why; the latest first. */
export async function readTold(
  { db }: Pick<Services, 'db'>,
  { shopId, contactId }: Of,
  { clock, limit }: { clock: ShopClock; limit: number },
): Promise<ToldLine[]> {
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`
    SELECT e.id, e.event_name AS "eventName", e.event_time AS "eventTime", e.value::text AS value, e.currency,
      e.state::text AS state, e.attempts, e.reason, e.subject, o.name AS "orderName"
    FROM referrals r
    JOIN conversion_events e ON e.shop_id = r.shop_id AND e.referral_id = r.id
    LEFT JOIN orders o ON o.shop_id = e.shop_id AND o.gid = e.subject
    WHERE r.shop_id = ${shopId} AND r.contact_id = ${contactId}::uuid
    ORDER BY e.event_time DESC, e.id DESC LIMIT ${limit}`);
  return rows.map((row) => toldLine(row, clock));
}

function toldLine(row: Row, clock: ShopClock): ToldLine {
  const told = toldName(row.eventName);
  const { state, reason } = stateOf(row);
  const words = explainState(state, told);
  const why = reason === null ? words.sentence : explain(reason, told).sentence;
  return {
    id: row.id,
    label: explainEventName(told).label,
    name: row.eventName,
    at: clock.time(row.eventTime),
    value: row.value === null || row.currency === null ? null : formatMoney(row.value, row.currency),
    badge: { state, label: words.label, tone: words.tone },
    sentence: state === 'reported' ? null : why,
    order: row.orderName === null ? null : { name: row.orderName, url: orderUrlOf(row.subject) },
  };
}

/** What Meta noticed in a conversation by itself, the latest first. */
export async function readAutomatic(
  { db }: Pick<Services, 'db'>,
  { shopId, contactId }: Of,
  { clock, limit }: { clock: ShopClock; limit: number },
): Promise<AutomaticLine[]> {
  const rows = await db.$queryRaw<
    { key: string; eventName: string; at: Date; value: string | null; currency: string | null }[]
  >(Prisma.sql`
    SELECT DISTINCT a.key, a.event_name AS "eventName", a.at, a.value::text AS value, a.currency
    FROM referrals r JOIN automatic_events a ON a.shop_id = r.shop_id AND a.click_hash = r.click_hash
    WHERE r.shop_id = ${shopId} AND r.contact_id = ${contactId}::uuid
    ORDER BY a.at DESC, a.key LIMIT ${limit}`);
  return rows.map(({ key, eventName, at, value, currency }) => ({
    key,
    label: isEventName(eventName) ? explainEventName(eventName).label : eventName,
    at: clock.time(at),
    value: value === null || currency === null ? null : formatMoney(value, currency),
  }));
}
