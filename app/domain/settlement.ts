import type { Outcome } from './outcome.ts';
import type { EventReason } from './reason.ts';
import { nextAttempt } from './retry.ts';
import type { UnknownOutcome } from './settings.ts';

/** Where a try leaves its event; `uncertain` counts the tries of which nobody knows whether Meta took the event. */
export type Settlement = {
  state: 'accepted' | 'refused' | 'unknown' | 'due' | 'expired';
  reason: EventReason | null;
  nextAttemptAt: Date | null;
  uncertain: number;
};

/** What is known of the event when its try ends; `attempts` counts this try too, `random` is in 0..1. */
export type Tried = {
  attempts: number;
  uncertain: number;
  deadline: Date;
  unknownOutcome: UnknownOutcome;
  now: Date;
  random: number;
};

/** Every resend of an unknown outcome may count a sale twice, so a shop that asks for them gets few. */
export const MAX_RESENDS = 3;

/** What an outcome means for one event. A wiring fault keeps it due: it waits for its connection, which is paused. */
export function settlementOf(outcome: Outcome, tried: Tried): Settlement {
  const { uncertain } = tried;
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'accepted', reason: null, nextAttemptAt: null, uncertain };
    case 'refused':
      return { state: 'refused', reason: outcome.reason, nextAttemptAt: null, uncertain };
    case 'wiring':
      return { state: 'due', reason: outcome.reason, nextAttemptAt: tried.now, uncertain };
    case 'retry':
      return again(tried, outcome) ?? expired(uncertain);
    case 'unknown': {
      const held: Settlement = {
        state: 'unknown',
        reason: outcome.reason,
        nextAttemptAt: null,
        uncertain: uncertain + 1,
      };
      if (tried.unknownOutcome === 'hold' || held.uncertain > MAX_RESENDS) return held;
      const resent = again(tried, { reason: outcome.reason, waitSeconds: null });
      // Past its deadline it is still unknown, not expired: Meta may have it.
      return resent === null ? held : { ...resent, uncertain: held.uncertain };
    }
  }
}

function again(tried: Tried, cause: { reason: EventReason; waitSeconds: number | null }): Settlement | null {
  const next = nextAttempt({ ...tried, waitSeconds: cause.waitSeconds });
  return next.kind === 'never'
    ? null
    : { state: 'due', reason: cause.reason, nextAttemptAt: next.at, uncertain: tried.uncertain };
}

function expired(uncertain: number): Settlement {
  return { state: 'expired', reason: 'expired', nextAttemptAt: null, uncertain };
}
