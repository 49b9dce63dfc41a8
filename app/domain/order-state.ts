import type { OrderState, Reason } from './reason.ts';
import { isReason } from './reason.ts';

export type Decision = 'pending' | 'report' | 'withheld' | 'not_attributed';
export type EventState = 'due' | 'sending' | 'accepted' | 'refused' | 'unknown' | 'withheld' | 'expired';

/**
 * One alternative of a database filter. `attempted` says whether the event was tried before the current try;
 * `minAttempts` and `maxAttempts` are the same as bounds on the ledger's count, which is raised when a try is claimed.
 */
export type StateFilter = {
  decision: Decision;
  eventStates: readonly EventState[] | null;
  attempted: boolean | null;
  minAttempts: number | null;
  maxAttempts: number | null;
};

/**
 * The one derivation of an order's state from its decision and its ledger row. A reported order whose row is not
 * there yet counts as queued. A stored reason outside the closed list is given as null.
 */
export function orderState(input: {
  decision: Decision;
  reason: string | null;
  event: { state: EventState; attempts: number; reason: string | null } | null;
}): { state: OrderState; reason: Reason | null } {
  switch (input.decision) {
    case 'pending':
      return { state: 'unpaid', reason: null };
    case 'not_attributed':
      return { state: 'not_attributed', reason: known(input.reason) };
    case 'withheld':
      return { state: 'withheld', reason: known(input.reason) };
    case 'report':
      return input.event === null ? { state: 'queued', reason: null } : eventOrderState(input.event);
  }
}

function eventOrderState(event: { state: EventState; attempts: number; reason: string | null }): {
  state: OrderState;
  reason: Reason | null;
} {
  const reason = known(event.reason);
  switch (event.state) {
    case 'accepted':
      return { state: 'reported', reason: null };
    case 'due':
      return { state: event.attempts === 0 ? 'queued' : 'retrying', reason };
    case 'sending':
      return { state: event.attempts <= 1 ? 'queued' : 'retrying', reason };
    case 'unknown':
    case 'refused':
    case 'withheld':
      return { state: event.state, reason };
    case 'expired':
      return { state: 'withheld', reason: 'expired' };
  }
}

/** `orderState` read backwards: an order is in the state when any of these matches it. */
export function stateFilter(state: OrderState): readonly StateFilter[] {
  switch (state) {
    case 'unpaid':
      return [decided('pending')];
    case 'not_attributed':
      return [decided('not_attributed')];
    case 'withheld':
      return [decided('withheld'), inEvent('withheld', 'expired')];
    case 'reported':
      return [inEvent('accepted')];
    case 'refused':
    case 'unknown':
      return [inEvent(state)];
    case 'queued':
      return [
        { ...inEvent('due'), attempted: false, maxAttempts: 0 },
        { ...inEvent('sending'), attempted: false, maxAttempts: 1 },
      ];
    case 'retrying':
      return [
        { ...inEvent('due'), attempted: true, minAttempts: 1 },
        { ...inEvent('sending'), attempted: true, minAttempts: 2 },
      ];
  }
}

function decided(decision: Decision): StateFilter {
  return { decision, eventStates: null, attempted: null, minAttempts: null, maxAttempts: null };
}

function inEvent(...eventStates: readonly EventState[]): StateFilter {
  return { ...decided('report'), eventStates };
}

function known(reason: string | null): Reason | null {
  return reason !== null && isReason(reason) ? reason : null;
}
