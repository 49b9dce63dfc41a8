import {
  BlockStack,
  Box,
  Card,
  InlineGrid,
  Page,
  SkeletonBodyText,
  SkeletonDisplayText,
} from '@shopify/polaris';
import type { ReactNode } from 'react';
import { MainPage } from './main-page.tsx';
import { settingsUrl } from './settings/places.ts';

export type AdminPage =
  'overview' | 'orders' | 'order' | 'conversations' | 'conversation' | 'health' | 'settings' | 'rerun';

/** Which of the admin's pages an address shows. */
export function pageAt(pathname: string): AdminPage {
  if (/^\/app\/orders\/./.test(pathname)) return 'order';
  if (pathname.startsWith('/app/orders')) return 'orders';
  if (/^\/app\/conversations\/./.test(pathname)) return 'conversation';
  if (pathname.startsWith('/app/conversations')) return 'conversations';
  if (pathname.startsWith('/app/health')) return 'health';
  if (pathname.startsWith('/app/reattribute')) return 'rerun';
  return pathname.startsWith('/app/settings') ? 'settings' : 'overview';
}

/** A page's shape in grey while its data is on the way; the frame is the page's own, so that nothing moves. */
export function PageSkeleton({ page }: { page: AdminPage }) {
  switch (page) {
    case 'overview':
      return (
        <MainPage title="Overview">
          <Shape>
            <InlineGrid columns={{ xs: 2, md: 4 }} gap="400">
              {[1, 2, 3, 4].map((figure) => (
                <SkeletonCard key={figure} lines={1} />
              ))}
            </InlineGrid>
            <SkeletonCard lines={4} />
            <SkeletonCard lines={6} />
          </Shape>
        </MainPage>
      );
    case 'orders':
      return (
        <MainPage title="Orders" fullWidth>
          <Shape>
            <SkeletonCard lines={14} />
          </Shape>
        </MainPage>
      );
    case 'order':
      return (
        <Page title="Order" backAction={{ content: 'Orders', url: '/app/orders' }}>
          <Shape>
            <SkeletonCard lines={2} />
            <SkeletonCard lines={6} />
            <SkeletonCard lines={4} />
          </Shape>
        </Page>
      );
    case 'conversations':
      return (
        <MainPage title="Conversations" fullWidth>
          <Shape>
            <SkeletonCard lines={14} />
          </Shape>
        </MainPage>
      );
    case 'conversation':
      return (
        <Page title="Conversation" backAction={{ content: 'Conversations', url: '/app/conversations' }}>
          <Shape>
            <SkeletonCard lines={5} />
            <SkeletonCard lines={4} />
            <SkeletonCard lines={4} />
          </Shape>
        </Page>
      );
    case 'health':
      return (
        <MainPage title="Health">
          <Shape>
            <SkeletonCard lines={1} />
            <SkeletonCard lines={12} />
            <SkeletonCard lines={4} />
          </Shape>
        </MainPage>
      );
    case 'rerun':
      return (
        <Page
          title="Credit past orders again"
          backAction={{ content: 'Settings', url: settingsUrl('attribution') }}
        >
          <Shape>
            <SkeletonCard lines={6} />
            <SkeletonCard lines={4} />
          </Shape>
        </Page>
      );
    case 'settings':
      return (
        <MainPage title="Settings">
          <Shape>
            <SkeletonCard lines={5} />
            <SkeletonCard lines={3} />
            <SkeletonCard lines={3} />
          </Shape>
        </MainPage>
      );
  }
}

function Shape({ children }: { children: ReactNode }) {
  return (
    <div role="status" aria-label="Page loading">
      <BlockStack gap="400">{children}</BlockStack>
    </div>
  );
}

function SkeletonCard({ lines }: { lines: number }) {
  return (
    <Card>
      <BlockStack gap="400">
        <Box maxWidth="160px">
          <SkeletonDisplayText size="small" />
        </Box>
        <SkeletonBodyText lines={lines} />
      </BlockStack>
    </Card>
  );
}
