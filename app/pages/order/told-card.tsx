import {
  Banner,
  BlockStack,
  Box,
  Button,
  Collapsible,
  Divider,
  InlineStack,
  List,
  Text,
} from '@shopify/polaris';
import { Fragment, useId, useState, type ReactNode } from 'react';
import { FactList } from '../fact-list.tsx';
import { MASKED_NOTE } from '../settings/masked-note.ts';
import { OrderStateBadge } from '../state-badge.tsx';
import type { MetaAnswer, ToldEvent } from './events.ts';
import type { AutomaticLine } from './privacy.ts';
import { Code, Nothing, TitledCard } from './titled-card.tsx';
import type { Untold } from './untold.ts';

/** What Meta was told, is to be told or would have been told of an order, event by event in the order of time. */
export function ToldCard({
  told,
  untold,
  automatic,
}: {
  told: ToldEvent[];
  untold: Untold | null;
  automatic: AutomaticLine[];
}) {
  return (
    <TitledCard heading="What Meta is told">
      {automatic.map(({ key, sentence }) => (
        <Banner key={key} tone="info">
          <p>{sentence}</p>
        </Banner>
      ))}
      {told.length === 0 && untold === null && (
        <Nothing>Nothing about this order was prepared for Meta.</Nothing>
      )}
      {told.map((event, index) => (
        <Fragment key={event.id}>
          {index > 0 && <Divider />}
          <EventDetails event={event} />
        </Fragment>
      ))}
      {untold !== null && (
        <>
          {told.length > 0 && <Divider />}
          <UntoldDetails untold={untold} />
        </>
      )}
    </TitledCard>
  );
}

/** One event: its state and why, its facts, Meta's answer, and the event itself. */
export function EventDetails({ event }: { event: ToldEvent }) {
  const { name, label, badge, sentence, fix, answer, json } = event;
  return (
    <BlockStack gap="300">
      <EventHeading label={label} name={name}>
        <OrderStateBadge badge={badge} />
      </EventHeading>
      <Text as="p">
        {sentence} {fix}
      </Text>
      <FactList
        facts={[
          { label: 'Told as', value: event.channel },
          ...(event.value === null ? [] : [{ label: 'Value', value: event.value }]),
          { label: 'Event time', value: event.eventTime },
          { label: 'Meta takes it until', value: event.deadline },
          { label: 'Dataset', value: <Code text={event.datasetId} /> },
          { label: 'Event ID', value: <Code text={event.eventId} /> },
          { label: 'Tries', value: event.attempts === 0 ? 'Not tried yet' : event.attempts },
          ...(answer === null ? [{ label: 'Meta’s answer', value: 'None yet' }] : answerFacts(answer)),
        ]}
      />
      {answer?.error && <ErrorDetails error={answer.error} />}
      <BlockStack gap="200">
        {json !== null && (
          <Fold show="Show what is told" hide="Hide what is told" text={json} note={MASKED_NOTE} />
        )}
        {answer !== null && answer.raw !== null && (
          <Fold show="Show Meta’s answer as it came" hide="Hide Meta’s answer" text={answer.raw} />
        )}
      </BlockStack>
    </BlockStack>
  );
}

function UntoldDetails({ untold }: { untold: Untold }) {
  const { label, name, badge, sentence, json, problems } = untold;
  return (
    <BlockStack gap="300">
      <EventHeading label={label} name={name}>
        <OrderStateBadge badge={badge} />
      </EventHeading>
      <Text as="p">{sentence}</Text>
      {problems.length > 0 && (
        <List>
          {problems.map((problem) => (
            <List.Item key={problem}>{problem}</List.Item>
          ))}
        </List>
      )}
      {json !== null && (
        <Fold show="Show what would be told" hide="Hide what would be told" text={json} note={MASKED_NOTE} />
      )}
    </BlockStack>
  );
}

function EventHeading({ label, name, children }: { label: string; name: string; children: ReactNode }) {
  return (
    <InlineStack gap="200" align="space-between" blockAlign="center">
      <InlineStack gap="200" blockAlign="baseline">
        <Text as="h3" variant="headingSm">
          {label}
        </Text>
        {name !== label && <span className="tb-code tb-subdued">{name}</span>}
      </InlineStack>
      {children}
    </InlineStack>
  );
}

function answerFacts({ httpStatus, code, traceId }: MetaAnswer) {
  return [
    { label: 'HTTP status', value: httpStatus ?? 'None' },
    ...(code === null ? [] : [{ label: 'Error code', value: <Code text={code} /> }]),
    { label: 'Trace ID', value: <Code text={traceId} otherwise="None" /> },
  ];
}

function ErrorDetails({ error }: { error: NonNullable<MetaAnswer['error']> }) {
  const { title, meaning, whose, fix } = error;
  return (
    <Box padding="300" background="bg-surface-secondary" borderRadius="200">
      <BlockStack gap="200">
        <Text as="h4" variant="headingSm">
          What Meta’s error means: {title}
        </Text>
        <Text as="p">{meaning}</Text>
        <FactList
          facts={[
            { label: 'Whose fault', value: whose },
            { label: 'What to do', value: fix },
          ]}
        />
      </BlockStack>
    </Box>
  );
}

/** Text as machines read it, shown when asked for. */
function Fold({
  show,
  hide,
  text,
  note = null,
}: {
  show: string;
  hide: string;
  text: string;
  note?: string | null;
}) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <BlockStack gap="200">
      <Box>
        <Button
          variant="plain"
          disclosure={open ? 'up' : 'down'}
          ariaExpanded={open}
          ariaControls={id}
          onClick={() => setOpen(!open)}
        >
          {open ? hide : show}
        </Button>
      </Box>
      <Collapsible id={id} open={open}>
        <BlockStack gap="100">
          <pre className="tb-raw">{text}</pre>
          {note !== null && (
            <Text as="p" tone="subdued" variant="bodySm">
              {note}
            </Text>
          )}
        </BlockStack>
      </Collapsible>
    </BlockStack>
  );
}
