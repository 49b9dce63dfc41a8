import { classifyOutcome, type SendResult } from './outcome.ts';
import type { EventReason } from './reason.ts';

export type ProbeVerdict =
  | { kind: 'wired' }
  | { kind: 'broken'; reason: EventReason }
  /** Meta was not reached or did not say. */
  | { kind: 'no_verdict' };

const IMPOSSIBLE_CLICK_ID = 'tieback-wiring-probe-not-a-click';
const INVALID_CLICK = { code: 100, subcode: 2804087 } as const;
const MINUTE_MS = 60_000;
const LADDER_MINUTES = [1, 5, 15, 30] as const;
const LAST_RUNG_MINUTES = 60;

/**
 * An event that Meta must refuse for its click id, the last thing it looks at: token, permission and dataset come
 * before. It names no sale, so that nothing would be counted even if it were taken.
 */
export function probeEvent(wabaId: string, now: Date): Record<string, unknown> {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    event_name: 'LeadSubmitted',
    event_time: seconds,
    event_id: `tieback:probe:${seconds}`,
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: { whatsapp_business_account_id: wabaId, ctwa_clid: IMPOSSIBLE_CLICK_ID },
  };
}

/** Exactly 100/2804087 shows that token, permission, dataset and WhatsApp account are right; so would a receipt. */
export function readProbe(result: SendResult): ProbeVerdict {
  const outcome = classifyOutcome(result, 1);
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'wired' };
    case 'refused': {
      const { code, subcode } = outcome.error;
      const wired = code === INVALID_CLICK.code && subcode === INVALID_CLICK.subcode;
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
