import { BlockStack, Card, InlineStack, Text } from '@shopify/polaris';
import type { ReactNode } from 'react';

/** A card of the order page with its heading, and beside it what can be done about its subject. */
export function TitledCard({
  heading,
  action,
  children,
}: {
  heading: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">
            {heading}
          </Text>
          {action}
        </InlineStack>
        {children}
      </BlockStack>
    </Card>
  );
}

/** What stands in a card that has nothing to show. */
export function Nothing({ children }: { children: string }) {
  return (
    <Text as="p" tone="subdued">
      {children}
    </Text>
  );
}

/** An id or a code, or a word in its place. */
export function Code({ text, otherwise = '–' }: { text: string | null; otherwise?: string }) {
  return text === null ? otherwise : <span className="tb-code">{text}</span>;
}
