import type { FetcherWithComponents } from '@remix-run/react';
import { Banner, BlockStack, Button, Collapsible, InlineStack, TextField } from '@shopify/polaris';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { ConnectionForm } from '../../pipeline/connection.ts';
import type { SettingsOutcome } from './act.ts';
import type { ConnectedNumber } from './load.ts';

type Field = keyof ConnectionForm;
type Values = Record<Field, string>;

/** Asks for what Meta needs to know a number by. Its secrets go to the server and never come back. */
export function ConnectForm({
  fetcher,
  known,
  onCancel,
}: {
  fetcher: FetcherWithComponents<SettingsOutcome>;
  /** The number that is connected again, whose ids need no second typing. */
  known: ConnectedNumber | null;
  onCancel: (() => void) | null;
}) {
  const [values, setValues] = useState<Values>({
    token: '',
    wabaId: known?.wabaId ?? '',
    phoneNumberId: known?.phoneNumberId ?? '',
    datasetId: known?.datasetId ?? '',
    appSecret: '',
  });
  const [sent, setSent] = useState<Values | null>(null);
  // A form that has sent nothing yet has nothing to do with the outcome of an earlier one.
  const outcome = sent === null ? undefined : fetcher.data;
  const problems = outcome?.kind === 'invalid_connection' ? outcome.problems : [];

  function field(name: Field) {
    // A problem is about the value that was sent: it goes as soon as the value changes.
    const problem = values[name] === sent?.[name] ? problems.find((one) => one.field === name) : undefined;
    return {
      name,
      value: values[name],
      onChange: (value: string) => setValues((before) => ({ ...before, [name]: value })),
      error: problem && `${problem.problem} ${problem.fix}`,
      autoComplete: 'off',
      spellCheck: false,
    };
  }

  return (
    <fetcher.Form method="post" onSubmit={() => setSent(values)} autoComplete="off">
      <input type="hidden" name="intent" value="connect" />
      <BlockStack gap="400">
        {problems.length > 0 && (
          <Banner tone="critical" title="The number was not connected">
            <p>{problems.map((one) => one.problem).join(' ')} See the marked field below.</p>
          </Banner>
        )}
        {outcome?.kind === 'unreachable' && (
          <Banner tone="warning" title={outcome.problem}>
            <p>{outcome.fix}</p>
          </Banner>
        )}
        <TextField
          {...field('token')}
          label="Access token"
          type="password"
          requiredIndicator
          helpText="A system user token with access to the WhatsApp account and its dataset, from Meta’s business settings. It is stored encrypted and never shown again."
        />
        <TextField
          {...field('wabaId')}
          label="WhatsApp Business Account ID"
          inputMode="numeric"
          requiredIndicator
          helpText="In WhatsApp Manager, under the account’s name."
        />
        <TextField
          {...field('phoneNumberId')}
          label="Phone number ID"
          inputMode="numeric"
          requiredIndicator
          helpText="In your Meta app, under WhatsApp, API Setup. It is not the phone number itself."
        />
        <More
          forced={
            known !== null || problems.some((one) => one.field === 'datasetId' || one.field === 'appSecret')
          }
        >
          <TextField
            {...field('datasetId')}
            label="Dataset ID (optional)"
            inputMode="numeric"
            helpText="Leave empty to use the dataset that Meta keeps for this WhatsApp account."
          />
          <TextField
            {...field('appSecret')}
            label="App secret of your own Meta app (optional)"
            type="password"
            helpText={
              known?.ownApp === true
                ? 'Your own Meta app receives this number’s webhooks: enter its secret again, or leave it empty to use Tieback’s app instead.'
                : 'Only when your own Meta app receives this number’s webhooks. It is stored encrypted and never shown again.'
            }
          />
        </More>
        <InlineStack gap="200">
          <Button submit variant="primary" loading={fetcher.state !== 'idle'}>
            Connect number
          </Button>
          {onCancel && <Button onClick={onCancel}>Cancel</Button>}
        </InlineStack>
      </BlockStack>
    </fetcher.Form>
  );
}

/** What most merchants do not need; forced open while it holds something to check or to correct. */
function More({ forced, children }: { forced: boolean; children: ReactNode }) {
  const [asked, setAsked] = useState(false);
  const id = useId();
  const open = asked || forced;
  return (
    <BlockStack gap="400">
      <InlineStack>
        <Button
          variant="plain"
          disclosure={open ? 'up' : 'down'}
          ariaExpanded={open}
          ariaControls={id}
          onClick={() => setAsked(!open)}
        >
          More
        </Button>
      </InlineStack>
      <Collapsible id={id} open={open}>
        <BlockStack gap="400">{children}</BlockStack>
      </Collapsible>
    </BlockStack>
  );
}
