import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { actOnHealth } from '../pages/health/act.ts';
import { HealthPage } from '../pages/health/health.tsx';
import { loadHealth } from '../pages/health/load.ts';

export async function loader({ request, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  return json(await loadHealth(services, shop));
}

export async function action({ request, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const outcome = await actOnHealth(services, shop, await request.formData());
  return json(outcome, { status: outcome.kind === 'checked' ? 200 : 400 });
}

export default function HealthRoute() {
  return <HealthPage health={useLoaderData<typeof loader>()} />;
}
