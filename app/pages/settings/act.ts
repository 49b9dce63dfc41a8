import { isEventName } from '../../domain/event-name.ts';
import type { ShopId } from '../../domain/ids.ts';
import { readSettings } from '../../domain/settings.ts';
import { disconnectNumber } from '../../pipeline/connection.ts';
import { unparkEvent } from '../../pipeline/parked-events.ts';
import { saveSettings } from '../../pipeline/shop.ts';
import type { Services } from '../../services.ts';
import {
  checkField,
  completeSignUp,
  connectByHand,
  connectPixelByHand,
  field,
  replaceTokenByHand,
  type ConnectingOutcome,
} from './act-connecting.ts';
import { creditsOtherwise, readSettingsForm } from './draft.ts';
import type { FieldProblems } from './draft.ts';

export type { ConnectedSummary } from './act-connecting.ts';

/** What came of a form of the settings page. */
export type SettingsOutcome =
  /** `creditsOtherwise`: past orders would be credited otherwise now, but keep their credit. */
  | { kind: 'saved'; creditsOtherwise: boolean }
  | { kind: 'invalid_settings'; problems: FieldProblems }
  | ConnectingOutcome
  /** `stillSubscribed`: Meta did not confirm that it stops sending the account's chats. */
  | { kind: 'disconnected'; stillSubscribed: boolean }
  | { kind: 'unparked' }
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
  const id = field(form, 'connectionId');
  switch (field(form, 'intent')) {
    case 'save_settings':
      return save(services, shop, form);
    case 'check_value':
      return checkField(services, form);
    case 'connect':
      return connectByHand(services, shop, form);
    case 'embedded_signup':
      return completeSignUp(services, shop, form);
    case 'connect_pixel':
      return connectPixelByHand(services, shop, form);
    case 'replace_token':
      return UUID.test(id) ? replaceTokenByHand(services, shop, form) : { kind: 'not_found' };
    case 'disconnect':
      return UUID.test(id) ? disconnectNumber(services, shop, id) : { kind: 'not_found' };
    case 'unpark':
      return unpark(services, shop, { id, name: field(form, 'eventName') });
    default:
      return { kind: 'unknown_intent' };
  }
}

async function save(services: Services, shop: ShopId, form: FormData): Promise<SettingsOutcome> {
  const row = await services.db.shop.findUniqueOrThrow({ where: { id: shop } });
  const before = readSettings(row.settings);
  const read = readSettingsForm(form, before);
  if (read.kind === 'problems') return { kind: 'invalid_settings', problems: read.problems };
  await saveSettings(services, shop, read.settings);
  return { kind: 'saved', creditsOtherwise: creditsOtherwise(before, read.settings) };
}

async function unpark(
  services: Services,
  shop: ShopId,
  { id, name }: { id: string; name: string },
): Promise<SettingsOutcome> {
  if (!UUID.test(id) || !isEventName(name)) return { kind: 'not_found' };
  const { kind } = await unparkEvent(services, shop, id, name);
  // A name that is tried again already is what was asked for.
  return kind === 'not_found' ? { kind } : { kind: 'unparked' };
}
