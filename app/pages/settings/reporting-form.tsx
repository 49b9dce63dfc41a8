import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Banner, BlockStack, Card } from '@shopify/polaris';
import { useEffect, useState } from 'react';
import type { Settings } from '../../domain/settings.ts';
import type { SettingsOutcome } from './act.ts';
import { LinkingFields, ModelField, PastOrdersLink, WindowField } from './attribution-fields.tsx';
import { ChannelFields } from './channel-fields.tsx';
import { ConsentFields } from './consent-fields.tsx';
import { EventFields } from './event-fields.tsx';
import { draftOf, isDirty, sentFields, type Draft, type FieldProblems } from './fields.ts';
import { PayloadFields } from './payload-fields.tsx';
import { PreviewCard } from './preview-card.tsx';
import { DoubtFields } from './report-fields.tsx';
import type { ReportingFacts } from './reporting-facts.ts';
import { SettingsSection } from './settings-section.tsx';
import { UnsavedChanges } from './unsaved-changes.tsx';

/** Reporting and attribution: one draft, saved or discarded as a whole through the admin's save bar. */
export function ReportingForm({ saved, facts }: { saved: Settings; facts: ReportingFacts }) {
  const form = useDraft(saved);
  const { draft, change, problems } = form;
  return (
    <>
      <UnsavedChanges dirty={form.dirty} saving={form.saving} onSave={form.save} onDiscard={form.discard} />
      <SettingsSection
        id="channels"
        title="What Meta is told"
        description="As what each kind of paid order is told to Meta, if an ad led to it. Meta is never told of other orders."
      >
        <Card>
          <ChannelFields
            draft={draft}
            facts={facts}
            onChange={change}
            onConfirm={saved.channelsChosen ? null : form.confirmChannels}
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
        id="preview"
        title="Preview"
        description="The exact event, before anything is sent, and what Meta would refuse in it."
      >
        <PreviewCard draft={draft} />
      </SettingsSection>
      <SettingsSection
        id="doubt"
        title="Doubt and alerts"
        description="What happens where a sale could count twice, and who is told when something stops working."
      >
        <Card>
          <DoubtFields draft={draft} problems={problems} onChange={change} />
        </Card>
      </SettingsSection>
      {form.creditsOtherwise && !form.dirty && <PastCreditBanner />}
      <AttributionSections draft={draft} problems={problems} onChange={change} />
    </>
  );
}

function AttributionSections({
  draft,
  problems,
  onChange,
}: {
  draft: Draft;
  problems: FieldProblems;
  onChange: (part: Partial<Draft>) => void;
}) {
  return (
    <>
      <SettingsSection
        id="attribution"
        title="Attribution"
        description="Which ad gets the credit for an order, among those that the customer tapped before ordering."
      >
        <Card>
          <BlockStack gap="400">
            <ModelField draft={draft} onChange={onChange} />
            <WindowField draft={draft} problem={problems.windowDays} onChange={onChange} />
            <PastOrdersLink />
          </BlockStack>
        </Card>
      </SettingsSection>
      <SettingsSection
        id="linking"
        title="Linking"
        description="When a phone number is good enough to tell whose order it is."
      >
        <Card>
          <LinkingFields draft={draft} problem={problems.phoneLimit} onChange={onChange} />
        </Card>
      </SettingsSection>
    </>
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

/** The form's unsaved state, and what the server said of the last try to save it. */
function useDraft(saved: Settings) {
  const fetcher = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const [draft, setDraft] = useState(() => draftOf(saved));
  const [sent, setSent] = useState<Draft | null>(null);
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'saved') shopify.toast.show('Settings saved');
    if (outcome?.kind === 'invalid_settings')
      shopify.toast.show('Not saved: a field is not right', { isError: true });
  }, [outcome, shopify]);

  function change(part: Partial<Draft>) {
    setDraft((before) => ({ ...before, ...part }));
  }

  function send(next: Draft) {
    setDraft(next);
    setSent(next);
    fetcher.submit({ intent: 'save_settings', ...sentFields(next) }, { method: 'post' });
  }

  const saving = fetcher.state !== 'idle';
  // What the server said is about the draft that was sent; any change makes it another draft.
  const problems: FieldProblems =
    outcome?.kind === 'invalid_settings' && sent === draft ? outcome.problems : {};
  return {
    draft,
    change,
    dirty: isDirty(draft, saved),
    saving,
    problems,
    creditsOtherwise: outcome?.kind === 'saved' && outcome.creditsOtherwise,
    save: () => send(draft),
    confirmChannels: () => send({ ...draft, channelsChosen: true }),
    discard: () => setDraft(draftOf(saved)),
  };
}
