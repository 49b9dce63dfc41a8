import {
  Badge,
  BlockStack,
  Box,
  Checkbox,
  Divider,
  InlineStack,
  Link,
  Text,
  TextField,
} from '@shopify/polaris';
import { Fragment } from 'react';
import type { EventName } from '../../domain/event-name.ts';
import { explainEventName } from '../../domain/explain-event-name.ts';
import type { Draft, FieldProblems, OnChange } from './fields.ts';
import { settingsUrl } from './places.ts';
import type { ParkedEvent } from './reporting-facts.ts';

const GROUPS: readonly { title: string; names: readonly EventName[] }[] = [
  { title: 'Leads', names: ['LeadSubmitted', 'QualifiedLead'] },
  { title: 'Looking and choosing', names: ['ViewContent', 'AddToCart', 'InitiateCheckout', 'CartAbandoned'] },
  { title: 'Orders', names: ['OrderCreated', 'Purchase'] },
  { title: 'After the order', names: ['OrderShipped', 'OrderDelivered', 'OrderCanceled', 'OrderReturned'] },
  { title: 'Feedback', names: ['RatingProvided', 'ReviewProvided'] },
];

type Props = {
  draft: Draft;
  problems: FieldProblems;
  parked: readonly ParkedEvent[];
  onChange: OnChange;
};

/** All events that Meta takes from a chat, each to be switched on by itself. */
export function EventFields(props: Props) {
  return (
    <BlockStack gap="400">
      {GROUPS.map(({ title, names }, index) => (
        <Fragment key={title}>
          {index > 0 && <Divider />}
          <BlockStack gap="300">
            <Text as="h3" variant="headingSm">
              {title}
            </Text>
            {names.map((name) => (
              <EventField key={name} name={name} {...props} />
            ))}
          </BlockStack>
        </Fragment>
      ))}
    </BlockStack>
  );
}

function EventField({ name, ...props }: Props & { name: EventName }) {
  // What has to be corrected is shown even where it counts for nothing.
  const { draft, problems, parked, onChange } = props;
  const { label, sentence, source } = explainEventName(name);
  const setting = `report${name}` as const;
  const refused = parked.find((one) => one.name === name);
  return (
    <BlockStack gap="200">
      <Checkbox
        label={
          <InlineStack gap="200" blockAlign="center">
            <span>{label}</span>
            {name !== label && <span className="tb-code tb-subdued">{name}</span>}
          </InlineStack>
        }
        helpText={`${sentence} Source: ${source}`}
        checked={draft[setting]}
        onChange={(on) => onChange({ [setting]: on })}
      />
      {refused !== undefined && (
        <Box paddingInlineStart="600">
          <InlineStack gap="200" blockAlign="center">
            <Badge tone="warning">Refused by Meta</Badge>
            <Text as="span" tone="subdued">
              Kept back from {refused.numbers.join(', ')}.{' '}
              <Link url={settingsUrl('numbers')}>Have it tried again</Link>
            </Text>
          </InlineStack>
        </Box>
      )}
      {name === 'QualifiedLead' && (draft[setting] || problems.qualifiedLeadMessages !== undefined) && (
        <QualifiedLeadRules {...props} />
      )}
      {name === 'CartAbandoned' && (draft[setting] || problems.cartAbandonedHours !== undefined) && (
        <CartAbandonedHours {...props} />
      )}
    </BlockStack>
  );
}

function QualifiedLeadRules({ draft, problems, onChange }: Props) {
  const byRule = draft.qualifiedLeadReply || draft.qualifiedLeadMessages.trim() !== '0';
  return (
    <Box paddingInlineStart="600">
      <BlockStack gap="200">
        <Checkbox
          label="When the customer writes again after you answered"
          checked={draft.qualifiedLeadReply}
          onChange={(qualifiedLeadReply) => onChange({ qualifiedLeadReply })}
        />
        <TextField
          label="Or after this many messages since the ad click"
          type="number"
          min={0}
          max={50}
          autoComplete="off"
          value={draft.qualifiedLeadMessages}
          error={problems.qualifiedLeadMessages}
          helpText={
            byRule
              ? '0: the number of messages does not count.'
              : 'As it is, only the API reports qualified leads.'
          }
          onChange={(qualifiedLeadMessages) => onChange({ qualifiedLeadMessages })}
        />
      </BlockStack>
    </Box>
  );
}

function CartAbandonedHours({ draft, problems, onChange }: Props) {
  return (
    <Box paddingInlineStart="600">
      <TextField
        label="A checkout counts as left after"
        type="number"
        min={1}
        max={72}
        suffix="hours without a change"
        autoComplete="off"
        value={draft.cartAbandonedHours}
        error={problems.cartAbandonedHours}
        onChange={(cartAbandonedHours) => onChange({ cartAbandonedHours })}
      />
    </Box>
  );
}
