import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { actOnRerun } from '../pages/rerun/act.ts';
import { loadRerun } from '../pages/rerun/load.ts';
import { RerunPage } from '../pages/rerun/rerun.tsx';
import { staffOf } from '../pages/staff.ts';

export async function loader({ request, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  return json(await loadRerun(services, shop));
}

export async function action({ request, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const by = await staffOf(services, request);
  const outcome = await actOnRerun(services, shop, { form: await request.formData(), by });
  switch (outcome.kind) {
    case 'started':
    case 'applying':
      return json(outcome);
    case 'invalid_period':
      return json(outcome, { status: 422 });
    case 'not_compared':
    case 'settings_changed':
      return json(outcome, { status: 409 });
    case 'not_found':
      return json(outcome, { status: 404 });
    case 'unknown_intent':
      return json(outcome, { status: 400 });
  }
}

export default function Reattribute() {
  return <RerunPage data={useLoaderData<typeof loader>()} />;
}
