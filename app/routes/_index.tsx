import type { LoaderFunctionArgs } from '@remix-run/node';
import { json, redirect } from '@remix-run/node';
import { Introduction } from '../pages/introduction.tsx';

export function loader({ request }: LoaderFunctionArgs) {
  const { searchParams } = new URL(request.url);
  if (searchParams.has('shop') || searchParams.has('host')) throw redirect(`/app?${searchParams}`);
  return json(null);
}

export default Introduction;
