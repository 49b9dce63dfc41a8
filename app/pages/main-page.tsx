import { TitleBar } from '@shopify/app-bridge-react';
import { Box, Page, Text } from '@shopify/polaris';
import type { ReactNode } from 'react';

/** One of the pages of the app's menu. The admin's title bar shows its title; here it is only for screen readers. */
export function MainPage({
  title,
  fullWidth = false,
  children,
}: {
  title: string;
  fullWidth?: boolean;
  children: ReactNode;
}) {
  return (
    <Page fullWidth={fullWidth}>
      <TitleBar title={title} />
      <Text as="h1" visuallyHidden>
        {title}
      </Text>
      {children}
    </Page>
  );
}

/** A line between cards, with room beside it where cards reach the screen's edge. */
export function Note({ children }: { children: ReactNode }) {
  return (
    <Box paddingInline={{ xs: '400', sm: '0' }}>
      <Text as="p" tone="subdued" variant="bodySm">
        {children}
      </Text>
    </Box>
  );
}
