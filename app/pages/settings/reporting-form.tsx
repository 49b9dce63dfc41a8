import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { BlockStack, Card, Checkbox, ChoiceList, TextField } from '@shopify/polaris';
import { useEffect, useState } from 'react';
import type { Settings } from '../../domain/settings.ts';
import type { SettingsOutcome } from './act.ts';
import { draftOf, isDirty, PRESETS } from './draft.ts';
import type { Draft } from './draft.ts';
import { SettingsSection } from './settings-section.tsx';
import { UnsavedChanges } from './unsaved-changes.tsx';

/** Attribution and reporting: one draft, saved or discarded as a whole through the admin's save bar. */
export function ReportingForm({ saved }: { saved: Settings }) {
  const { draft, change, dirty, saving, windowProblem, save, discard } = useDraft(saved);
  return (
    <>
      <UnsavedChanges dirty={dirty} saving={saving} onSave={save} onDiscard={discard} />
      <SettingsSection
        title="Attribution"
        description="Which ad gets the credit for an order: the last one that the customer tapped before ordering."
      >
        <Card>
          <WindowField draft={draft} problem={windowProblem} onChange={change} />
        </Card>
      </SettingsSection>
      <SettingsSection
        title="What to report"
        description="What Meta is told about orders that are tied to an ad. Nothing is sent about other orders."
      >
        <Card>
          <BlockStack gap="400">
            <Checkbox
              label="Report purchases"
              helpText="Each paid order is reported once, with its value, so that Meta shows your ads to people who buy. When this is off, orders are still tied to ads here, but Meta is not told."
              checked={draft.reportPurchase}
              onChange={(reportPurchase) => change({ reportPurchase })}
            />
            <Checkbox
              label="Include hashed phone and email"
              helpText="Helps Meta recognise the customer. They are scrambled before they leave (SHA-256), so that Meta can compare them with what it knows already but cannot read them."
              checked={draft.sendCustomerHashes}
              disabled={!draft.reportPurchase}
              onChange={(sendCustomerHashes) => change({ sendCustomerHashes })}
            />
          </BlockStack>
        </Card>
      </SettingsSection>
    </>
  );
}

function WindowField({
  draft,
  problem,
  onChange,
}: {
  draft: Draft;
  problem: string | null;
  onChange: (change: Partial<Draft>) => void;
}) {
  return (
    <ChoiceList
      title="Count an ad click for"
      name="window"
      selected={[draft.window]}
      onChange={([window]) => window !== undefined && onChange({ window })}
      choices={[
        ...PRESETS.map((days) => ({ label: days === '1' ? '1 day' : `${days} days`, value: days })),
        {
          label: 'Another number of days',
          value: 'custom',
          renderChildren: (selected: boolean) =>
            selected && (
              <TextField
                label="Days, from 1 to 90"
                type="number"
                min={1}
                max={90}
                autoComplete="off"
                value={draft.customDays}
                error={problem ?? undefined}
                onChange={(customDays) => onChange({ customDays })}
              />
            ),
        },
      ]}
    />
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
    const form = new FormData();
    form.set('intent', 'save_settings');
    form.set('windowDays', draft.window === 'custom' ? draft.customDays : draft.window);
    if (draft.reportPurchase) form.set('reportPurchase', 'on');
    if (draft.sendCustomerHashes) form.set('sendCustomerHashes', 'on');
    fetcher.submit(form, { method: 'post' });
  }

  function discard() {
    setDraft(draftOf(saved));
  }

  const saving = fetcher.state !== 'idle';
  // What the server said is about the draft that was sent; any change makes it another draft.
  const windowProblem = outcome?.kind === 'invalid_settings' && sent === draft ? outcome.windowDays : null;
  return { draft, change, dirty: isDirty(draft, saved), saving, windowProblem, save, discard };
}
