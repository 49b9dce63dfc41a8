import { Badge, IndexTable, InlineStack, Text } from '@shopify/polaris';
import { FigureCell, PhoneRowHead, RowLink } from '../list-row.tsx';
import { OrderStateBadge } from '../state-badge.tsx';
import type { OrderLine } from './load.ts';

export function OrderCells({ line }: { line: OrderLine }) {
  return (
    <>
      <IndexTable.Cell>
        <RowLink url={line.url} name={line.name} />
      </IndexTable.Cell>
      <IndexTable.Cell>{line.placed}</IndexTable.Cell>
      <FigureCell figure={line.total} />
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
      <PhoneRowHead url={line.url} name={line.name} figure={line.total} />
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
