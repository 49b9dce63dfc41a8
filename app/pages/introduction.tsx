import { BlockStack, Card, Page, Text } from '@shopify/polaris';

/** The page at the app's bare address. No shop-domain field: apps are installed and opened from Shopify only. */
export function Introduction() {
  return (
    <Page narrowWidth>
      <Card padding="600">
        <BlockStack gap="300">
          <Text as="h1" variant="headingLg">
            Tieback
          </Text>
          <Text as="p">
            Tieback ties paid Shopify orders back to the Click-to-WhatsApp ad that started the chat, and tells
            Meta about them, so that ads are shown to people who buy.
          </Text>
          <Text as="p" tone="subdued">
            Open Tieback from the apps in your Shopify admin.
          </Text>
        </BlockStack>
      </Card>
    </Page>
  );
}
