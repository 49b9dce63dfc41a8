import type { Evidence } from '../domain/link.ts';
import type { Provenance } from '../domain/provenance.ts';
import { ORDER_STATES, type OrderState } from '../domain/reason.ts';
import { inState, ORDERS_WITH_EVENT, readState, type StateColumns } from '../pages/order-query.ts';
import { Prisma } from '../storage/database.ts';
import { readFlags, requireShop, shopDomain, table, UsageError, type Command } from './command.ts';

type Row = StateColumns & {
  orderId: string;
  name: string;
  provenance: Provenance;
  source: string | null;
  evidence: Partial<Evidence>[];
  credits: { referral: string | null; share: number }[] | null;
  referral: string | null;
  value: string;
  net: string;
  currency: string;
};

export const orders: Command = {
  usage: 'orders --shop DOMAIN [--state S]',
  purpose: 'one line per order: its state, why, the evidence and the ad that earned it',
  prepare(args) {
    const flags = readFlags(args, ['shop'], ['state']);
    const domain = shopDomain(flags.shop);
    const state = readOrderState(flags.state);
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const rows = await pipeline.db.$queryRaw<Row[]>(Prisma.sql`
        SELECT o.gid AS "orderId", o.name, o.decision::text AS decision, o.reason, o.evidence, r.source_id AS referral,
          o.provenance::text AS provenance, o.source_name AS source, COALESCE(o.paid_total, o.total)::float8::text AS value,
          COALESCE(o.current_total, o.paid_total, o.total)::float8::text AS net, o.currency,
          e.state::text AS "eventState", e.attempts, e.reason AS "eventReason",
          (SELECT jsonb_agg(jsonb_build_object('referral', p.source_id, 'share', c.share) ORDER BY p.clicked_at)
            FROM jsonb_to_recordset(o.credits) AS c("referralId" uuid, share float8)
            JOIN referrals p ON p.shop_id = o.shop_id AND p.id = c."referralId") AS credits
        FROM ${ORDERS_WITH_EVENT}
        LEFT JOIN referrals r ON r.shop_id = o.shop_id AND r.id = o.referral_id
        WHERE o.shop_id = ${shop.id} AND ${state === null ? Prisma.sql`TRUE` : inState(state)}
        ORDER BY o.placed_at DESC, o.gid DESC`);
      const list = rows.map(toOrder);
      const lines = list.map(({ evidence: _, credits: __, ...order }) => order);
      return { json: list, text: table(lines, 'no orders') };
    };
  },
};

function toOrder(row: Row) {
  const chosen = row.evidence.find((one) => one.chosen);
  return {
    order_id: row.orderId,
    name: row.name,
    ...readState(row),
    provenance: row.provenance,
    source_name: row.source,
    signal: chosen?.signal ?? null,
    strength: chosen?.strength ?? null,
    disagreement: row.evidence.some(({ verdict }) => verdict === 'disagrees'),
    evidence: row.evidence.map(toEvidence),
    referral: row.referral,
    credits: row.credits ?? [],
    value: Number(row.value),
    net: Number(row.net),
    currency: row.currency,
  };
}

// What was decided before there were verdicts has none.
function toEvidence({
  signal,
  source,
  basis,
  strength,
  masked,
  chosen,
  contactId,
  verdict,
  why,
}: Partial<Evidence>) {
  return {
    signal,
    source,
    basis: basis ?? null,
    strength,
    masked: masked ?? null,
    chosen,
    verdict: verdict ?? null,
    why: why ?? null,
    contact: contactId ?? null,
  };
}

function readOrderState(given: string | null): OrderState | null {
  if (given === null) return null;
  const state = ORDER_STATES.find((candidate) => candidate === given);
  if (!state) throw new UsageError(`--state must be one of ${ORDER_STATES.join(', ')}`);
  return state;
}
