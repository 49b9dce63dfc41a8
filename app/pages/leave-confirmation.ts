/**
 * The state of a navigation that began in the admin's own menu: while a save bar is shown, the admin has asked about
 * unsaved changes before it tells the app to navigate (shopify.dev/docs/api/app-bridge-library/apis/save-bar).
 */
export const LEAVE_CONFIRMED = { leaveConfirmed: true };

/** Whether the state of a location says so. */
export function isLeaveConfirmed(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'leaveConfirmed' in state;
}
