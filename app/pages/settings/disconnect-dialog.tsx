import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { BlockStack, Modal } from '@shopify/polaris';
import { useEffect } from 'react';
import type { SettingsOutcome } from './act.ts';
import { waitingWords } from './connection-words.ts';

/** Asks before a number or a pixel is taken off. Open while one is given. */
export function DisconnectDialog({
  connection,
  pixel = false,
  onClose,
}: {
  connection: { id: string; name: string; waiting: number } | null;
  pixel?: boolean;
  onClose: () => void;
}) {
  const fetcher = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'disconnected')
      shopify.toast.show(pixel ? 'Pixel disconnected' : 'Number disconnected');
    // A number that is gone already is what was asked for.
    if (outcome?.kind === 'disconnected' || outcome?.kind === 'not_found') onClose();
  }, [outcome, shopify, pixel, onClose]);

  function disconnect() {
    if (connection !== null)
      fetcher.submit({ intent: 'disconnect', connectionId: connection.id }, { method: 'post' });
  }

  const waiting = connection?.waiting ?? 0;
  return (
    <Modal
      open={connection !== null}
      onClose={onClose}
      title={`Disconnect ${connection?.name ?? 'number'}?`}
      primaryAction={{
        content: 'Disconnect',
        destructive: true,
        loading: fetcher.state !== 'idle',
        onAction: disconnect,
      }}
      secondaryActions={[{ content: 'Keep it connected', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="200">
          <p>
            {pixel
              ? 'Tieback stops reporting orders as website or store sales.'
              : 'Tieback stops reading which chats of this number begin with an ad, and stops reporting its sales.'}{' '}
            What it has recorded stays. The access token is deleted, so connecting again needs a token.
          </p>
          {waiting > 0 && (
            <p>
              {waitingWords(waiting)} to be sent. {waiting === 1 ? 'It is' : 'They are'} kept, and sent if you
              connect again before Meta finds {waiting === 1 ? 'it' : 'them'} too old.
            </p>
          )}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
