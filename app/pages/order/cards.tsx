import { BlockStack, Box, Button, Collapsible, Text } from '@shopify/polaris';
import { Fragment, useId, useState } from 'react';
import { FactList } from '../fact-list.tsx';
import { OrderStateBadge } from '../state-badge.tsx';
import type { MetaAnswer, SentEvent } from './events.ts';
import type { AdClick } from './load.ts';
import { Code, Nothing, TitledCard } from './titled-card.tsx';

export function ClickCard({ click }: { click: AdClick | null }) {
  return (
    <TitledCard heading="Ad click">
      {click === null ? (
        <Nothing>No ad click is credited with this order.</Nothing>
      ) : (
        <FactList
          facts={[
            { label: 'Headline', value: click.headline ?? 'None given by WhatsApp' },
            { label: 'Ad ID', value: <Code text={click.adId} otherwise="None given by WhatsApp" /> },
            { label: 'Clicked', value: click.clickedAt },
            { label: 'Click ID', value: click.hasClickId ? 'Present' : 'Absent' },
            ...(click.rule === null ? [] : [{ label: 'Why this click', value: click.rule }]),
          ]}
        />
      )}
    </TitledCard>
  );
}

/** What Meta was told or is to be told, event by event in the order of time. */
export function SentCard({ sent }: { sent: SentEvent[] }) {
  return (
    <TitledCard heading="What was sent">
      {sent.length === 0 ? (
        <Nothing>Nothing about this order was prepared for Meta.</Nothing>
      ) : (
        sent.map((event) => (
          <BlockStack key={event.eventId} gap="200">
            {sent.length > 1 && <EventHeading name={event.name} />}
            <FactList
              facts={[
                { label: 'State', value: <OrderStateBadge badge={event.badge} /> },
                { label: 'Event', value: event.name },
                { label: 'Event ID', value: <Code text={event.eventId} /> },
                { label: 'Dataset', value: <Code text={event.datasetId} /> },
                { label: 'Value', value: event.value },
                { label: 'Event time', value: event.eventTime },
                { label: 'Meta takes it until', value: event.deadline },
                { label: 'Tries', value: event.attempts === 0 ? 'Not tried yet' : event.attempts },
              ]}
            />
          </BlockStack>
        ))
      )}
    </TitledCard>
  );
}

export function AnswerCard({ answers }: { answers: MetaAnswer[] }) {
  return (
    <TitledCard heading="Meta’s answer">
      {answers.length === 0 ? (
        <Nothing>There is no answer from Meta.</Nothing>
      ) : (
        answers.map((answer) => (
          <Fragment key={answer.event}>
            {answers.length > 1 && <EventHeading name={answer.event} />}
            <Text as="p">{answer.explanation}</Text>
            <FactList
              facts={[
                { label: 'HTTP status', value: answer.httpStatus ?? 'None' },
                { label: 'Error code', value: <Code text={answer.code} otherwise="None" /> },
                { label: 'Trace ID', value: <Code text={answer.traceId} otherwise="None" /> },
              ]}
            />
            {answer.raw !== null && <RawAnswer text={answer.raw} />}
          </Fragment>
        ))
      )}
    </TitledCard>
  );
}

function EventHeading({ name }: { name: string }) {
  return (
    <Text as="h3" variant="headingSm">
      {name}
    </Text>
  );
}

function RawAnswer({ text }: { text: string }) {
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
          {open ? 'Hide the answer as it came' : 'Show the answer as it came'}
        </Button>
      </Box>
      <Collapsible id={id} open={open}>
        <pre className="tb-raw">{text}</pre>
      </Collapsible>
    </BlockStack>
  );
}
