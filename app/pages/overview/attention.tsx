import { useFetcher, useFetchers } from '@remix-run/react';
import { Banner, BlockStack, Button, InlineStack, Text } from '@shopify/polaris';
import type { Notice } from './notices.ts';

/** What waits for the merchant, in one banner however much it is. */
export function Attention({ notices }: { notices: Notice[] }) {
  const leaving = useLeaving();
  const [only, second] = notices;
  if (only === undefined) return null;
  if (second === undefined) return <OnlyNotice key={only.key} notice={only} />;
  const left = notices.filter(({ alertId }) => alertId === null || !leaving.has(alertId));
  return (
    // What is put away stays drawn until the server has heard of it: a fetcher that goes takes its request along.
    <div hidden={left.length === 0}>
      <Banner
        tone={left.some(({ tone }) => tone === 'critical') ? 'critical' : 'warning'}
        title={left.length === 1 ? '1 thing needs a look' : `${left.length} things need a look`}
      >
        <BlockStack as="ul" gap="300">
          {notices.map((notice) => (
            <NoticeItem key={notice.key} notice={notice} />
          ))}
        </BlockStack>
      </Banner>
    </div>
  );
}

function OnlyNotice({ notice: { title, text, tone, link, alertId } }: { notice: Notice }) {
  const { putAway, isLeaving } = usePutAway(alertId);
  return (
    <div hidden={isLeaving}>
      <Banner tone={tone} title={title} action={link} {...(putAway !== null && { onDismiss: putAway })}>
        <p>{text}</p>
      </Banner>
    </div>
  );
}

function NoticeItem({ notice: { title, text, link, alertId } }: { notice: Notice }) {
  const { putAway, isLeaving } = usePutAway(alertId);
  return (
    <li hidden={isLeaving}>
      <BlockStack gap="050">
        <Text as="h3" variant="bodyMd" fontWeight="semibold">
          {title}
        </Text>
        <Text as="p" breakWord>
          {text}
        </Text>
        <InlineStack gap="400">
          <Button variant="plain" url={link.url} accessibilityLabel={`${link.content}. ${title}`}>
            {link.content}
          </Button>
          {putAway !== null && (
            <Button variant="plain" onClick={putAway} accessibilityLabel={`Dismiss. ${title}`}>
              Dismiss
            </Button>
          )}
        </InlineStack>
      </BlockStack>
    </li>
  );
}

/** `putAway`: null for what cannot be put away. */
function usePutAway(alertId: string | null): { putAway: (() => void) | null; isLeaving: boolean } {
  const fetcher = useFetcher();
  const putAway =
    alertId === null
      ? null
      : () => fetcher.submit({ intent: 'dismiss_alert', id: alertId }, { method: 'post' });
  return { putAway, isLeaving: fetcher.state !== 'idle' };
}

/** The alerts that are being put away. */
function useLeaving(): ReadonlySet<string> {
  const sent = useFetchers().flatMap(({ formData }) =>
    formData?.get('intent') === 'dismiss_alert' ? [formData.get('id')] : [],
  );
  return new Set(sent.filter((id) => typeof id === 'string'));
}
