import { json, redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from '@remix-run/node';
import { answerPreview } from '../pages/settings/preview.ts';

/** The preview is part of the settings page; its own address leads there. */
export async function loader({ request, context: { services } }: LoaderFunctionArgs) {
  await services.authenticate(request);
  // Shopify's own parameters stay, or the framed page could not sign in again.
  return redirect(`/app/settings${new URL(request.url).search}`);
}

export async function action({ request, context: { services } }: ActionFunctionArgs) {
  const shop = await services.authenticate(request);
  const answer = await answerPreview(services, shop, await request.formData());
  return json(answer, { status: answer.kind === 'preview' ? 200 : 422 });
}

/** Looking changes nothing on any page. */
export const shouldRevalidate = () => false;
