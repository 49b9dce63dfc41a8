import type { HeadersFunction, LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData, useRouteError } from '@remix-run/react';
import { boundary } from '@shopify/shopify-app-remix/server';
import { AdminFrame, isPhone } from '../pages/admin-frame.tsx';

export async function loader({ request, context }: LoaderFunctionArgs) {
  await context.services.shopify.authenticate.admin(request);
  return json({ phone: isPhone(request.headers) });
}

/** Each page's own loader authenticates again; what this one gives does not change. */
export const shouldRevalidate = () => false;

export default function Admin() {
  return <AdminFrame phone={useLoaderData<typeof loader>().phone} />;
}

// Shopify's responses (session-token bounce, exit from the frame) are thrown, and pass through these two.
export function ErrorBoundary() {
  return boundary.error(useRouteError());
}

export const headers: HeadersFunction = (args) => boundary.headers(args);
