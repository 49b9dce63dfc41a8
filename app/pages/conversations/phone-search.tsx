import { useFetcher } from '@remix-run/react';
import { Box, Button, Form, InlineStack, TextField } from '@shopify/polaris';
import { useState } from 'react';
import type { ConversationLine, PhoneSearch } from './load.ts';

type Search = {
  phone: string;
  change(phone: string): void;
  submit(): void;
  clear(): void;
  searching: boolean;
  problem: string | null;
  /** What was found for the number that stands in the field; null while nothing was asked for. */
  found: ConversationLine[] | null;
};

/** A search by phone number. The number goes in a request's body: an address is kept in histories and logs. */
export function usePhoneSearch(): Search {
  const fetcher = useFetcher<PhoneSearch>();
  const [phone, setPhone] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const searching = fetcher.state !== 'idle';
  const outcome = asked === phone && !searching ? fetcher.data : undefined;

  function submit() {
    if (phone.trim() === '') return;
    setAsked(phone);
    fetcher.submit({ phone }, { method: 'post' });
  }

  return {
    phone,
    change: setPhone,
    submit,
    clear: () => setPhone(''),
    searching,
    problem: outcome?.kind === 'unreadable_phone' ? 'Enter a whole phone number, with its area code.' : null,
    found: outcome?.kind === 'found' ? outcome.lines : null,
  };
}

export function PhoneSearchField({ search }: { search: Search }) {
  return (
    <Box padding="300">
      <Form onSubmit={search.submit}>
        <InlineStack gap="200" wrap={false}>
          <div className="tb-grow">
            <TextField
              label="Find by phone number"
              labelHidden
              type="tel"
              placeholder="Find by phone number"
              value={search.phone}
              onChange={search.change}
              clearButton
              onClearButtonClick={search.clear}
              autoComplete="off"
              {...(search.problem !== null && { error: search.problem })}
            />
          </div>
          <Button submit loading={search.searching}>
            Search
          </Button>
        </InlineStack>
      </Form>
    </Box>
  );
}
