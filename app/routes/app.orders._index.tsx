import type { LoaderFunctionArgs } from '@remix-run/node';
import { json } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { readFilter } from '../pages/orders/filter.ts';
import { loadOrders } from '../pages/orders/load.ts';
import { OrdersPage } from '../pages/orders/orders.tsx';

export async function loader({ request, context: { services } }: LoaderFunctionArgs) {
  const shop = await services.authenticate(request);
  return json(await loadOrders(services, shop, readFilter(new URL(request.url).searchParams)));
}

export default function Orders() {
  return <OrdersPage list={useLoaderData<typeof loader>()} />;
}
