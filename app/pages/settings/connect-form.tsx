import type { FetcherWithComponents } from '@remix-run/react';
import { Banner, BlockStack, Button, Collapsible, InlineStack, TextField } from '@shopify/polaris';
import { useId, useState } from 'react';
import type { FocusEvent, ReactNode } from 'react';
import type { ConnectionField } from '../../pipeline/connect-form.ts';
import type { SettingsOutcome } from './act.ts';
import { CheckedHelp } from './checked-help.tsx';
import { useLiveCheck, type ConnectValues } from './live-check.ts';
import { FindValues } from './own-app-steps.tsx';

/** A number that is connected again, whose ids need no second typing. */
export type KnownNumber = {
  id: string;
  displayNumber: string;
  wabaId: string;
  phoneNumberId: string;
  datasetId: string;
  method: 'embedded_signup' | 'own_app' | 'token';
};

const HELP: Readonly<Record<ConnectionField, string>> = {
  token:
    'A system user token with access to the WhatsApp account and its dataset, from Meta’s business settings. It is stored encrypted and never shown again.',
  wabaId: 'In WhatsApp Manager, under the account’s name.',
  phoneNumberId: 'In your Meta app, under WhatsApp, API Setup. It is not the phone number itself.',
  displayNumber: 'Only for a token that may not look it up, such as one from Events Manager.',
  datasetId: 'Leave empty to use the dataset that Meta keeps for this WhatsApp account.',
  appSecret:
    'Needed when the token is from your own Meta app, which then receives this number’s chats and hands them to Tieback. Leave it empty otherwise. It is stored encrypted and never shown again.',
};
const MORE: readonly ConnectionField[] = ['displayNumber', 'datasetId'];

/** Asks for what Meta needs to know a number by. Its secrets go to the server and never come back. */
export function ConnectForm({
  fetcher,
  known,
  primary,
  onSend,
  onCancel,
}: {
  fetcher: FetcherWithComponents<SettingsOutcome>;
  known: KnownNumber | null;
  /** Whether this is the way that most should take. */
  primary: boolean;
  onSend: () => void;
  onCancel: (() => void) | null;
}) {
  const [values, setValues] = useState<ConnectValues>({
    token: '',
    wabaId: known?.wabaId ?? '',
    phoneNumberId: known?.phoneNumberId ?? '',
    displayNumber: known?.displayNumber ?? '',
    datasetId: known?.datasetId ?? '',
    appSecret: '',
  });
  const [sent, setSent] = useState<ConnectValues | null>(null);
  const { check, stateOf, byHand } = useLiveCheck(values);
  // A form that has sent nothing yet has nothing to do with the outcome of an earlier one.
  const outcome = sent === null ? undefined : fetcher.data;
  const problems = outcome?.kind === 'invalid_connection' ? outcome.problems : [];

  function field(name: ConnectionField, help = HELP[name]) {
    // A problem is about the value that was sent: it goes as soon as the value changes.
    const problem = values[name] === sent?.[name] ? problems.find((one) => one.field === name) : undefined;
    const state = stateOf(name);
    const live = state.kind === 'wrong' ? state.words : undefined;
    return {
      name,
      value: values[name],
      onChange: (value: string) => setValues((before) => ({ ...before, [name]: value })),
      onBlur: (event?: FocusEvent) => {
        // Connecting checks every value anyway.
        if (!isSubmit(event?.relatedTarget)) check(name);
      },
      loading: state.kind === 'checking',
      error: problem ? `${problem.problem} ${problem.fix}` : live,
      helpText: <CheckedHelp state={state} help={help} />,
      autoComplete: 'off',
      spellCheck: false,
    };
  }

  function send() {
    setSent(values);
    onSend();
  }

  const ownApp = known?.method === 'own_app';
  return (
    <fetcher.Form method="post" onSubmit={send} autoComplete="off">
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
        <Disclosure label="Where do I find these?" forced={false}>
          <FindValues />
        </Disclosure>
        <TextField {...field('token')} label="Access token" type="password" requiredIndicator />
        <TextField
          {...field('wabaId')}
          label="WhatsApp Business Account ID"
          inputMode="numeric"
          requiredIndicator
        />
        <TextField
          {...field('phoneNumberId')}
          label="Phone number ID"
          inputMode="numeric"
          requiredIndicator
        />
        <TextField
          {...field(
            'appSecret',
            ownApp
              ? 'Your own Meta app receives this number’s webhooks: enter its secret again, or leave it empty to use Tieback’s app instead.'
              : HELP.appSecret,
          )}
          label="App secret of your own Meta app"
          type="password"
        />
        <Disclosure
          label="More"
          forced={known !== null || byHand || problems.some((one) => MORE.includes(one.field))}
        >
          <TextField {...field('displayNumber')} label="Phone number (optional)" type="tel" />
          <TextField {...field('datasetId')} label="Dataset ID (optional)" inputMode="numeric" />
        </Disclosure>
        <InlineStack gap="200">
          <Button submit variant={primary ? 'primary' : 'secondary'} loading={fetcher.state !== 'idle'}>
            Connect number
          </Button>
          {onCancel && <Button onClick={onCancel}>Cancel</Button>}
        </InlineStack>
      </BlockStack>
    </fetcher.Form>
  );
}

function isSubmit(target: EventTarget | null | undefined): boolean {
  return target instanceof HTMLButtonElement && target.type === 'submit';
}

/** What most merchants do not need; forced open while it holds something to check or to correct. */
function Disclosure({ label, forced, children }: { label: string; forced: boolean; children: ReactNode }) {
  const [asked, setAsked] = useState(false);
  const id = useId();
  const open = asked || forced;
  return (
    <BlockStack gap={open ? '400' : '0'}>
      <InlineStack>
        <Button
          variant="plain"
          disclosure={open ? 'up' : 'down'}
          ariaExpanded={open}
          ariaControls={id}
          onClick={() => setAsked(!open)}
        >
          {label}
        </Button>
      </InlineStack>
      <Collapsible id={id} open={open}>
        <BlockStack gap="400">{children}</BlockStack>
      </Collapsible>
    </BlockStack>
  );
}
