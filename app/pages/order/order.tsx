import { useSearchParams } from '@remix-run/react';
import { TitleBar } from '@shopify/app-bridge-react';
import { Banner, BlockStack, Box, Card, InlineGrid, Page } from '@shopify/polaris';
import { SearchIcon } from '@shopify/polaris-icons';
import { EmptyMessage } from '../empty-message.tsx';
import { Note } from '../main-page.tsx';
import { ordersUrl, readFilter } from '../orders/filter.ts';
import { OrderStateBadge } from '../state-badge.tsx';
import { bannerTone } from '../tone.ts';
import { ClickCard, PrivacyCard } from './cards.tsx';
import { CreditCard } from './credit-card.tsx';
import { LinkCard } from './link-card.tsx';
import type { OrderDetail } from './load.ts';
import { MadeCard } from './made-card.tsx';
import { TimelineCard } from './timeline-card.tsx';
import { ToldCard } from './told-card.tsx';

/** One order: why it is in its state, and everything that the answer rests on. */
export function OrderPage({ order }: { order: OrderDetail }) {
  return (
    <Page
      title={order.name}
      titleMetadata={<OrderStateBadge badge={order.badge} />}
      subtitle={`${order.total}, placed ${order.placed}`}
      backAction={useBackToOrders()}
    >
      <TitleBar title={`Order ${order.name}`} />
      <BlockStack gap="400">
        <Banner
          tone={bannerTone(order.badge.tone)}
          title={order.why.sentence}
          {...(order.why.settings !== null && {
            action: { content: 'Open settings', url: order.why.settings },
          })}
        >
          {order.why.fix !== null && <p>{order.why.fix}</p>}
        </Banner>
        {order.link.disagreement && <DisagreementBanner />}
        <TimelineCard steps={order.steps} />
        <ToldCard told={order.told} untold={order.untold} automatic={order.automatic} />
        {order.credit !== null && <CreditCard picture={order.credit} />}
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
          <BlockStack gap="400">
            <LinkCard link={order.link} />
            <ClickCard click={order.click} />
          </BlockStack>
          <BlockStack gap="400">
            <MadeCard made={order.made} money={order.money} />
            <PrivacyCard word={order.privacy} />
          </BlockStack>
        </InlineGrid>
        <Note>Times are in your store’s time zone, {order.zoneName}.</Note>
      </BlockStack>
    </Page>
  );
}

function DisagreementBanner() {
  return (
    // The box keeps Polaris from spacing this banner twice.
    <Box>
      <Banner tone="warning" title="Two chats claim this order">
        <p>
          Not all evidence points to the same chat. The strongest was chosen; see below how it was linked. If
          you know whose order it is, say “Not theirs” of the other chat, or link the order to the right one.
        </p>
      </Banner>
    </Box>
  );
}

/** An address that is not an order of this shop. */
export function OrderNotFound() {
  return (
    <Page title="Order not found" titleHidden backAction={useBackToOrders()}>
      <TitleBar title="Order not found" />
      <Card>
        <EmptyMessage
          icon={SearchIcon}
          heading="This order is not here"
          action={{ content: 'Show all orders', url: '/app/orders' }}
        >
          Your store has no order with this number, or it was placed before Tieback was installed.
        </EmptyMessage>
      </Card>
    </Page>
  );
}

/** Back to the part of the list that the merchant came from. */
function useBackToOrders() {
  const [parameters] = useSearchParams();
  return { content: 'Orders', url: ordersUrl(readFilter(parameters)) };
}
