import { IndexTable, Text } from '@shopify/polaris';
import { FigureCell, PhoneRowHead, RowLink } from '../list-row.tsx';
import type { ConversationLine } from './load.ts';

export function ConversationCells({ line }: { line: ConversationLine }) {
  return (
    <>
      <IndexTable.Cell>
        <RowLink url={line.url} name={line.name} />
      </IndexTable.Cell>
      <IndexTable.Cell>{line.lastMessage}</IndexTable.Cell>
      {[line.clicks, line.orders, line.revenue ?? '–'].map((figure, index) => (
        <FigureCell key={index} figure={figure} />
      ))}
    </>
  );
}

export function PhoneConversationCells({ line }: { line: ConversationLine }) {
  return (
    <div className="tb-phone-row">
      <PhoneRowHead url={line.url} name={line.name} figure={line.revenue} />
      <Text as="span" tone="subdued">
        {line.lastMessage}
      </Text>
      <Text as="span" tone="subdued">
        Ad clicks: {line.clicks} · Orders: {line.orders}
      </Text>
    </div>
  );
}
