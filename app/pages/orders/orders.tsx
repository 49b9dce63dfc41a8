import { useNavigation } from '@remix-run/react';
import { BlockStack, Card, IndexTable } from '@shopify/polaris';
import { OrderIcon, SearchIcon } from '@shopify/polaris-icons';
import { usePhoneLayout } from '../admin-frame.tsx';
import { EmptyMessage } from '../empty-message.tsx';
import { MainPage, Note } from '../main-page.tsx';
import type { OrdersList } from './load.ts';
import { OrderCells, PhoneOrderCells } from './order-row.tsx';
import { OrdersFilters } from './orders-filters.tsx';

/** Every order of the shop in its one explained state. */
export function OrdersPage({ list }: { list: OrdersList }) {
  return (
    <MainPage title="Orders" fullWidth>
      <BlockStack gap="200">
        <Card padding="0">
          {list.hasOrders ? (
            <>
              <OrdersFilters list={list} />
              <div role="tabpanel" id="orders-list" aria-label="Orders">
                {list.lines.length === 0 ? (
                  <EmptyMessage
                    icon={SearchIcon}
                    heading="Nothing matches"
                    action={{ content: 'Show all orders', url: '/app/orders' }}
                  >
                    No order is like this. Try fewer filters, or another name.
                  </EmptyMessage>
                ) : (
                  <OrdersTable list={list} />
                )}
              </div>
            </>
          ) : (
            <EmptyMessage icon={OrderIcon} heading="No orders yet">
              Every order that your store receives from now on appears here, with the ad that earned it, or
              the reason why there is none.
            </EmptyMessage>
          )}
        </Card>
        <Note>Times are in your store’s time zone, {list.zoneName}.</Note>
      </BlockStack>
    </MainPage>
  );
}

function OrdersTable({ list }: { list: OrdersList }) {
  const phone = usePhoneLayout();
  const loading = useNavigation().state === 'loading';
  const { previousUrl, nextUrl } = list;
  return (
    <IndexTable
      selectable={false}
      condensed={phone}
      loading={loading}
      itemCount={list.lines.length}
      resourceName={{ singular: 'order', plural: 'orders' }}
      headings={[
        { title: 'Order' },
        { title: 'Placed' },
        { title: 'Total', alignment: 'end' },
        { title: 'State' },
        { title: 'Why' },
        { title: 'Made in' },
        { title: 'Ad' },
      ]}
      pagination={{
        hasPrevious: previousUrl !== null,
        hasNext: nextUrl !== null,
        ...(previousUrl !== null && { previousURL: previousUrl }),
        ...(nextUrl !== null && { nextURL: nextUrl }),
      }}
    >
      {list.lines.map((line, position) => (
        <IndexTable.Row key={line.gid} id={line.gid} position={position}>
          {phone ? <PhoneOrderCells line={line} /> : <OrderCells line={line} />}
        </IndexTable.Row>
      ))}
    </IndexTable>
  );
}
