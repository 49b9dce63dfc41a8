import type { SetAside, Signal, Strength } from './link.ts';
import type { Provenance } from './provenance.ts';

/** The merchant's words: `label` is short enough for a badge. */
type Words = { label: string; sentence: string };

const PROVENANCE: Readonly<Record<Provenance, Words>> = {
  in_chat: { label: 'In the chat', sentence: 'Your staff made this order for the customer.' },
  chat_link: {
    label: 'Chat link',
    sentence: 'The customer ordered in the online store through a link from the chat.',
  },
  online_store: { label: 'Online store', sentence: 'The customer ordered in the online store.' },
  point_of_sale: { label: 'Point of sale', sentence: 'The order was rung up in a shop of yours.' },
  renewal: { label: 'Renewal', sentence: 'A subscription made this order by itself.' },
  other_channel: {
    label: 'Other channel',
    sentence: 'The order came from another sales channel or app.',
  },
  test: { label: 'Test', sentence: 'This is a test order, not a sale.' },
  free: { label: 'Free', sentence: 'There was nothing to pay for this order.' },
};

const SIGNAL: Readonly<Record<Signal, Words>> = {
  chat_link: {
    label: 'Chat link',
    sentence: 'The order came through a link that was made for this chat alone.',
  },
  draft_order: {
    label: 'Draft order',
    sentence: 'Your staff made the order from a draft with the mark of this chat.',
  },
  discount_code: {
    label: 'Discount code',
    sentence: 'The order used a discount code that was made for this chat alone.',
  },
  order_phone: {
    label: 'Phone of the order',
    sentence: 'The contact phone of the order is the number of this chat.',
  },
  customer_phone: {
    label: 'Phone of the customer',
    sentence: 'A phone of the customer or of an address is the number of this chat.',
  },
  shared_phone: {
    label: 'Phone shared in the chat',
    sentence: 'A phone on the order is a number that was shared in this chat.',
  },
  staff: { label: 'Linked by hand', sentence: 'A person linked the order to this chat.' },
};

const STRENGTH: Readonly<Record<Strength, Words>> = {
  certain: {
    label: 'Certain',
    sentence: 'It was made for this one chat, and it came back with the order.',
  },
  strong: { label: 'Strong', sentence: 'It is the same phone line.' },
  fair: { label: 'Fair', sentence: 'It could be the number of somebody else.' },
  by_hand: { label: 'By hand', sentence: 'A person said so.' },
};

const SET_ASIDE: Readonly<Record<SetAside, Words>> = {
  shared_number: {
    label: 'Shared number',
    sentence: 'Too many customers gave this number for it to tell who ordered.',
  },
  shared_code: {
    label: 'Shared code',
    sentence: 'Other customers used this code too, so it cannot tell who ordered.',
  },
  own_number: { label: 'Your own number', sentence: 'It is a WhatsApp number of your shop.' },
  placeholder: {
    label: 'Made-up number',
    sentence: 'It is a number that people type to get past a form.',
  },
  recipient: {
    label: 'Delivery only',
    sentence: 'The buyer gave another number: this may be whoever receives the parcel.',
  },
  rejected: {
    label: 'Not theirs',
    sentence: 'A person said that the order does not belong to this chat.',
  },
};

/** Where an order was made. */
export function explainProvenance(provenance: Provenance): Words {
  return PROVENANCE[provenance];
}

/** What led from an order to a chat. */
export function explainSignal(signal: Signal): Words {
  return SIGNAL[signal];
}

/** How far a signal can be relied on. */
export function explainStrength(strength: Strength): Words {
  return STRENGTH[strength];
}

/** Why a signal does not count. */
export function explainWhy(why: SetAside): Words {
  return SET_ASIDE[why];
}
