import { Badge, Banner, BlockStack, Button, InlineStack, Link, Select, Text } from '@shopify/polaris';
import { CHANNEL_CHOICES, type ChannelChoice, type OrderClass } from '../../domain/channel.ts';
import { explainChannel, needsPixel } from '../meta-channel.ts';
import { CHANNEL_SETTING, type Draft, type OnChange } from './fields.ts';
import { KIND_LABELS } from './kind-labels.ts';
import { settingsUrl } from './places.ts';
import type { ReportingFacts } from './reporting-facts.ts';

const MEANINGS: Readonly<Record<OrderClass, string>> = {
  in_chat: 'Draft orders, and orders that your staff enter for the customer.',
  chat_link: 'The customer checks out in your online store after opening a link from the chat.',
  online_store: 'The customer checks out in your online store without a link from the chat.',
  point_of_sale: 'Rung up in a shop of yours.',
  renewal: 'Made by a subscription by itself: nobody decided to buy at that moment.',
  other_channel: 'Orders from marketplaces, and from apps that create orders.',
};

/** What Meta is told for each kind of order, and what may count twice. */
export function ChannelFields({
  draft,
  facts,
  saving,
  onChange,
  onConfirm,
}: {
  draft: Draft;
  facts: ReportingFacts;
  saving: boolean;
  onChange: OnChange;
  /** The choices are right as they are; null when that was said already. */
  onConfirm: (() => void) | null;
}) {
  const overlap =
    draft.channelOnlineStore === 'business_messaging' || draft.channelChatLink === 'business_messaging';
  return (
    <BlockStack gap="400">
      {overlap && <OverlapWarning />}
      {Object.entries(CHANNEL_CHOICES).map(([made, choices]) => (
        <KindField
          key={made}
          made={made as OrderClass}
          choices={choices}
          orders={facts.orders[made as OrderClass]}
          draft={draft}
          pixel={facts.pixel}
          onChange={onChange}
        />
      ))}
      <Text as="p" tone="subdued" variant="bodySm">
        The figures are your paid orders of the last {facts.days} days. Only those that an ad led to are told.
      </Text>
      {onConfirm !== null && (
        <BlockStack gap="200" inlineAlign="start">
          <Text as="p">Nobody has confirmed these choices yet. They can be changed at any time.</Text>
          <Button variant="primary" loading={saving} onClick={onConfirm}>
            These are right
          </Button>
        </BlockStack>
      )}
    </BlockStack>
  );
}

function KindField({
  made,
  choices,
  orders,
  draft,
  pixel,
  onChange,
}: {
  made: OrderClass;
  choices: readonly ChannelChoice[];
  orders: number;
  draft: Draft;
  pixel: boolean;
  onChange: OnChange;
}) {
  const setting = CHANNEL_SETTING[made];
  const chosen = draft[setting];
  const label = KIND_LABELS[made];
  const missing = needsPixel(chosen) && !pixel;
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <Text as="h3" variant="headingSm">
          {label}
        </Text>
        <Badge>{orders === 1 ? '1 order' : `${orders} orders`}</Badge>
      </InlineStack>
      <Text as="p" tone="subdued">
        {MEANINGS[made]}
      </Text>
      <Select
        label={`${label}: tell Meta`}
        labelHidden
        options={choices.map((value) => ({
          value,
          label: explainChannel(value).choice + (needsPixel(value) && !pixel ? ' (needs a pixel)' : ''),
        }))}
        value={chosen}
        helpText={explainChannel(chosen).meaning}
        error={missing && 'No pixel is connected, so Meta would not be told of these orders.'}
        onChange={(value) => {
          const choice = choices.find((one) => one === value);
          // As the server sees it: who changes one has chosen.
          if (choice !== undefined) onChange({ [setting]: choice, channelsChosen: true });
        }}
      />
      {missing && (
        <Text as="p">
          <Link url={settingsUrl('pixel')}>Connect your pixel</Link>
        </Text>
      )}
    </BlockStack>
  );
}

function OverlapWarning() {
  return (
    <Banner tone="warning" title="Meta may count online sales twice">
      <BlockStack gap="200">
        <p>
          Meta wants WhatsApp sales for what happens in the chat, and website sales for checkouts on a
          website. It does not remove duplicates of WhatsApp sales.
        </p>
        <p>
          Shopify’s own Facebook & Instagram app, or another pixel app, may report the same checkouts already.
          If it does, choose “As a website sale” with the event ID that it sends (see below), or “Not at all”.
          If nothing else reports them, they can stay as they are.
        </p>
      </BlockStack>
    </Banner>
  );
}
