import { expect, test } from 'vitest';
import {
  codes,
  DAY,
  HASH,
  NOW,
  PIXEL,
  SECONDS,
  send,
  sendToPixel,
  startMeta,
  websitePurchase,
} from './pretend-meta-world.ts';
import type { Change, Json } from './pretend-meta-world.ts';

/** Meta's vectors (developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters). */
const VECTORS: Record<string, string> = {
  em: '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
  ph: HASH,
  fn: '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec',
  ln: '08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c',
  db: '01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c',
  country: '79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621',
};
const nobody = { em: null, client_ip_address: null };

function storePurchase(change: Change = {}): Json {
  const event = { action_source: 'physical_store', event_source_url: undefined, ...change.event };
  const user = { client_user_agent: null, client_ip_address: null, ...change.user };
  return websitePurchase({ ...change, event, user });
}

test('takes a purchase of a website with what Meta needs, and one of a store up to 62 days later', async () => {
  const meta = await startMeta();
  const late = storePurchase({ event: { event_time: SECONDS - 62 * DAY } });
  expect((await sendToPixel(meta, websitePurchase(), storePurchase(), late)).body['events_received']).toBe(3);
  expect(meta.accepted()[0]).toMatchObject({ datasetId: PIXEL.datasetId, event: websitePurchase(), at: NOW });
  const later = storePurchase({ event: { event_time: SECONDS - 62 * DAY - 1 } });
  expect(codes(await sendToPixel(meta, later))).toEqual([400, 100, 2804003]);
});

test('takes Meta’s own hashes, alone or in a list, and with the mark of its parameter builder', async () => {
  const meta = await startMeta();
  const marked = Object.entries(VECTORS).map(([key, hash]) => [key, [hash, `${hash}.AQQCAQIB`]]);
  const users = [VECTORS, Object.fromEntries(marked) as Json];
  for (const user of users) {
    const events = [websitePurchase({ user }), storePurchase({ user })];
    expect((await sendToPixel(meta, ...events)).status).toBe(200);
  }
});

test.each<[number | undefined, string, Change]>([
  [
    2804132,
    'an event of a chat',
    { event: { action_source: 'business_messaging', messaging_channel: 'whatsapp' } },
  ],
  [undefined, 'a messaging channel', { event: { messaging_channel: 'whatsapp' } }],
  [undefined, 'another source', { event: { action_source: 'shop' } }],
  [undefined, 'no source', { event: { action_source: undefined } }],
  [undefined, 'no name', { event: { event_name: '' } }],
  [undefined, 'no page', { event: { event_source_url: undefined } }],
  [undefined, 'a page that is none', { event: { event_source_url: 'loja-exemplo.com.br' } }],
  [undefined, 'no user agent', { user: { client_user_agent: null } }],
  [undefined, 'an IP address that is no text', { user: { client_ip_address: 3405803800 } }],
  [undefined, 'an e-mail that is not hashed', { user: { em: ['maria@example.com'] } }],
  [2804003, 'an event older than seven days', { event: { event_time: SECONDS - 7 * DAY - 1 } }],
  [2804004, 'an event of the future', { event: { event_time: SECONDS + 1 } }],
  [2804050, 'nothing but a browser', { user: nobody }],
  [2804050, 'a place', { user: { ...nobody, ct: HASH, country: HASH, st: HASH, zp: HASH, ge: HASH } }],
  [2804050, 'a birthday', { user: { ...nobody, db: HASH } }],
  [2804050, 'a list of nothing', { user: { ...nobody, em: [] } }],
  [2804009, 'a purchase without value', { sale: { value: null } }],
  [2804023, 'a value without currency', { sale: { currency: null } }],
])('refuses for a website with 100/%s: %s', async (subcode, _, change) => {
  const meta = await startMeta();
  expect(codes(await sendToPixel(meta, websitePurchase(change)))).toEqual([400, 100, subcode]);
  expect(meta.accepted()).toEqual([]);
});

test.each<[string, Json]>([
  ['a place and a name', { ct: HASH, fn: HASH }],
  ['an IP address', { client_ip_address: '2001:db8::1' }],
  ['a browser click', { fbc: 'fb.1.1700000000000.abc' }],
  ['the shop’s own id', { external_id: 'gid://shopify/Customer/1' }],
  ['a click of a chat', { ctwa_clid: 'ARclick' }],
])('knows somebody on a website by %s', async (_, user) => {
  const meta = await startMeta();
  expect((await sendToPixel(meta, websitePurchase({ user: { ...nobody, ...user } }))).status).toBe(200);
});

test.each<[string, Json]>([
  ['a name and a gender', { fn: HASH, ge: HASH }],
  ['a surname and a gender', { ln: HASH, ge: HASH }],
  ['a browser', { client_ip_address: '203.0.113.24', client_user_agent: 'Mozilla/5.0' }],
  ['a click of a chat', { ctwa_clid: 'ARclick' }],
])('does not know somebody in a store by %s', async (_, user) => {
  const meta = await startMeta();
  const event = storePurchase({ user: { ...nobody, ...user } });
  expect(codes(await sendToPixel(meta, event))).toEqual([400, 100, 2804050]);
});

test('takes no event of a website for the dataset of an account', async () => {
  const meta = await startMeta();
  expect(codes(await send(meta, websitePurchase()))).toEqual([400, 100, undefined]);
});
