import { BlockStack, Box, Button, Icon, Text } from '@shopify/polaris';
import type { IconSource } from '@shopify/polaris';
import type { ReactNode } from 'react';

type Action = { content: string; url: string };

/** What stands where a list would be when there is nothing to list: why, and what to do about it. */
export function EmptyMessage({
  icon,
  heading,
  headingAs = 'h2',
  children,
  action,
}: {
  icon: IconSource;
  heading: string;
  headingAs?: 'h1' | 'h2';
  children: ReactNode;
  action?: Action;
}) {
  return (
    <Box padding="800">
      <div className="tb-empty">
        <BlockStack gap="300" inlineAlign="center">
          <Icon source={icon} tone="subdued" />
          <Text as={headingAs} variant="headingMd" alignment="center">
            {heading}
          </Text>
          <Text as="p" tone="subdued" alignment="center">
            {children}
          </Text>
          {action && (
            <Button url={action.url} variant="primary">
              {action.content}
            </Button>
          )}
        </BlockStack>
      </div>
    </Box>
  );
}
