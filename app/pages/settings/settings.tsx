import { BlockStack } from '@shopify/polaris';
import { MainPage, Note } from '../main-page.tsx';
import type { SettingsDetail } from './load.ts';
import { NumbersCard } from './numbers-card.tsx';
import { ReportingForm } from './reporting-form.tsx';
import { SettingsSection } from './settings-section.tsx';

/** The WhatsApp numbers, and the rules by which orders are tied to ads and reported. */
export function SettingsPage({ detail }: { detail: SettingsDetail }) {
  return (
    <MainPage title="Settings">
      <BlockStack gap={{ xs: '800', md: '400' }}>
        <SettingsSection
          title="WhatsApp number"
          description="Where your ads open chats. Tieback sees which chats begin with an ad, and reports sales to the number’s dataset."
        >
          <BlockStack gap="200">
            <NumbersCard numbers={detail.numbers} />
            {detail.numbers.length > 0 && (
              <Note>Times are in your store’s time zone, {detail.zoneName}.</Note>
            )}
          </BlockStack>
        </SettingsSection>
        <ReportingForm saved={detail.settings} />
      </BlockStack>
    </MainPage>
  );
}
