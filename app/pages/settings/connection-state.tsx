import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Badge, Banner, BlockStack, Button, InlineStack, Text } from '@shopify/polaris';
import { useEffect } from 'react';
import type { SettingsOutcome } from './act.ts';
import type { ConnectedPixel } from './load.ts';

const STATES = {
  paused: { badge: 'Paused', title: 'Paused since', tone: 'critical' },
  lost: { badge: 'Lost', title: 'Lost since', tone: 'critical' },
} as const;

/** Whether a connection works, in one word. */
export function ConnectionBadge({ stopped }: Pick<ConnectedPixel, 'stopped'>) {
  return stopped === null ? (
    <Badge tone="success">Connected</Badge>
  ) : (
    <Badge tone="critical">{STATES[stopped.kind].badge}</Badge>
  );
}

/** Why nothing is sent, and what is about to stop it. */
export function ConnectionProblems({
  connection: { id, stopped, tokenEnds, parked },
  action,
  onReplaceToken,
}: {
  connection: Pick<ConnectedPixel, 'id' | 'stopped' | 'tokenEnds' | 'parked'>;
  action: { content: string; onAction: () => void };
  onReplaceToken: () => void;
}) {
  return (
    <>
      {stopped !== null && (
        <Banner
          tone={STATES[stopped.kind].tone}
          title={`${STATES[stopped.kind].title} ${stopped.since}`}
          action={action}
        >
          <BlockStack gap="100">
            <p>
              {stopped.sentence} {stopped.fix}
            </p>
            {stopped.kind === 'lost' && (
              <p>Tieback does not try again by itself: this needs somebody to connect it again.</p>
            )}
          </BlockStack>
        </Banner>
      )}
      {stopped === null && tokenEnds?.soon === true && (
        <Banner
          tone="warning"
          title={`The access token works until ${tokenEnds.at}`}
          action={{ content: 'Replace token', onAction: onReplaceToken }}
        >
          <p>After that Meta takes no events with it. Replace it before; nothing is lost by that.</p>
        </Banner>
      )}
      {parked.length > 0 && <ParkedEvents id={id} parked={parked} />}
    </>
  );
}

function ParkedEvents({ id, parked }: Pick<ConnectedPixel, 'id' | 'parked'>) {
  const fetcher = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;
  useEffect(() => {
    if (outcome?.kind === 'unparked') shopify.toast.show('Tried again from now on');
  }, [outcome, shopify]);
  const trying = fetcher.state === 'idle' ? null : fetcher.formData?.get('eventName');
  return (
    <Banner tone="warning" title="Meta does not take these events here">
      <BlockStack gap="200">
        <p>They are kept back. If Meta has changed its mind, have them tried again.</p>
        {parked.map(({ name, label }) => (
          <InlineStack key={name} gap="200" blockAlign="center">
            <Text as="span" fontWeight="semibold">
              {label}
            </Text>
            <Button
              size="slim"
              loading={trying === name}
              accessibilityLabel={`Try ${label} again`}
              onClick={() =>
                fetcher.submit({ intent: 'unpark', connectionId: id, eventName: name }, { method: 'post' })
              }
            >
              Try again
            </Button>
          </InlineStack>
        ))}
      </BlockStack>
    </Banner>
  );
}
