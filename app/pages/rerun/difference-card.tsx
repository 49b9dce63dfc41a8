import { BlockStack, Button, Card, InlineGrid, InlineStack, Link, Text } from '@shopify/polaris';
import type { Difference } from './difference.ts';
import type { RerunView } from './load.ts';

/** What would change, or has changed: counts, money, and the first orders one by one. */
export function DifferenceCard({
  run,
  action,
}: {
  run: RerunView;
  action: { loading: boolean; onApply: () => void } | null;
}) {
  const { difference } = run;
  if (difference === null) return null;
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {run.period}
          </Text>
          <Text as="p" tone="subdued">
            {run.lookedAt} orders compared by {run.startedBy}, {run.startedAt}. {run.rules}.
          </Text>
        </BlockStack>
        {difference.changed === 0 ? (
          <Text as="p">{difference.nothing}</Text>
        ) : (
          <>
            <Counts difference={difference} />
            <Examples difference={difference} />
            <Text as="p">
              {difference.newlyReported} Nothing that Meta has is sent again or taken back, and Meta takes
              nothing older than 7 days.
            </Text>
            {action && (
              <InlineStack>
                <Button variant="primary" loading={action.loading} onClick={action.onApply}>
                  Apply
                </Button>
              </InlineStack>
            )}
          </>
        )}
      </BlockStack>
    </Card>
  );
}

function Counts({ difference }: { difference: Difference }) {
  return (
    <>
      <InlineGrid columns={{ xs: 1, sm: difference.counts.length }} gap="400">
        {difference.counts.map(({ label, value, sentence }) => (
          <BlockStack key={label} gap="100">
            <Text as="h3" variant="headingSm">
              {label}
            </Text>
            <Text as="p" variant="headingLg">
              {value}
            </Text>
            <Text as="p" tone="subdued">
              {sentence}
            </Text>
          </BlockStack>
        ))}
      </InlineGrid>
      {difference.money.map(({ currency, gained, lost }) => (
        <Text key={currency} as="p">
          Revenue tied to ads in {currency}: {gained} more, {lost} less.
        </Text>
      ))}
    </>
  );
}

function Examples({ difference: { examples, changed } }: { difference: Difference }) {
  return (
    <BlockStack gap="300">
      <Text as="h3" variant="headingSm">
        {examples.length < changed ? `The first ${examples.length} orders` : 'The orders'}
      </Text>
      <ul className="tb-evidence">
        {examples.map(({ gid, name, url, before, after }) => (
          <li key={gid}>
            <Link url={url} removeUnderline>
              {name}
            </Link>
            <p>
              <span className="tb-subdued">Before:</span> {before}
            </p>
            <p>
              <span className="tb-subdued">After:</span> {after}
            </p>
          </li>
        ))}
      </ul>
    </BlockStack>
  );
}
