import { BlockStack, ChoiceList } from '@shopify/polaris';
import type { Draft, OnChange } from './fields.ts';

/** What happens where Tieback cannot know, or where Meta saw a sale itself. */
export function DoubtFields({ draft, onChange }: { draft: Draft; onChange: OnChange }) {
  return (
    <BlockStack gap="400">
      <ChoiceList
        title="When Meta itself noticed a purchase in the chat"
        name="automaticEvents"
        selected={[draft.automaticEvents]}
        onChange={([chosen]) => onChange({ automaticEvents: chosen === 'report' ? 'report' : 'withhold' })}
        choices={[
          {
            value: 'withhold',
            label: 'Do not tell Meta of it again',
            helpText: 'No sale is counted twice. The value is what Meta read in the chat.',
          },
          {
            value: 'report',
            label: 'Tell Meta all the same',
            helpText:
              'Choose this only if automatic events are switched off at Meta: it does not remove duplicates.',
          },
        ]}
      />
      <UnknownOutcomeField draft={draft} onChange={onChange} />
    </BlockStack>
  );
}

function UnknownOutcomeField({ draft, onChange }: { draft: Draft; onChange: OnChange }) {
  return (
    <ChoiceList
      title="When it is not known whether Meta took an event"
      name="unknownOutcome"
      selected={[draft.unknownOutcome]}
      onChange={([chosen]) => onChange({ unknownOutcome: chosen === 'resend' ? 'resend' : 'hold' })}
      choices={[
        {
          value: 'hold',
          label: 'Keep it for a person',
          helpText:
            'No sale is counted twice. It is shown as unknown until somebody has looked at Meta’s Events Manager.',
        },
        {
          value: 'resend',
          label: 'Send it again',
          helpText:
            'No sale is missed, but Meta may count one twice: it does not remove duplicates of these events.',
        },
      ]}
    />
  );
}
