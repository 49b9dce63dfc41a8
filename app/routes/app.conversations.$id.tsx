import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json, redirect } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { actOnConversation } from '../pages/conversation/act.ts';
import { ConversationNotFound, ConversationPage } from '../pages/conversation/conversation.tsx';
import { loadConversation } from '../pages/conversation/load.ts';
import { staffOf } from '../pages/staff.ts';

export async function loader({ request, params, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  const loaded = await loadConversation(services, shop, params['id'] ?? '');
  switch (loaded.kind) {
    case 'conversation':
      return json(loaded.detail);
    case 'merged':
      // Shopify's own parameters stay, or the framed page could not sign in again.
      return redirect(`/app/conversations/${loaded.into}${new URL(request.url).search}`);
    case 'not_found':
      return json(null, { status: 404 });
  }
}

export async function action({ request, params, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const by = await staffOf(services, request);
  const form = await request.formData();
  const outcome = await actOnConversation(services, { shop, contactId: params['id'] ?? '', form, by });
  switch (outcome.kind) {
    case 'created':
    case 'undone':
      return json(outcome);
    case 'invalid':
      return json(outcome, { status: 422 });
    case 'not_found':
      return json(outcome, { status: 404 });
    case 'already_undone':
    case 'merged_further':
      return json(outcome, { status: 409 });
    case 'unknown_kind':
    case 'unknown_intent':
      return json(outcome, { status: 400 });
  }
}

export default function Conversation() {
  const detail = useLoaderData<typeof loader>();
  return detail === null ? <ConversationNotFound /> : <ConversationPage detail={detail} />;
}
