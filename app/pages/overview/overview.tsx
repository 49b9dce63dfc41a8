import { BlockStack, Card, InlineGrid, Text } from '@shopify/polaris';
import { MainPage, Note } from '../main-page.tsx';
import { Attention } from './attention.tsx';
import { KeptBackCard } from './kept-back-card.tsx';
import type { Overview } from './load.ts';
import { Receipts } from './receipts.tsx';
import { SetUpCard } from './set-up-card.tsx';
import { StatePicture } from './state-picture.tsx';

/** The home page: is it connected, what did the ads earn, does anything wait for the merchant. */
export function OverviewPage({ overview }: { overview: Overview }) {
  const { figures, days } = overview;
  return (
    <MainPage title="Overview">
      <BlockStack gap="400">
        <Attention notices={overview.notices} />
        <SetUpCard setUp={overview.setUp} />
        <BlockStack gap="200">
          <InlineGrid columns={{ xs: 2, md: 4 }} gap={{ xs: '200', md: '400' }}>
            <Figure label="Paid orders" value={figures.paid} />
            <Figure label="Tied to ads" value={figures.tied} />
            <Figure label="Revenue tied to ads" value={figures.revenue} />
            <Figure label="Share tied to ads" value={figures.share ?? '–'} />
          </InlineGrid>
          <Note>
            Paid in the last {days} days, today included
            {overview.currency !== null && `, in ${overview.currency}`}. Days and times are in your store’s
            time zone, {overview.zoneName}. Test orders are not counted as tied.
          </Note>
        </BlockStack>
        <StatePicture segments={overview.segments} days={days} />
        <KeptBackCard keptBack={overview.keptBack} days={days} />
        <Receipts receipts={overview.receipts} />
      </BlockStack>
    </MainPage>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <Card>
      <BlockStack gap="100">
        <Text as="h2" variant="bodyMd" tone="subdued">
          {label}
        </Text>
        <Text as="p" variant="headingLg" breakWord numeric>
          {value}
        </Text>
      </BlockStack>
    </Card>
  );
}
