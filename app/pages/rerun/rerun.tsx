import { useFetcher, useRevalidator } from '@remix-run/react';
import { TitleBar, useAppBridge } from '@shopify/app-bridge-react';
import { Banner, BlockStack, Card, Page, ProgressBar, Text } from '@shopify/polaris';
import { RefreshIcon } from '@shopify/polaris-icons';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { EmptyMessage } from '../empty-message.tsx';
import { Note } from '../main-page.tsx';
import { settingsUrl } from '../settings/places.ts';
import type { RerunOutcome } from './act.ts';
import { DifferenceCard } from './difference-card.tsx';
import type { RerunPageData, RerunView } from './load.ts';
import { PeriodForm } from './period-form.tsx';

const POLL_MS = 1_000;

/** Compares the past with today's rules, shows what would change, and changes it when the merchant says so. */
export function RerunPage({ data }: { data: RerunPageData }) {
  const { run } = data;
  const working = run?.state === 'comparing' || run?.state === 'applying';
  useRefresh(working);
  return (
    <Page
      title="Credit past orders again"
      backAction={{ content: 'Settings', url: settingsUrl('attribution') }}
    >
      <TitleBar title="Credit past orders again" />
      <div role="status">
        <Text as="span" visuallyHidden>
          {run && outcomeWords(run)}
        </Text>
      </div>
      <BlockStack gap="400">
        <PeriodForm data={data} disabled={working} />
        {run === null ? (
          <Card>
            <EmptyMessage icon={RefreshIcon} heading="Nothing compared yet">
              Choose a period to see which orders today’s rules, and what was learned since, would credit
              otherwise. Nothing changes until you apply it.
            </EmptyMessage>
          </Card>
        ) : (
          // What was said of one run is not said of the next.
          <RunCard key={run.id} run={run} />
        )}
        <Note>Days are those of your store’s time zone, {data.zoneName}.</Note>
      </BlockStack>
    </Page>
  );
}

/** For those who cannot see how far it is: silent while it works, then what came of it. */
function outcomeWords({ state, difference }: RerunView): string | null {
  switch (state) {
    case 'compared':
      return `Compared. Orders that would change: ${difference?.changed ?? 0}.`;
    case 'applied':
      return 'Applied.';
    case 'comparing':
    case 'applying':
    case 'failed':
      return null;
  }
}

function RunCard({ run }: { run: RerunView }) {
  const fetcher = useFetcher<RerunOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome?.kind === 'applying') shopify.toast.show('Applying');
  }, [outcome, shopify]);

  switch (run.state) {
    case 'comparing':
      return (
        <Progress run={run} heading="Comparing">
          {run.lookedAt} orders compared so far. You may leave this page: it goes on.
        </Progress>
      );
    case 'failed':
      return (
        <Banner tone="critical" title="The comparison could not be finished">
          <p>Nothing was changed. Compare again; if it fails again, ask the team that runs Tieback.</p>
        </Banner>
      );
    case 'applying':
      return (
        <>
          <Banner tone="info" title="Applying">
            <p>The orders are decided again. You may leave this page: it goes on.</p>
          </Banner>
          <DifferenceCard run={run} action={null} />
        </>
      );
    case 'applied':
      return (
        <>
          <Banner tone="success" title="Applied" stopAnnouncements>
            <p>The orders of this period have their new credit. Nothing that Meta has was sent again.</p>
          </Banner>
          <DifferenceCard run={run} action={null} />
        </>
      );
    case 'compared': {
      const refused = outcome?.kind === 'settings_changed' || run.outdated;
      return (
        <>
          {refused && (
            <Banner tone="warning" title="Your settings have changed since">
              <p>What is shown here was compared with the settings before. Compare again to apply.</p>
            </Banner>
          )}
          <DifferenceCard
            run={run}
            action={
              refused || run.difference?.changed === 0
                ? null
                : {
                    loading: fetcher.state !== 'idle',
                    onApply: () => fetcher.submit({ intent: 'apply', id: run.id }, { method: 'post' }),
                  }
            }
          />
        </>
      );
    }
  }
}

function Progress({ run, heading, children }: { run: RerunView; heading: string; children: ReactNode }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd" id="rerun-progress">
          {heading}
        </Text>
        <ProgressBar progress={run.progress} size="small" ariaLabelledBy="rerun-progress" />
        <Text as="p">{children}</Text>
      </BlockStack>
    </Card>
  );
}

/** Asks again while the worker works. */
function useRefresh(working: boolean): void {
  const { revalidate, state } = useRevalidator();
  useEffect(() => {
    if (!working || state !== 'idle') return;
    const timer = window.setTimeout(revalidate, POLL_MS);
    return () => window.clearTimeout(timer);
  }, [working, state, revalidate]);
}
