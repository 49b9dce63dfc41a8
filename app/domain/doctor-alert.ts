import type { CheckName, CheckResult, Finding } from './doctor-words.ts';

// What fails for the reason that something else fails is not told of a second time.
const EXPLAINED_BY: Partial<Record<CheckName, readonly CheckName[]>> = {
  token_expiry: ['token_valid'],
  permissions: ['token_valid'],
  waba_reachable: ['token_valid', 'permissions'],
  number_state: ['token_valid', 'waba_reachable'],
  app_subscribed: ['token_valid', 'waba_reachable', 'number_state'],
  dataset_of_waba: ['token_valid', 'waba_reachable'],
  probe: ['token_valid', 'permissions', 'waba_reachable', 'dataset_of_waba', 'clock_skew'],
};

/** A result that says something. */
export type KnownResult = Exclude<CheckResult, 'unknown'>;
export type AlertStep = 'raise' | 'raise_again' | 'clear' | 'leave';

/**
 * What a finding does to its alert, given the last result before it that said something (null: there is none) and all
 * findings of the same connection: what gets worse is told once, and what is new and merely worth a look is not. A parked
 * name has an alert of its own from the moment on that Meta refused it.
 */
export function alertStep(
  before: KnownResult | null,
  finding: Finding,
  findings: readonly Finding[],
): AlertStep {
  if (finding.name === 'parked_events') return 'leave';
  const explained = isExplained(finding.name, findings);
  switch (finding.result) {
    case 'ok':
      return 'clear';
    case 'unknown':
      return 'leave';
    case 'failed':
      if (explained) return 'leave';
      return before === 'warning' ? 'raise_again' : 'raise';
    case 'warning':
      return explained || before === null || before === 'warning' || before === 'failed' ? 'leave' : 'raise';
  }
}

/** Whether a check of a connection fails, if it does, for the reason that another one fails. */
export function isExplained(
  name: CheckName,
  findings: readonly { name: string; result: CheckResult }[],
): boolean {
  const causes: readonly string[] = EXPLAINED_BY[name] ?? [];
  return findings.some((other) => other.result === 'failed' && causes.includes(other.name));
}
