import { BlockStack, Checkbox, ChoiceList, Text } from '@shopify/polaris';
import type { Settings } from '../../domain/settings.ts';
import type { Draft, OnChange } from './fields.ts';
import { WordedSelect } from './worded-select.tsx';

const LIMITED: Readonly<Record<Settings['limitedDataUse'], string>> = {
  off: 'Nobody',
  california: 'Customers in California',
  us_states: 'Customers in the US states that have such a law',
  everyone: 'Everyone',
};

/** What customers said of their data, and how far Meta may use it. */
export function ConsentFields({
  draft,
  attribute,
  onChange,
}: {
  draft: Draft;
  /** The cart attribute in which a consent banner writes. */
  attribute: string;
  onChange: OnChange;
}) {
  return (
    <BlockStack gap="400">
      <Text as="p">
        Where a customer refused marketing in your store, Meta is never told. Tieback reads that from the cart
        attribute <span className="tb-code">{attribute}</span>, which your cookie banner can set to{' '}
        <span className="tb-code">denied</span> or <span className="tb-code">granted</span>.
      </Text>
      <ChoiceList
        title="Customers who opted out of the sale of their data in Shopify"
        name="dataSaleOptOut"
        selected={[draft.dataSaleOptOut]}
        onChange={([chosen]) => onChange({ dataSaleOptOut: chosen === 'limit' ? 'limit' : 'withhold' })}
        choices={[
          { value: 'withhold', label: 'Do not tell Meta of their orders' },
          {
            value: 'limit',
            label: 'Tell Meta, for measuring alone',
            helpText: 'Such events carry Limited Data Use, and are not used to choose whom ads are shown to.',
          },
        ]}
      />
      <WordedSelect
        label="Ask Meta for Limited Data Use for"
        words={LIMITED}
        value={draft.limitedDataUse}
        helpText="Meta then processes these events as your service provider alone. Your ads may learn less from them."
        onChange={(limitedDataUse) => onChange({ limitedDataUse })}
      />
      <Checkbox
        label="Use events for measuring alone"
        helpText="Sales still count for the ads that led to them, but Meta does not use them to choose whom ads are shown to."
        checked={draft.attributionOnly}
        onChange={(attributionOnly) => onChange({ attributionOnly })}
      />
    </BlockStack>
  );
}
