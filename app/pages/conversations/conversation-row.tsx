import { IndexTable, InlineStack, Link, Text } from '@shopify/polaris';
import type { ConversationLine } from './load.ts';

export function ConversationCells({ line }: { line: ConversationLine }) {
  return (
    <>
      <IndexTable.Cell>
        <ConversationLink line={line} />
      </IndexTable.Cell>
      <IndexTable.Cell>{line.lastMessage}</IndexTable.Cell>
      {[line.clicks, line.orders, line.revenue ?? '–'].map((figure, index) => (
        <IndexTable.Cell key={index}>
          <Text as="span" alignment="end" numeric>
            {figure}
          </Text>
        </IndexTable.Cell>
      ))}
    </>
  );
}

export function PhoneConversationCells({ line }: { line: ConversationLine }) {
  return (
    <div className="tb-phone-row">
      <InlineStack align="space-between" gap="200">
        <ConversationLink line={line} />
        <Text as="span" numeric>
          {line.revenue}
        </Text>
      </InlineStack>
      <Text as="span" tone="subdued">
        {line.lastMessage}
      </Text>
      <Text as="span" tone="subdued">
        Ad clicks: {line.clicks} · Orders: {line.orders}
      </Text>
    </div>
  );
}

function ConversationLink({ line }: { line: ConversationLine }) {
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
