import { BlockStack, Button, Collapsible, InlineStack, Text } from '@shopify/polaris';
import { useCallback, useId, useState } from 'react';
import { FactList, type Fact } from '../fact-list.tsx';
import { ConnectionBadge, ConnectionProblems } from './connection-state.tsx';
import { methodWords, noteWords, waitingWords } from './connection-words.ts';
import type { ConnectedNumber } from './load.ts';
import { PointWebhooks } from './own-app-steps.tsx';
import { ReplaceToken } from './replace-token.tsx';

/** One connected number: how it stands, its ids, and what can be done about it. */
export function NumberDetails({
  number,
  onReconnect,
  onDisconnect,
}: {
  number: ConnectedNumber;
  onReconnect: () => void;
  onDisconnect: () => void;
}) {
  const { displayNumber: name } = number;
  const [replacing, setReplacing] = useState(false);
  const done = useCallback(() => setReplacing(false), []);
  return (
    <BlockStack gap="300">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h2" variant="headingMd">
          {name}
        </Text>
        <ConnectionBadge stopped={number.stopped} />
      </InlineStack>
      <ConnectionProblems
        connection={number}
        action={{ content: 'Connect again', onAction: onReconnect }}
        onReplaceToken={() => setReplacing(true)}
      />
      {number.notes.map((note) => (
        <Text key={note} as="p" tone="subdued">
          {noteWords(note)}
        </Text>
      ))}
      <FactList facts={factsOf(number)} />
      {number.method === 'own_app' && <Webhooks number={number} />}
      {replacing ? (
        <ReplaceToken id={number.id} name={name} onClose={done} />
      ) : (
        <InlineStack gap="300">
          <Button onClick={() => setReplacing(true)} accessibilityLabel={`Replace the token of ${name}`}>
            Replace token
          </Button>
          <Button
            variant="plain"
            tone="critical"
            onClick={onDisconnect}
            accessibilityLabel={`Disconnect ${name}`}
          >
            Disconnect
          </Button>
        </InlineStack>
      )}
    </BlockStack>
  );
}

function factsOf(number: ConnectedNumber): Fact[] {
  const { tokenEnds, quality, coexistence, waiting } = number;
  const code = (text: string) => <span className="tb-code">{text}</span>;
  return [
    { label: 'Last heard from Meta', value: number.lastWebhook ?? 'Nothing yet' },
    ...(quality === null ? [] : [{ label: 'Quality at Meta', value: quality }]),
    ...(waiting === 0 ? [] : [{ label: 'To be sent', value: waitingWords(waiting) }]),
    {
      label: 'Connected',
      value: `${number.connectedSince} · ${methodWords(number.method)}`,
    },
    ...(tokenEnds === null ? [] : [{ label: 'Access token works until', value: tokenEnds.at }]),
    ...(coexistence
      ? [{ label: 'WhatsApp Business app', value: 'Used beside Tieback, on the same number' }]
      : []),
    { label: 'Dataset ID', value: code(number.datasetId) },
    { label: 'WhatsApp Business Account ID', value: code(number.wabaId) },
    { label: 'Phone number ID', value: code(number.phoneNumberId) },
    ...(number.method === 'own_app'
      ? []
      : [{ label: 'Webhook address', value: code(number.webhookAddress) }]),
  ];
}

function Webhooks({ number }: { number: ConnectedNumber }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <BlockStack gap={open ? '200' : '0'}>
      <InlineStack>
        <Button
          variant="plain"
          disclosure={open ? 'up' : 'down'}
          ariaExpanded={open}
          ariaControls={id}
          onClick={() => setOpen(!open)}
        >
          How your Meta app sends chats here
        </Button>
      </InlineStack>
      <Collapsible id={id} open={open}>
        <PointWebhooks address={number.webhookAddress} verifyToken={null} of={number.displayNumber} />
      </Collapsible>
    </BlockStack>
  );
}
