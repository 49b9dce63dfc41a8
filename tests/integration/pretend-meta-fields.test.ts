import { expect, test } from 'vitest';
import { codes, purchase, send, sendToPixel, startMeta, websitePurchase } from './pretend-meta-world.ts';
import type { Change, Json } from './pretend-meta-world.ts';

const LDU = { data_processing_options: ['LDU'] };
const CALIFORNIA = { data_processing_options_country: 1, data_processing_options_state: 1000 };
const ITEM = { id: 'sku-1', quantity: 1, item_price: 129.9, delivery_category: 'home_delivery' };

test.each<[string, Change]>([
  ['an event id and an opt-out', { event: { event_id: 'shopify:order:1:Purchase', opt_out: true } }],
  ['a choice for no limits', { event: { data_processing_options: [] } }],
  ['limited data use in a state', { event: { ...LDU, ...CALIFORNIA } }],
  ['an automatic event told on', { event: { messaging_outcome_data: { outcome_type: 'automatic_events' } } }],
  ['the event that it is about', { event: { original_event_data: { event_name: 'Purchase' } } }],
  ['the whole sale', { sale: { order_id: '5678901234', content_type: 'product', content_ids: ['sku-1'] } }],
  ['contents', { sale: { contents: [ITEM, { id: 12, quantity: 2 }], num_items: 3, net_revenue: 10.5 } }],
  ['a field that nobody knows', { event: { shoe_size: 42 }, sale: { shoe_size: 42 } }],
  ['a currency without cents', { sale: { currency: 'JPY', value: 1500 } }],
  ['nothing told of the sale but its worth', { sale: { order_id: null } }],
])('takes with an event of a chat and of a website: %s', async (_, change) => {
  const meta = await startMeta();
  expect((await send(meta, purchase(change))).status).toBe(200);
  expect((await sendToPixel(meta, websitePurchase(change))).status).toBe(200);
});

test.each<[number | undefined, string, Change]>([
  [undefined, 'an event id that is a number', { event: { event_id: 5678901234 } }],
  [undefined, 'an opt-out that is a text', { event: { opt_out: 'true' } }],
  [undefined, 'an outcome without its type', { event: { messaging_outcome_data: {} } }],
  [undefined, 'options that are no list', { event: { data_processing_options: 'LDU' } }],
  [undefined, 'an option that is none', { event: { data_processing_options: ['CCPA'] } }],
  [
    undefined,
    'a country that is a text',
    { event: { ...LDU, ...CALIFORNIA, data_processing_options_country: 'US' } },
  ],
  [undefined, 'a state that is none', { event: { ...LDU, ...CALIFORNIA, data_processing_options_state: 7 } }],
  [undefined, 'a state without its country', { event: { ...LDU, data_processing_options_state: 1000 } }],
  [undefined, 'a sale that is a list', { event: { custom_data: [] } }],
  [undefined, 'an order number', { sale: { order_id: 5678901234 } }],
  [undefined, 'a value as text', { sale: { value: '129.90' } }],
  [undefined, 'a kind of content that is none', { sale: { content_type: 'variant' } }],
  [undefined, 'ids that are no list', { sale: { content_ids: 'sku-1' } }],
  [undefined, 'an id that is an object', { sale: { content_ids: [{}] } }],
  [undefined, 'half an item', { sale: { contents: [{ ...ITEM, quantity: 0.5 }] } }],
  [undefined, 'a price as text', { sale: { contents: [{ ...ITEM, item_price: '129.90' }] } }],
  [
    undefined,
    'a way of delivery that is none',
    { sale: { contents: [{ ...ITEM, delivery_category: 'drone' }] } },
  ],
  [undefined, 'a number of items that is none', { sale: { num_items: 'three' } }],
  [2804008, 'an item without id', { sale: { contents: [ITEM, { quantity: 1 }] } }],
  [2804008, 'an item that is a text', { sale: { contents: ['sku-1'] } }],
])('refuses for a chat and a website with 100/%s: %s', async (subcode, _, change) => {
  const meta = await startMeta();
  expect(codes(await send(meta, purchase(change)))).toEqual([400, 100, subcode]);
  expect(codes(await sendToPixel(meta, websitePurchase(change)))).toEqual([400, 100, subcode]);
});

test('wants to be told the state where there is no IP address to find it by', async () => {
  const meta = await startMeta();
  const located: Json = { ...LDU, data_processing_options_country: 0 };
  expect(codes(await send(meta, purchase({ event: located })))).toEqual([400, 100, undefined]);
  expect((await sendToPixel(meta, websitePurchase({ event: located }))).status).toBe(200);
});

test('takes an event without any sale, unless its name is of one', async () => {
  const meta = await startMeta();
  const bare = (event_name: string) => purchase({ event: { event_name, custom_data: undefined } });
  expect((await send(meta, bare('LeadSubmitted'))).status).toBe(200);
  expect(codes(await send(meta, bare('Purchase')))).toEqual([400, 100, 2804009]);
  expect(codes(await send(meta, bare('OrderCreated')))).toEqual([400, 100, 2804081]);
});
