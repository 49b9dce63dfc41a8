import { ChoiceList, Link, Text, TextField } from '@shopify/polaris';
import { MODELS } from '../../domain/attribution.ts';
import type { Model } from '../../domain/attribution.ts';
import { PRESETS, type Draft, type OnChange } from './fields.ts';

const MODEL_WORDS: Readonly<Record<Model, { label: string; helpText: string }>> = {
  last_click: {
    label: 'Last click',
    helpText: 'The ad that was tapped last before the order earns all of it.',
  },
  first_click: {
    label: 'First click',
    helpText: 'The ad that was tapped first, within the days below, earns all of it.',
  },
  linear: {
    label: 'Linear',
    helpText: 'All ads tapped within the days below share the order equally. Meta is told of the last one.',
  },
};

export function ModelField({ draft, onChange }: { draft: Draft; onChange: OnChange }) {
  return (
    <ChoiceList
      title="Give the credit to"
      name="model"
      selected={[draft.model]}
      onChange={([chosen]) => {
        const model = MODELS.find((one) => one === chosen);
        if (model !== undefined) onChange({ model });
      }}
      choices={MODELS.map((model) => ({ value: model, ...MODEL_WORDS[model] }))}
    />
  );
}

export function WindowField({
  draft,
  problem,
  onChange,
}: {
  draft: Draft;
  problem: string | undefined;
  onChange: OnChange;
}) {
  return (
    <ChoiceList
      title="Count an ad click for"
      name="window"
      selected={[draft.window]}
      onChange={([window]) => {
        if (window !== undefined) onChange(window === 'custom' ? { window } : { window, windowDays: window });
      }}
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
                value={draft.windowDays}
                error={problem}
                onChange={(windowDays) => onChange({ windowDays })}
              />
            ),
        },
      ]}
    />
  );
}

export function LinkingFields({
  draft,
  problem,
  onChange,
}: {
  draft: Draft;
  problem: string | undefined;
  onChange: OnChange;
}) {
  const limit = draft.phoneLimit.trim();
  return (
    <TextField
      label="Most customers that may share a phone number"
      type="number"
      min={1}
      max={50}
      autoComplete="off"
      value={draft.phoneLimit}
      error={problem}
      helpText={`A number on more than ${limit === '' ? '…' : limit} customers’ orders is nobody’s: it may be a reseller’s, or your own team’s. It is shown with the order, but links it to no chat.`}
      onChange={(phoneLimit) => onChange({ phoneLimit })}
    />
  );
}

/** The way to the page that applies changed rules to orders of the past. */
export function PastOrdersLink() {
  return (
    <Text as="p" tone="subdued">
      The rules count for orders from now on; past orders keep their credit, except orders of the last 7 days
      about which something new is learned.{' '}
      <Link url="/app/reattribute" removeUnderline>
        Credit past orders again
      </Link>
    </Text>
  );
}
