import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkEvent } from '../../app/domain/event-check.ts';
import { judgeData, type DatasetRules } from '../sandbox/conversion-rules.ts';

type Json = Record<string, unknown>;
/** New values by their path, such as "user_data.em"; GONE takes the field away. */
type Change = Record<string, unknown>;

const NOW = new Date('2026-11-18T12:00:00.400Z');
const NOW_SECONDS = Math.floor(NOW.getTime() / 1000);
const DAY = 86_400;
const WABA = '102290129340398';
const HASH = '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f';
const OTHER = '79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621';
const GONE = Symbol('gone');

const NAMES = [
  ...['LeadSubmitted', 'QualifiedLead', 'ViewContent', 'AddToCart', 'InitiateCheckout', 'CartAbandoned'],
  ...['OrderCreated', 'Purchase', 'OrderShipped', 'OrderDelivered', 'OrderCanceled', 'OrderReturned'],
  ...['RatingProvided', 'ReviewProvided'],
];
const hashes = fc.constantFrom<unknown>(HASH, [HASH], [HASH, OTHER], `${HASH}.AQQCAQIB`, []);
const customer = fc.record(
  {
    ...{ em: hashes, ph: hashes, fn: hashes, ln: hashes, db: hashes, ge: hashes },
    ...{ ct: hashes, st: hashes, zp: hashes, country: hashes },
    external_id: fc.constantFrom<unknown>('gid://shopify/Customer/1', [HASH]),
  },
  { requiredKeys: [] },
);
const worth = {
  value: fc.constantFrom(0, 1.99, 214.9, 25000),
  currency: fc.constantFrom('USD', 'brl', 'JPY', 'KWD'),
};
const wares = {
  order_id: fc.constantFrom('5512345678901', ''),
  content_type: fc.constantFrom('product', 'product_group'),
  content_ids: fc.constantFrom<unknown[]>([], ['44100000000001'], [7]),
  contents: fc.constantFrom<Json[]>(
    [],
    [{ id: '44100000000001', quantity: 2, item_price: 9.5, delivery_category: 'in_store' }],
    [{ id: '1' }, { id: 2, quantity: 1 }],
  ),
  num_items: fc.constantFrom(0, 3),
};
const sale = fc.record({ ...worth, ...wares }, { requiredKeys: ['value', 'currency'] });
const limits = fc.constantFrom<Json>(
  {},
  { opt_out: true },
  { opt_out: false, data_processing_options: [] },
  {
    data_processing_options: ['LDU'],
    data_processing_options_country: 1,
    data_processing_options_state: 1000,
  },
);
const eventId = fc.constantFrom<Json>({}, { event_id: 'shopify:order:5512345678901:Purchase' });
const aged = (days: number) => fc.integer({ min: NOW_SECONDS - days * DAY, max: NOW_SECONDS });

const chat = fc
  .record({
    rest: limits,
    id: eventId,
    name: fc.constantFrom(...NAMES),
    at: aged(7),
    known: customer,
    sale,
    bare: fc.boolean(),
  })
  .map(({ rest, id, name, at, known, sale: sold, bare }) => ({
    ...rest,
    ...id,
    event_name: name,
    event_time: at,
    action_source: 'business_messaging',
    messaging_channel: 'whatsapp',
    user_data: { whatsapp_business_account_id: WABA, ctwa_clid: 'Aff-n8ZTODiE79d22KtAwQ', ...known },
    ...(bare && name !== 'Purchase' && name !== 'OrderCreated' ? {} : { custom_data: sold }),
  }));
const website = fc
  .record({ rest: limits, id: eventId, at: aged(7), known: customer, sale })
  .map(({ rest, id, at, known, sale: sold }) => ({
    ...rest,
    ...id,
    event_name: 'Purchase',
    event_time: at,
    action_source: 'website',
    event_source_url: 'https://loja.example.com/products/camiseta',
    user_data: { client_user_agent: 'Mozilla/5.0', client_ip_address: '203.0.113.24', ...known },
    custom_data: sold,
  }));
