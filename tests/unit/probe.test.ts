import { expect, test } from 'vitest';
import type { SendResult } from '../../app/domain/outcome.ts';
import { nextProbe, probeEvent, probePixelEvent, readProbe } from '../../app/domain/probe.ts';

const NOW = new Date('2026-11-18T12:00:00.900Z');

function answered(status: number, body: unknown): SendResult {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answered', status, retryAfterSeconds: null, usageWaitSeconds: null, body: text };
}
const refusal = (code: number, error_subcode?: number) => answered(400, { error: { code, error_subcode } });

test('a probe carries a click id that cannot be one, names no sale and has nobody’s data', () => {
  // A minute ago: Meta refuses a time ahead of its own clock, by which ours may be ahead.
  const seconds = NOW.getTime() / 1000 - 60.9;
  expect(probeEvent('102290129340398', NOW)).toEqual({
    event_name: 'LeadSubmitted',
    event_time: seconds,
    event_id: `tieback:probe:${seconds}`,
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: {
      whatsapp_business_account_id: '102290129340398',
      ctwa_clid: 'tieback-wiring-probe-not-a-click',
    },
  });
});

test('exactly 100/2804087 shows that the wiring is right', () => {
  expect(readProbe(refusal(100, 2804087))).toEqual({ kind: 'wired' });
});

test('a pixel’s probe is of 8 days ago, under a name of no event, and of nobody', () => {
  const seconds = NOW.getTime() / 1000 - 0.9 - 8 * 24 * 60 * 60;
  expect(probePixelEvent(NOW)).toEqual({
    event_name: 'TiebackWiringProbe',
    event_time: seconds,
    event_id: `tieback:probe:${seconds}`,
    action_source: 'website',
    event_source_url: 'https://tieback.invalid/wiring-probe',
    user_data: {
      client_user_agent: 'Tieback wiring probe',
      external_id: [expect.stringMatching(/^[0-9a-f]{64}$/)],
    },
  });
});

test('of a pixel exactly 100/2804003 shows it, and nothing that would of a number', () => {
  expect(readProbe(refusal(100, 2804003), 'pixel')).toEqual({ kind: 'wired' });
  expect(readProbe(refusal(100, 2804087), 'pixel')).toEqual({ kind: 'no_verdict' });
  expect(readProbe(refusal(101, 2804003), 'pixel')).toEqual({ kind: 'no_verdict' });
  expect(readProbe(refusal(190), 'pixel')).toEqual({ kind: 'broken', reason: 'wiring_token' });
});

test.each([
  [190, undefined, 'wiring_token'],
  [200, undefined, 'wiring_permission'],
  [100, 33, 'wiring_dataset'],
  [100, 2804132, 'wiring_dataset'],
] as const)('%j/%j shows that it is not', (code, subcode, reason) => {
  expect(readProbe(refusal(code, subcode))).toEqual({ kind: 'broken', reason });
});

test.each<SendResult>([
  refusal(100),
  refusal(100, 2804003),
  refusal(101, 2804087),
  refusal(4),
  answered(500, '<html>'),
  answered(200, { events_received: 0 }),
  { kind: 'cut', detail: 'ECONNRESET' },
  { kind: 'never_left', detail: 'ECONNREFUSED' },
])('%j proves nothing', (result) => {
  expect(readProbe(result)).toEqual({ kind: 'no_verdict' });
});

test('probes are 1, 5, 15 and 30 minutes apart, then an hour', () => {
  const minutes = [0, 1, 2, 3, 4, 100].map(
    (probes) => (nextProbe(probes, NOW).getTime() - NOW.getTime()) / 60_000,
  );
  expect(minutes).toEqual([1, 5, 15, 30, 60, 60]);
});
