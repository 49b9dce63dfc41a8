import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { putAlertAway } from '../pages/overview/act.ts';
import { loadOverview } from '../pages/overview/load.ts';
import { OverviewPage } from '../pages/overview/overview.tsx';
import { isSetUpDismissed, rememberSetUp } from '../pages/overview/set-up-cookie.ts';

export async function loader({ request, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  return json(await loadOverview(services, shop, await isSetUpDismissed(request, shop.id)));
}

export async function action({ request, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const form = await request.formData();
  const intent = form.get('intent');
  switch (intent) {
    case 'dismiss_set_up':
    case 'show_set_up': {
      const cookie = await rememberSetUp(request, shop.id, intent === 'dismiss_set_up');
      return json({ kind: 'remembered' }, { headers: { 'Set-Cookie': cookie } });
    }
    case 'dismiss_alert': {
      const outcome = await putAlertAway(services, shop.id, form);
      return json(outcome, { status: outcome.kind === 'dismissed' ? 200 : 404 });
    }
    default:
      return json({ kind: 'unknown_intent' }, { status: 400 });
  }
}

export default function Overview() {
  return <OverviewPage overview={useLoaderData<typeof loader>()} />;
}
