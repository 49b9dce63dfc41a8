import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Banner, BlockStack, Card } from '@shopify/polaris';
import { useEffect, useState } from 'react';
import type { Settings } from '../../domain/settings.ts';
import type { SettingsOutcome } from './act.ts';
import { LinkingFields, ModelField, PastOrdersLink, WindowField } from './attribution-fields.tsx';
import { draftOf, isDirty, sentFields } from './draft.ts';
import type { Draft } from './draft.ts';
import { ReportFields, UnknownOutcomeField } from './report-fields.tsx';
import { SettingsSection } from './settings-section.tsx';
import { UnsavedChanges } from './unsaved-changes.tsx';

/** Attribution and reporting: one draft, saved or discarded as a whole through the admin's save bar. */
export function ReportingForm({ saved }: { saved: Settings }) {
  const { draft, change, dirty, saving, problems, creditsOtherwise, save, discard } = useDraft(saved);
  return (
    <>
      <UnsavedChanges dirty={dirty} saving={saving} onSave={save} onDiscard={discard} />
      {creditsOtherwise && !dirty && (
        <Banner
          tone="info"
          title="Past orders keep their credit"
          action={{ content: 'See what would change', url: '/app/reattribute' }}
        >
          <p>
            Your new rules count for orders from now on, and for those of the last 7 days about which
            something new is learned. You can see what they would change in the past.
          </p>
        </Banner>
      )}
      <SettingsSection
        title="Attribution"
        description="Which ad gets the credit for an order, among those that the customer tapped before ordering."
      >
        <Card>
          <BlockStack gap="400">
            <ModelField draft={draft} onChange={change} />
            <WindowField draft={draft} problem={problems?.windowDays ?? null} onChange={change} />
            <PastOrdersLink />
          </BlockStack>
        </Card>
      </SettingsSection>
      <SettingsSection
        title="Linking"
        description="When a phone number is good enough to tell whose order it is."
      >
        <Card>
          <LinkingFields draft={draft} problem={problems?.phoneLimit ?? null} onChange={change} />
        </Card>
      </SettingsSection>
      <SettingsSection
        title="What to report"
        description="What Meta is told about orders that are tied to an ad. Nothing is sent about other orders."
      >
        <Card>
          <BlockStack gap="400">
            <ReportFields draft={draft} onChange={change} />
            <UnknownOutcomeField draft={draft} onChange={change} />
          </BlockStack>
        </Card>
      </SettingsSection>
    </>
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
  }, [outcome, shopify]);

  function change(part: Partial<Draft>) {
    setDraft((before) => ({ ...before, ...part }));
  }

  function save() {
    setSent(draft);
    fetcher.submit({ intent: 'save_settings', ...sentFields(draft) }, { method: 'post' });
  }

  function discard() {
    setDraft(draftOf(saved));
  }

  const saving = fetcher.state !== 'idle';
  // What the server said is about the draft that was sent; any change makes it another draft.
  const problems = outcome?.kind === 'invalid_settings' && sent === draft ? outcome.problems : null;
  const creditsOtherwise = outcome?.kind === 'saved' && outcome.creditsOtherwise;
  return { draft, change, dirty: isDirty(draft, saved), saving, problems, creditsOtherwise, save, discard };
}
