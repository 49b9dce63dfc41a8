import { useFetcher } from '@remix-run/react';
import { Banner, Button, List, Text } from '@shopify/polaris';
import { bannerTone } from '../tone.ts';
import type { AlertBanner } from './alerts.ts';
import type { Overview } from './load.ts';

/** What waits for the merchant: stopped connections, what the doctor found, and sales that Meta does not have. */
export function Attention({ overview }: { overview: Overview }) {
  const { stopped, alerts, attention } = overview;
  const tone = attention.some((item) => item.tone === 'critical') ? 'critical' : 'warning';
  if (stopped.length === 0 && alerts.length === 0 && attention.length === 0) return null;
  return (
    // Its own block, because Polaris keeps banners that follow each other apart itself.
    <div>
      {stopped.map(({ id, title, sentence, fix }) => (
        <Banner
          key={id}
          tone="critical"
          title={title}
          action={{ content: 'Open settings', url: '/app/settings' }}
        >
          <p>
            {sentence} {fix}
          </p>
        </Banner>
      ))}
      {alerts.map((alert) => (
        <Alert key={alert.id} alert={alert} />
      ))}
      {attention.length > 0 && (
        <Banner tone={bannerTone(tone)} title="Some sales need your attention">
          <List>
            {attention.map((item) => (
              <List.Item key={item.title + item.sentence}>
                <Text as="span" fontWeight="semibold">
                  {item.title}
                </Text>
                . {item.sentence} {item.fix}{' '}
                <Button
                  variant="plain"
                  url={`/app/orders?state=${item.state}`}
                  accessibilityLabel={`See orders. ${item.title}`}
                >
                  See orders
                </Button>
              </List.Item>
            ))}
          </List>
        </Banner>
      )}
    </div>
  );
}

function Alert({ alert: { id, title, detail, fix, tone } }: { alert: AlertBanner }) {
  const fetcher = useFetcher();
  if (fetcher.state !== 'idle') return null;
  return (
    <Banner
      tone={tone}
      title={title}
      action={{ content: 'See health', url: '/app/health' }}
      onDismiss={() => fetcher.submit({ intent: 'dismiss_alert', id }, { method: 'post' })}
    >
      <p>
        {detail} {fix}
      </p>
    </Banner>
  );
}
