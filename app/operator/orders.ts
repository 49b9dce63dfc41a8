import { ORDER_STATES, type OrderState } from '../domain/reason.ts';
import { inState, ORDERS_WITH_EVENT, readState, type StateColumns } from '../pages/order-query.ts';
import { Prisma } from '../storage/database.ts';
import { readFlags, requireShop, shopDomain, table, UsageError, type Command } from './command.ts';

type Row = StateColumns & {
  orderId: string;
  name: string;
  evidence: {
    signal: string;
    source: string;
    basis: string;
    strength: string;
    masked: string;
    chosen: boolean;
  }[];
  referral: string | null;
  value: string;
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
          COALESCE(o.paid_total, o.total)::float8::text AS value, o.currency,
          e.state::text AS "eventState", e.attempts, e.reason AS "eventReason"
        FROM ${ORDERS_WITH_EVENT}
        LEFT JOIN referrals r ON r.shop_id = o.shop_id AND r.id = o.referral_id
        WHERE o.shop_id = ${shop.id} AND ${state === null ? Prisma.sql`TRUE` : inState(state)}
        ORDER BY o.placed_at DESC, o.gid DESC`);
      const list = rows.map((row) => ({
        order_id: row.orderId,
        name: row.name,
        ...readState(row),
        evidence: row.evidence.map(({ signal, source, basis, strength, masked, chosen }) => ({
          signal,
          source,
          basis,
          strength,
          masked,
          chosen,
        })),
        referral: row.referral,
        value: Number(row.value),
        currency: row.currency,
      }));
      const lines = list.map(({ evidence, ...order }) => ({
        ...order,
        evidence: evidence.find((one) => one.chosen)?.signal ?? null,
      }));
      return { json: list, text: table(lines, 'no orders') };
    };
  },
};

function readOrderState(given: string | null): OrderState | null {
  if (given === null) return null;
  const state = ORDER_STATES.find((candidate) => candidate === given);
  if (!state) throw new UsageError(`--state must be one of ${ORDER_STATES.join(', ')}`);
  return state;
}
