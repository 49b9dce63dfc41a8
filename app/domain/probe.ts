import { createHash } from 'node:crypto';
import { classifyOutcome, type SendResult } from './outcome.ts';
import type { EventReason } from './reason.ts';

export type ProbeVerdict =
  | { kind: 'wired' }
  | { kind: 'broken'; reason: EventReason }
  /** Meta was not reached or did not say. */
  | { kind: 'no_verdict' };

const IMPOSSIBLE_CLICK_ID = 'tieback-wiring-probe-not-a-click';
/** What is asked about: a number's dataset, or a pixel's. */
export type ProbedKind = 'whatsapp' | 'pixel';
// The one refusal, of an invalid parameter, that shows everything before it to be right.
const INVALID_PARAMETER = 100;
const EXPECTED_SUBCODE: Readonly<Record<ProbedKind, number>> = { whatsapp: 2804087, pixel: 2804003 };
const MINUTE_MS = 60_000;
// Meta refuses a time ahead of its own clock, so that ours may be ahead by as much.
const AGE_MS = MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const DAYS_TOO_OLD = 8;
const LADDER_MINUTES = [1, 5, 15, 30] as const;
const LAST_RUNG_MINUTES = 60;

/**
 * An event that Meta must refuse for its click id, the last thing it looks at: token, permission and dataset come
 * before. It names no sale, so that nothing would be counted even if it were taken.
 */
export function probeEvent(wabaId: string, now: Date): Record<string, unknown> {
  const seconds = Math.floor((now.getTime() - AGE_MS) / 1000);
  return {
    event_name: 'LeadSubmitted',
    event_time: seconds,
    event_id: `tieback:probe:${seconds}`,
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: { whatsapp_business_account_id: wabaId, ctwa_clid: IMPOSSIBLE_CLICK_ID },
  };
}

/**
 * An event that Meta must refuse for its age, after it has looked at token, permission and dataset. It is of nobody, and
 * its name is no standard event's, so that it would count for nothing even if it were taken.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/using-the-api
 */
export function probePixelEvent(now: Date): Record<string, unknown> {
  const seconds = Math.floor((now.getTime() - DAYS_TOO_OLD * DAY_MS) / 1000);
  return {
    event_name: 'TiebackWiringProbe',
    event_time: seconds,
    event_id: `tieback:probe:${seconds}`,
    action_source: 'website',
    event_source_url: 'https://tieback.invalid/wiring-probe',
    user_data: {
      client_user_agent: 'Tieback wiring probe',
      external_id: [createHash('sha256').update(IMPOSSIBLE_CLICK_ID).digest('hex')],
    },
  };
}

/**
 * Exactly 100/2804087 for a number, 100/2804003 for a pixel, shows that token, permission and dataset (and the WhatsApp
 * account) are right; so would a receipt.
 */
export function readProbe(result: SendResult, kind: ProbedKind = 'whatsapp'): ProbeVerdict {
  const outcome = classifyOutcome(result, 1);
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'wired' };
    case 'refused': {
      const { code, subcode } = outcome.error;
      const wired = code === INVALID_PARAMETER && subcode === EXPECTED_SUBCODE[kind];
      return wired ? { kind: 'wired' } : { kind: 'no_verdict' };
    }
    case 'wiring':
      return { kind: 'broken', reason: outcome.reason };
    case 'retry':
    case 'unknown':
      return { kind: 'no_verdict' };
  }
}

/** When a paused connection is probed after `probes` probes: 1, 5, 15, 30 min apart, then every hour. */
export function nextProbe(probes: number, now: Date): Date {
  const minutes = LADDER_MINUTES[Math.max(0, probes)] ?? LAST_RUNG_MINUTES;
  return new Date(now.getTime() + minutes * MINUTE_MS);
}
