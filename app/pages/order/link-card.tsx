import { Badge, BlockStack, Button, InlineStack, Link, Text } from '@shopify/polaris';
import { useCallback, useState } from 'react';
import { ChooseChat } from './choose-chat.tsx';
import type { ChatEvidence, LinkedChat, OrderLink } from './load.ts';
import { PartDialog } from './part-dialog.tsx';
import { StaffWord } from './staff-word.tsx';
import { Nothing, TitledCard } from './titled-card.tsx';

/** How an order was linked to a conversation: all that was found, what counted, and what staff may say about it. */
export function LinkCard({ link }: { link: OrderLink }) {
  const [dialog, setDialog] = useState<'choose' | { part: LinkedChat; linked: boolean } | null>(null);
  const close = useCallback(() => setDialog(null), []);
  const { evidence, chat, staff } = link;
  return (
    <TitledCard heading="How it was linked">
      {chat !== null && (
        <Text as="p">
          Linked to the chat of{' '}
          <Link url={chat.url} removeUnderline>
            {chat.name}
          </Link>
          .
        </Text>
      )}
      {evidence.length === 0 ? (
        <Nothing>Nothing ties this order to a WhatsApp chat.</Nothing>
      ) : (
        <ul className="tb-evidence">
          {evidence.map((line, index) => (
            <li key={index}>
              <EvidenceItem line={line} onPart={(part) => setDialog({ part, linked: false })} />
            </li>
          ))}
        </ul>
      )}
      {staff !== null && <StaffWord staff={staff} />}
      <InlineStack gap="300">
        <Button onClick={() => setDialog('choose')}>
          {chat === null ? 'Link to a conversation' : 'Link to another conversation'}
        </Button>
        {chat !== null && (
          <Button variant="plain" tone="critical" onClick={() => setDialog({ part: chat, linked: true })}>
            This is not theirs
          </Button>
        )}
      </InlineStack>
      {dialog === 'choose' ? (
        <ChooseChat current={chat?.contactId ?? null} onClose={close} />
      ) : (
        dialog !== null && <PartDialog chat={dialog.part} linked={dialog.linked} onClose={close} />
      )}
    </TitledCard>
  );
}

function EvidenceItem({ line, onPart }: { line: ChatEvidence; onPart: (chat: LinkedChat) => void }) {
  const { chat } = line;
  const { label, tone } = line.verdict;
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="bodyMd" fontWeight="semibold">
          {line.signal}
        </Text>
        <Badge {...(tone !== null && { tone })}>{label}</Badge>
      </InlineStack>
      <Text as="p">
        {line.where}
        {line.shown !== null && (
          <>
            {': '}
            <span className="tb-code">{line.shown}</span>
          </>
        )}
      </Text>
      {line.how !== null && <Text as="p">{line.how}.</Text>}
      <Text as="p" tone="subdued">
        {line.strength}: {line.strengthMeans}
      </Text>
      {line.why !== null && <Text as="p">{line.why}</Text>}
      {!line.chosen && (
        <InlineStack gap="300">
          <Link url={chat.url} removeUnderline>
            Open the chat of {chat.name}
          </Link>
          {line.disagrees && (
            <Button
              variant="plain"
              tone="critical"
              accessibilityLabel={`Not theirs: the chat of ${chat.name}`}
              onClick={() => onPart(chat)}
            >
              Not theirs
            </Button>
          )}
        </InlineStack>
      )}
    </BlockStack>
  );
}
