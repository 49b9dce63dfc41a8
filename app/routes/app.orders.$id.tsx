import type { LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { loadOrder } from '../pages/order/load.ts';
import { OrderNotFound, OrderPage } from '../pages/order/order.tsx';

export async function loader({ request, params, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  const order = await loadOrder(services, shop, params['id'] ?? '');
  return json(order, { status: order === null ? 404 : 200 });
}

export default function Order() {
  const order = useLoaderData<typeof loader>();
  return order === null ? <OrderNotFound /> : <OrderPage order={order} />;
}
