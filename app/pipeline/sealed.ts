import type { ChatLinkId, ShopId } from '../domain/ids.ts';
import type { Binding } from '../storage/vault.ts';

// Where each sealed value lives. A value is sealed and opened with the same function, or it does not open.

export const deliveryBody = (account: string, key: string): Binding => ({
  table: 'deliveries',
  column: 'body',
  owner: account,
  row: key,
});

export const connectionSecret = (
  shop: ShopId,
  connection: string,
  column: 'token' | 'app_secret' | 'verify_token',
): Binding => ({
  // The table's first name: secrets that were sealed then must still open.
  table: 'whatsapp_connections',
  column,
  owner: String(shop),
  row: connection,
});

/** Bound to the message, which is what makes a click unique in a shop. */
export const referralField = (shop: ShopId, messageKey: string, column: 'click_id' | 'raw'): Binding => ({
  table: 'referrals',
  column,
  owner: String(shop),
  row: messageKey,
});

export const eventPayload = (shop: ShopId, eventId: string): Binding => ({
  table: 'conversion_events',
  column: 'payload',
  owner: String(shop),
  row: eventId,
});

export const chatLinkToken = (shop: ShopId, chatLink: ChatLinkId): Binding => ({
  table: 'chat_links',
  column: 'token',
  owner: String(shop),
  row: chatLink,
});

export const orderDraft = (shop: ShopId, gid: string): Binding => ({
  table: 'orders',
  column: 'draft',
  owner: String(shop),
  row: gid,
});

export const checkoutDraft = (shop: ShopId, tokenHash: string): Binding => ({
  table: 'checkouts',
  column: 'draft',
  owner: String(shop),
  row: tokenHash,
});
