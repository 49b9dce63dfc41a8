import { BlockStack, Box, Button, InlineStack, Text } from '@shopify/polaris';
import type { KnownNumber } from './connect-form.tsx';
import { waitingWords } from './connection-words.ts';
import type { DisconnectedNumber } from './load.ts';

/** Numbers that were taken off, with everything that was recorded of them, and the way back. */
export function DisconnectedNumbers({
  numbers,
  onReconnect,
}: {
  numbers: DisconnectedNumber[];
  onReconnect: (number: KnownNumber) => void;
}) {
  return (
    <Box padding="400">
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Disconnected numbers
        </Text>
        {numbers.map((number) => (
          <InlineStack key={number.id} gap="200" align="space-between" blockAlign="center">
            <BlockStack>
              <Text as="h3" variant="bodyMd" fontWeight="semibold">
                {number.displayNumber}
              </Text>
              <Text as="p" tone="subdued">
                Since {number.since}.{number.waiting > 0 && ` ${waitingWords(number.waiting)} to be sent.`}
              </Text>
            </BlockStack>
            <Button
              onClick={() => onReconnect(number)}
              accessibilityLabel={`Connect ${number.displayNumber} again`}
            >
              Connect again
            </Button>
          </InlineStack>
        ))}
      </BlockStack>
    </Box>
  );
}
