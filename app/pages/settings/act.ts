import type { ShopId } from '../../domain/ids.ts';
import { readSettings, settingsSchema } from '../../domain/settings.ts';
import { connectNumber, disconnectNumber } from '../../pipeline/connection.ts';
import type { Connected, FieldProblem } from '../../pipeline/connection.ts';
import { saveSettings } from '../../pipeline/shop.ts';
import type { Services } from '../../services.ts';
import { creditsOtherwise } from './draft.ts';
import type { FieldProblems } from './draft.ts';
import { webhookAddress } from './load.ts';

export type ConnectedSummary = Pick<
  Connected,
  'displayNumber' | 'datasetId' | 'dataset' | 'subscribed' | 'verifyToken'
> & {
  webhookAddress: string;
};

/** What came of a form of the settings page. */
export type SettingsOutcome =
  /** `creditsOtherwise`: past orders would be credited otherwise now, but keep their credit. */
  | { kind: 'saved'; creditsOtherwise: boolean }
  | { kind: 'invalid_settings'; problems: FieldProblems }
  | { kind: 'connected'; number: ConnectedSummary }
  | { kind: 'invalid_connection'; problems: FieldProblem[] }
  | { kind: 'unreachable'; problem: string; fix: string }
  | { kind: 'disconnected' }
  | { kind: 'not_found' }
  | { kind: 'unknown_intent' };

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Carries out the one thing that a form of the settings page asks for. */
export async function actOnSettings(
  services: Services,
  shopId: number,
  form: FormData,
): Promise<SettingsOutcome> {
  const shop = shopId as ShopId;
  switch (field(form, 'intent')) {
    case 'save_settings':
      return save(services, shop, form);
    case 'connect':
      return connect(services, shop, form);
    case 'disconnect': {
      const id = field(form, 'connectionId');
      return UUID.test(id) ? disconnectNumber(services, shop, id) : { kind: 'not_found' };
    }
    default:
      return { kind: 'unknown_intent' };
  }
}

async function save(services: Services, shop: ShopId, form: FormData): Promise<SettingsOutcome> {
  const row = await services.db.shop.findUniqueOrThrow({ where: { id: shop } });
  const before = readSettings(row.settings);
  const read = settingsSchema.safeParse({
    windowDays: wholeNumber(field(form, 'windowDays')),
    model: field(form, 'model'),
    phoneLimit: wholeNumber(field(form, 'phoneLimit')),
    reportPurchase: field(form, 'reportPurchase') === 'on',
    reportOrderCreated: field(form, 'reportOrderCreated') === 'on',
    reportRenewals: field(form, 'reportRenewals') === 'on',
    sendCustomerHashes: field(form, 'sendCustomerHashes') === 'on',
    unknownOutcome: field(form, 'unknownOutcome'),
  });
  if (!read.success) return { kind: 'invalid_settings', problems: problemsOf(read.error) };
  await saveSettings(services, shop, read.data);
  return { kind: 'saved', creditsOtherwise: creditsOtherwise(before, read.data) };
}

function wholeNumber(text: string): number | null {
  return /^\d{1,3}$/.test(text) ? Number(text) : null;
}

function problemsOf({ issues }: { issues: { path: PropertyKey[] }[] }): FieldProblems {
  const wrong = (name: keyof FieldProblems) => issues.some(({ path }) => path[0] === name);
  return {
    windowDays: wrong('windowDays') ? 'Enter a whole number of days from 1 to 90.' : null,
    phoneLimit: wrong('phoneLimit') ? 'Enter a whole number of customers from 1 to 50.' : null,
  };
}

async function connect(services: Services, shop: ShopId, form: FormData): Promise<SettingsOutcome> {
  const outcome = await connectNumber(services, shop, {
    token: field(form, 'token'),
    wabaId: field(form, 'wabaId'),
    phoneNumberId: field(form, 'phoneNumberId'),
    datasetId: field(form, 'datasetId') || null,
    appSecret: field(form, 'appSecret') || null,
  });
  switch (outcome.kind) {
    case 'connected': {
      const { displayNumber, datasetId, dataset, subscribed, verifyToken } = outcome;
      const address = webhookAddress(services, outcome.webhookPath);
      const number = { displayNumber, datasetId, dataset, subscribed, verifyToken, webhookAddress: address };
      return { kind: 'connected', number };
    }
    case 'invalid':
      return { kind: 'invalid_connection', problems: outcome.problems };
    case 'unreachable':
      return outcome;
  }
}

function field(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
