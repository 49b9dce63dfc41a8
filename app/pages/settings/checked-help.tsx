import { Icon, InlineStack, Text } from '@shopify/polaris';
import { CheckCircleIcon } from '@shopify/polaris-icons';
import type { FieldState } from './live-check.ts';

/** The help under a field, or what Meta just said of its value. */
export function CheckedHelp({ state, help }: { state: FieldState; help: string }) {
  return <span role="status">{wordsOf(state, help)}</span>;
}

function wordsOf(state: FieldState, help: string) {
  switch (state.kind) {
    case 'checking':
      // Beside the help, not instead of it: a button that moves while it is pressed is not pressed.
      return (
        <>
          <Text as="span" visuallyHidden>
            Asking Meta…
          </Text>
          {help}
        </>
      );
    case 'unreachable':
      return 'Meta did not answer just now. The value is checked again when you connect.';
    case 'fine':
      return (
        <InlineStack as="span" gap="100" blockAlign="start" wrap={false}>
          <span>
            <Icon source={CheckCircleIcon} tone="success" />
          </span>
          <Text as="span" tone="success">
            {state.detail}
          </Text>
        </InlineStack>
      );
    case 'unchecked':
    case 'wrong':
      return help;
  }
}
