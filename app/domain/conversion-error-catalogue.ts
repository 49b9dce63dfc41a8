import type { KnownError } from './graph-error-catalogue.ts';

const TELL_TEAM = 'Send this code and the trace ID to the team that runs Tieback.';
const CHECK_DATASET =
  'In the settings, use the dataset that Meta’s Events Manager shows for this WhatsApp account, and see that the account and the dataset belong to the same business.';

const PAYLOAD = {
  code: 100,
  action: 'refused',
  reason: 'refused_payload',
  whose: 'tieback',
  fix: TELL_TEAM,
} as const;
const DATASET = {
  code: 100,
  action: 'wiring',
  reason: 'wiring_dataset',
  whose: 'merchant',
  fix: CHECK_DATASET,
} as const;
const AMOUNT = {
  code: 100,
  action: 'refused',
  reason: 'refused_amount',
  whose: 'merchant',
  fix: 'Check the total and the currency of the order in Shopify.',
} as const;
const CUSTOMER = {
  code: 100,
  action: 'refused',
  reason: 'refused_customer_data',
  whose: 'tieback',
  fix: TELL_TEAM,
} as const;
const UNNAMED = 'Meta refuses the event for good. It does not document why.';

/**
 * What is wrong with an event, as subcodes of "invalid parameter" (100). Meta documents none of them; the meanings are
 * those of the titles that Meta answers with, as integrators report them. The calls are described at
 * https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
 */
export const CONVERSION_ERRORS: readonly KnownError[] = [
  { ...PAYLOAD, subcode: 2804001, title: 'Refused without a name', meaning: UNNAMED },
  {
    code: 100,
    subcode: 2804003,
    action: 'refused',
    reason: 'refused_too_old',
    whose: 'nobody',
    title: 'Event too old',
    meaning: 'Meta takes messaging and website events for 7 days, and sales in a shop for 62.',
    fix: 'Nothing can be done for this one. Later ones arrive in time as long as the number is connected.',
  },
  {
    code: 100,
    subcode: 2804004,
    action: 'refused',
    reason: 'refused_time',
    whose: 'tieback',
    title: 'Event in the future',
    meaning: 'The event’s time lies in the future by Meta’s clock.',
    fix: 'Ask the team that runs Tieback to check the clock of its machine.',
  },
  { ...PAYLOAD, subcode: 2804007, title: 'Refused without a name', meaning: UNNAMED },
  {
    code: 100,
    subcode: 2804008,
    action: 'refused',
    reason: 'refused_contents',
    whose: 'tieback',
    title: 'Item without an ID',
    meaning: 'One of the items has no product or variant number.',
    fix: TELL_TEAM,
  },
  {
    ...AMOUNT,
    subcode: 2804009,
    title: 'Purchase without an amount',
    meaning: 'A purchase must say what it is worth.',
  },
  { ...PAYLOAD, subcode: 2804014, title: 'Refused without a name', meaning: UNNAMED },
  { ...PAYLOAD, subcode: 2804016, title: 'Refused without a name', meaning: UNNAMED },
  { ...PAYLOAD, subcode: 2804017, title: 'Refused without a name', meaning: UNNAMED },
  {
    ...PAYLOAD,
    subcode: 2804019,
    title: 'Refused; reports differ why',
    meaning: 'Some report it for an event that is too old, others for an ad click that Meta does not know.',
  },
  {
    ...AMOUNT,
    subcode: 2804023,
    title: 'Amount without a currency',
    meaning: 'An amount was sent without its currency.',
  },
  {
    ...PAYLOAD,
    subcode: 2804043,
    title: 'Wrong device details',
    meaning: 'Details that only events from an app may have are wrong.',
  },
  { ...PAYLOAD, subcode: 2804048, title: 'Refused without a name', meaning: UNNAMED },
  {
    ...CUSTOMER,
    subcode: 2804050,
    title: 'Too little about the customer',
    meaning: 'Meta cannot recognise anybody by what the event says.',
    whose: 'merchant',
    fix: 'Let hashed customer data be sent in the settings, and ask for a phone number or email at checkout.',
  },
  {
    ...PAYLOAD,
    subcode: 2804063,
    title: 'Messaging channel missing',
    meaning: 'The event does not say that it comes from WhatsApp.',
  },
  {
    ...CUSTOMER,
    subcode: 2804064,
    title: 'Browser data on a chat event',
    meaning: 'An event from a chat may not carry the traces of a browser.',
  },
  {
    ...DATASET,
    subcode: 2804065,
    title: 'Page and dataset do not match',
    meaning: 'The dataset belongs to another Page or account.',
  },
  {
    code: 100,
    subcode: 2804066,
    action: 'refused',
    reason: 'refused_event_name',
    whose: 'meta',
    title: 'Event name not taken',
    meaning: 'Meta does not take an event of this name from a chat of this account.',
    fix: 'Tieback keeps further events of this name back. Have it tried again in the settings, beside the number.',
  },
  {
    ...DATASET,
    subcode: 2804069,
    title: 'Page ID missing',
    meaning: 'The dataset is one of a Page, not of a WhatsApp account.',
  },
  {
    code: 100,
    subcode: 2804071,
    action: 'refused',
    reason: 'refused_click_id',
    whose: 'tieback',
    title: 'Ad click missing',
    meaning: 'The event names no ad click.',
    fix: TELL_TEAM,
  },
  {
    ...DATASET,
    subcode: 2804073,
    title: 'Page and person do not match',
    meaning: 'The dataset is one of a Page, not of a WhatsApp account.',
  },
  {
    ...DATASET,
    subcode: 2804075,
    title: 'Instagram dataset',
    meaning: 'The dataset expects events from Instagram.',
  },
  {
    ...DATASET,
    subcode: 2804079,
    title: 'Instagram dataset',
    meaning: 'The dataset expects events from Instagram.',
  },
  {
    ...AMOUNT,
    subcode: 2804081,
    title: 'Amount not readable',
    meaning: 'Meta cannot read the amount or the currency.',
  },
  {
    code: 100,
    subcode: 2804087,
    action: 'refused',
    reason: 'refused_click_id',
    whose: 'nobody',
    title: 'Ad click not known',
    meaning: 'Meta does not recognise the ad click: it may be from another business or too long ago.',
    fix: 'One of these is nothing to worry about. If they are many, check that the connected dataset is that of this WhatsApp account.',
  },
  {
    ...DATASET,
    subcode: 2804116,
    title: 'WhatsApp account missing',
    meaning: 'The event names neither a WhatsApp account nor a Page.',
  },
  {
    ...DATASET,
    subcode: 2804131,
    title: 'No Page with this dataset',
    meaning: 'The dataset is not linked to what the event names.',
  },
  {
    ...DATASET,
    subcode: 2804132,
    title: 'No WhatsApp account with this dataset',
    meaning: 'The dataset is linked to no WhatsApp account: it may be a pixel’s.',
  },
  {
    ...DATASET,
    subcode: 2804133,
    title: 'No Instagram account with this dataset',
    meaning: 'The dataset expects events from Instagram.',
  },
];
