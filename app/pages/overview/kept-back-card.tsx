import { BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris';
import type { KeptBack, KeptBackLine } from './kept-back.ts';

/** What Meta was not told of, and why: most of it is as it should be, and the rest can be changed in the settings. */
export function KeptBackCard({ keptBack, days }: { keptBack: KeptBack | null; days: number }) {
  if (keptBack === null) return null;
  const { lines, automatic } = keptBack;
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            Kept back from Meta
          </Text>
          <Text as="p" tone="subdued">
            What came from an ad in the last {days} days and was not reported.
          </Text>
        </BlockStack>
        {lines.length === 0 ? (
          <Text as="p">Nothing was kept back.</Text>
        ) : (
          <BlockStack as="ul" gap="300">
            {lines.map((line) => (
              <li key={line.key}>
                <Line line={line} />
              </li>
            ))}
          </BlockStack>
        )}
        {automatic !== null && <Text as="p">{automatic}</Text>}
      </BlockStack>
    </Card>
  );
}

function Line({ line: { count, sentence, fix, url, settings } }: { line: KeptBackLine }) {
  return (
    <BlockStack gap="050" inlineAlign="start">
      <Text as="p">
        <Text as="span" fontWeight="semibold">
          {count}
        </Text>
        {': '}
        {sentence} {fix !== null && <span className="tb-subdued">{fix}</span>}
      </Text>
      <InlineStack gap="400">
        {url !== null && (
          <Button variant="plain" url={url} accessibilityLabel={`See orders. ${count}: ${sentence}`}>
            See orders
          </Button>
        )}
        {settings !== null && (
          <Button variant="plain" url={settings} accessibilityLabel={`Open settings. ${count}: ${sentence}`}>
            Open settings
          </Button>
        )}
      </InlineStack>
    </BlockStack>
  );
}
