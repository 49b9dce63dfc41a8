import type { EventName } from './event-name.ts';

type EventWords = {
  label: string;
  noun: string;
  plural: string;
  /** What it tells Meta. */
  sentence: string;
  /** What makes Tieback send it. */
  source: string;
};

const PROGRAM = 'Only through the API, from a program of yours such as a CRM.';

const WORDS: Readonly<Record<EventName, EventWords>> = {
  LeadSubmitted: {
    label: 'Lead',
    noun: 'lead',
    plural: 'leads',
    sentence: 'Somebody tapped an ad and wrote to you.',
    source: 'The first message after a tap on an ad.',
  },
  QualifiedLead: {
    label: 'Qualified lead',
    noun: 'qualified lead',
    plural: 'qualified leads',
    sentence: 'The chat shows real interest. Meta can optimise lead campaigns for it.',
    source: 'A rule below, or a program of yours through the API.',
  },
  ViewContent: {
    label: 'Product seen',
    noun: 'product view',
    plural: 'product views',
    sentence: 'The customer looked at a product that you sent in the chat.',
    source: 'The first opening of a chat link.',
  },
  AddToCart: {
    label: 'Cart filled',
    noun: 'cart',
    plural: 'carts',
    sentence: 'The customer put something into the cart.',
    source: 'A chat link with a cart, or a cart in your store that carries a chat link’s mark.',
  },
  InitiateCheckout: {
    label: 'Checkout begun',
    noun: 'checkout',
    plural: 'checkouts',
    sentence: 'The customer began to check out.',
    source: 'A checkout in your store that is tied to a chat, about 5 minutes after it began.',
  },
  CartAbandoned: {
    label: 'Checkout left',
    noun: 'abandoned checkout',
    plural: 'abandoned checkouts',
    sentence: 'The customer began to check out and left.',
    source: 'A checkout tied to a chat that nobody touched for some hours.',
  },
  OrderCreated: {
    label: 'Order placed',
    noun: 'order',
    plural: 'orders',
    sentence: 'An order was placed and will be paid later, as with cash on delivery.',
    source: 'Shopify, when the order is placed and not paid yet.',
  },
  Purchase: {
    label: 'Purchase',
    noun: 'purchase',
    plural: 'purchases',
    sentence: 'An order was paid. Meta optimises sales campaigns for it.',
    source: 'Shopify, when the order is paid.',
  },
  OrderShipped: {
    label: 'Order shipped',
    noun: 'shipment',
    plural: 'shipments',
    sentence: 'The order left your warehouse.',
    source: 'Shopify, with the first fulfilment.',
  },
  OrderDelivered: {
    label: 'Order delivered',
    noun: 'delivery',
    plural: 'deliveries',
    sentence: 'The order reached the customer.',
    source: 'Shopify, when the carrier says so.',
  },
  OrderCanceled: {
    label: 'Order cancelled',
    noun: 'cancellation',
    plural: 'cancellations',
    sentence: 'The order was cancelled. It does not take a reported value back.',
    source: 'Shopify, for an order that Meta was told of.',
  },
  OrderReturned: {
    label: 'Order returned',
    noun: 'return',
    plural: 'returns',
    sentence: 'The customer sent something back. It does not take a reported value back.',
    source: 'Shopify, with the first refund of a returned item.',
  },
  RatingProvided: {
    label: 'Rating given',
    noun: 'rating',
    plural: 'ratings',
    sentence: 'The customer gave a rating.',
    source: PROGRAM,
  },
  ReviewProvided: {
    label: 'Review written',
    noun: 'review',
    plural: 'reviews',
    sentence: 'The customer wrote a review.',
    source: PROGRAM,
  },
};

/** The merchant's words for one of Meta's events. */
export function explainEventName(name: EventName): EventWords {
  return WORDS[name];
}
