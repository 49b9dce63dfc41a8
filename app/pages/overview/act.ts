import { dismissAlert } from '../../pipeline/alerts.ts';
import type { Services } from '../../services.ts';

/** Puts an alert of the overview away; it comes back only when it was right in between. */
export function putAlertAway(
  services: Services,
  shopId: number,
  form: FormData,
): Promise<{ kind: 'dismissed' | 'not_found' }> {
  const id = form.get('id');
  return dismissAlert(services, shopId, typeof id === 'string' ? id : '');
}
