import { BlockStack, Divider, InlineStack, Link, Text } from '@shopify/polaris';
import { Fragment } from 'react';
import { FactList } from '../fact-list.tsx';
import { Code, Nothing, TitledCard } from '../order/titled-card.tsx';
import { OrderStateBadge } from '../state-badge.tsx';
import type { LinkLine } from './link-line.ts';
import type { BoughtLine, ClickLine, ConversationDetail } from './load.ts';
import { Merges } from './merges.tsx';
import { PastedField } from './pasted-field.tsx';

export function FactsCard({ detail }: { detail: ConversationDetail }) {
  return (
    <TitledCard heading="Conversation">
      <FactList
        facts={[
          { label: 'Customer', value: detail.name },
          { label: 'First message', value: detail.firstMessage },
          { label: 'Last message', value: detail.lastMessage },
          { label: 'Messages', value: detail.messages },
          { label: 'Conversation ID', value: <Code text={detail.id} /> },
        ]}
      />
      <Merges merges={detail.merges} />
    </TitledCard>
  );
}

export function ClicksCard({ clicks, cut }: { clicks: ClickLine[]; cut: string | null }) {
  return (
    <TitledCard heading="Ad clicks">
      {clicks.length === 0 ? (
        <Nothing>This customer wrote without tapping an ad.</Nothing>
      ) : (
        <ul className="tb-evidence">
          {clicks.map((click) => (
            <li key={click.id}>
              <BlockStack gap="050">
                <Text as="p" breakWord>
                  {click.ad}
                </Text>
                <Text as="p" tone="subdued">
                  {click.clickedAt}
                  {!click.hasClickId && ' · without a click ID: it counts here, but Meta cannot be told'}
                </Text>
              </BlockStack>
            </li>
          ))}
        </ul>
      )}
      {cut !== null && <Nothing>{cut}</Nothing>}
    </TitledCard>
  );
}

export function OrdersCard({ orders, cut }: { orders: BoughtLine[]; cut: string | null }) {
  return (
    <TitledCard heading="Orders">
      {orders.length === 0 ? (
        <Nothing>No order is tied to this conversation yet.</Nothing>
      ) : (
        <ul className="tb-evidence">
          {orders.map((order) => (
            <li key={order.gid}>
              <BlockStack gap="100">
                <InlineStack align="space-between" gap="200">
                  <Link url={order.url}>{order.name}</Link>
                  <Text as="span" numeric>
                    {order.total}
                  </Text>
                </InlineStack>
                <InlineStack align="space-between" gap="200">
                  <Text as="span" tone="subdued">
                    {order.placed}
                  </Text>
                  <OrderStateBadge badge={order.badge} />
                </InlineStack>
              </BlockStack>
            </li>
          ))}
        </ul>
      )}
      {cut !== null && <Nothing>{cut}</Nothing>}
    </TitledCard>
  );
}

export function LinksCard({ links, cut }: { links: LinkLine[]; cut: string | null }) {
  return (
    <TitledCard heading="Chat links">
      {links.length === 0 ? (
        <Nothing>No link was made for this conversation yet.</Nothing>
      ) : (
        links.map((link, index) => (
          <Fragment key={link.id}>
            {index > 0 && <Divider />}
            <ChatLinkDetails link={link} />
          </Fragment>
        ))
      )}
      {cut !== null && <Nothing>{cut}</Nothing>}
    </TitledCard>
  );
}

function ChatLinkDetails({ link }: { link: LinkLine }) {
  return (
    <BlockStack gap="200">
      <Text as="h3" variant="headingSm" breakWord>
        {link.heading}
      </Text>
      <PastedField pasted={link.pasted} of={link.heading} />
      <Text as="p" tone="subdued">
        {[link.made, link.opened].filter((words) => words !== null).join(' · ')}
      </Text>
      {link.orders.length > 0 && (
        <InlineStack gap="200">
          <Text as="span">Came back with</Text>
          {link.orders.map((order) => (
            <Link key={order.url} url={order.url}>
              {order.name}
            </Link>
          ))}
        </InlineStack>
      )}
    </BlockStack>
  );
}
