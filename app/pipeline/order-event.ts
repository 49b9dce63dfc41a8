import { addressEvent, type CustomData, type DraftEvent, type Region } from '../domain/conversion-event.ts';
import { dataLimits } from '../domain/data-use.ts';
import type { Money } from '../domain/order.ts';
import type { DecidedReport } from '../domain/report.ts';
import type { Transaction } from '../storage/database.ts';
import type { Pipeline } from './context.ts';
import { ANSWER_WAIT_MS, askFirst, saleOptOut, saveAsks, type Ask } from './customer-answers.ts';
import type { Known, StoredClick } from './evidence.ts';
import { numberOf, type Case, type Verdict } from './judge.ts';
import { writeEvents, type NewEvent } from './ledger.ts';
import { referralField } from './sealed.ts';
import type { ShopFacts } from './shop.ts';

/** An event of an order that is to be told, and whom Shopify is to be asked about before it goes. */
export type OrderEvent = NewEvent & { asks: Ask[] };
/** What of an order is told, and to which click it is credited. */
export type Telling = {
  shop: ShopFacts;
  gid: string;
  customerGid: string | null;
  region: Region;
  click: StoredClick;
  report: DecidedReport;
  /** What it says: the words by which it was decided. */
  draft: DraftEvent;
  /** When the event that this one is written in place of was to be sent; null when there is none. */
  dueBefore: Date | null;
};

// So that the event is sent before the time is over in which Meta takes it.
const BEFORE_DEADLINE_MS = 60_000;

/**
 * The event by which an order is told of: to the number's dataset for what happened in the chat, else to the pixel's. One
 * that waits for Shopify's word waits no longer than the one that it replaces. Throws VaultError when the click's key is
 * missing.
 */
export function orderEvent(
  { vault, clock }: Pick<Pipeline, 'vault' | 'clock'>,
  { shop, gid, customerGid, click, report, draft, dueBefore, ...telling }: Telling,
  known: Pick<Known, 'numbers' | 'answers'>,
): OrderEvent {
  const number = numberOf(known, shop, click);
  const { channel, eventName, eventId, eventTime, deadline } = report;
  const connection = channel === 'business_messaging' ? number : known.numbers.get(shop.id)?.pixel;
  const clickId =
    click.sealedClickId === null
      ? null
      : vault.open(click.sealedClickId, referralField(shop.id, click.messageKey, 'click_id'));
  const customer = { shop, customerGid };
  const region = telling.region.country === null ? (draft.region ?? telling.region) : telling.region;
  const limits = dataLimits(shop.settings, region, saleOptOut(known.answers, customer) === true);
  const payload = addressEvent(draft, { report, wabaId: number?.wabaId ?? '', clickId, limits });
  // `decideReport` reports nothing that lacks what its channel must have.
  if (!connection || payload === null) throw new Error(`there is no ${eventName} of ${gid} to be told`);
  const now = clock();
  const asks = report.parked ? [] : askFirst(known.answers, customer, { country: region.country, now });
  const waits = [now.getTime() + ANSWER_WAIT_MS, deadline.getTime() - BEFORE_DEADLINE_MS];
  const notBefore = new Date(Math.min(...waits, dueBefore?.getTime() ?? Infinity));
  const event = {
    ...{ shopId: shop.id, subject: gid, source: 'order' as const, referralId: click.referralId },
    ...{ eventName, channel, connectionId: connection.id, datasetId: connection.datasetId },
    ...{ eventId, eventTime, deadline, value: worthOf(payload.custom_data), payload, asks },
  };
  return report.parked
    ? { ...event, kind: 'parked' }
    : { ...event, kind: 'due', notBefore: asks.length === 0 ? null : notBefore };
}

/** Whom Shopify is to be asked about again: buyers of orders that are kept back for what it said some time ago. */
export function askAgain(
  judged: readonly { case: Case; verdict: Verdict }[],
  { answers }: Pick<Known, 'answers'>,
  now: Date,
): Ask[] {
  return judged.flatMap(({ case: customer, verdict }) =>
    verdict.reason === 'data_sale_opt_out' ? askFirst(answers, customer, { country: null, now }) : [],
  );
}

/** Writes events of orders to the ledger, and has Shopify asked about the buyers whose word they wait for, and `also`. */
export async function writeOrderEvents(
  pipeline: Pipeline,
  tx: Transaction,
  events: readonly OrderEvent[],
  also: readonly Ask[] = [],
): Promise<void> {
  await saveAsks(tx, [...events.flatMap(({ asks }) => asks), ...also], pipeline.clock());
  await writeEvents(pipeline, tx, events);
}

function worthOf(data: CustomData | undefined): Money | null {
  if (data?.value === undefined || data.currency === undefined) return null;
  return { amount: String(data.value), currency: data.currency };
}
