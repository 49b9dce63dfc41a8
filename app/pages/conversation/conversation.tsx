import { useSearchParams } from '@remix-run/react';
import { TitleBar } from '@shopify/app-bridge-react';
import { BlockStack, Card, InlineGrid, Page } from '@shopify/polaris';
import { SearchIcon } from '@shopify/polaris-icons';
import { conversationsUrl, readConversationsFilter } from '../conversations/filter.ts';
import { EmptyMessage } from '../empty-message.tsx';
import { Note } from '../main-page.tsx';
import { ClicksCard, FactsCard, LinksCard, OrdersCard } from './cards.tsx';
import { LinkForm } from './link-form.tsx';
import type { ConversationDetail } from './load.ts';
import { ToldCard } from './told-card.tsx';

/** One conversation: what led to it, what came of it, and the links that tie an order to it. */
export function ConversationPage({ detail }: { detail: ConversationDetail }) {
  return (
    <Page
      title={detail.name}
      subtitle={`Last message ${detail.lastMessage}`}
      backAction={useBackToConversations()}
    >
      <TitleBar title={`Conversation ${detail.name}`} />
      <BlockStack gap="400">
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
          <BlockStack gap="400">
            <LinkForm key={detail.id} />
            <LinksCard links={detail.links} cut={detail.cut.links} />
          </BlockStack>
          <BlockStack gap="400">
            <FactsCard detail={detail} />
            <OrdersCard orders={detail.orders} cut={detail.cut.orders} />
            <ToldCard told={detail.told} automatic={detail.automatic} cut={detail.cut.told} />
            <ClicksCard clicks={detail.clicks} cut={detail.cut.clicks} />
          </BlockStack>
        </InlineGrid>
        <Note>Times are in your store’s time zone, {detail.zoneName}.</Note>
      </BlockStack>
    </Page>
  );
}

/** An address that is not a conversation of this shop. */
export function ConversationNotFound() {
  return (
    <Page title="Conversation not found" titleHidden backAction={useBackToConversations()}>
      <TitleBar title="Conversation not found" />
      <Card>
        <EmptyMessage
          icon={SearchIcon}
          heading="This conversation is not here"
          action={{ content: 'Show all conversations', url: '/app/conversations' }}
        >
          The address may be mistyped, or the customer asked to be forgotten and was erased.
        </EmptyMessage>
      </Card>
    </Page>
  );
}

/** Back to the part of the list that the merchant came from. */
function useBackToConversations() {
  const [parameters] = useSearchParams();
  return { content: 'Conversations', url: conversationsUrl(readConversationsFilter(parameters)) };
}
