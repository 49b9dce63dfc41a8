import { Banner, BlockStack, List, Text } from '@shopify/polaris';
import type { ConnectedSummary } from './act.ts';

/** What to do after a number was connected. The verify token is shown here once and never again. */
export function ConnectedBanner({ number }: { number: ConnectedSummary }) {
  const { displayNumber, datasetId, dataset, verifyToken, subscribed } = number;
  return (
    <Banner
      tone={subscribed || verifyToken !== null ? 'success' : 'warning'}
      title={`${displayNumber} is connected`}
    >
      <BlockStack gap="200">
        <p>
          Sales are reported to dataset <span className="tb-code">{datasetId}</span>
          {dataset === 'found_or_created' && ', which is the one that Meta keeps for this WhatsApp account'}.
        </p>
        {verifyToken === null ? (
          <SharedApp subscribed={subscribed} />
        ) : (
          <OwnApp number={number} token={verifyToken} />
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
      own Meta app, connect the number again with that app’s secret, under “More”.
    </p>
  );
}

function OwnApp({ number, token }: { number: ConnectedSummary; token: string }) {
  return (
    <>
      <Text as="p">One step is left. In your Meta app, open WhatsApp, Configuration, and enter:</Text>
      <List>
        <List.Item>
          Callback URL: <span className="tb-code">{number.webhookAddress}</span>
        </List.Item>
        <List.Item>
          Verify token: <span className="tb-code">{token}</span>
        </List.Item>
      </List>
      <Text as="p">
        Then subscribe to the fields “messages” and “user_id_update”. Copy the verify token now: it is not
        shown again.
      </Text>
    </>
  );
}
