import type { Settings } from '../../domain/settings.ts';

/** The windows that are offered by name; Meta's own windows are 1, 7 and 28 days. */
export const PRESETS: readonly string[] = ['1', '7', '28', '90'];

/** The settings as the form holds them: the window as one of the presets, or 'custom' with its own text. */
export type Draft = Omit<Settings, 'windowDays' | 'phoneLimit'> & {
  window: string;
  customDays: string;
  phoneLimit: string;
};

/** What the form's fields were refused for; null for a field that is right. */
export type FieldProblems = { windowDays: string | null; phoneLimit: string | null };

/** The form of stored settings. */
export function draftOf({ windowDays, phoneLimit, ...rest }: Settings): Draft {
  const days = String(windowDays);
  return {
    ...rest,
    window: PRESETS.includes(days) ? days : 'custom',
    customDays: days,
    phoneLimit: String(phoneLimit),
  };
}

/** The form's fields as they are sent. */
export function sentFields(draft: Draft): Record<keyof Settings, string> {
  const { window, customDays, phoneLimit, model, unknownOutcome } = draft;
  const onOff = (on: boolean) => (on ? 'on' : 'off');
  return {
    windowDays: (window === 'custom' ? customDays : window).trim(),
    model,
    phoneLimit: phoneLimit.trim(),
    reportPurchase: onOff(draft.reportPurchase),
    reportOrderCreated: onOff(draft.reportOrderCreated),
    reportRenewals: onOff(draft.reportRenewals),
    sendCustomerHashes: onOff(draft.sendCustomerHashes),
    unknownOutcome,
  };
}

/** Whether saving the form would change the stored settings, or fail to. */
export function isDirty(draft: Draft, saved: Settings): boolean {
  const [now, before] = [sentFields(draft), sentFields(draftOf(saved))];
  return (Object.keys(now) as (keyof Settings)[]).some((key) => now[key] !== before[key]);
}

/** Whether orders of the past would be credited otherwise under the new settings. */
export function creditsOtherwise(before: Settings, after: Settings): boolean {
  return (
    before.windowDays !== after.windowDays ||
    before.model !== after.model ||
    before.phoneLimit !== after.phoneLimit
  );
}
