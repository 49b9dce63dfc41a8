import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Banner, BlockStack, Button, Modal, Text } from '@shopify/polaris';
import { useCallback, useEffect, useState } from 'react';
import type { UndoMergeOutcome } from './act.ts';
import type { MergeLine } from './merge-words.ts';

/** Chats that became one with this one, each with the way to take that back. */
export function Merges({ merges }: { merges: MergeLine[] }) {
  const [asked, setAsked] = useState<MergeLine | null>(null);
  const close = useCallback(() => setAsked(null), []);
  return (
    <>
      {merges.map((merge) => (
        <BlockStack key={merge.id} gap="100" inlineAlign="start">
          <Text as="p" tone="subdued">
            {merge.words}
          </Text>
          {!merge.undone && (
            <Button
              variant="plain"
              accessibilityLabel={`They are two people. ${merge.words}`}
              onClick={() => setAsked(merge)}
            >
              They are two people
            </Button>
          )}
        </BlockStack>
      ))}
      {asked !== null && <TakeApartDialog merge={asked} onClose={close} />}
    </>
  );
}

function TakeApartDialog({ merge, onClose }: { merge: MergeLine; onClose: () => void }) {
  const fetcher = useFetcher<UndoMergeOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome === undefined || outcome.kind === 'merged_further') return;
    shopify.toast.show(RESULT[outcome.kind], { isError: outcome.kind !== 'undone' });
    onClose();
  }, [outcome, shopify, onClose]);

  return (
    <Modal
      open
      onClose={onClose}
      title="Take the two chats apart?"
      primaryAction={{
        content: 'Take apart',
        destructive: true,
        loading: fetcher.state !== 'idle',
        onAction: () => fetcher.submit({ intent: 'undo_merge', merge: merge.id }, { method: 'post' }),
      }}
      secondaryActions={[{ content: 'Keep them one', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="400">
          {outcome?.kind === 'merged_further' && (
            <Banner tone="warning" title="Another merge is to be taken back first">
              <p>{outcome.first} Reload the page to find it.</p>
            </Banner>
          )}
          <p>{merge.words}</p>
          <p>
            What belonged to the other chat goes back to it: its number, ad clicks, chat links and orders.
            Orders of the last 7 days are decided again; what Meta has been told already stays as it is. The
            two become one again only if WhatsApp shows once more that they are.
          </p>
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

const RESULT: Readonly<Record<Exclude<UndoMergeOutcome['kind'], 'merged_further'>, string>> = {
  undone: 'They are two chats again',
  already_undone: 'They were taken apart already',
  not_found: 'These chats are not here any more',
};
