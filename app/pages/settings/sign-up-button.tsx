import type { FetcherWithComponents } from '@remix-run/react';
import { Banner, BlockStack, Button, InlineStack, Text } from '@shopify/polaris';
import { useEffect, useRef, useState } from 'react';
import type { SettingsOutcome } from './act.ts';
import { readSignUpMessage, useFacebookSdk, type SignUpMessage } from './facebook-sdk.ts';
import type { SignUpSettings } from './load.ts';

/** How a try ended without anything to send to the server. */
type Left = { problem: string | null };

// The code and the words about the chosen account come apart and in either order; without the words the server finds
// the account by itself, and the code is good for half a minute.
const WORDS_WAIT_MS = 2_000;

/** The way to connect without copying anything: Meta's own sign-up, in a window of Meta's. */
export function SignUpButton({
  settings,
  fetcher,
  onSend,
}: {
  settings: SignUpSettings;
  fetcher: FetcherWithComponents<SettingsOutcome>;
  onSend: () => void;
}) {
  const sdk = useFacebookSdk(settings);
  const { begin, giveUp, left, open } = useSignUp(settings, (fields) => {
    onSend();
    fetcher.submit({ intent: 'embedded_signup', ...fields }, { method: 'post' });
  });
  const outcome = fetcher.state === 'idle' ? fetcher.data : undefined;
  const failed = outcome?.kind === 'sign_up_failed' || outcome?.kind === 'unreachable' ? outcome : null;
  return (
    <BlockStack gap="300">
      <InlineStack gap="200" blockAlign="center">
        <Button
          variant="primary"
          disabled={sdk === 'blocked'}
          loading={sdk === null || open || fetcher.state !== 'idle'}
          onClick={() => {
            if (sdk !== null && sdk !== 'blocked') begin(sdk.login.bind(sdk));
          }}
        >
          Continue with Facebook
        </Button>
        {open && (
          <Button variant="plain" onClick={giveUp}>
            Start again
          </Button>
        )}
      </InlineStack>
      <Text as="p" tone="subdued">
        Choose your WhatsApp account in Meta’s window; nothing needs to be copied. Your number stays with the
        app or provider that you write with.
      </Text>
      {sdk === 'blocked' && (
        <Banner tone="warning" title="Facebook’s sign-up could not be loaded">
          <p>
            An ad blocker or a strict browser may stop it. Allow connect.facebook.net and load the page again.
          </p>
        </Banner>
      )}
      {left !== null && failed === null && (
        <Banner tone={left.problem === null ? 'info' : 'warning'} title="The sign-up was not finished">
          <p>{left.problem ?? 'Nothing was connected. You can start again at any time.'}</p>
        </Banner>
      )}
      {failed !== null && left === null && !open && (
        <Banner tone={failed.kind === 'unreachable' ? 'warning' : 'critical'} title={failed.problem}>
          <p>{failed.fix}</p>
        </Banner>
      )}
    </BlockStack>
  );
}

type Login = (
  callback: (answer: { authResponse: { code?: string } | null }) => void,
  options: object,
) => void;
type Fields = { code: string; wabaId: string; phoneNumberId: string; event: string };

/** One try at a time: from the click, through what Meta's window says, to the fields for the server. */
function useSignUp({ configId, sdkUrl }: SignUpSettings, send: (fields: Fields) => void) {
  const [open, setOpen] = useState(false);
  const [left, setLeft] = useState<Left | null>(null);
  const words = useRef<SignUpMessage | null>(null);
  const waiting = useRef<{ finish: () => void; timer: ReturnType<typeof setTimeout> } | null>(null);

  useEffect(() => {
    function hear(event: MessageEvent<unknown>) {
      const message = readSignUpMessage(event, sdkUrl);
      if (message === null) return;
      words.current = message;
      waiting.current?.finish();
    }
    addEventListener('message', hear);
    return () => {
      removeEventListener('message', hear);
      clearTimeout(waiting.current?.timer);
    };
  }, [sdkUrl]);

  function submit(code: string) {
    clearTimeout(waiting.current?.timer);
    waiting.current = null;
    setOpen(false);
    const { wabaId, phoneNumberId, event } = words.current ?? {
      wabaId: null,
      phoneNumberId: null,
      event: '',
    };
    send({ code, wabaId: wabaId ?? '', phoneNumberId: phoneNumberId ?? '', event });
  }

  function end(code: string | undefined) {
    if (code === undefined) {
      setOpen(false);
      setLeft({ problem: words.current?.problem ?? null });
    } else if (words.current?.event.startsWith('FINISH') === true) submit(code);
    else
      waiting.current = { finish: () => submit(code), timer: setTimeout(() => submit(code), WORDS_WAIT_MS) };
  }

  function begin(login: Login) {
    words.current = null;
    setLeft(null);
    setOpen(true);
    login((answer) => end(answer.authResponse?.code), {
      config_id: configId,
      response_type: 'code',
      override_default_response_type: true,
      // Version 4 takes what it needs from the configuration:
      // https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/version-4
      extras: {},
    });
  }

  /** Where a browser lets no window open, nobody says that it was closed. */
  function giveUp() {
    clearTimeout(waiting.current?.timer);
    waiting.current = null;
    setOpen(false);
  }

  return { begin, giveUp, left, open };
}
