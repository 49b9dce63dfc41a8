import { expect, test } from 'vitest';
import { classifyOutcome, errorCode } from '../../app/domain/outcome.ts';
import type { SendResult } from '../../app/domain/outcome.ts';

function answered(
  status: number,
  body: unknown,
  waits: Partial<Extract<SendResult, { kind: 'answered' }>> = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    kind: 'answered',
    status,
    retryAfterSeconds: null,
    usageWaitSeconds: null,
    body: text,
    ...waits,
  } as const;
}

function graphError(code: number, subcode: number | null = null, transient = false) {
  return {
    error: {
      message: 'Invalid parameter',
      type: 'OAuthException',
      code,
      ...(subcode !== null && { error_subcode: subcode }),
      is_transient: transient,
      error_user_msg: 'Texte traduit',
      fbtrace_id: 'A6UyEgg',
    },
  };
}

test('a receipt for what was sent is an acceptance, with its warnings', () => {
  const body = { events_received: 1, messages: ['Slow down', 5, ''], fbtrace_id: 'Ap15' };
  expect(classifyOutcome(answered(200, body), 1)).toEqual({
    kind: 'accepted',
    fbtraceId: 'Ap15',
    warnings: ['Slow down'],
  });
});

test.each([0, 1, -1, 2.5])('a receipt of %j for three events is not an acceptance', (events_received) => {
  expect(classifyOutcome(answered(200, { events_received }), 3)).toEqual({
    kind: 'unknown',
    reason: 'short_receipt',
    error: null,
  });
});

test.each(['', '<html>', '[]', 'null', '{}', '{"events_received":"1"}'])(
  '200 with %j leaves it unknown',
  (body) => {
    expect(classifyOutcome(answered(200, body), 1)).toEqual({
      kind: 'unknown',
      reason: 'unreadable_answer',
      error: null,
    });
  },
);

test('an error inside a 200 leaves it unknown', () => {
  expect(classifyOutcome(answered(200, graphError(1)), 1)).toMatchObject({
    kind: 'unknown',
    error: { code: 1 },
  });
});

test.each([
  [400, 100, 2804003, 'refused', 'refused_too_old'],
  [400, 100, 2804009, 'refused', 'refused_amount'],
  [400, 100, 2804066, 'refused', 'refused_event_name'],
  [400, 100, 2804087, 'refused', 'refused_click_id'],
  [400, 100, 2804063, 'refused', 'refused_payload'],
  [400, 100, 2804019, 'refused', 'refused_payload'],
  [400, 100, null, 'refused', 'refused_payload'],
  [500, 1, 99, 'refused', 'refused_payload'],
  [400, 100, 33, 'wiring', 'wiring_dataset'],
  [400, 100, 2804131, 'wiring', 'wiring_dataset'],
  [400, 100, 2804132, 'wiring', 'wiring_dataset'],
  [400, 100, 2804116, 'wiring', 'wiring_dataset'],
  [401, 190, null, 'wiring', 'wiring_token'],
  [400, 190, 463, 'wiring', 'wiring_token'],
  [400, 102, null, 'wiring', 'wiring_token'],
  [403, 10, null, 'wiring', 'wiring_permission'],
  [403, 200, null, 'wiring', 'wiring_permission'],
  [403, 294, null, 'wiring', 'wiring_permission'],
  [401, 77777, null, 'wiring', 'wiring_token'],
  [403, 77777, null, 'wiring', 'wiring_permission'],
  [400, 4, null, 'retry', 'throttled'],
  [400, 17, 2446079, 'retry', 'throttled'],
  [400, 613, 1487742, 'retry', 'throttled'],
  [400, 80004, null, 'retry', 'throttled'],
  [429, 77777, null, 'retry', 'throttled'],
  [500, 1, null, 'retry', 'meta_unavailable'],
  [503, 2, null, 'retry', 'meta_unavailable'],
  [500, 77777, null, 'retry', 'meta_unavailable'],
  [400, 368, null, 'retry', 'policy_block'],
  [400, 2635, null, 'retry', 'outdated_version'],
  [400, 77777, null, 'refused', 'refused_payload'],
] as const)('%i with Graph error %i/%s is %s: %s', (status, code, subcode, kind, reason) => {
  expect(classifyOutcome(answered(status, graphError(code, subcode)), 1)).toMatchObject({
    kind,
    reason,
    error: { code, subcode, fbtraceId: 'A6UyEgg', transient: false },
  });
});

test('what Meta calls transient is tried again unless the wiring is wrong', () => {
  expect(classifyOutcome(answered(400, graphError(100, 2804777, true)), 1)).toMatchObject({
    reason: 'meta_unavailable',
  });
  expect(classifyOutcome(answered(400, graphError(77777, null, true)), 1)).toMatchObject({
    reason: 'meta_unavailable',
  });
  expect(classifyOutcome(answered(400, graphError(190, null, true)), 1)).toMatchObject({
    reason: 'wiring_token',
  });
});

test.each([
  [500, '<html>'],
  [502, ''],
  [503, '{}'],
  [404, 'Not found'],
  [302, ''],
  [400, '{"error":"bad"}'],
  [400, '{"error":{"code":"x"}}'],
])('%i with %j and no Graph error leaves it unknown', (status, body) => {
  expect(classifyOutcome(answered(status, body), 1)).toEqual({
    kind: 'unknown',
    reason: 'unreadable_answer',
    error: null,
  });
});

test('429 without a Graph error was turned away at the door', () => {
  const outcome = classifyOutcome(answered(429, 'slow down', { retryAfterSeconds: 30 }), 1);
  expect(outcome).toEqual({ kind: 'retry', reason: 'throttled', waitSeconds: 30, error: null });
});

test('the longer of the two waits that Meta asks for counts', () => {
  const waits = (retryAfterSeconds: number | null, usageWaitSeconds: number | null) => {
    const outcome = classifyOutcome(answered(400, graphError(4), { retryAfterSeconds, usageWaitSeconds }), 1);
    return outcome.kind === 'retry' ? outcome.waitSeconds : undefined;
  };
  expect([waits(30, 600), waits(60, null), waits(null, null), waits(-1, Number.NaN)]).toEqual([
    600,
    60,
    null,
    null,
  ]);
});

test('what never left may be sent again, and what was cut may not', () => {
  expect(classifyOutcome({ kind: 'never_left', detail: 'ENOTFOUND' }, 1)).toEqual({
    kind: 'retry',
    reason: 'not_reached',
    waitSeconds: null,
    error: null,
  });
  expect(classifyOutcome({ kind: 'cut', detail: 'timeout' }, 1)).toEqual({
    kind: 'unknown',
    reason: 'no_answer',
    error: null,
  });
});

test('the code for people has the subcode when there is one', () => {
  const error = { code: 100, subcode: 2804087, fbtraceId: null, transient: false };
  expect(errorCode(error)).toBe('100/2804087');
  expect(errorCode({ ...error, code: 190, subcode: null })).toBe('190');
});
