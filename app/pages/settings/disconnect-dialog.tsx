import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Modal } from '@shopify/polaris';
import { useEffect } from 'react';
import type { SettingsOutcome } from './act.ts';
import type { ConnectedNumber } from './load.ts';

/** Asks before a number is taken off. Open while a number is given. */
export function DisconnectDialog({
  number,
  onClose,
}: {
  number: ConnectedNumber | null;
  onClose: () => void;
}) {
  const fetcher = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'disconnected') shopify.toast.show('Number disconnected');
    // A number that is gone already is what was asked for.
    if (outcome?.kind === 'disconnected' || outcome?.kind === 'not_found') onClose();
  }, [outcome, shopify, onClose]);

  function disconnect() {
    if (number !== null)
      fetcher.submit({ intent: 'disconnect', connectionId: number.id }, { method: 'post' });
  }

  return (
    <Modal
      open={number !== null}
      onClose={onClose}
      title={`Disconnect ${number?.displayNumber ?? 'number'}?`}
      primaryAction={{
        content: 'Disconnect',
        destructive: true,
        loading: fetcher.state !== 'idle',
        onAction: disconnect,
      }}
      secondaryActions={[{ content: 'Keep it connected', onAction: onClose }]}
    >
      <Modal.Section>
        <p>
          Tieback stops reading which chats of this number begin with an ad, and stops reporting its sales.
          What it has recorded stays. The access token is deleted, so connecting again needs a token.
        </p>
      </Modal.Section>
    </Modal>
  );
}
