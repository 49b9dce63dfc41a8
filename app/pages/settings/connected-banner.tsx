import { Banner, BlockStack, Text } from '@shopify/polaris';
import type { ConnectedSummary } from './act.ts';
import { noteWords } from './connection-words.ts';
import { PointWebhooks } from './own-app-steps.tsx';

/** What to do after a number was connected. The verify token is shown here once and never again. */
export function ConnectedBanner({ number }: { number: ConnectedSummary }) {
  const { displayNumber, datasetId, dataset, verifyToken, subscribed, notes, webhookAddress } = number;
  return (
    <Banner
      tone={(subscribed || verifyToken !== null) && notes.length === 0 ? 'success' : 'warning'}
      title={`${displayNumber} is connected`}
    >
      <BlockStack gap="200">
        <p>
          Sales are reported to dataset <span className="tb-code">{datasetId}</span>
          {dataset === 'found_or_created' && ', which is the one that Meta keeps for this WhatsApp account'}.
        </p>
        {notes.map((note) => (
          <p key={note}>{noteWords(note)}</p>
        ))}
        {verifyToken === null ? (
          !notes.includes('foreign_app') &&
          !notes.includes('number_unproven') && <SharedApp subscribed={subscribed} />
        ) : (
          <>
            <Text as="p">
              One step is left, so that chats arrive. Copy the verify token now: it is not shown again.
            </Text>
            <PointWebhooks address={webhookAddress} verifyToken={verifyToken} of={displayNumber} />
          </>
        )}
      </BlockStack>
    </Banner>
  );
}

function SharedApp({ subscribed }: { subscribed: boolean }) {
  return subscribed ? (
    <p>Nothing more to do. Tap one of your ads and send a message to see the first chat arrive.</p>
  ) : (
    <p>
      Meta did not confirm that it sends this number’s chats to Tieback. If the access token comes from your
      own Meta app, connect the number again with that app’s secret.
    </p>
  );
}
