import { draftEvent, type ConversionEventPayload, type DraftEvent } from '../domain/conversion-event.ts';
import type { EventRowId, ShopId } from '../domain/ids.ts';
import type { EventName } from '../domain/report.ts';
import { VaultError, type Vault } from '../storage/vault.ts';
import type { Case } from './judge.ts';
import { eventPayload, orderDraft } from './sealed.ts';

/** What the events of an order that Meta is not told now would say. */
export type KeptDraft = Partial<Record<EventName, DraftEvent>>;

export function sealDraft(vault: Vault, order: { shopId: ShopId; gid: string }, draft: KeptDraft): string {
  return vault.seal(JSON.stringify(draft), orderDraft(order.shopId, order.gid));
}

/** The draft that was kept of an order; empty when there is none, or its key is missing. */
export function openDraft(
  vault: Vault,
  { shopId, gid }: { shopId: ShopId; gid: string },
  sealed: string | null,
): KeptDraft {
  const text = sealed === null ? null : unseal(() => vault.open(sealed, orderDraft(shopId, gid)));
  return text === null ? {} : (JSON.parse(text) as KeptDraft);
}

/** What an event that was taken back says of its order; null when its key is missing. */
export function draftOfEvent(
  vault: Vault,
  shopId: ShopId,
  event: { id: EventRowId; sealed: string },
): DraftEvent | null {
  const text = unseal(() => vault.open(event.sealed, eventPayload(shopId, event.id)));
  if (text === null) return null;
  const { user_data: user, custom_data: order } = JSON.parse(text) as ConversionEventPayload;
  return { customer: { ...(user.ph && { ph: user.ph }), ...(user.em && { em: user.em }) }, order };
}

/** All that can still be said of an order of which no draft was kept. */
export function bareDraft({ order, shop }: Case): DraftEvent {
  const said = { ...order, email: null, items: [] };
  return draftEvent({ order: said, paidTotal: order.total, settings: shop.settings, phones: [] });
}

function unseal(open: () => string): string | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}
