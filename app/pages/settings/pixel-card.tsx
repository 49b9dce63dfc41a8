import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Banner, BlockStack, Button, Card, InlineStack, Text, TextField } from '@shopify/polaris';
import { useCallback, useEffect, useState } from 'react';
import { FactList } from '../fact-list.tsx';
import type { SettingsOutcome } from './act.ts';
import { ConnectionBadge, ConnectionProblems } from './connection-state.tsx';
import { waitingWords } from './connection-words.ts';
import { DisconnectDialog } from './disconnect-dialog.tsx';
import type { ConnectedPixel } from './load.ts';
import { ReplaceToken } from './replace-token.tsx';

/** The pixel that website and point-of-sale events go to, or the form that connects it. */
export function PixelCard({ pixel }: { pixel: ConnectedPixel | null }) {
  return <Card>{pixel === null ? <PixelForm /> : <PixelDetails pixel={pixel} />}</Card>;
}

function PixelDetails({ pixel }: { pixel: ConnectedPixel }) {
  const [replacing, setReplacing] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const done = useCallback(() => setReplacing(false), []);
  const stay = useCallback(() => setLeaving(false), []);
  const { tokenEnds, waiting, datasetId } = pixel;
  const replace = () => setReplacing(true);
  return (
    <BlockStack gap="300">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="headingMd">
          Pixel {datasetId}
        </Text>
        <ConnectionBadge stopped={pixel.stopped} />
      </InlineStack>
      <ConnectionProblems
        connection={pixel}
        action={{ content: 'Replace token', onAction: replace }}
        onReplaceToken={replace}
      />
      <FactList
        facts={[
          { label: 'Connected', value: pixel.connectedSince },
          ...(waiting === 0 ? [] : [{ label: 'To be sent', value: waitingWords(waiting) }]),
          ...(tokenEnds === null ? [] : [{ label: 'Access token works until', value: tokenEnds.at }]),
        ]}
      />
      {replacing ? (
        <ReplaceToken id={pixel.id} name={`pixel ${datasetId}`} onClose={done} />
      ) : (
        <InlineStack gap="300">
          <Button onClick={replace} accessibilityLabel="Replace the pixel’s token">
            Replace token
          </Button>
          <Button
            variant="plain"
            tone="critical"
            onClick={() => setLeaving(true)}
            accessibilityLabel="Disconnect the pixel"
          >
            Disconnect
          </Button>
        </InlineStack>
      )}
      <DisconnectDialog
        connection={leaving ? { id: pixel.id, name: 'the pixel', waiting } : null}
        pixel
        onClose={stay}
      />
    </BlockStack>
  );
}

function PixelForm() {
  const fetcher = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const [values, setValues] = useState({ datasetId: '', token: '' });
  const [sent, setSent] = useState<typeof values | null>(null);
  const outcome = sent === null ? undefined : fetcher.data;
  const problems = outcome?.kind === 'invalid_pixel' ? outcome.problems : [];

  useEffect(() => {
    if (outcome?.kind === 'pixel_connected') shopify.toast.show('Pixel connected');
  }, [outcome, shopify]);

  function field(name: keyof typeof values) {
    const problem = values[name] === sent?.[name] ? problems.find((one) => one.field === name) : undefined;
    return {
      name,
      value: values[name],
      onChange: (value: string) => setValues((before) => ({ ...before, [name]: value })),
      error: problem && `${problem.problem} ${problem.fix}`,
      autoComplete: 'off',
      spellCheck: false,
      requiredIndicator: true,
    };
  }

  return (
    <fetcher.Form method="post" autoComplete="off" onSubmit={() => setSent(values)}>
      <input type="hidden" name="intent" value="connect_pixel" />
      <BlockStack gap="400">
        {outcome?.kind === 'unreachable' && (
          <Banner tone="warning" title={outcome.problem}>
            <p>{outcome.fix}</p>
          </Banner>
        )}
        <TextField
          {...field('datasetId')}
          label="Pixel or dataset ID"
          inputMode="numeric"
          helpText="In Events Manager, under Data sources. Not the dataset of your WhatsApp account."
        />
        <TextField
          {...field('token')}
          label="Pixel token"
          type="password"
          helpText="In Events Manager: the dataset, Settings, Conversions API, Generate access token. It is stored encrypted and never shown again."
        />
        <InlineStack>
          <Button submit loading={fetcher.state !== 'idle'}>
            Connect pixel
          </Button>
        </InlineStack>
      </BlockStack>
    </fetcher.Form>
  );
}
