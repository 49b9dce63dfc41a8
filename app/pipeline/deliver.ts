import { checkEvent, type ConversionEventPayload } from '../domain/conversion-event.ts';
import type { ConnectionId, EventRowId, ShopId } from '../domain/ids.ts';
import { classifyOutcome, errorCode, type Outcome, type SendResult } from '../domain/outcome.ts';
import type { EventReason } from '../domain/reason.ts';
import { nextAttempt } from '../domain/retry.ts';
import { sendEvents } from '../platforms/meta/events.ts';
import { Prisma } from '../storage/database.ts';
import type { Pipeline } from './context.ts';
import { connectionSecret, eventPayload } from './sealed.ts';

type Claimed = {
  shopId: ShopId;
  id: EventRowId;
  connectionId: ConnectionId;
  datasetId: string;
  payload: string;
  token: string;
  attempts: number;
  deadline: Date;
};

type Settlement = {
  shopId: ShopId;
  id: EventRowId;
  state: 'accepted' | 'refused' | 'unknown' | 'due' | 'expired';
  reason: EventReason | null;
  nextAttemptAt: Date | null;
  httpStatus: number | null;
  errorCode: string | null;
  answer: string | null;
  fbtraceId: string | null;
};

const BATCH = 16;
// Longer than a request can take: a row whose lease has run out belongs to a worker that died while sending.
const LEASE_MS = 60_000;
const KEY_WAIT_MS = 5 * 60_000;
const MAX_ANSWER_CHARACTERS = 4_096;

/**
 * Sends due events. Each row is `sending` in the database before its request leaves, and a row found in that state after
 * its lease becomes `unknown`, never due again: Meta does not deduplicate messaging events
 * (https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging). Returns how many were claimed.
 */
export async function deliverBatch(pipeline: Pipeline): Promise<number> {
  const claimed = await claim(pipeline);
  const settlements = await Promise.all(claimed.map((event) => deliver(pipeline, event)));
  if (settlements.length > 0) await settle(pipeline, settlements);
  for (const { state } of settlements) pipeline.metrics.sent.inc({ outcome: state });
  return claimed.length;
}

/** Moves rows that no request can help any more: past their deadline, or left behind by a worker that died. */
export async function sweepEvents(pipeline: Pipeline): Promise<void> {
  const now = pipeline.clock();
  await pipeline.db.$executeRaw(Prisma.sql`
    UPDATE conversion_events SET state = 'expired', reason = 'expired', settled_at = ${now}
    WHERE state = 'due' AND deadline <= ${now}`);
  // Erased while it was being sent: a retry has nothing left to send.
  await pipeline.db.$executeRaw(Prisma.sql`
    UPDATE conversion_events SET state = 'withheld', reason = 'customer_erased', settled_at = ${now}
    WHERE state = 'due' AND payload = ''`);
  await pipeline.db.$executeRaw(Prisma.sql`
    UPDATE conversion_events SET state = 'unknown', reason = 'no_answer', settled_at = ${now}
    WHERE state = 'sending' AND lease_until <= ${now}`);
}

async function claim(pipeline: Pipeline): Promise<Claimed[]> {
  const now = pipeline.clock();
  return pipeline.db.$queryRaw<Claimed[]>(Prisma.sql`
    UPDATE conversion_events e
    SET state = 'sending', attempts = e.attempts + 1, lease_until = ${new Date(now.getTime() + LEASE_MS)},
      sent_at = COALESCE(e.sent_at, ${now}), dataset_id = due.dataset_id
    FROM (
      SELECT d.shop_id, d.id, c.dataset_id, c.token
      FROM conversion_events d
      JOIN whatsapp_connections c ON c.shop_id = d.shop_id AND c.id = d.connection_id AND c.state = 'active'
      JOIN shops s ON s.id = d.shop_id AND s.uninstalled_at IS NULL
      WHERE d.state = 'due' AND d.next_attempt_at <= ${now} AND d.deadline > ${now} AND d.payload <> ''
      ORDER BY d.next_attempt_at LIMIT ${BATCH} FOR UPDATE OF d SKIP LOCKED
    ) due
    WHERE e.shop_id = due.shop_id AND e.id = due.id
    RETURNING e.shop_id AS "shopId", e.id, e.connection_id AS "connectionId", e.dataset_id AS "datasetId", e.payload,
      due.token, e.attempts, e.deadline`);
}

async function deliver(pipeline: Pipeline, event: Claimed): Promise<Settlement> {
  const opened = unseal(pipeline, event);
  // Nothing has been sent, so the row may wait until its key is back.
  if (opened === null)
    return { ...blank(event), nextAttemptAt: new Date(pipeline.clock().getTime() + KEY_WAIT_MS) };
  const { payload, token } = opened;
  const problems = checkEvent(payload, pipeline.clock());
  if (problems.length > 0) return refusedHere(event, problems);

  const result = await sendEvents(pipeline.graph, { datasetId: event.datasetId, token, events: [payload] });
  const outcome = classifyOutcome(result, 1);
  if (outcome.kind === 'wiring') await pauseConnection(pipeline, event, outcome.reason);
  return settlementOf(pipeline, event, result, outcome);
}

