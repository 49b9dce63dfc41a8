import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { json } from '@remix-run/node';
import {
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useMatches,
  useRouteLoaderData,
} from '@remix-run/react';
import polarisStyles from '@shopify/polaris/build/esm/styles.css?url';
import type { ReactNode } from 'react';
import { Failure } from './pages/failure.tsx';
import { PolarisProvider } from './pages/polaris-provider.tsx';
import tiebackStyles from './pages/tieback.css?url';

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: polarisStyles },
  { rel: 'stylesheet', href: tiebackStyles },
];

export const meta: MetaFunction = () => [{ title: 'Tieback' }];

export function loader({ context }: LoaderFunctionArgs) {
  const { shopify, appBridgeUrl } = context.services.environment;
  return json({ apiKey: shopify.apiKey, appBridgeUrl });
}

/** What it gives does not change while the page is open. */
export const shouldRevalidate = () => false;

export function Layout({ children }: { children: ReactNode }) {
  const root = useRouteLoaderData<typeof loader>('root');
  // Outside the Shopify admin there is no shop for App Bridge to start with: it would only log an error.
  const embedded = useMatches().some((match) => match.id === 'routes/app');
  return (
    <html lang="en">
      <head>
        {/* App Bridge must be the first script: shopify.dev/docs/api/app-bridge-library#getting-started */}
        {root && embedded && <script src={root.appBridgeUrl} data-api-key={root.apiKey} />}
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <Meta />
        <Links />
      </head>
      <body>
        <PolarisProvider>{children}</PolarisProvider>
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary() {
  return <Failure />;
}
