import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Button, InlineStack, Text } from '@shopify/polaris';
import { useEffect } from 'react';
import type { OrderOutcome } from './act.ts';

/** What staff said of an order's link, and the way to take it back. */
export function StaffWord({ staff }: { staff: { sentence: string } }) {
  const fetcher = useFetcher<OrderOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'taken_back') shopify.toast.show('Left to the evidence again');
    if (outcome?.kind === 'not_found')
      shopify.toast.show('This order is not here any more', { isError: true });
  }, [outcome, shopify]);

  return (
    <InlineStack gap="200" blockAlign="center">
      <Text as="p">{staff.sentence}</Text>
      <Button
        variant="plain"
        loading={fetcher.state !== 'idle'}
        onClick={() => fetcher.submit({ intent: 'take_back' }, { method: 'post' })}
      >
        Take back
      </Button>
    </InlineStack>
  );
}
