import type { ChatEventPayload } from '../../app/domain/conversion-event.ts';
import type { ReferralId } from '../../app/domain/ids.ts';
import { writeEvents } from '../../app/pipeline/ledger.ts';
import type { PretendMeta } from '../sandbox/pretend-meta.ts';
import { CLICK_ID, type Connection, type Tieback } from './tieback.ts';

const HOUR_MS = 60 * 60_000;

/** A click id that Meta never gave out: it refuses the event, and the whole request with it. */
export const BAD_CLICK = 'NotAClickOfThisAccount';

// The ledger keeps it without looking.
const REFERRAL = '01990000-0000-7000-8000-000000000001' as ReferralId;

type Sale = { id: number; clickId?: string; items?: number };

/** Writes sales of this connection to the ledger as if orders had been decided now; returns their event ids. */
export async function addSales(
  { pipeline, meta }: Tieback,
  connection: Connection,
  sales: readonly Sale[],
): Promise<string[]> {
  for (const { clickId = CLICK_ID } of sales) {
    if (clickId !== BAD_CLICK) meta.addClick({ ctwaClid: clickId, wabaId: connection.wabaId });
  }
  const now = pipeline.clock();
  const events = sales.map(({ id, clickId = CLICK_ID, items = 0 }) => ({
    kind: 'due' as const,
    source: 'order' as const,
    referralId: REFERRAL,
    notBefore: null,
    shopId: connection.shopId,
    subject: `gid://shopify/Order/${id}`,
    eventName: 'Purchase' as const,
    channel: 'business_messaging' as const,
    connectionId: connection.connectionId,
    datasetId: connection.datasetId,
    eventId: `shopify:order:${id}:Purchase`,
    eventTime: now,
    deadline: new Date(now.getTime() + (7 * 24 - 1) * HOUR_MS),
    value: { amount: '10.5', currency: 'BRL' },
    payload: saleOf({ id, clickId, items, wabaId: connection.wabaId, now }),
  }));
  await pipeline.db.$transaction((tx) => writeEvents(pipeline, tx, events));
  return events.map(({ eventId }) => eventId);
}

/** The event as Meta gets it. */
export function saleOf(sale: {
  id: number;
  clickId: string;
  items?: number;
  wabaId: string;
  now: Date;
}): ChatEventPayload {
  return {
    event_name: 'Purchase',
    event_time: Math.floor(sale.now.getTime() / 1000),
    event_id: `shopify:order:${sale.id}:Purchase`,
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: { whatsapp_business_account_id: sale.wabaId, ctwa_clid: sale.clickId },
    custom_data: {
      currency: 'BRL',
      value: 10.5,
      order_id: String(sale.id),
      ...(sale.items && {
        contents: Array.from({ length: sale.items }, () => ({ id: '44100000000001', quantity: 1 })),
      }),
    },
  };
}

/** Sales numbered from 1. */
export const numbered = (count: number, from = 1): Sale[] =>
  Array.from({ length: count }, (_, index) => ({ id: from + index }));

/** How many events each request to Meta's events edge held, probes left out. */
export function requestSizes(meta: PretendMeta): number[] {
  return saleRequests(meta).map(({ data }) => data.length);
}

/** The requests that held sales, with Meta's status and their events. */
export function saleRequests(
  meta: PretendMeta,
): { path: string; status: number; data: { event_id: string }[] }[] {
  return eventRequests(meta).filter(({ data }) => data[0]?.event_name === 'Purchase');
}

/** The probes of paused connections. */
export function probeRequests(meta: PretendMeta): { path: string; status: number }[] {
  return eventRequests(meta).filter(({ data }) => data[0]?.event_name === 'LeadSubmitted');
}

function eventRequests(meta: PretendMeta) {
  return meta
    .requests()
    .filter(({ path }) => path.endsWith('/events'))
    .map(({ path, status, body }) => ({
      path,
      status,
      data: (body as { data: { event_id: string; event_name: string }[] }).data,
    }));
}

/** How many events are in each state. */
export async function statesOf({ pipeline }: Tieback): Promise<Record<string, number>> {
  const groups = await pipeline.db.conversionEvent.groupBy({ by: ['state'], _count: true });
  return Object.fromEntries(groups.map(({ state, _count }) => [state, _count]));
}
