import { Banner, BlockStack, Card } from '@shopify/polaris';
import { MainPage, Note } from '../main-page.tsx';
import { AlertField } from './alert-field.tsx';
import { ApiKeysCard } from './api-keys-card.tsx';
import { AttributionPanel } from './attribution-panel.tsx';
import type { SettingsDetail } from './load.ts';
import { NumbersCard } from './numbers-card.tsx';
import { PixelCard } from './pixel-card.tsx';
import { Sections, SettingsSection } from './settings-section.tsx';
import { SettingsTabs } from './settings-tabs.tsx';
import { ToldPanel } from './told-panel.tsx';
import { UnsavedChanges } from './unsaved-changes.tsx';
import { usePlace } from './use-place.ts';
import { useSettingsForm, type SettingsForm } from './use-settings-form.ts';

/** The connections to Meta, what is told through them, and the rules by which orders are tied to ads. */
export function SettingsPage({ detail }: { detail: SettingsDetail }) {
  const { tab, tabBar, open, openProblem } = usePlace();
  const form = useSettingsForm(detail.settings, openProblem);
  return (
    <MainPage title="Settings">
      <UnsavedChanges dirty={form.dirty} saving={form.saving} onSave={form.save} onDiscard={form.discard} />
      <BlockStack gap="400">
        {form.creditsOtherwise && !form.dirty && <PastCreditBanner />}
        <SettingsTabs
          tab={tab}
          tabBar={tabBar}
          problems={form.problems}
          onOpen={open}
          panels={{
            connections: <ConnectionsPanel detail={detail} form={form} />,
            told: <ToldPanel form={form} facts={detail.reporting} chosen={detail.settings.channelsChosen} />,
            credit: <AttributionPanel form={form} />,
          }}
        />
      </BlockStack>
    </MainPage>
  );
}

function ConnectionsPanel({ detail, form }: { detail: SettingsDetail; form: SettingsForm }) {
  return (
    <Sections>
      <SettingsSection
        id="numbers"
        title="WhatsApp numbers"
        description="Where your ads open chats. Tieback sees which chats begin with an ad, and reports sales to the number’s dataset."
      >
        <BlockStack gap="200">
          <NumbersCard numbers={detail.numbers} disconnected={detail.disconnected} signUp={detail.signUp} />
          {detail.numbers.length > 0 && <Note>Times are in your store’s time zone, {detail.zoneName}.</Note>}
        </BlockStack>
      </SettingsSection>
      <SettingsSection
        id="pixel"
        title="Pixel"
        description="The dataset of your website’s pixel. Only needed if orders are told as website sales or as sales in a store."
      >
        <PixelCard pixel={detail.pixel} />
      </SettingsSection>
      <SettingsSection
        id="api-keys"
        title="API keys"
        description="With a key, a program of yours such as a CRM reports qualified leads, bookings and offline sales of a conversation."
      >
        <ApiKeysCard />
      </SettingsSection>
      <SettingsSection
        id="alerts"
        title="Alerts"
        description="Who is told by email when something stops working. The overview always shows it."
      >
        <Card>
          <AlertField form={form} />
        </Card>
      </SettingsSection>
    </Sections>
  );
}

function PastCreditBanner() {
  return (
    <Banner
      tone="info"
      title="Past orders keep their credit"
      action={{ content: 'See what would change', url: '/app/reattribute' }}
    >
      <p>
        Your new rules count for orders from now on, and for those of the last 7 days about which something
        new is learned. You can see what they would change in the past.
      </p>
    </Banner>
  );
}
