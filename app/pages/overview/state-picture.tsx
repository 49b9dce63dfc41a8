import { BlockStack, Card, Link, Text } from '@shopify/polaris';
import type { Segment } from './tally.ts';

/** One bar of all paid orders, a part for each state, and the same in words and numbers below it. */
export function StatePicture({ segments, days }: { segments: Segment[]; days: number }) {
  const inWords = segments.map((part) => `${part.label} ${part.countText} (${part.share})`).join(', ');
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          What became of every paid order
        </Text>
        {segments.length === 0 ? (
          <Text as="p" tone="subdued">
            No order was paid in the last {days} days. As soon as one is, it appears here with what became of
            it: reported to Meta, waiting, or left out and why.
          </Text>
        ) : (
          <>
            <div className="tb-bar" role="img" aria-label={`Paid orders by state: ${inWords}`}>
              {segments.map((part) => (
                <div
                  key={part.state}
                  className="tb-bar-part"
                  data-state={part.state}
                  style={{ flexGrow: part.count }}
                />
              ))}
            </div>
            <ul className="tb-legend">
              {segments.map((part) => (
                <li key={part.state}>
                  <span className="tb-swatch" data-state={part.state} aria-hidden="true" />
                  <Link url={`/app/orders?state=${part.state}`}>{part.label}</Link>
                  <span className="tb-legend-count">
                    {part.countText} <span className="tb-subdued">{part.share}</span>
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </BlockStack>
    </Card>
  );
}
