import { isRouteErrorResponse, useRouteError } from '@remix-run/react';
import { Card, Page } from '@shopify/polaris';
import { AlertCircleIcon } from '@shopify/polaris-icons';
import { EmptyMessage } from './empty-message.tsx';

/** What is shown when a page cannot be: in words, without the error itself, which only the server's log holds. */
export function Failure() {
  const error = useRouteError();
  const missing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <Page narrowWidth>
      <Card>
        <EmptyMessage
          icon={AlertCircleIcon}
          headingAs="h1"
          heading={missing ? 'This page does not exist' : 'This page could not be shown'}
        >
          {missing
            ? 'The address may be mistyped. Open Tieback again from the apps in your Shopify admin.'
            : 'Something went wrong on our side. Reload the page in a moment.'}
        </EmptyMessage>
      </Card>
    </Page>
  );
}
