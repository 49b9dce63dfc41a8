import { Badge, Banner, BlockStack, Button, InlineStack, Text } from '@shopify/polaris';
import { FactList } from '../fact-list.tsx';
import type { ConnectedNumber } from './load.ts';

/** One connected number: how it stands, its ids, and the way to take it off. */
export function NumberDetails({
  number,
  onReconnect,
  onDisconnect,
}: {
  number: ConnectedNumber;
  onReconnect: () => void;
  onDisconnect: () => void;
}) {
  return (
    <BlockStack gap="300">
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {number.displayNumber}
          </Text>
          <Badge tone={number.paused ? 'critical' : 'success'}>
            {number.paused ? 'Paused' : 'Connected'}
          </Badge>
        </InlineStack>
        <Button
          variant="plain"
          tone="critical"
          onClick={onDisconnect}
          accessibilityLabel={`Disconnect ${number.displayNumber}`}
        >
          Disconnect
        </Button>
      </InlineStack>
      {number.paused !== null && (
        <Banner
          tone="critical"
          title={`Paused since ${number.paused.since}`}
          action={{ content: 'Connect again', onAction: onReconnect }}
        >
          <p>
            {number.paused.sentence} {number.paused.fix}
          </p>
        </Banner>
      )}
      <FactList
        facts={[
          { label: 'Dataset ID', value: <span className="tb-code">{number.datasetId}</span> },
          { label: 'WhatsApp Business Account ID', value: <span className="tb-code">{number.wabaId}</span> },
          { label: 'Phone number ID', value: <span className="tb-code">{number.phoneNumberId}</span> },
          { label: 'Webhook address', value: <span className="tb-code">{number.webhookAddress}</span> },
          { label: 'Connected', value: number.connectedSince },
        ]}
      />
    </BlockStack>
  );
}
