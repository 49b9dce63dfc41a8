import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import {
  Banner,
  BlockStack,
  Button,
  ChoiceList,
  Modal,
  SkeletonBodyText,
  Text,
  TextField,
} from '@shopify/polaris';
import { useEffect, useRef, useState } from 'react';
import type { OrderOutcome } from './act.ts';
import type { ChatChoice } from './chats.ts';

/** Finds a conversation by its phone number or among the latest ones, and links the order to it. */
export function ChooseChat({ current, onClose }: { current: string | null; onClose: () => void }) {
  const { found, searching, search } = useChatSearch();
  const link = useFetcher<OrderOutcome>();
  const shopify = useAppBridge();
  const [chosen, setChosen] = useState<string | null>(null);
  const outcome = link.data;

  useEffect(() => {
    if (outcome?.kind !== 'linked') return;
    shopify.toast.show('Order linked');
    onClose();
  }, [outcome, shopify, onClose]);

  const chats = (found?.kind === 'chats' ? found.chats : []).filter(({ contactId }) => contactId !== current);
  const picked = chats.find(({ contactId }) => contactId === chosen);
  return (
    <Modal
      open
      onClose={onClose}
      title="Link to a conversation"
      primaryAction={{
        content: 'Link order',
        disabled: picked === undefined,
        loading: link.state !== 'idle',
        onAction: () =>
          picked && link.submit({ intent: 'link', contactId: picked.contactId }, { method: 'post' }),
      }}
      secondaryActions={[{ content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <div role="status">
          <Text as="span" visuallyHidden>
            {found?.kind === 'chats' && !searching && countWords(chats.length)}
          </Text>
        </div>
        <BlockStack gap="400">
          {outcome?.kind === 'not_found' && (
            <Banner tone="warning" title="This conversation is not here any more">
              <p>Search again: it may have become one with another conversation.</p>
            </Banner>
          )}
          <SearchField
            problem={
              found?.kind === 'unreadable_phone'
                ? 'Enter a whole phone number, with its area code.'
                : undefined
            }
            searching={searching}
            onSearch={search}
          />
          {found === undefined ? (
            <SkeletonBodyText lines={4} />
          ) : (
            found.kind === 'chats' && (
              <ChatChoices by={found.by} chats={chats} chosen={chosen} onChoose={setChosen} />
            )
          )}
          <Text as="p" tone="subdued">
            The ad clicks of the chat you choose count for this order, and evidence for any other chat is set
            aside. What Meta has been told already stays as it is.
          </Text>
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

function countWords(chats: number): string {
  if (chats === 0) return 'No conversation to choose';
  return chats === 1 ? '1 conversation to choose' : `${chats} conversations to choose from`;
}

function SearchField({
  problem,
  searching,
  onSearch,
}: {
  problem: string | undefined;
  searching: boolean;
  onSearch: (phone: string) => void;
}) {
  const [phone, setPhone] = useState('');
  const [asked, setAsked] = useState('');

  function ask(text: string) {
    setAsked(text);
    onSearch(text);
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask(phone);
      }}
    >
      <TextField
        label="The customer’s phone number on WhatsApp"
        type="tel"
        autoComplete="off"
        value={phone}
        onChange={setPhone}
        // A problem is about the number that was asked for: it goes as soon as another is typed.
        error={phone === asked ? problem : undefined}
        helpText="Used for this search only, and not stored."
        clearButton
        onClearButtonClick={() => {
          setPhone('');
          ask('');
        }}
        connectedRight={
          <Button submit loading={searching}>
            Search
          </Button>
        }
      />
    </form>
  );
}

function ChatChoices({
  by,
  chats,
  chosen,
  onChoose,
}: {
  by: 'recent' | 'phone';
  chats: ChatChoice[];
  chosen: string | null;
  onChoose: (contactId: string) => void;
}) {
  if (chats.length === 0) {
    const nobody = 'Nobody else has written to your shop on WhatsApp yet.';
    return <p>{by === 'recent' ? nobody : 'No other conversation has this number.'}</p>;
  }
  return (
    <ChoiceList
      title={by === 'recent' ? 'Latest conversations' : 'Found'}
      name="chat"
      selected={chosen === null ? [] : [chosen]}
      onChange={([contactId]) => contactId !== undefined && onChoose(contactId)}
      choices={chats.map(({ contactId, name, detail }) => ({
        value: contactId,
        label: name,
        helpText: detail,
      }))}
    />
  );
}

/** The search's latest result; it begins with the latest conversations. The number goes in a body, never in an address. */
function useChatSearch() {
  const fetcher = useFetcher<OrderOutcome>();
  const { submit, data, state } = fetcher;
  const begun = useRef(false);

  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    submit({ intent: 'find_chats', phone: '' }, { method: 'post' });
  }, [submit]);

  const found = data?.kind === 'chats' || data?.kind === 'unreadable_phone' ? data : undefined;
  return {
    found,
    searching: state !== 'idle',
    search: (phone: string) => submit({ intent: 'find_chats', phone }, { method: 'post' }),
  };
}
