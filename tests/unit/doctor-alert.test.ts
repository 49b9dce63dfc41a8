import { expect, test } from 'vitest';
import { alertStep, type AlertStep, type KnownResult } from '../../app/domain/doctor-alert.ts';
import type { CheckName, CheckResult, Finding } from '../../app/domain/doctor-words.ts';

function finding(name: CheckName, result: CheckResult): Finding {
  return { name, result, detail: 'words', fix: null };
}

test.each<[before: KnownResult | null, now: CheckResult, step: AlertStep]>([
  [null, 'ok', 'clear'],
  [null, 'warning', 'leave'],
  [null, 'failed', 'raise'],
  [null, 'unknown', 'leave'],
  ['ok', 'ok', 'clear'],
  ['ok', 'warning', 'raise'],
  ['ok', 'failed', 'raise'],
  ['ok', 'unknown', 'leave'],
  ['warning', 'ok', 'clear'],
  ['warning', 'warning', 'leave'],
  ['warning', 'failed', 'raise_again'],
  ['warning', 'unknown', 'leave'],
  ['failed', 'ok', 'clear'],
  ['failed', 'warning', 'leave'],
  ['failed', 'failed', 'raise'],
  ['failed', 'unknown', 'leave'],
])('from %s to %s: %s', (before, now, step) => {
  const one = finding('usage', now);
  expect(alertStep(before, one, [one])).toBe(step);
});

test('what fails because something else fails raises no alert of its own', () => {
  const findings = [
    finding('token_valid', 'failed'),
    finding('permissions', 'failed'),
    finding('probe', 'failed'),
    finding('webhook_seen', 'failed'),
  ];
  expect(findings.map((one) => alertStep('ok', one, findings))).toEqual(['raise', 'leave', 'leave', 'raise']);
});

test('a cause that merely warns explains no failure', () => {
  const findings = [finding('clock_skew', 'warning'), finding('probe', 'failed')];
  expect(findings.map((one) => alertStep('ok', one, findings))).toEqual(['raise', 'raise']);
});

test('a parked name, which raised its own alert when Meta refused it, raises no second one', () => {
  for (const result of ['ok', 'warning', 'failed'] as const) {
    const one = finding('parked_events', result);
    expect(alertStep('ok', one, [one])).toBe('leave');
  }
});
