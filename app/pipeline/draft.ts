import { MAX_AGE_MS } from '../domain/channel.ts';
import { asSwitched, type ConversionEventPayload, type DraftEvent } from '../domain/conversion-event.ts';
import { CUSTOMER_KEYS, type CustomerHashes } from '../domain/customer-data.ts';
import { draftEvent } from '../domain/draft-event.ts';
import type { DecidingEvent } from '../domain/event-name.ts';
import type { EventRowId, ShopId } from '../domain/ids.ts';
import type { Provenance } from '../domain/provenance.ts';
import type { Settings } from '../domain/settings.ts';
import { VaultError, type Vault } from '../storage/vault.ts';
import type { Case } from './judge.ts';
import { eventPayload, orderDraft } from './sealed.ts';

/** What the events of an order would say, and the checkout by which a website event may be named. */
export type KeptDraft = Partial<Record<DecidingEvent, DraftEvent>> & { checkoutToken?: string };

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

/** What an event of the ledger says of its order; null when its key is missing or its customer was forgotten. */
export function draftOfEvent(
  vault: Vault,
  shopId: ShopId,
  event: { id: EventRowId; sealed: string },
): DraftEvent | null {
  const text =
    event.sealed === '' ? null : unseal(() => vault.open(event.sealed, eventPayload(shopId, event.id)));
  return text === null ? null : draftOf(JSON.parse(text) as ConversionEventPayload);
}

function draftOf(payload: ConversionEventPayload): DraftEvent {
  const known: CustomerHashes = payload.user_data;
  const customer = CUSTOMER_KEYS.flatMap((key) => {
    const hashes = known[key];
    return hashes === undefined ? [] : [[key, hashes] as const];
  });
  return {
    customer: Object.fromEntries(customer),
    ...(payload.custom_data && { order: payload.custom_data }),
    ...(payload.action_source === 'website' && {
      browser: {
        userAgent: payload.user_data.client_user_agent,
        ip: payload.user_data.client_ip_address ?? null,
        page: payload.event_source_url,
        fbc: payload.user_data.fbc ?? null,
      },
    }),
    // Somebody whose data was to be used in a limited way stays so; which state it was is Meta's number alone.
    ...(payload.data_processing_options && { region: { country: 'US', state: null } }),
  };
}

/** All that can still be said of an order of which no draft was kept. */
export function bareDraft({
  order,
  shop,
  customerGid,
}: Pick<Case, 'order' | 'shop' | 'customerGid'>): DraftEvent {
  const { amount, currency } = order.total;
  const paid = { currency, total: amount, subtotal: null, shipping: null, tax: null };
  return draftEvent({
    order: {
      legacyId: order.legacyId,
      total: order.total,
      email: null,
      customerGid,
      person: NOBODY,
      browser: null,
      region: { country: null, state: null },
      items: [],
    },
    paid: { shop: paid, buyer: paid },
    settings: shop.settings,
    phones: [],
  });
}

const NOBODY = { firstName: null, lastName: null, city: null, state: null, postcode: null, country: null };

/**
 * A stored order as its event would tell of it, by what was kept and the settings of now. When it was placed, it was what
 * was paid later, as far as is known.
 */
export function withWords(one: Case, words: KeptDraft): Case {
  const draft = asSwitched(words[one.eventName] ?? words.Purchase ?? bareDraft(one), one.shop.settings);
  const order = { ...one.order, checkoutToken: words.checkoutToken ?? null };
  return { ...one, order, draftBy: () => draft };
}

/** How long Meta takes an order's events, counted from what they tell of: longer for what is told as a sale in a store. */
export function draftAgeMs(settings: Settings, provenance: Provenance): number {
  const inStore = provenance === 'point_of_sale' && settings.channelPointOfSale === 'physical_store';
  return MAX_AGE_MS[inStore ? 'physical_store' : 'business_messaging'];
}

function unseal(open: () => string): string | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}
