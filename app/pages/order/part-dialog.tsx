import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Modal } from '@shopify/polaris';
import { useEffect } from 'react';
import type { OrderOutcome } from './act.ts';
import type { LinkedChat } from './load.ts';

/** Asks before a chat is set aside for an order: the one it is linked to, or another that claims it. */
export function PartDialog({
  chat,
  linked,
  onClose,
}: {
  chat: LinkedChat;
  linked: boolean;
  onClose: () => void;
}) {
  const fetcher = useFetcher<OrderOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'parted') shopify.toast.show(linked ? 'Order and chat parted' : 'Chat set aside');
    if (outcome?.kind === 'not_found')
      shopify.toast.show('This chat is not here any more', { isError: true });
    if (outcome?.kind === 'parted' || outcome?.kind === 'not_found') onClose();
  }, [outcome, shopify, linked, onClose]);

  return (
    <Modal
      open
      onClose={onClose}
      title={linked ? 'Part this order from the chat?' : 'Set this chat aside for the order?'}
      primaryAction={{
        content: linked ? 'Part order and chat' : 'Set the chat aside',
        destructive: true,
        loading: fetcher.state !== 'idle',
        onAction: () => fetcher.submit({ intent: 'part', contactId: chat.contactId }, { method: 'post' }),
      }}
      secondaryActions={[{ content: linked ? 'Keep them linked' : 'Keep its claim', onAction: onClose }]}
    >
      <Modal.Section>
        <p>
          Whatever ties this order to the chat of {chat.name} is set aside, for this order only.{' '}
          {linked
            ? 'If other evidence points to another chat, that one is taken. What Meta has been told already stays as it is.'
            : 'The order stays with the chat that it is linked to.'}{' '}
          You can take this back.
        </p>
      </Modal.Section>
    </Modal>
  );
}
