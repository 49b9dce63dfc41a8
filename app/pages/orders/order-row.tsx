import { Badge, IndexTable, InlineStack, Link, Text } from '@shopify/polaris';
import { OrderStateBadge } from '../state-badge.tsx';
import type { OrderLine } from './load.ts';

export function OrderCells({ line }: { line: OrderLine }) {
  return (
    <>
      <IndexTable.Cell>
        <OrderLink line={line} />
      </IndexTable.Cell>
      <IndexTable.Cell>{line.placed}</IndexTable.Cell>
      <IndexTable.Cell>
        <Text as="span" alignment="end" numeric>
          {line.total}
        </Text>
      </IndexTable.Cell>
      <IndexTable.Cell>
        <OrderStateBadge badge={line.badge} />
      </IndexTable.Cell>
      <IndexTable.Cell className="tb-cell-text">
        {line.sentence} {line.disagrees && <Disagreement />}
      </IndexTable.Cell>
      <IndexTable.Cell className="tb-cell-text">{line.made}</IndexTable.Cell>
      <IndexTable.Cell className="tb-cell-text">{line.ad ?? '–'}</IndexTable.Cell>
    </>
  );
}

export function PhoneOrderCells({ line }: { line: OrderLine }) {
  return (
    <div className="tb-phone-row">
      <InlineStack align="space-between" gap="200">
        <OrderLink line={line} />
        <Text as="span" numeric>
          {line.total}
        </Text>
      </InlineStack>
      <InlineStack align="space-between" gap="200">
        <Text as="span" tone="subdued">
          {line.placed}
        </Text>
        <OrderStateBadge badge={line.badge} />
      </InlineStack>
      <span>{line.sentence}</span>
      {line.disagrees && (
        <span>
          <Disagreement />
        </span>
      )}
      <Text as="span" tone="subdued">
        Made in: {line.made}
      </Text>
      {line.ad !== null && (
        <Text as="span" tone="subdued">
          Ad: {line.ad}
        </Text>
      )}
    </div>
  );
}

function Disagreement() {
  return <Badge tone="warning">Two chats claim it</Badge>;
}

function OrderLink({ line }: { line: OrderLine }) {
  return (
    <span className="tb-row-link">
      <Link url={line.url} monochrome removeUnderline>
        <Text as="span" fontWeight="semibold">
          {line.name}
        </Text>
      </Link>
    </span>
  );
}
