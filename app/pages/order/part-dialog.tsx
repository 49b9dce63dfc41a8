import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Modal } from '@shopify/polaris';
import { useEffect } from 'react';
import type { OrderOutcome } from './act.ts';
import type { LinkedChat } from './load.ts';

/** Asks before an order and the chat it is linked to are parted. */
export function PartDialog({ chat, onClose }: { chat: LinkedChat; onClose: () => void }) {
  const fetcher = useFetcher<OrderOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'parted') shopify.toast.show('Order and chat parted');
    if (outcome?.kind === 'parted' || outcome?.kind === 'not_found') onClose();
  }, [outcome, shopify, onClose]);

  return (
    <Modal
      open
      onClose={onClose}
      title="Is this not their order?"
      primaryAction={{
        content: 'Part order and chat',
        destructive: true,
        loading: fetcher.state !== 'idle',
        onAction: () => fetcher.submit({ intent: 'part', contactId: chat.contactId }, { method: 'post' }),
      }}
      secondaryActions={[{ content: 'Keep them linked', onAction: onClose }]}
    >
      <Modal.Section>
        <p>
          Whatever ties this order to the chat of {chat.name} is set aside, for this order only. If other
          evidence points to another chat, that one is taken. What Meta has been told already stays as it is.
          You can take this back.
        </p>
      </Modal.Section>
    </Modal>
  );
}