function unseal(
  pipeline: Pipeline,
  event: Claimed,
): { payload: ConversionEventPayload; token: string } | null {
  const { shopId, id, connectionId } = event;
  try {
    const payload = pipeline.vault.open(event.payload, eventPayload(shopId, id));
    const token = pipeline.vault.open(event.token, connectionSecret(shopId, connectionId, 'token'));
    return { payload: JSON.parse(payload) as ConversionEventPayload, token };
  } catch (error) {
    pipeline.log.error({ err: error, shop: shopId, event: id }, 'a sealed event or token does not open');
    return null;
  }
}

/** What Meta would refuse is not sent: one bad event refuses the whole request it is in. */
function refusedHere(event: Claimed, problems: readonly { field: string; problem: string }[]): Settlement {
  return {
    ...blank(event),
    state: 'refused',
    reason: 'refused_payload',
    answer: problems.map(({ field, problem }) => `${field}: ${problem}`).join('\n'),
  };
}

function settlementOf(pipeline: Pipeline, event: Claimed, result: SendResult, outcome: Outcome): Settlement {
  const base: Settlement = {
    ...blank(event),
    httpStatus: result.kind === 'answered' ? result.status : null,
    answer: (result.kind === 'answered' ? result.body : result.detail).slice(0, MAX_ANSWER_CHARACTERS),
  };
  if (outcome.kind === 'accepted') return { ...base, state: 'accepted', fbtraceId: outcome.fbtraceId };

  const failed: Settlement = {
    ...base,
    reason: outcome.reason,
    errorCode: outcome.error && errorCode(outcome.error),
    fbtraceId: outcome.error?.fbtraceId ?? null,
  };
  switch (outcome.kind) {
    case 'refused':
      return { ...failed, state: 'refused' };
    case 'unknown':
      return { ...failed, state: 'unknown' };
    case 'wiring':
      // Waits for the connection, which is paused now; its own deadline still holds.
      return { ...failed, state: 'due', nextAttemptAt: pipeline.clock() };
    case 'retry': {
      const { attempts, deadline } = event;
      const { waitSeconds } = outcome;
      const next = nextAttempt({
        attempts,
        now: pipeline.clock(),
        deadline,
        waitSeconds,
        random: pipeline.random(),
      });
      return next.kind === 'at'
        ? { ...failed, state: 'due', nextAttemptAt: next.at }
        : { ...failed, state: 'expired', reason: 'expired' };
    }
  }
}

function blank({ shopId, id }: Claimed): Settlement {
  return {
    shopId,
    id,
    state: 'due',
    reason: null,
    nextAttemptAt: null,
    httpStatus: null,
    errorCode: null,
    answer: null,
    fbtraceId: null,
  };
}

async function pauseConnection(pipeline: Pipeline, event: Claimed, reason: EventReason): Promise<void> {
  const { count } = await pipeline.db.whatsAppConnection.updateMany({
    // Connected again meanwhile, it has another token, which was not refused.
    where: { shopId: event.shopId, id: event.connectionId, state: 'active', token: event.token },
    data: { state: 'paused', stateReason: reason, stateSince: pipeline.clock() },
  });
  if (count > 0)
    pipeline.log.warn({ shop: event.shopId, connection: event.connectionId, reason }, 'connection paused');
}

async function settle(pipeline: Pipeline, settlements: readonly Settlement[]): Promise<void> {
  const column = <T>(read: (row: Settlement) => T): T[] => settlements.map(read);
  await pipeline.db.$executeRaw(Prisma.sql`
    UPDATE conversion_events e SET state = s.state::event_state, reason = s.reason, lease_until = NULL,
      next_attempt_at = COALESCE(s.next_attempt_at, e.next_attempt_at), http_status = s.http_status,
      error_code = s.error_code, answer = s.answer, fbtrace_id = s.fbtrace_id,
      settled_at = CASE WHEN s.state = 'due' THEN NULL ELSE ${pipeline.clock()}::timestamptz END
    FROM unnest(${column((s) => s.shopId)}::int[], ${column((s) => s.id)}::uuid[], ${column((s) => s.state)}::text[],
      ${column((s) => s.reason)}::text[], ${column((s) => s.nextAttemptAt)}::timestamptz[],
      ${column((s) => s.httpStatus)}::int[], ${column((s) => s.errorCode)}::text[], ${column((s) => s.answer)}::text[],
      ${column((s) => s.fbtraceId)}::text[])
      AS s(shop_id, id, state, reason, next_attempt_at, http_status, error_code, answer, fbtrace_id)
    WHERE e.shop_id = s.shop_id AND e.id = s.id AND e.state = 'sending'`);
}
