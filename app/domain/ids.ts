/** Shop.id in the database. */
export type ShopId = number & { readonly __brand: 'ShopId' };
export type ContactId = string & { readonly __brand: 'ContactId' };
export type ReferralId = string & { readonly __brand: 'ReferralId' };
export type ChatLinkId = string & { readonly __brand: 'ChatLinkId' };
export type ConnectionId = string & { readonly __brand: 'ConnectionId' };
/** The ledger row's id; not the `event_id` that Meta sees. */
export type EventRowId = string & { readonly __brand: 'EventRowId' };
/** `gid://shopify/Order/…`: the only order id that survives JSON numbers. */
export type OrderGid = string & { readonly __brand: 'OrderGid' };
