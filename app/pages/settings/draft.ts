import type { Settings } from '../../domain/settings.ts';

/** The windows that are offered by name; Meta's own windows are 1, 7 and 28 days. */
export const PRESETS: readonly string[] = ['1', '7', '28', '90'];

/** The settings as the form holds them: the window as one of the presets, or 'custom' with its own text. */
export type Draft = {
  window: string;
  customDays: string;
  reportPurchase: boolean;
  sendCustomerHashes: boolean;
};
/** The settings that the form shows; the others are the operator's. */
type Shown = Omit<Settings, 'unknownOutcome'>;

/** The form of stored settings. */
export function draftOf(settings: Shown): Draft {
  const days = String(settings.windowDays);
  const { reportPurchase, sendCustomerHashes } = settings;
  return {
    window: PRESETS.includes(days) ? days : 'custom',
    customDays: days,
    reportPurchase,
    sendCustomerHashes,
  };
}

/** Whether saving the form would change the stored settings, or fail to. */
export function isDirty(draft: Draft, saved: Shown): boolean {
  const days = draft.window === 'custom' ? draft.customDays.trim() : draft.window;
  return (
    days !== String(saved.windowDays) ||
    draft.reportPurchase !== saved.reportPurchase ||
    draft.sendCustomerHashes !== saved.sendCustomerHashes
  );
}
