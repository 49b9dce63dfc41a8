import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData, type ShouldRevalidateFunctionArgs } from '@remix-run/react';
import { actOnOrder } from '../pages/order/act.ts';
import { loadOrder } from '../pages/order/load.ts';
import { OrderNotFound, OrderPage } from '../pages/order/order.tsx';
import { staffOf } from '../pages/staff.ts';

export async function loader({ request, params, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  const order = await loadOrder(services, shop, params['id'] ?? '');
  return json(order, { status: order === null ? 404 : 200 });
}

export async function action({ request, params, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const by = await staffOf(services, request);
  const form = await request.formData();
  const outcome = await actOnOrder(services, shop, { legacyId: params['id'] ?? '', by, form });
  switch (outcome.kind) {
    case 'chats':
    case 'linked':
    case 'parted':
    case 'taken_back':
      return json(outcome);
    case 'unreadable_phone':
      return json(outcome, { status: 422 });
    case 'not_found':
      return json(outcome, { status: 404 });
    case 'unknown_intent':
      return json(outcome, { status: 400 });
  }
}

/** A search for chats changes nothing on the page. */
export function shouldRevalidate({ formData, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) {
  return formData?.get('intent') === 'find_chats' ? false : defaultShouldRevalidate;
}

export default function Order() {
  const order = useLoaderData<typeof loader>();
  return order === null ? <OrderNotFound /> : <OrderPage order={order} />;
}
