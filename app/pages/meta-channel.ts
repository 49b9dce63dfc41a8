import type { Channel, ChannelChoice } from '../domain/channel.ts';

const CHANNELS: Readonly<Record<ChannelChoice, { choice: string; event: string; meaning: string }>> = {
  business_messaging: {
    choice: 'As a WhatsApp sale',
    event: 'WhatsApp event',
    meaning: 'Counts for the ad that opened the chat. Goes to the dataset of your WhatsApp account.',
  },
  website: {
    choice: 'As a website sale',
    event: 'Website event',
    meaning:
      'Goes to your pixel’s dataset, with the browser of the checkout. Meta counts it once if your pixel sends the same event ID.',
  },
  physical_store: {
    choice: 'As a sale in a store',
    event: 'Store event',
    meaning: 'Goes to your pixel’s dataset. Meta knows the buyer by their hashed phone or email alone.',
  },
  none: {
    choice: 'Not at all',
    event: 'None',
    meaning: 'Such orders are still tied to their ads here, but Meta is not told.',
  },
};

/** The merchant's words for what an order is told as, and what that means. */
export function explainChannel(choice: ChannelChoice): { choice: string; meaning: string } {
  return CHANNELS[choice];
}

/** What an event was told as, by the name that is stored with it. */
export function channelLabel(stored: string): string {
  return isChannel(stored) ? CHANNELS[stored].event : stored;
}

/** Whether it goes to the dataset of the shop's pixel. */
export function needsPixel(choice: ChannelChoice): boolean {
  return choice === 'website' || choice === 'physical_store';
}

function isChannel(text: string): text is Channel {
  return text !== 'none' && Object.hasOwn(CHANNELS, text);
}
