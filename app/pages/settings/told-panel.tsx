import { Card } from '@shopify/polaris';
import { ChannelFields } from './channel-fields.tsx';
import { ConsentFields } from './consent-fields.tsx';
import { DoubtFields } from './doubt-fields.tsx';
import { EventFields } from './event-fields.tsx';
import { PayloadFields } from './payload-fields.tsx';
import { PreviewCard } from './preview-card.tsx';
import type { ReportingFacts } from './reporting-facts.ts';
import { Sections, SettingsSection } from './settings-section.tsx';
import type { SettingsForm } from './use-settings-form.ts';

/** Of what Meta is told, as what, and in which words. */
export function ToldPanel({
  form,
  facts,
  chosen,
}: {
  form: SettingsForm;
  facts: ReportingFacts;
  /** Whether somebody has chosen, or confirmed, as what orders are told. */
  chosen: boolean;
}) {
  const { draft, problems, change } = form;
  return (
    <Sections>
      <SettingsSection
        id="channels"
        title="Kinds of orders"
        description="As what each kind of paid order is told to Meta, if an ad led to it. Meta is never told of other orders."
      >
        <Card>
          <ChannelFields
            draft={draft}
            facts={facts}
            saving={form.saving}
            onChange={change}
            onConfirm={chosen ? null : form.confirmChannels}
          />
        </Card>
      </SettingsSection>
      <SettingsSection
        id="events"
        title="Events"
        description="What is told of a chat that an ad began, and of its orders. All but the purchase are off until you switch them on."
      >
        <Card>
          <EventFields draft={draft} problems={problems} parked={facts.parked} onChange={change} />
        </Card>
      </SettingsSection>
      <SettingsSection
        id="payload"
        title="What an event says"
        description="The value, the items and the customer of an order, as Meta gets them."
      >
        <Card>
          <PayloadFields draft={draft} problems={problems} onChange={change} />
        </Card>
      </SettingsSection>
      <SettingsSection
        id="privacy"
        title="Privacy"
        description="What customers said about their data, and how far Meta may use it."
      >
        <Card>
          <ConsentFields draft={draft} attribute={facts.consentAttribute} onChange={change} />
        </Card>
      </SettingsSection>
      <SettingsSection
        id="doubt"
        title="In doubt"
        description="What happens where a sale could count twice, or not at all."
      >
        <Card>
          <DoubtFields draft={draft} onChange={change} />
        </Card>
      </SettingsSection>
      <SettingsSection
        id="preview"
        title="Preview"
        description="The exact event, before anything is sent, and what Meta would refuse in it."
      >
        <PreviewCard draft={draft} />
      </SettingsSection>
    </Sections>
  );
}
