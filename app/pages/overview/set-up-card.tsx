import { useFetcher } from '@remix-run/react';
import { BlockStack, Box, Button, Card, Icon, InlineStack, Text } from '@shopify/polaris';
import { CheckCircleIcon, MinusCircleIcon, XIcon } from '@shopify/polaris-icons';
import { useState } from 'react';
import type { SetUp, SetUpStep } from './set-up.ts';

/** The set-up list while something is left to do, one line once all is done, one line with "Show" when put away. */
export function SetUpCard({ setUp }: { setUp: SetUp }) {
  switch (setUp.kind) {
    case 'connected':
      return setUp.numbers.length === 0 ? null : <ConnectedLine numbers={setUp.numbers} />;
    case 'in_progress':
      return <SetUpInProgress {...setUp} />;
  }
}

function ConnectedLine({ numbers }: { numbers: string[] }) {
  return (
    <Box paddingInline={{ xs: '400', sm: '0' }}>
      <InlineStack gap="100" blockAlign="center" wrap={false}>
        <span>
          <Icon source={CheckCircleIcon} tone="success" />
        </span>
        <Text as="p">
          <Text as="span" fontWeight="semibold">
            Connected
          </Text>
          {': '}
          {numbers.join(', ')}
        </Text>
      </InlineStack>
    </Box>
  );
}

function SetUpInProgress({ steps, dismissed }: { steps: SetUpStep[]; dismissed: boolean }) {
  const fetcher = useFetcher();
  const [hidden, setHidden] = useState(dismissed);
  const progress = `${steps.filter((step) => step.done).length} of ${steps.length} steps done`;

  function turn(next: boolean) {
    setHidden(next);
    fetcher.submit({ intent: next ? 'dismiss_set_up' : 'show_set_up' }, { method: 'post' });
  }

  return hidden ? (
    <Box paddingInline={{ xs: '400', sm: '0' }}>
      <InlineStack gap="200" blockAlign="center">
        <Text as="p" tone="subdued">
          Set-up: {progress}
        </Text>
        <Button variant="plain" onClick={() => turn(false)} accessibilityLabel="Show the set-up steps">
          Show
        </Button>
      </InlineStack>
    </Box>
  ) : (
    <SetUpList steps={steps} progress={progress} onDismiss={() => turn(true)} />
  );
}

function SetUpList({
  steps,
  progress,
  onDismiss,
}: {
  steps: SetUpStep[];
  progress: string;
  onDismiss: () => void;
}) {
  const next = steps.find((step) => !step.done);
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack align="space-between" blockAlign="start" wrap={false} gap="200">
          <BlockStack gap="100">
            <Text as="h2" variant="headingMd">
              Set up Tieback
            </Text>
            <Text as="p" tone="subdued">
              Tieback ties paid orders to the WhatsApp ad that started the chat and tells Meta, so that your
              ads are shown to people who buy. {progress}.
            </Text>
          </BlockStack>
          <Button
            variant="tertiary"
            icon={XIcon}
            onClick={onDismiss}
            accessibilityLabel="Put the set-up steps away"
          />
        </InlineStack>
        <ol className="tb-steps">
          {steps.map((step) => (
            <li key={step.title}>
              <Step step={step} isNext={step === next} />
            </li>
          ))}
        </ol>
      </BlockStack>
    </Card>
  );
}

function Step({ step, isNext }: { step: SetUpStep; isNext: boolean }) {
  return (
    <InlineStack gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon
          source={step.done ? CheckCircleIcon : MinusCircleIcon}
          tone={step.done ? 'success' : 'subdued'}
          accessibilityLabel={step.done ? 'Done' : 'Not yet'}
        />
      </span>
      <BlockStack gap="100">
        <Text as="h3" variant="bodyMd" fontWeight={isNext ? 'semibold' : 'regular'}>
          {step.title}
        </Text>
        {isNext && (
          <Text as="p" tone="subdued">
            {step.text}
          </Text>
        )}
        {isNext && step.action && (
          <Box paddingBlockStart="100">
            <Button variant="primary" url={step.action.url}>
              {step.action.content}
            </Button>
          </Box>
        )}
      </BlockStack>
    </InlineStack>
  );
}
