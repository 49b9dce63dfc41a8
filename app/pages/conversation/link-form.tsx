import { useFetcher } from '@remix-run/react';
import { Banner, BlockStack, Box, Button, ChoiceList, InlineStack, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';
import type { ChatLinkField, ChatLinkKind } from '../../domain/chat-link.ts';
import { TitledCard } from '../order/titled-card.tsx';
import type { ChatLinkFormOutcome } from './act.ts';
import type { Pasted } from './link-line.ts';
import { PastedField } from './pasted-field.tsx';

type Values = Record<ChatLinkField, string>;
type Sent = { kind: ChatLinkKind; values: Values };

const EMPTY: Values = { product: '', variant: '', cart: '', discount: '', code: '', to: '' };
const KINDS: { value: ChatLinkKind; label: string; helpText: string }[] = [
  { value: 'product', label: 'Product', helpText: 'Opens a product page.' },
  { value: 'cart', label: 'Cart', helpText: 'Opens the checkout with products in it.' },
  { value: 'discount', label: 'Discount', helpText: 'Applies a code that you made for this customer alone.' },
  { value: 'draft_order', label: 'Draft order', helpText: 'A tag that ties a draft order to this chat.' },
];

/** Makes a link for this conversation. An order that comes of it is tied to the chat whoever pays and from wherever. */
export function LinkForm() {
  const form = useLinkForm();
  return (
    <TitledCard heading="Make a chat link">
      <div>
        <form.fetcher.Form method="post" onSubmit={form.remember} autoComplete="off">
          <input type="hidden" name="intent" value="make_link" />
          <BlockStack gap="400">
            {form.gone && (
              <Banner tone="critical" title="This conversation is not here any more">
                <p>The customer may have been erased. Reload the page.</p>
              </Banner>
            )}
            <ChoiceList
              title="What should it lead to?"
              name="kind"
              selected={[form.kind]}
              onChange={([chosen]) => form.choose(KINDS.find(({ value }) => value === chosen)?.value)}
              choices={KINDS}
            />
            <LinkFields kind={form.kind} field={form.field} />
            <InlineStack>
              <Button submit variant="primary" loading={form.fetcher.state !== 'idle'}>
                {form.kind === 'draft_order' ? 'Make tag' : 'Make link'}
              </Button>
            </InlineStack>
          </BlockStack>
        </form.fetcher.Form>
        <div role="status">
          {form.made !== null && (
            <Box paddingBlockStart="300">
              <Made pasted={form.made} />
            </Box>
          )}
        </div>
      </div>
    </TitledCard>
  );
}

function Made({ pasted }: { pasted: Pasted }) {
  return (
    <BlockStack gap="200">
      <PastedField pasted={pasted} of="just made" />
      <Text as="p" tone="subdued">
        {pasted.kind === 'link' ? (
          'Paste it into the chat with this customer, and only there.'
        ) : (
          <>
            Add it under Tags on the draft order before you send the invoice. An app that makes draft orders
            may instead write the attribute <span className="tb-code">{pasted.attribute}</span> with the value{' '}
            <span className="tb-code">{pasted.value}</span>.
          </>
        )}
      </Text>
    </BlockStack>
  );
}

type FieldProps = {
  name: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  autoComplete: string;
  spellCheck: boolean;
};

function LinkFields({ kind, field }: { kind: ChatLinkKind; field: (name: ChatLinkField) => FieldProps }) {
  switch (kind) {
    case 'product':
      return (
        <>
          <TextField
            {...field('product')}
            label="Product page"
            helpText="Paste its address from your online store, or enter the product’s handle."
          />
          <TextField {...field('variant')} label="Variant ID (optional)" inputMode="numeric" />
        </>
      );
    case 'cart':
      return (
        <>
          <TextField
            {...field('cart')}
            label="Products in the cart"
            multiline={2}
            helpText="Variant ID, colon and quantity, like 44100000000001:2; one to a line. The variant ID is the last number in the address of the variant’s page in Shopify."
          />
          <TextField {...field('discount')} label="Discount code to apply (optional)" />
        </>
      );
    case 'discount':
      return (
        <>
          <TextField
            {...field('code')}
            label="Discount code"
            helpText="Create it in Shopify for this customer alone: whoever orders with it counts as this customer."
          />
          <TextField
            {...field('to')}
            label="Page to open (optional)"
            helpText="Like /collections/new. Leave empty for your home page."
          />
        </>
      );
    case 'draft_order':
      return null;
  }
}

/** The form's state, and what the server said of the last try. */
function useLinkForm() {
  const fetcher = useFetcher<ChatLinkFormOutcome>();
  const [kind, setKind] = useState<ChatLinkKind>('product');
  const [values, setValues] = useState<Values>(EMPTY);
  const [sent, setSent] = useState<Sent | null>(null);
  // What was said is about what was sent: another choice or another text makes it another request.
  const outcome = sent?.kind === kind ? fetcher.data : undefined;
  const problems = outcome?.kind === 'invalid' ? outcome.problems : [];
  const unchanged = sent?.values === values && fetcher.state === 'idle';

  function field(name: ChatLinkField): FieldProps {
    const problem =
      values[name] === sent?.values[name] ? problems.find((one) => one.field === name) : undefined;
    return {
      name,
      value: values[name],
      onChange: (value) => setValues((before) => ({ ...before, [name]: value })),
      error: problem?.problem,
      autoComplete: 'off',
      spellCheck: false,
    };
  }

  return {
    fetcher,
    kind,
    field,
    choose: (chosen: ChatLinkKind | undefined) => chosen !== undefined && setKind(chosen),
    remember: () => setSent({ kind, values }),
    gone: outcome?.kind === 'not_found',
    made: outcome?.kind === 'created' && unchanged ? outcome.pasted : null,
  };
}
