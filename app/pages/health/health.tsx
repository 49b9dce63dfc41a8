import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import { Badge, BlockStack, Box, Button, Card, Divider, InlineStack, Text } from '@shopify/polaris';
import type { BadgeProps } from '@shopify/polaris';
import { HeartIcon } from '@shopify/polaris-icons';
import { useEffect } from 'react';
import type { CheckResult } from '../../domain/doctor-words.ts';
import { EmptyMessage } from '../empty-message.tsx';
import { MainPage, Note } from '../main-page.tsx';
import { settingsUrl } from '../settings/places.ts';
import type { HealthOutcome } from './act.ts';
import type { Health, HealthGroup, HealthLine } from './load.ts';

/** Whether every part of the way from a chat to Meta works, and what to do where it does not. */
export function HealthPage({ health }: { health: Health }) {
  return (
    <MainPage title="Health">
      {health.hasConnections ? (
        <BlockStack gap="400">
          <CheckNow checkedAt={health.checkedAt} />
          {health.groups.map((group) => (
            <GroupCard key={group.id} group={group} />
          ))}
          <Note>
            Everything is checked once a night by itself. What gets worse is shown on the overview, and mailed
            if your settings name an address. Times are in your store’s time zone, {health.zoneName}.
          </Note>
        </BlockStack>
      ) : (
        <Card>
          <EmptyMessage
            icon={HeartIcon}
            heading="Nothing to check yet"
            action={{ content: 'Connect number', url: settingsUrl('numbers') }}
          >
            Once a WhatsApp number is connected, Tieback looks every night whether its token is good, whether
            chats arrive and whether Meta takes what is reported, and says here what to do if not.
          </EmptyMessage>
        </Card>
      )}
    </MainPage>
  );
}

function CheckNow({ checkedAt }: { checkedAt: string | null }) {
  const fetcher = useFetcher<HealthOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;
  const checking = fetcher.state !== 'idle';

  useEffect(() => {
    if (outcome?.kind === 'checked') shopify.toast.show(outcomeWords(outcome.toFix));
  }, [outcome, shopify]);

  return (
    <Card>
      <InlineStack align="space-between" blockAlign="center" gap="300">
        <BlockStack gap="050">
          <Text as="h2" variant="headingMd">
            {checkedAt === null ? 'Not checked yet' : 'Last checked'}
          </Text>
          <Text as="p" tone="subdued">
            {checkedAt ?? 'A check asks Meta and Shopify about everything and takes a few seconds.'}
          </Text>
        </BlockStack>
        <Button
          variant="primary"
          loading={checking}
          onClick={() => fetcher.submit({ intent: 'check_now' }, { method: 'post' })}
        >
          Check now
        </Button>
      </InlineStack>
      <div role="status">
        <Text as="span" visuallyHidden>
          {checking && 'Checking'}
          {!checking && outcome?.kind === 'checked' && outcomeWords(outcome.toFix)}
        </Text>
      </div>
    </Card>
  );
}

function outcomeWords(toFix: number): string {
  if (toFix === 0) return 'Checked: nothing needs fixing';
  return toFix === 1 ? 'Checked: 1 thing needs fixing' : `Checked: ${toFix} things need fixing`;
}

const BADGES: Readonly<Record<CheckResult, { label: string; tone?: BadgeProps['tone'] }>> = {
  ok: { label: 'OK', tone: 'success' },
  warning: { label: 'Worth a look', tone: 'warning' },
  failed: { label: 'Needs fixing', tone: 'critical' },
  unknown: { label: 'Not known' },
};

function ResultBadge({ result }: { result: CheckResult }) {
  const { label, tone } = BADGES[result];
  return tone === undefined ? <Badge>{label}</Badge> : <Badge tone={tone}>{label}</Badge>;
}

function GroupCard({ group: { id, heading, settings, lines } }: { group: HealthGroup }) {
  return (
    <section id={id}>
      <Card padding="0">
        <Box padding="400">
          <BlockStack gap="100">
            <InlineStack align="space-between" blockAlign="center" gap="200">
              <Text as="h2" variant="headingMd">
                {heading}
              </Text>
              {settings !== null && (
                <Button variant="plain" url={settings} accessibilityLabel={`Settings of ${heading}`}>
                  Settings
                </Button>
              )}
            </InlineStack>
            {lines.length === 0 && (
              <Text as="p" tone="subdued">
                Not checked yet.
              </Text>
            )}
          </BlockStack>
        </Box>
        <BlockStack as="ul">
          {lines.map((line) => (
            <li key={line.name}>
              <Divider />
              <CheckLine line={line} />
            </li>
          ))}
        </BlockStack>
      </Card>
    </section>
  );
}

function CheckLine({ line: { title, result, detail, fix, settings, since } }: { line: HealthLine }) {
  return (
    <Box paddingInline="400" paddingBlock="300">
      <BlockStack gap="050">
        <InlineStack align="space-between" gap="200" blockAlign="start">
          <Text as="h3" variant="bodyMd" fontWeight="semibold">
            {title}
          </Text>
          <ResultBadge result={result} />
        </InlineStack>
        <Text as="p" breakWord>
          {detail}
        </Text>
        {fix !== null && (
          <Text as="p" breakWord>
            <Text as="span" fontWeight="semibold">
              What to do:
            </Text>{' '}
            {fix}{' '}
            {settings !== null && (
              <Button variant="plain" url={settings} accessibilityLabel={`Open settings. ${title}`}>
                Open settings
              </Button>
            )}
          </Text>
        )}
        {since !== null && (
          <Text as="p" tone="subdued" variant="bodySm">
            Since {since}
          </Text>
        )}
      </BlockStack>
    </Box>
  );
}
