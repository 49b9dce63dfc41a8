import { useSearchParams } from '@remix-run/react';
import { TitleBar } from '@shopify/app-bridge-react';
import { Banner, BlockStack, Card, InlineGrid, Page } from '@shopify/polaris';
import { SearchIcon } from '@shopify/polaris-icons';
import { EmptyMessage } from '../empty-message.tsx';
import { Note } from '../main-page.tsx';
import { ordersUrl, readFilter } from '../orders/filter.ts';
import { OrderStateBadge } from '../state-badge.tsx';
import { bannerTone } from '../tone.ts';
import { AnswerCard, ClickCard, EvidenceCard, SentCard } from './cards.tsx';
import type { OrderDetail } from './load.ts';
import { TimelineCard } from './timeline-card.tsx';

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
        <Banner tone={bannerTone(order.badge.tone)} title={order.why.sentence}>
          {order.why.fix !== null && <p>{order.why.fix}</p>}
        </Banner>
        <TimelineCard steps={order.steps} />
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
          <BlockStack gap="400">
            <EvidenceCard evidence={order.evidence} />
            <ClickCard click={order.click} />
          </BlockStack>
          <BlockStack gap="400">
            <SentCard sent={order.sent} badge={order.badge} />
            <AnswerCard answer={order.answer} />
          </BlockStack>
        </InlineGrid>
        <Note>Times are in your store’s time zone, {order.zoneName}.</Note>
      </BlockStack>
    </Page>
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