const store = fc
  .record({ rest: limits, id: eventId, at: aged(62), known: customer, sale })
  .map(({ rest, id, at, known, sale: sold }) => ({
    ...rest,
    ...id,
    event_name: 'Purchase',
    event_time: at,
    action_source: 'physical_store',
    user_data: { ...known, em: [HASH] },
    custom_data: sold,
  }));

const FIELDS = [
  ...['event_name', 'event_time', 'event_id', 'action_source', 'messaging_channel', 'event_source_url'],
  ...['opt_out', 'data_processing_options', 'data_processing_options_country'],
  ...['data_processing_options_state', 'messaging_outcome_data', 'original_event_data'],
  ...['user_data', 'custom_data'],
  ...[
    ...['em', 'ph', 'fn', 'ln', 'db', 'ge', 'ct', 'st', 'zp', 'country', 'external_id'],
    ...['client_ip_address', 'client_user_agent', 'fbc', 'fbp', 'page_id', 'page_scoped_user_id', 'ig_sid'],
    ...['ctwa_clid', 'whatsapp_business_account_id', 'lead_id'],
  ].map((key) => `user_data.${key}`),
  ...[
    ...['value', 'currency', 'order_id', 'content_type', 'content_ids', 'contents', 'num_items'],
    ...['delivery_category', 'net_revenue', 'predicted_ltv', 'content_name', 'status'],
  ].map((key) => `custom_data.${key}`),
];
const KNOWN_CHANGES: Change[] = [
  ...['Lead', 'Subscribe', 'purchase', ''].map((name) => ({ event_name: name })),
  ...[-7, -8, -62, -63, 1].map((days) => ({ event_time: NOW_SECONDS + days * DAY })),
  ...[NOW.getTime(), NOW_SECONDS + 1, NOW_SECONDS + 0.5, NOW_SECONDS - 7 * DAY - 1].map((at) => ({
    event_time: at,
  })),
  ...['app', 'website', 'physical_store', 'business_messaging'].map((as) => ({ action_source: as })),
  ...['WhatsApp', '', GONE].map((app) => ({ messaging_channel: app })),
  { messaging_channel: 'messenger' },
  { messaging_channel: 'messenger', 'user_data.page_id': '1' },
  { messaging_channel: 'instagram' },
  { messaging_channel: 'instagram', 'user_data.ig_sid': '1' },
  { messaging_channel: 'instagram', 'user_data.ig_sid': '1', 'user_data.ig_account_id': '2' },
  ...['/products', 'ftp://loja.example.com/', 'https://', GONE].map((page) => ({ event_source_url: page })),
  { data_processing_options: ['LDU'], data_processing_options_state: GONE },
  { data_processing_options: ['CCPA'] },
  { data_processing_options_state: 1000, data_processing_options_country: GONE },
  { data_processing_options_state: 999, data_processing_options_country: 1 },
  { data_processing_options_country: 2 },
  { 'user_data.client_ip_address': '203.0.113.24' },
  { 'user_data.fbc': 'fb.1.1795003140000.IwAR2F4' },
  { 'user_data.page_id': '1' },
  { 'user_data.page_scoped_user_id': '1' },
  { 'user_data.ctwa_clid': GONE },
  { 'user_data.ctwa_clid': 'Aff n8ZT' },
  { 'user_data.whatsapp_business_account_id': GONE },
  { 'user_data.whatsapp_business_account_id': 'waba-1' },
  { 'user_data.em': 'maria@example.com' },
  { 'user_data.ph': [HASH, '5511987654321'] },
  { 'user_data.st': HASH.toUpperCase() },
  { 'user_data.client_user_agent': GONE },
  ...[
    { ct: HASH, country: HASH, st: HASH, zp: HASH, ge: HASH },
    { db: HASH },
    { fn: HASH, ge: HASH },
    { ln: HASH, ge: HASH },
  ].flatMap((known) => [{ user_data: known }, { user_data: { client_user_agent: 'Mozilla/5.0', ...known } }]),
  { user_data: { client_user_agent: 'Mozilla/5.0', fn: HASH, ct: HASH } },
  { user_data: { fn: HASH, ln: HASH } },
  { 'custom_data.value': GONE },
  { 'custom_data.value': '214.90' },
  { 'custom_data.currency': GONE },
  { 'custom_data.currency': 'REAL' },
  { 'custom_data.order_id': 5512345678901 },
  { 'custom_data.contents': [{ quantity: 1 }] },
  { 'custom_data.contents': [{ id: {} }] },
  { 'custom_data.contents': [{ id: '1', quantity: 1.5 }] },
  { 'custom_data.contents': [{ id: '1', item_price: '9' }] },
  { 'custom_data.content_type': 'bundle' },
  { event_name: 'OrderCreated', 'custom_data.value': GONE, 'custom_data.currency': GONE },
  { custom_data: GONE },
];
const anyChange = fc
  .tuple(
    fc.constantFrom(...FIELDS),
    fc.oneof(
      fc.constantFrom<unknown>(null, '', 'x', 0, 1, -1, 1.5, true, [], {}, [''], [null], [HASH], GONE),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  )
  .map(([path, value]): Change => ({ [path]: value }));
const changes = fc.array(
  fc.oneof({ arbitrary: fc.constantFrom(...KNOWN_CHANGES), weight: 3 }, { arbitrary: anyChange, weight: 2 }),
  { maxLength: 3 },
);
const payload = fc
  .tuple(fc.oneof(chat, website, store), changes)
  .map(([whole, all]) => all.flatMap(Object.entries).reduce(changed, whole as Json));

function changed(event: Json, [path, value]: [string, unknown]): Json {
  const [key = '', ...rest] = path.split('.');
  const { [key]: before, ...others } = event;
  const isOpen = typeof before === 'object' && before !== null && !Array.isArray(before);
  if (rest.length > 0) {
    return isOpen ? { ...event, [key]: changed(before as Json, [rest.join('.'), value]) } : event;
  }
  return value === GONE ? others : { ...others, [key]: value };
}

/** The dataset that an event is meant for. Which accounts and clicks are real, nobody can tell from the event. */
function datasetFor(event: Json): DatasetRules {
  if (event['action_source'] === 'website' || event['action_source'] === 'physical_store') {
    return { kind: 'pixel', nowSeconds: NOW_SECONDS };
  }
  const user = (event['user_data'] ?? {}) as Json;
  const account = user['whatsapp_business_account_id'];
  const isAccount = ['string', 'number'].includes(typeof account) && /^\d+$/.test(String(account));
  return {
    kind: 'chat',
    wabaId: isAccount ? String(account) : WABA,
    nowSeconds: NOW_SECONDS,
    ownsClick: (clickId) => /^\S+$/.test(clickId),
  };
}

test('what the check lets through Meta takes, and what it finds Meta refuses', () => {
  const seen = { taken: 0, refused: 0, subcodes: new Set<number | null>() };
  fc.assert(
    fc.property(payload, (event) => {
      const verdict = judgeData({ data: [event] }, datasetFor(event));
      const refused = 'message' in verdict;
      seen[refused ? 'refused' : 'taken'] += 1;
      if (refused) seen.subcodes.add(verdict.subcode);
      const found = checkEvent(event, NOW);
      expect({ refused: found.length > 0, found, verdict }).toMatchObject({ refused });
    }),
    { numRuns: 10_000 },
  );
  expect(seen.taken).toBeGreaterThan(2_000);
  expect(seen.refused).toBeGreaterThan(4_000);
  expect(seen.subcodes).toEqual(
    new Set([
      ...[null, 2804003, 2804004, 2804008, 2804009, 2804023, 2804050, 2804063, 2804064, 2804066, 2804069],
      ...[2804071, 2804073, 2804075, 2804079, 2804081, 2804087, 2804116, 2804131, 2804132, 2804133],
    ]),
  );
});

test('an event as it should be has no problems', () => {
  fc.assert(
    fc.property(fc.oneof(chat, website, store), (event) => {
      expect(checkEvent(event, NOW)).toEqual([]);
    }),
  );
});

test('whatever was stored as an event is checked, and every problem is said in words', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), payload, fc.anything()), (anything) => {
      for (const { field, problem } of checkEvent(anything, NOW)) {
        expect(field).toMatch(/^[a-z_.]+$/);
        expect(problem).toMatch(/^[A-Z].+\.$/);
      }
    }),
    { numRuns: 1_000 },
  );
});
