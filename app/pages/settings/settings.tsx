import { BlockStack } from '@shopify/polaris';
import { MainPage, Note } from '../main-page.tsx';
import { ApiKeysCard } from './api-keys-card.tsx';
import type { SettingsDetail } from './load.ts';
import { NumbersCard } from './numbers-card.tsx';
import { PixelCard } from './pixel-card.tsx';
import { ReportingForm } from './reporting-form.tsx';
import { SettingsSection } from './settings-section.tsx';

/** The connections to Meta, what is told through them, and the rules by which orders are tied to ads. */
export function SettingsPage({ detail }: { detail: SettingsDetail }) {
  return (
    <MainPage title="Settings">
      <BlockStack gap={{ xs: '800', md: '400' }}>
        <SettingsSection
          id="numbers"
          title="WhatsApp numbers"
          description="Where your ads open chats. Tieback sees which chats begin with an ad, and reports sales to the number’s dataset."
        >
          <BlockStack gap="200">
            <NumbersCard numbers={detail.numbers} disconnected={detail.disconnected} signUp={detail.signUp} />
            {detail.numbers.length > 0 && (
              <Note>Times are in your store’s time zone, {detail.zoneName}.</Note>
            )}
          </BlockStack>
        </SettingsSection>
        <SettingsSection
          id="pixel"
          title="Pixel"
          description="The dataset of your website’s pixel. Only needed if orders are told as website sales or as sales in a store."
        >
          <PixelCard pixel={detail.pixel} />
        </SettingsSection>
        <ReportingForm saved={detail.settings} facts={detail.reporting} />
        <SettingsSection
          id="api-keys"
          title="API keys"
          description="With a key, a program of yours such as a CRM reports qualified leads, bookings and offline sales of a conversation."
        >
          <ApiKeysCard />
        </SettingsSection>
      </BlockStack>
    </MainPage>
  );
}
