import { useNavigation } from '@remix-run/react';
import { BlockStack, Card, IndexTable, Text } from '@shopify/polaris';
import { ChatIcon, SearchIcon } from '@shopify/polaris-icons';
import type { ReactNode } from 'react';
import { usePhoneLayout } from '../admin-frame.tsx';
import { EmptyMessage } from '../empty-message.tsx';
import { MainPage, Note } from '../main-page.tsx';
import { ConversationCells, PhoneConversationCells } from './conversation-row.tsx';
import type { ConversationLine, ConversationsList } from './load.ts';
import { PhoneSearchField, usePhoneSearch } from './phone-search.tsx';

/** Everybody who wrote to the shop on WhatsApp, with what came of it. */
export function ConversationsPage({ list }: { list: ConversationsList }) {
  const search = usePhoneSearch();
  return (
    <MainPage title="Conversations" fullWidth>
      <BlockStack gap="200">
        <Card padding="0">
          {list.hasConversations ? (
            <>
              <PhoneSearchField search={search} />
              <div role="status">
                <Text as="span" visuallyHidden>
                  {search.found && foundWords(search.found.length)}
                </Text>
              </div>
              <Conversations list={list} found={search.found} />
            </>
          ) : (
            <EmptyMessage
              icon={ChatIcon}
              heading="No conversations yet"
              action={{ content: 'Check your WhatsApp number', url: '/app/settings' }}
            >
              Everybody who writes to your connected WhatsApp number appears here, with the ads they tapped
              and what they bought. From a conversation you make chat links: an order that comes through one
              is tied to the chat for certain, whatever phone number the customer gives.
            </EmptyMessage>
          )}
        </Card>
        <Note>Times are in your store’s time zone, {list.zoneName}.</Note>
      </BlockStack>
    </MainPage>
  );
}

function foundWords(conversations: number): string {
  if (conversations === 0) return 'No conversation found';
  return conversations === 1 ? '1 conversation found' : `${conversations} conversations found`;
}

function Conversations({ list, found }: { list: ConversationsList; found: ConversationLine[] | null }) {
  if (found?.length === 0) {
    return (
      <EmptyMessage icon={SearchIcon} heading="Nobody has written from this number">
        WhatsApp may hide a customer’s number. Then look for the conversation by its time in the list.
      </EmptyMessage>
    );
  }
  if (found === null && list.lines.length === 0) {
    return (
      <EmptyMessage
        icon={SearchIcon}
        heading="No conversation on this page"
        action={{ content: 'Show all conversations', url: '/app/conversations' }}
      >
        Those that were here have had newer messages since, or have become one with others.
      </EmptyMessage>
    );
  }
  const { previousUrl, nextUrl } = list;
  return found === null ? (
    <ConversationsTable
      lines={list.lines}
      pagination={{
        hasPrevious: previousUrl !== null,
        hasNext: nextUrl !== null,
        ...(previousUrl !== null && { previousURL: previousUrl }),
        ...(nextUrl !== null && { nextURL: nextUrl }),
      }}
    />
  ) : (
    <ConversationsTable lines={found} />
  );
}

type Pagination = { hasPrevious: boolean; hasNext: boolean; previousURL?: string; nextURL?: string };

function ConversationsTable({
  lines,
  pagination,
}: {
  lines: ConversationLine[];
  pagination?: Pagination;
}): ReactNode {
  const phone = usePhoneLayout();
  const loading = useNavigation().state === 'loading';
  return (
    <IndexTable
      selectable={false}
      condensed={phone}
      loading={loading}
      itemCount={lines.length}
      resourceName={{ singular: 'conversation', plural: 'conversations' }}
      headings={[
        { title: 'Customer' },
        { title: 'Last message' },
        { title: 'Ad clicks', alignment: 'end' },
        { title: 'Orders', alignment: 'end' },
        { title: 'Revenue', alignment: 'end' },
      ]}
      {...(pagination && { pagination })}
    >
      {lines.map((line, position) => (
        <IndexTable.Row key={line.id} id={line.id} position={position}>
          {phone ? <PhoneConversationCells line={line} /> : <ConversationCells line={line} />}
        </IndexTable.Row>
      ))}
    </IndexTable>
  );
}
