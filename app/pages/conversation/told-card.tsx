import { BlockStack, InlineStack, Link, Text } from '@shopify/polaris';
import { Nothing, TitledCard } from '../order/titled-card.tsx';
import { OrderStateBadge } from '../state-badge.tsx';
import type { AutomaticLine, ToldLine } from './told.ts';

/** What Meta was told of the conversation and what it noticed by itself. */
export function ToldCard({
  told,
  automatic,
  cut,
}: {
  told: ToldLine[];
  automatic: AutomaticLine[];
  cut: string | null;
}) {
  return (
    <TitledCard heading="What Meta is told">
      {told.length === 0 ? (
        <Nothing>Nothing about this conversation was prepared for Meta yet.</Nothing>
      ) : (
        <ul className="tb-evidence">
          {told.map((line) => (
            <li key={line.id}>
              <ToldItem line={line} />
            </li>
          ))}
        </ul>
      )}
      {cut !== null && <Nothing>{cut}</Nothing>}
      {automatic.length > 0 && <Automatic lines={automatic} />}
    </TitledCard>
  );
}

function ToldItem({ line }: { line: ToldLine }) {
  const { label, name, at, value, badge, sentence, order } = line;
  return (
    <BlockStack gap="100">
      <InlineStack align="space-between" gap="200" blockAlign="center">
        <InlineStack gap="200" blockAlign="baseline">
          <Text as="span" fontWeight="semibold">
            {label}
          </Text>
          <span className="tb-code tb-subdued">{name}</span>
        </InlineStack>
        <OrderStateBadge badge={badge} />
      </InlineStack>
      <Text as="p" tone="subdued">
        {at}
        {value !== null && ` · ${value}`}
        {order !== null && ' · '}
        {order !== null && <Link url={order.url}>{order.name}</Link>}
      </Text>
      {sentence !== null && <Text as="p">{sentence}</Text>}
    </BlockStack>
  );
}

function Automatic({ lines }: { lines: AutomaticLine[] }) {
  return (
    <BlockStack gap="200">
      <Text as="h3" variant="headingSm">
        What Meta noticed by itself
      </Text>
      <ul className="tb-evidence">
        {lines.map(({ key, label, at, value }) => (
          <li key={key}>
            <BlockStack gap="050">
              <Text as="p">{label}</Text>
              <Text as="p" tone="subdued">
                {at}
                {value !== null && ` · ${value}`}
              </Text>
            </BlockStack>
          </li>
        ))}
      </ul>
    </BlockStack>
  );
}
