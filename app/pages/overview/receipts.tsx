import { BlockStack, Box, Card, IndexTable, InlineStack, Text } from '@shopify/polaris';
import { usePhoneLayout } from '../admin-frame.tsx';
import { FigureCell, PhoneRowHead, RowLink } from '../list-row.tsx';
import { OrderStateBadge } from '../state-badge.tsx';
import type { Receipt } from './latest-receipts.ts';

/** The last answers of Meta, newest first. */
export function Receipts({ receipts }: { receipts: Receipt[] }) {
  const phone = usePhoneLayout();
  return (
    <Card padding="0">
      <Box padding="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            Latest receipts from Meta
          </Text>
          {receipts.length === 0 && (
            <Text as="p" tone="subdued">
              Nothing was reported yet. When a tied sale is paid, Meta’s answer appears here with its trace
              id, which Meta’s support asks for.
            </Text>
          )}
        </BlockStack>
      </Box>
      {receipts.length > 0 && (
        <IndexTable
          selectable={false}
          condensed={phone}
          itemCount={receipts.length}
          resourceName={{ singular: 'receipt', plural: 'receipts' }}
          headings={[
            { title: 'Order or chat' },
            { title: 'Event' },
            { title: 'Value', alignment: 'end' },
            { title: 'When' },
            { title: 'Trace ID' },
            { title: 'State' },
          ]}
        >
          {receipts.map((receipt, position) => (
            <IndexTable.Row key={receipt.eventRowId} id={receipt.eventRowId} position={position}>
              {phone ? <PhoneCells receipt={receipt} /> : <Cells receipt={receipt} />}
            </IndexTable.Row>
          ))}
        </IndexTable>
      )}
    </Card>
  );
}

function Cells({ receipt }: { receipt: Receipt }) {
  return (
    <>
      <IndexTable.Cell>
        <RowLink url={receipt.url} name={receipt.name} />
      </IndexTable.Cell>
      <IndexTable.Cell>{receipt.event}</IndexTable.Cell>
      <FigureCell figure={receipt.value} />
      <IndexTable.Cell>{receipt.at}</IndexTable.Cell>
      <IndexTable.Cell>
        <span className="tb-code">{receipt.traceId ?? '–'}</span>
      </IndexTable.Cell>
      <IndexTable.Cell>
        <OrderStateBadge badge={receipt.badge} />
      </IndexTable.Cell>
    </>
  );
}

function PhoneCells({ receipt }: { receipt: Receipt }) {
  return (
    <div className="tb-phone-row">
      <PhoneRowHead url={receipt.url} name={receipt.name} figure={receipt.value} />
      <InlineStack align="space-between" gap="200">
        <Text as="span" tone="subdued">
          {receipt.event} · {receipt.at}
        </Text>
        <OrderStateBadge badge={receipt.badge} />
      </InlineStack>
      <span className="tb-code tb-subdued">{receipt.traceId ?? 'No trace id'}</span>
    </div>
  );
}
