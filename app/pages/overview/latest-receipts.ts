import { isEventName } from '../../domain/event-name.ts';
import { explainState } from '../../domain/explain.ts';
import { explainEventName } from '../../domain/explain-event-name.ts';
import type { Services } from '../../services.ts';
import { Prisma } from '../../storage/database.ts';
import type { EventState } from '../../domain/order-state.ts';
import { formatMoney, type ShopClock } from '../format.ts';
import { readState } from '../order-query.ts';
import type { StateBadge } from '../tone.ts';

const RECEIPTS = 8;

export type Receipt = {
  eventRowId: string;
  /** What Meta was told of. */
  event: string;
  /** The order's name, or that it was a chat, and where to see it. */
  name: string;
  url: string;
  value: string;
  at: string;
  traceId: string | null;
  badge: StateBadge;
};

type Row = {
  id: string;
  subject: string;
  eventName: string;
  state: EventState;
  attempts: number;
  reason: string | null;
  value: string | null;
  currency: string | null;
  at: Date;
  traceId: string | null;
  orderName: string | null;
  contactId: string | null;
};

const ORDER_GID = 'gid://shopify/Order/';

/** The last answers of Meta, newest first. */
export async function latestReceipts({ db }: Services, shopId: number, clock: ShopClock): Promise<Receipt[]> {
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`
    SELECT e.id::text AS id, e.subject, e.event_name AS "eventName", e.state::text AS state, e.attempts, e.reason,
      e.value::text AS value, e.currency, COALESCE(e.settled_at, e.sent_at, e.created_at) AS at,
      e.fbtrace_id AS "traceId", o.name AS "orderName", r.contact_id::text AS "contactId"
    FROM (SELECT * FROM conversion_events
      WHERE shop_id = ${shopId} AND state IN ('accepted', 'refused', 'unknown')
      ORDER BY created_at DESC, id DESC LIMIT ${RECEIPTS}) e
    LEFT JOIN orders o ON o.shop_id = e.shop_id AND o.gid = e.subject
    LEFT JOIN referrals r ON r.shop_id = e.shop_id AND r.id = e.referral_id
    ORDER BY e.created_at DESC, e.id DESC`);
  return rows.map((row) => receipt(row, clock));
}

function receipt(row: Row, clock: ShopClock): Receipt {
  const { state } = readState({
    decision: 'report',
    reason: null,
    eventState: row.state,
    attempts: row.attempts,
    eventReason: row.reason,
  });
  const { label, tone } = explainState(state);
  return {
    eventRowId: row.id,
    event: isEventName(row.eventName) ? explainEventName(row.eventName).label : row.eventName,
    ...place(row),
    value: row.value !== null && row.currency !== null ? formatMoney(row.value, row.currency) : '–',
    at: clock.time(row.at),
    traceId: row.traceId,
    badge: { state, label, tone },
  };
}

function place({ subject, orderName, contactId }: Row): Pick<Receipt, 'name' | 'url'> {
  if (subject.startsWith(ORDER_GID)) {
    const legacyId = subject.slice(ORDER_GID.length);
    return { name: orderName ?? legacyId, url: `/app/orders/${legacyId}` };
  }
  return { name: 'Chat', url: contactId === null ? '/app/conversations' : `/app/conversations/${contactId}` };
}
