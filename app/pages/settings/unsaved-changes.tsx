import { useBlocker } from '@remix-run/react';
import { SaveBar, useAppBridge } from '@shopify/app-bridge-react';
import { useEffect } from 'react';
import { isLeaveConfirmed } from '../leave-confirmation.ts';

/**
 * The Shopify admin's save bar, and its question before a page with unsaved changes is left
 * (shopify.dev/docs/api/app-bridge-library/apis/save-bar).
 */
export function UnsavedChanges({
  dirty,
  saving,
  onSave,
  onDiscard,
}: {
  dirty: boolean;
  saving: boolean;
  onSave: () => void;
  onDiscard: () => void;
}) {
  useLeaveConfirmation(dirty);
  return (
    <SaveBar id="settings-save-bar" open={dirty}>
      {/* An attribute, not a property: App Bridge reads it as present or absent. */}
      <button variant="primary" onClick={onSave} {...(saving && { loading: '' })}>
        Save
      </button>
      <button onClick={onDiscard} disabled={saving}>
        Discard
      </button>
    </SaveBar>
  );
}

function useLeaveConfirmation(dirty: boolean): void {
  const shopify = useAppBridge();
  const blocker = useBlocker(({ currentLocation, nextLocation, historyAction }) => {
    const asked = historyAction === 'PUSH' && isLeaveConfirmed(nextLocation.state);
    return dirty && !asked && currentLocation.pathname !== nextLocation.pathname;
  });
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    let current = true;
    shopify.saveBar.leaveConfirmation().then(
      () => current && blocker.proceed(),
      () => current && blocker.reset(),
    );
    // A later attempt to leave asks again, and its answer is the one that counts.
    return () => {
      current = false;
    };
  }, [blocker, shopify]);
}
