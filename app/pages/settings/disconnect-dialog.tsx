import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Banner, BlockStack, Modal } from '@shopify/polaris';
import { useEffect, useState } from 'react';
import type { SettingsOutcome } from './act.ts';
import { STILL_SUBSCRIBED, waitingWords } from './connection-words.ts';

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
  const [asked, setAsked] = useState<string | null>(null);
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'disconnected')
      shopify.toast.show(pixel ? 'Pixel disconnected' : 'Number disconnected');
    // A number that is gone already is what was asked for.
    const isOver =
      outcome?.kind === 'disconnected' ? !outcome.stillSubscribed : outcome?.kind === 'not_found';
    if (isOver) onClose();
  }, [outcome, shopify, pixel, onClose]);

  function disconnect() {
    if (connection === null) return;
    setAsked(connection.id);
    fetcher.submit({ intent: 'disconnect', connectionId: connection.id }, { method: 'post' });
  }

  // While it is asked for anew, what came of the number before is over.
  const isHalf = fetcher.state === 'idle' && outcome?.kind === 'disconnected' && outcome.stillSubscribed;
  if (connection !== null && connection.id === asked && isHalf) {
    return (
      <Modal
        open
        onClose={onClose}
        title={`${connection.name} is disconnected`}
        primaryAction={{ content: 'Close', onAction: onClose }}
      >
        <Modal.Section>
          <Banner tone="warning" title="Meta may go on sending its chats">
            <p>{STILL_SUBSCRIBED}</p>
          </Banner>
        </Modal.Section>
      </Modal>
    );
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
