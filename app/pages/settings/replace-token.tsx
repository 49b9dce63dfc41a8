import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Banner, Button, FormLayout, InlineStack, TextField } from '@shopify/polaris';
import { useEffect, useState } from 'react';
import type { SettingsOutcome } from './act.ts';

/** Asks for another token of a connection that stays as it is otherwise. */
export function ReplaceToken({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const fetcher = useFetcher<SettingsOutcome>();
  const shopify = useAppBridge();
  const [token, setToken] = useState('');
  const [sent, setSent] = useState<string | null>(null);
  const outcome = sent === null ? undefined : fetcher.data;
  const wrong = outcome?.kind === 'invalid_token' && sent === token ? outcome : null;

  useEffect(() => {
    if (outcome?.kind !== 'token_replaced') return;
    shopify.toast.show('Token replaced');
    onClose();
  }, [outcome, shopify, onClose]);

  return (
    <fetcher.Form method="post" autoComplete="off" onSubmit={() => setSent(token)}>
      <input type="hidden" name="intent" value="replace_token" />
      <input type="hidden" name="connectionId" value={id} />
      <FormLayout>
        {outcome?.kind === 'unreachable' && (
          <Banner tone="warning" title={outcome.problem}>
            <p>{outcome.fix}</p>
          </Banner>
        )}
        <TextField
          label={`New access token for ${name}`}
          name="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          requiredIndicator
          value={token}
          onChange={setToken}
          error={wrong ? `${wrong.problem} ${wrong.fix}` : undefined}
          helpText="It must reach the same account and dataset, which is checked with Meta first. What waits is then sent with it."
        />
        <InlineStack gap="200">
          <Button submit variant="primary" loading={fetcher.state !== 'idle'}>
            Replace token
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </InlineStack>
      </FormLayout>
    </fetcher.Form>
  );
}
