import type { Signal } from './link.ts';

export const PROVENANCES = [
  'in_chat',
  'chat_link',
  'online_store',
  'point_of_sale',
  'renewal',
  'other_channel',
  'test',
  'free',
] as const;
/** Where an order was made. */
export type Provenance = (typeof PROVENANCES)[number];

type Origin = {
  sourceName: string | null;
  appId: string | null;
  gateways: readonly string[];
  test: boolean;
  /** In major units. */
  total: string;
  hasCheckout: boolean;
  tags: readonly string[];
};

// Shopify's own names; any other is that of a sales channel or an app.
// https://shopify.dev/docs/api/admin-rest/latest/resources/order
const SHOPIFYS_NAMES = {
  web: 'online_store',
  pos: 'point_of_sale',
  shopify_draft_order: 'in_chat',
  shopify_admin: 'in_chat',
  subscription_contract: 'renewal',
  subscription_contract_checkout_one: 'renewal',
} as const satisfies Record<string, Provenance>;
// Subscription apps that create their orders themselves mark the renewals so.
const RENEWAL_TAG = 'subscription recurring order';
// What Shopify calls the payment of an order that staff marked as paid.
const MARKED_AS_PAID = 'manual';

/**
 * Where an order was made, by what Shopify says of it and by the signal that linked it. `channel` is the source's own
 * name when it is not one of Shopify's, whatever the provenance, so that no unknown source is hidden.
 */
export function provenanceOf(
  order: Origin,
  signal: Signal | null,
): { provenance: Provenance; channel: string | null } {
  const name = order.sourceName?.trim() ?? '';
  const named = namedBy(name);
  const provenance = decide(order, name === '' ? 'nameless' : named, signal);
  // A channel's name is its app's id where it has no other.
  const unnamed = provenance === 'other_channel' ? order.appId : null;
  return { provenance, channel: named !== null ? null : name === '' ? unnamed : name };
}

function decide(order: Origin, named: Provenance | 'nameless' | null, signal: Signal | null): Provenance {
  // No sale at all, whatever else it looks like.
  if (order.test) return 'test';
  if (!(Number(order.total) > 0)) return 'free';
  // Nobody decided to buy at that moment, even where the first order of the subscription came from a chat.
  if (named === 'renewal' || isTaggedRenewal(order)) return 'renewal';
  // The buyer stood in the shop.
  if (named === 'point_of_sale') return 'point_of_sale';
  // Staff made it, whatever it is paid with.
  if (named === 'in_chat' || signal === 'draft_order') return 'in_chat';
  if (named !== null && isEnteredByHand(order)) return 'in_chat';
  // The buyer's own checkout, to which the chat led.
  if (signal === 'chat_link') return 'chat_link';
  if (named === 'online_store' || (named === 'nameless' && order.hasCheckout)) return 'online_store';
  return 'other_channel';
}

function namedBy(name: string): Provenance | null {
  const key = name.toLowerCase();
  return isShopifysName(key) ? SHOPIFYS_NAMES[key] : null;
}

function isShopifysName(name: string): name is keyof typeof SHOPIFYS_NAMES {
  return Object.hasOwn(SHOPIFYS_NAMES, name);
}

function isTaggedRenewal({ tags }: Origin): boolean {
  return tags.some((tag) => tag.trim().toLowerCase() === RENEWAL_TAG);
}

function isEnteredByHand({ hasCheckout, gateways }: Origin): boolean {
  return (
    !hasCheckout && gateways.length > 0 && gateways.every((name) => name.toLowerCase() === MARKED_AS_PAID)
  );
}
