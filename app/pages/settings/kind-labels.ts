import type { OrderClass } from '../../domain/channel.ts';

/** The kinds of orders as they are called among the settings. */
export const KIND_LABELS: Readonly<Record<OrderClass, string>> = {
  in_chat: 'Made in the chat',
  chat_link: 'Through a chat link',
  online_store: 'In the online store',
  point_of_sale: 'At a point of sale',
  renewal: 'Subscription renewals',
  other_channel: 'In other sales channels',
};
