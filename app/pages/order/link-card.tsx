import { Badge, BlockStack, Button, InlineStack, Link, Text } from '@shopify/polaris';
import { useCallback, useState } from 'react';
import { ChooseChat } from './choose-chat.tsx';
import type { EvidenceLine } from './evidence.ts';
import type { OrderLink } from './load.ts';
import { PartDialog } from './part-dialog.tsx';
import { StaffWord } from './staff-word.tsx';
import { Nothing, TitledCard } from './titled-card.tsx';

/** How an order was linked to a conversation: all that was found, what counted, and what staff may say about it. */
export function LinkCard({ link }: { link: OrderLink }) {
  const [dialog, setDialog] = useState<'choose' | 'part' | null>(null);
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
              <EvidenceItem line={line} />
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
          <Button variant="plain" tone="critical" onClick={() => setDialog('part')}>
            This is not theirs
          </Button>
        )}
      </InlineStack>
      {dialog === 'choose' && <ChooseChat current={chat?.contactId ?? null} onClose={close} />}
      {dialog === 'part' && chat !== null && <PartDialog chat={chat} onClose={close} />}
    </TitledCard>
  );
}

function EvidenceItem({ line }: { line: EvidenceLine }) {
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
        <Link url={line.chatUrl} removeUnderline>
          Open the chat it points to
        </Link>
      )}
    </BlockStack>
  );
}
