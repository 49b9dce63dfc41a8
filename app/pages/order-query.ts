import { orderState, stateFilter } from '../domain/order-state.ts';
import type { Decision, EventState, StateFilter } from '../domain/order-state.ts';
import type { OrderState, Reason } from '../domain/reason.ts';
import { Prisma } from '../storage/database.ts';

/** The columns that an order's state is read from, under the names that `readState` expects. */
export type StateColumns = {
  decision: Decision;
  reason: string | null;
  eventState: EventState | null;
  attempts: number | null;
  eventReason: string | null;
};

/** An order's ledger row. Aliases: o for orders, e for the event. */
export const ORDERS_WITH_EVENT = Prisma.sql`
  orders o LEFT JOIN conversion_events e
    ON e.shop_id = o.shop_id AND e.subject = o.gid AND e.event_name = 'Purchase'`;

/** Orders of which something that counts points to another chat than the one that was chosen. */
export const EVIDENCE_DISAGREES = Prisma.sql`o.evidence @> '[{"verdict": "disagrees"}]'`;

/** Orders in a state: the domain's own filter as SQL over `ORDERS_WITH_EVENT`. */
export function inState(state: OrderState): Prisma.Sql {
  return Prisma.sql`(${Prisma.join(stateFilter(state).map(alternative), ' OR ')})`;
}

/** Orders that are where they are for a reason, as `readState` tells it. */
export function forReason(reason: Reason): Prisma.Sql {
  return Prisma.sql`${REASON} = ${reason}`;
}

/** An order's reason as `readState` tells it. */
export const REASON = Prisma.sql`
  CASE WHEN o.decision::text IN ('withheld', 'not_attributed') THEN o.reason
    WHEN o.decision::text = 'report' THEN
      CASE e.state::text WHEN 'accepted' THEN NULL WHEN 'expired' THEN 'expired' ELSE e.reason END
  END`;

/** The state and reason of a row that holds `StateColumns`. */
export function readState(row: StateColumns): { state: OrderState; reason: Reason | null } {
  const { decision, reason, eventState, attempts, eventReason } = row;
  const event =
    eventState === null ? null : { state: eventState, attempts: attempts ?? 0, reason: eventReason };
  return orderState({ decision, reason, event });
}

function alternative(filter: StateFilter): Prisma.Sql {
  const conditions = [Prisma.sql`o.decision::text = ${filter.decision}`];
  // A reported order whose ledger row is missing counts as one that was never tried, here as in orderState.
  if (filter.eventStates !== null)
    conditions.push(Prisma.sql`COALESCE(e.state::text, 'due') IN (${Prisma.join([...filter.eventStates])})`);
  if (filter.minAttempts !== null)
    conditions.push(Prisma.sql`COALESCE(e.attempts, 0) >= ${filter.minAttempts}`);
  if (filter.maxAttempts !== null)
    conditions.push(Prisma.sql`COALESCE(e.attempts, 0) <= ${filter.maxAttempts}`);
  return Prisma.sql`(${Prisma.join(conditions, ' AND ')})`;
}
