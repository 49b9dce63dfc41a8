import { BlockStack, Card } from '@shopify/polaris';
import { LinkingFields, ModelField, PastOrdersLink, WindowField } from './attribution-fields.tsx';
import { Sections, SettingsSection } from './settings-section.tsx';
import type { SettingsForm } from './use-settings-form.ts';

/** The rules by which orders are tied to chats, and credited to ads. */
export function AttributionPanel({ form: { draft, problems, change } }: { form: SettingsForm }) {
  return (
    <Sections>
      <SettingsSection
        id="attribution"
        title="Attribution"
        description="Which ad gets the credit for an order, among those that the customer tapped before ordering."
      >
        <Card>
          <BlockStack gap="400">
            <ModelField draft={draft} onChange={change} />
            <WindowField draft={draft} problem={problems.windowDays} onChange={change} />
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
          <LinkingFields draft={draft} problem={problems.phoneLimit} onChange={change} />
        </Card>
      </SettingsSection>
    </Sections>
  );
}
