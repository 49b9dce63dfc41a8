import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { BlockStack, Box, Button, Card, Divider, InlineStack, Text } from '@shopify/polaris';
import { Fragment, useCallback, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { ConnectedSummary, SettingsOutcome } from './act.ts';
import { ConnectForm, type KnownNumber } from './connect-form.tsx';
import { ConnectedBanner } from './connected-banner.tsx';
import { DisconnectDialog } from './disconnect-dialog.tsx';
import { DisconnectedNumbers } from './disconnected-numbers.tsx';
import type { ConnectedNumber, DisconnectedNumber, SignUpSettings } from './load.ts';
import { NumberDetails } from './number-details.tsx';
import { SignUpButton } from './sign-up-button.tsx';

/** The connected numbers, and the ways to connect one more. */
export function NumbersCard({
  numbers,
  disconnected,
  signUp,
}: {
  numbers: ConnectedNumber[];
  disconnected: DisconnectedNumber[];
  signUp: SignUpSettings | null;
}) {
  const byHand = useFetcher<SettingsOutcome>();
  const bySignUp = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const [leaving, setLeaving] = useState<ConnectedNumber | null>(null);
  const stay = useCallback(() => setLeaving(null), []);
  const [way, setWay] = useState<'hand' | 'sign_up'>('hand');
  const outcome = way === 'hand' ? byHand.data : bySignUp.data;
  const fresh = freshOf(outcome);
  // What was known when the form was asked for: a number connected since then closes it.
  const [asked, setAsked] = useState<{ after: typeof outcomes; known: KnownNumber | null } | null>(null);
  const outcomes = [byHand.data, bySignUp.data];

  useEffect(() => {
    if (outcome?.kind === 'connected') shopify.toast.show('Number connected');
    if (outcome?.kind === 'signed_up')
      shopify.toast.show(outcome.numbers.length === 1 ? 'Number connected' : 'Numbers connected');
  }, [outcome, shopify]);

  const asking =
    asked !== null && outcomes.every((one, index) => freshOf(one).length === 0 || one === asked.after[index]);
  const known = asking ? asked.known : null;
  const reconnect = (number: KnownNumber) => setAsked({ after: outcomes, known: number });
  return (
    <Card padding="0">
      {fresh
        .filter((one) => numbers.some((number) => number.displayNumber === one.displayNumber))
        .map((one) => (
          <Box key={one.displayNumber} padding="400" paddingBlockEnd="0">
            <ConnectedBanner number={one} />
          </Box>
        ))}
      {numbers.map((number) => (
        <Fragment key={number.id}>
          <Box padding="400">
            <NumberDetails
              number={number}
              onReconnect={() => reconnect(number)}
              onDisconnect={() => setLeaving(number)}
            />
          </Box>
          <Divider />
        </Fragment>
      ))}
      <Box padding="400">
        {asking || numbers.length === 0 ? (
          <Connecting
            key={known?.id}
            heading={headingOf(known, numbers.length)}
            signUp={
              signUp && <SignUpButton settings={signUp} fetcher={bySignUp} onSend={() => setWay('sign_up')} />
            }
          >
            <ConnectForm
              fetcher={byHand}
              known={known}
              primary={signUp === null}
              onSend={() => setWay('hand')}
              onCancel={asking ? () => setAsked(null) : null}
            />
          </Connecting>
        ) : (
          <Button onClick={() => setAsked({ after: outcomes, known: null })}>Connect another number</Button>
        )}
      </Box>
      {disconnected.length > 0 && (
        <>
          <Divider />
          <DisconnectedNumbers numbers={disconnected} onReconnect={reconnect} />
        </>
      )}
      <DisconnectDialog
        connection={leaving && { id: leaving.id, name: leaving.displayNumber, waiting: leaving.waiting }}
        onClose={stay}
      />
    </Card>
  );
}

function freshOf(outcome: SettingsOutcome | undefined): ConnectedSummary[] {
  if (outcome?.kind === 'connected') return [outcome.number];
  return outcome?.kind === 'signed_up' ? outcome.numbers : [];
}

function headingOf(known: KnownNumber | null, connected: number): string {
  if (known !== null) return `Connect ${known.displayNumber} again`;
  return connected === 0 ? 'Connect your WhatsApp number' : 'Connect another number';
}

/** Both ways to connect: Meta's sign-up, where the shared app is set up for it, and pasted values. */
function Connecting({
  heading,
  signUp,
  children,
}: {
  heading: string;
  signUp: ReactNode | null;
  children: ReactNode;
}) {
  return (
    <BlockStack gap="400">
      <Text as="h2" variant="headingMd">
        {heading}
      </Text>
      {signUp !== null && (
        <>
          {signUp}
          <InlineStack gap="300" blockAlign="center" wrap={false}>
            <span className="tb-grow">
              <Divider />
            </span>
            <Text as="span" tone="subdued">
              or with your own Meta app or token
            </Text>
            <span className="tb-grow">
              <Divider />
            </span>
          </InlineStack>
        </>
      )}
      {children}
    </BlockStack>
  );
}
