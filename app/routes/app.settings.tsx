import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData, type ShouldRevalidateFunction } from '@remix-run/react';
import { actOnSettings } from '../pages/settings/act.ts';
import { loadSettings } from '../pages/settings/load.ts';
import { SettingsPage } from '../pages/settings/settings.tsx';

export async function loader({ request, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  return json(await loadSettings(services, shop));
}

export async function action({ request, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const outcome = await actOnSettings(services, shop.id, await request.formData());
  switch (outcome.kind) {
    case 'saved':
    case 'connected':
    case 'signed_up':
    case 'pixel_connected':
    case 'token_replaced':
    case 'checked':
    case 'disconnected':
    case 'unparked':
      return json(outcome);
    case 'invalid_settings':
    case 'invalid_connection':
    case 'invalid_pixel':
    case 'invalid_token':
    case 'sign_up_failed':
      return json(outcome, { status: 422 });
    case 'unreachable':
      return json(outcome, { status: 503 });
    case 'not_found':
      return json(outcome, { status: 404 });
    case 'unknown_intent':
      return json(outcome, { status: 400 });
  }
}

/** A value that was only checked changes nothing that the page shows. */
export const shouldRevalidate: ShouldRevalidateFunction = ({ formData, defaultShouldRevalidate }) =>
  formData?.get('intent') !== 'check_value' && defaultShouldRevalidate;

export default function Settings() {
  return <SettingsPage detail={useLoaderData<typeof loader>()} />;
}
