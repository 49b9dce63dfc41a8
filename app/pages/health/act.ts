import type { Shop } from '../../../prisma/generated/client.ts';
import { createOpenAdmin } from '../../pipeline/admin-access.ts';
import { mailAlerts } from '../../pipeline/alert-mail.ts';
import { runDoctor } from '../../pipeline/doctor.ts';
import type { Services } from '../../services.ts';

export type HealthOutcome = { kind: 'checked'; toFix: number } | { kind: 'unknown_intent' };

// Somebody waits for the page.
const TRIES = 2;

/** Carries out what a form of the page asks for: to check everything now. */
export async function actOnHealth(services: Services, shop: Shop, form: FormData): Promise<HealthOutcome> {
  if (form.get('intent') !== 'check_now') return { kind: 'unknown_intent' };
  const { apiKey, apiSecrets } = services.environment.shopify;
  const openAdmin = createOpenAdmin(services, { apiKey, apiSecret: apiSecrets[0], tries: TRIES });
  const rows = await runDoctor(services, openAdmin, shop);
  await mailAlerts(services, shop.id);
  return { kind: 'checked', toFix: rows.filter(({ result }) => result === 'failed').length };
}
