import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { BlockStack, Box, Button, Card, Divider, Text } from '@shopify/polaris';
import { Fragment, useCallback, useEffect, useState } from 'react';
import type { SettingsOutcome } from './act.ts';
import { ConnectForm } from './connect-form.tsx';
import { ConnectedBanner } from './connected-banner.tsx';
import { DisconnectDialog } from './disconnect-dialog.tsx';
import type { ConnectedNumber } from './load.ts';
import { NumberDetails } from './number-details.tsx';

/** The connected numbers, and the form that connects one more. */
export function NumbersCard({ numbers }: { numbers: ConnectedNumber[] }) {
  const fetcher = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const [leaving, setLeaving] = useState<ConnectedNumber | null>(null);
  const stay = useCallback(() => setLeaving(null), []);
  const outcome = fetcher.data;
  // What was known when the form was asked for: a number connected since then closes it.
  const [asked, setAsked] = useState<{ after: typeof outcome; known: ConnectedNumber | null } | null>(null);

  useEffect(() => {
    if (outcome?.kind === 'connected') shopify.toast.show('Number connected');
  }, [outcome, shopify]);

  const fresh = outcome?.kind === 'connected' ? outcome.number : null;
  const asking = asked !== null && (fresh === null || asked.after === outcome);
  const known = asking ? asked.known : null;
  const again = known && `Connect ${known.displayNumber} again`;
  const heading = again ?? (numbers.length === 0 ? 'Connect your WhatsApp number' : 'Connect a number');
  return (
    <Card padding="0">
      {fresh !== null && numbers.some((number) => number.displayNumber === fresh.displayNumber) && (
        <Box padding="400" paddingBlockEnd="0">
          <ConnectedBanner number={fresh} />
        </Box>
      )}
      {numbers.map((number) => (
        <Fragment key={number.id}>
          <Box padding="400">
            <NumberDetails
              number={number}
              onReconnect={() => setAsked({ after: outcome, known: number })}
              onDisconnect={() => setLeaving(number)}
            />
          </Box>
          <Divider />
        </Fragment>
      ))}
      <Box padding="400">
        {asking || numbers.length === 0 ? (
          <BlockStack gap="400">
            <Text as="h2" variant="headingMd">
              {heading}
            </Text>
            <ConnectForm
              key={known?.id}
              fetcher={fetcher}
              known={known}
              onCancel={numbers.length === 0 ? null : () => setAsked(null)}
            />
          </BlockStack>
        ) : (
          <Button onClick={() => setAsked({ after: outcome, known: null })}>Connect a number</Button>
        )}
      </Box>
      <DisconnectDialog number={leaving} onClose={stay} />
    </Card>
  );
}
