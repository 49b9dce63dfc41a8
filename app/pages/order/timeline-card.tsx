import { BlockStack, Card, Icon, Text } from '@shopify/polaris';
import { AlertCircleIcon, CheckCircleIcon, ClockIcon, MinusCircleIcon } from '@shopify/polaris-icons';
import type { Mark, TimelineStep } from './timeline.ts';

const MARKS = {
  done: { source: CheckCircleIcon, tone: 'success', label: 'Done' },
  problem: { source: AlertCircleIcon, tone: 'critical', label: 'Problem' },
  waiting: { source: ClockIcon, tone: 'subdued', label: 'Still to come' },
  skipped: { source: MinusCircleIcon, tone: 'subdued', label: 'Will not happen' },
} as const satisfies Record<Mark, unknown>;

/** The way from the ad click to Meta's answer as a picture that is also a list. */
export function TimelineCard({ steps }: { steps: TimelineStep[] }) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          What happened
        </Text>
        <ol className="tb-timeline">
          {steps.map((step, index) => (
            <li key={index} data-mark={step.mark}>
              <Step step={step} />
            </li>
          ))}
        </ol>
      </BlockStack>
    </Card>
  );
}

function Step({ step }: { step: TimelineStep }) {
  const { source, tone, label } = MARKS[step.mark];
  return (
    <>
      <span className="tb-timeline-mark">
        <Icon source={source} tone={tone} accessibilityLabel={label} />
      </span>
      <div>
        <Text as="h3" variant="bodyMd" fontWeight="semibold">
          {step.title}
        </Text>
        {step.at !== null && (
          <Text as="p">
            {step.at}
            {step.gap !== null && (
              <Text as="span" tone="subdued">
                {' · '}
                {step.gap}
              </Text>
            )}
          </Text>
        )}
        {step.detail !== null && (
          <Text as="p" tone="subdued" breakWord>
            {step.detail}
          </Text>
        )}
      </div>
    </>
  );
}
