import type { Provenance } from './provenance.ts';

export const CHANNELS = ['business_messaging', 'website', 'physical_store'] as const;
/**
 * As what an event is told to Meta: its `action_source`. Whoever uses the interface agrees that it is accurate.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event
 */
export type Channel = (typeof CHANNELS)[number];
export type ChannelChoice = Channel | 'none';

/** The kinds of paid orders for which a shop chooses; a test or a free order is never told. */
export type OrderClass = Exclude<Provenance, 'test' | 'free'>;

/** What a shop may choose for each kind of order; the first is the default. */
export const CHANNEL_CHOICES = {
  in_chat: ['business_messaging', 'none'],
  chat_link: ['business_messaging', 'website', 'none'],
  online_store: ['business_messaging', 'website', 'none'],
  point_of_sale: ['business_messaging', 'physical_store', 'none'],
  renewal: ['none', 'business_messaging', 'website'],
  other_channel: ['business_messaging', 'website', 'none'],
} as const satisfies Record<OrderClass, readonly ChannelChoice[]>;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * How old an event may be. One that is older makes Meta refuse its whole request.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/using-the-api
 */
export const MAX_AGE_MS: Readonly<Record<Channel, number>> = {
  business_messaging: 7 * DAY_MS,
  website: 7 * DAY_MS,
  physical_store: 62 * DAY_MS,
};
