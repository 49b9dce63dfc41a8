import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { actOnApiKeys, loadApiKeys } from '../pages/settings/api-keys.ts';
import { staffOf } from '../pages/staff.ts';

// No page of its own: the card of the settings page asks here for its keys.

export async function loader({ request, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  return json(await loadApiKeys(services, shop));
}

export async function action({ request, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const by = await staffOf(services, request);
  const outcome = await actOnApiKeys(services, { shop, form: await request.formData(), by });
  switch (outcome.kind) {
    case 'created':
    case 'revoked':
      return json(outcome, { headers: { 'Cache-Control': 'no-store' } });
    case 'invalid':
      return json(outcome, { status: 422 });
    case 'not_found':
      return json(outcome, { status: 404 });
    case 'unknown_intent':
      return json(outcome, { status: 400 });
  }
}
