import { BlockStack, Checkbox, TextField } from '@shopify/polaris';
import type { Settings } from '../../domain/settings.ts';
import { needsPixel } from '../meta-channel.ts';
import { CHANNEL_SETTING, type Draft, type FieldProblems, type OnChange } from './fields.ts';
import { WordedSelect } from './worded-select.tsx';

const VALUES: Readonly<Record<Settings['valueRule'], string>> = {
  total: 'The total: products, shipping and tax',
  without_shipping: 'The total without shipping',
  subtotal: 'The products alone (Shopify’s subtotal)',
  without_shipping_and_tax: 'The total without shipping and tax',
};
const CURRENCIES: Readonly<Record<Settings['valueCurrency'], string>> = {
  shop: 'Your store’s currency',
  buyer: 'The currency that the customer paid in',
};
const IDS: Readonly<Record<Settings['contentIds'], string>> = {
  variant: 'Variant',
  product: 'Product',
};

/** What an event says of an order and of who bought. */
export function PayloadFields({
  draft,
  problems,
  onChange,
}: {
  draft: Draft;
  problems: FieldProblems;
  onChange: OnChange;
}) {
  const toPixel = Object.values(CHANNEL_SETTING).some((setting) => needsPixel(draft[setting]));
  return (
    <BlockStack gap="400">
      <WordedSelect
        label="Value of an order"
        words={VALUES}
        value={draft.valueRule}
        helpText="Discounts are always taken off. Refunds and edits after the payment do not change what Meta was told."
        onChange={(valueRule) => onChange({ valueRule })}
      />
      <WordedSelect
        label="Currency of the value"
        words={CURRENCIES}
        value={draft.valueCurrency}
        onChange={(valueCurrency) => onChange({ valueCurrency })}
      />
      <WordedSelect
        label="Items are named by the ID of"
        words={IDS}
        value={draft.contentIds}
        helpText="It must be the ID that your catalogue at Meta uses, or Meta does not know what was bought. Shopify’s own catalogue uses variants."
        onChange={(contentIds) => onChange({ contentIds })}
      />
      <Checkbox
        label="Include hashed customer data"
        helpText="Phone, email, name, place and customer ID help Meta recognise the customer. They are scrambled before they leave (SHA-256), so that Meta can compare them with what it knows already but cannot read them."
        checked={draft.sendCustomerHashes}
        onChange={(sendCustomerHashes) => onChange({ sendCustomerHashes })}
      />
      {(toPixel || problems.websiteEventId !== undefined) && (
        <TextField
          label="Event ID of sales that go to your pixel"
          autoComplete="off"
          monospaced
          value={draft.websiteEventId}
          error={problems.websiteEventId}
          helpText="Meta counts a sale once when your pixel sends the same event name and ID within 48 hours. Write {order_id}, {checkout_token} or {event_name} where they belong: your pixel app says what it sends."
          onChange={(websiteEventId) => onChange({ websiteEventId })}
        />
      )}
    </BlockStack>
  );
}
