import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { ConversationsPage } from '../pages/conversations/conversations.tsx';
import { readConversationsFilter } from '../pages/conversations/filter.ts';
import { loadConversations, searchConversations } from '../pages/conversations/load.ts';

export async function loader({ request, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  const filter = readConversationsFilter(new URL(request.url).searchParams);
  return json(await loadConversations(services, shop, filter));
}

export async function action({ request, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const phone = (await request.formData()).get('phone');
  const outcome = await searchConversations(services, shop, typeof phone === 'string' ? phone : '');
  switch (outcome.kind) {
    case 'found':
      return json(outcome);
    case 'unreadable_phone':
      return json(outcome, { status: 422 });
  }
}

export default function Conversations() {
  return <ConversationsPage list={useLoaderData<typeof loader>()} />;
}
