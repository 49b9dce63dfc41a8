const SECOND_MS = 1000;
const LADDER_SECONDS = [5, 30, 2 * 60, 10 * 60, 30 * 60, 60 * 60, 2 * 60 * 60] as const;
const LAST_RUNG_SECONDS = 4 * 60 * 60;
const JITTER = 0.2;

/**
 * When to try again, or never if that would be past the deadline. `attempts` are those already made; `random` in
 * 0..1 spreads the delay by ±20 %; `waitSeconds` is what Meta asked for and can only delay.
 */
export function nextAttempt(input: {
  attempts: number;
  now: Date;
  deadline: Date;
  waitSeconds: number | null;
  random: number;
}): { kind: 'at'; at: Date } | { kind: 'never' } {
  const rung = LADDER_SECONDS[Math.max(0, input.attempts - 1)] ?? LAST_RUNG_SECONDS;
  const spread = 1 - JITTER + 2 * JITTER * Math.min(1, Math.max(0, input.random));
  // Rounded up: a millisecond less than what Meta asked for would be too early.
  const waitMs = Math.ceil((input.waitSeconds ?? 0) * SECOND_MS);
  const at = input.now.getTime() + Math.max(Math.round(rung * spread * SECOND_MS), waitMs);
  return at <= input.deadline.getTime() ? { kind: 'at', at: new Date(at) } : { kind: 'never' };
}
