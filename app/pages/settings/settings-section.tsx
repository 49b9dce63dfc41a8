import { BlockStack, Box, InlineGrid, Text } from '@shopify/polaris';
import type { ReactNode } from 'react';
import type { SectionId } from './places.ts';

// Not 1fr alone: a long word or choice would widen the column past the screen.
const COLUMNS = { xs: 'minmax(0, 1fr)', md: 'minmax(0, 2fr) minmax(0, 5fr)' };

/** The sections of one tab under each other. */
export function Sections({ children }: { children: ReactNode }) {
  return <BlockStack gap={{ xs: '800', md: '400' }}>{children}</BlockStack>;
}

/** A card of settings with what it is about beside it, or above it where there is no room. */
export function SettingsSection({
  id,
  title,
  description,
  children,
}: {
  id: SectionId;
  title: string;
  description: ReactNode;
  children: ReactNode;
}) {
  return (
    <section id={id} className="tb-section">
      <InlineGrid columns={COLUMNS} gap="400">
        <Box paddingInlineStart={{ xs: '400', sm: '0' }} paddingInlineEnd={{ xs: '400', sm: '0' }}>
          <BlockStack gap="200">
            <Text as="h2" variant="headingMd">
              {title}
            </Text>
            <Text as="p" tone="subdued">
              {description}
            </Text>
          </BlockStack>
        </Box>
        {children}
      </InlineGrid>
    </section>
  );
}
