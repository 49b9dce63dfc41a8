import { Badge, BlockStack, Box, Button, Card, Collapsible, InlineStack, Text } from '@shopify/polaris';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { FactList } from '../fact-list.tsx';
import { OrderStateBadge } from '../state-badge.tsx';
import type { StateBadge } from '../tone.ts';
import type { EvidenceLine } from './evidence.ts';
import type { AdClick, MetaAnswer, SentEvent } from './load.ts';

export function EvidenceCard({ evidence }: { evidence: EvidenceLine[] }) {
  return (
    <TitledCard heading="Evidence">
      {evidence.length === 0 ? (
        <Nothing>Nothing ties this order to a WhatsApp chat.</Nothing>
      ) : (
        <ul className="tb-evidence">
          {evidence.map((line, index) => (
            <li key={index}>
              <BlockStack gap="100">
                <InlineStack gap="200" blockAlign="center">
                  <Text as="h3" variant="bodyMd" fontWeight="semibold">
                    {line.where}
                  </Text>
                  {line.chosen && <Badge tone="success">Chosen</Badge>}
                </InlineStack>
                <span className="tb-code">{line.number}</span>
                <Text as="p">{line.how}.</Text>
                <Text as="p" tone="subdued">
                  {line.strength}.
                </Text>
              </BlockStack>
            </li>
          ))}
        </ul>
      )}
    </TitledCard>
  );
}

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

export function SentCard({ sent, badge }: { sent: SentEvent | null; badge: StateBadge }) {
  return (
    <TitledCard heading="What was sent">
      {sent === null ? (
        <Nothing>Nothing about this order was prepared for Meta.</Nothing>
      ) : (
        <FactList
          facts={[
            { label: 'State', value: <OrderStateBadge badge={badge} /> },
            { label: 'Event', value: sent.name },
            { label: 'Event ID', value: <Code text={sent.eventId} /> },
            { label: 'Dataset', value: <Code text={sent.datasetId} /> },
            { label: 'Value', value: sent.value },
            { label: 'Event time', value: sent.eventTime },
            { label: 'Meta takes it until', value: sent.deadline },
            { label: 'Tries', value: sent.attempts === 0 ? 'Not tried yet' : sent.attempts },
          ]}
        />
      )}
    </TitledCard>
  );
}

export function AnswerCard({ answer }: { answer: MetaAnswer | null }) {
  return (
    <TitledCard heading="Meta’s answer">
      {answer === null ? (
        <Nothing>There is no answer from Meta.</Nothing>
      ) : (
        <>
          <Text as="p">{answer.explanation}</Text>
          <FactList
            facts={[
              { label: 'HTTP status', value: answer.httpStatus ?? 'None' },
              { label: 'Error code', value: <Code text={answer.code} otherwise="None" /> },
              { label: 'Trace ID', value: <Code text={answer.traceId} otherwise="None" /> },
            ]}
          />
          {answer.raw !== null && <RawAnswer text={answer.raw} />}
        </>
      )}
    </TitledCard>
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

function Code({ text, otherwise = '–' }: { text: string | null; otherwise?: string }) {
  return text === null ? otherwise : <span className="tb-code">{text}</span>;
}

function Nothing({ children }: { children: string }) {
  return (
    <Text as="p" tone="subdued">
      {children}
    </Text>
  );
}

function TitledCard({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {heading}
        </Text>
        {children}
      </BlockStack>
    </Card>
  );
}
