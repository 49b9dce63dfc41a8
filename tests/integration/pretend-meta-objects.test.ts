import { expect, test } from 'vitest';
import { BUSINESS, call, codes, PHONE, PIXEL, purchase, send, startMeta } from './pretend-meta-world.ts';

test('lists no dataset until one is made, makes it once, and takes events for it', async () => {
  const meta = await startMeta({ datasetId: undefined });
  const path = `/v26.0/${BUSINESS.wabaId}/dataset`;
  expect((await call(meta, path)).body).toEqual({ data: [] });
  const made = (await call(meta, path, { method: 'POST', body: {} })).body;
  expect(made).toEqual({ id: expect.stringMatching(/^\d{15}$/) });
  expect((await call(meta, path, { method: 'POST', body: {} })).body).toEqual(made);
  expect((await call(meta, path)).body).toEqual({ data: [made] });
  const body = { data: [purchase()] };
  expect((await call(meta, `/v26.0/${String(made['id'])}/events`, { method: 'POST', body })).status).toBe(
    200,
  );
});

test('lets an Events Manager token send events but not manage the account', async () => {
  const meta = await startMeta({ canManage: false });
  expect(codes(await call(meta, `/v26.0/${BUSINESS.wabaId}/dataset`, { method: 'POST' }))).toEqual([
    403,
    200,
    undefined,
  ]);
  expect((await send(meta, purchase())).status).toBe(200);
});

test('gives the account, its numbers and only the fields it has', async () => {
  const meta = await startMeta();
  const shown = {
    id: PHONE.id,
    display_phone_number: PHONE.displayNumber,
    verified_name: PHONE.verifiedName,
  };
  expect((await call(meta, `/v26.0/${BUSINESS.wabaId}?fields=name`)).body).toEqual({
    id: BUSINESS.wabaId,
    name: 'Loja Exemplo',
  });
  expect((await call(meta, `/v26.0/${BUSINESS.wabaId}/phone_numbers`)).body).toMatchObject({ data: [shown] });
  expect((await call(meta, `/v26.0/${PHONE.id}?fields=verified_name,display_phone_number`)).body).toEqual(
    shown,
  );
  expect(codes(await call(meta, `/v26.0/${PHONE.id}?fields=nickname`))).toEqual([400, 100, undefined]);
});

test('subscribes the app with and without an override, and unsubscribes it', async () => {
  const meta = await startMeta();
  const path = `/v26.0/${BUSINESS.wabaId}/subscribed_apps`;
  const list = async () => (await call(meta, path)).body['data'];
  expect(await list()).toEqual([]);
  const body = { override_callback_uri: 'https://tieback.example/webhooks/whatsapp', verify_token: 'v' };
  await call(meta, path, { method: 'POST', body });
  expect(await list()).toMatchObject([{ override_callback_uri: body.override_callback_uri }]);
  await call(meta, path, { method: 'POST' });
  expect(JSON.stringify(await list())).not.toContain('override_callback_uri');
  await call(meta, path, { method: 'DELETE' });
  expect(await list()).toEqual([]);
});

test('subscribes each app for itself', async () => {
  const meta = await startMeta();
  meta.addApp({ id: '42', secret: 'own', name: 'Own app' });
  meta.addBusiness({ ...BUSINESS, token: 'EAAown', appId: '42' });
  const path = `/v26.0/${BUSINESS.wabaId}/subscribed_apps`;
  for (const token of [BUSINESS.token, 'EAAown']) await call(meta, path, { method: 'POST', token });
  expect((await call(meta, path)).body['data']).toMatchObject([
    { whatsapp_business_api_data: { id: meta.app.id, name: 'Tieback' } },
    { whatsapp_business_api_data: { id: '42', name: 'Own app' } },
  ]);
  await call(meta, path, { method: 'DELETE' });
  expect(meta.subscriptions(BUSINESS.wabaId).map(({ appId }) => appId)).toEqual(['42']);
});

test('records the override of a subscription, and refuses one that is too long', async () => {
  const meta = await startMeta();
  const subscribe = (body: object) =>
    call(meta, `/v26.0/${BUSINESS.wabaId}/subscribed_apps`, { method: 'POST', body });
  const uri = 'https://tieback.example/webhooks/whatsapp';
  await subscribe({ override_callback_uri: uri, verify_token: 'v' });
  expect(meta.subscriptions(BUSINESS.wabaId)).toMatchObject([{ overrideCallback: uri, verifyToken: 'v' }]);
  const long = await subscribe({ override_callback_uri: `https://${'a'.repeat(200)}`, verify_token: 'v' });
  expect(codes(long)).toEqual([400, 100, undefined]);
});

test('lists numbers in pages', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `10${index}`);
  const phoneNumbers = ids.map((id) => ({ id, displayNumber: `+55 ${id}`, verifiedName: 'Loja' }));
  const meta = await startMeta({ phoneNumbers });
  const seen: unknown[] = [];
  let query = '?fields=id';
  for (let pages = 0; pages < 5 && query !== ''; pages += 1) {
    const { body } = await call(meta, `/v26.0/${BUSINESS.wabaId}/phone_numbers${query}`);
    const { data, paging } = body as { data: { id: string }[]; paging?: { next?: string } };
    seen.push(data.map(({ id }) => id));
    query = paging?.next === undefined ? '' : new URL(paging.next).search;
  }
  expect(seen).toEqual([ids.slice(0, 25), ids.slice(25)]);
  const { body } = await call(meta, `/v26.0/${BUSINESS.wabaId}/phone_numbers?limit=100`);
  expect(body['data']).toHaveLength(30);
  expect(JSON.stringify(body)).not.toContain('next');
});

test('shows a number as it is now, wherever it went', async () => {
  const meta = await startMeta();
  const { id } = PHONE;
  const state = async () =>
    (await call(meta, `/v26.0/${id}?fields=quality_rating,status,platform_type,is_on_biz_app,throughput`))
      .body;
  expect(await state()).toEqual({
    id,
    quality_rating: 'GREEN',
    status: 'CONNECTED',
    platform_type: 'CLOUD_API',
    is_on_biz_app: false,
    throughput: { level: 'STANDARD' },
  });
  meta.setPhone(id, { is_on_biz_app: true });
  meta.restrictPhone(id);
  expect(await state()).toMatchObject({ quality_rating: 'RED', status: 'RESTRICTED', is_on_biz_app: true });

  meta.addBusiness({ wabaId: '555', phoneNumbers: [], token: 'EAAother' });
  meta.movePhone(id, '555');
  expect(codes(await call(meta, `/v26.0/${id}`))).toEqual([400, 100, 33]);
  const list = (wabaId: string, token: string) => call(meta, `/v26.0/${wabaId}/phone_numbers`, { token });
  expect((await list(BUSINESS.wabaId, BUSINESS.token)).body).toEqual({ data: [] });
  expect((await list('555', 'EAAother')).body).toMatchObject({ data: [{ id }] });
  meta.deletePhone(id);
  expect((await list('555', 'EAAother')).body).toEqual({ data: [] });
});

test.each([
  ['WhatsAppBusinessAccount', BUSINESS.wabaId],
  ['WhatsAppBusinessPhoneNumber', PHONE.id],
  ['AdsPixel', BUSINESS.datasetId],
  ['Business', '5550001'],
  ['Page', '5550002'],
  ['AdAccount', 'act_5550003'],
  ['Application', '670843887433847'],
  ['User', 'me'],
])('names the type of every object: %s', async (type, id) => {
  const meta = await startMeta({ businessId: '5550001' });
  meta.addObject({ id: '5550002', type: 'Page', token: BUSINESS.token });
  meta.addObject({ id: 'act_5550003', type: 'AdAccount', token: BUSINESS.token });
  const { body } = await call(meta, `/v26.0/${id}?metadata=1&fields=id`);
  expect(body).toMatchObject({ id: id === 'me' ? expect.any(String) : id, metadata: { type } });
  expect(Object.keys(body).toSorted()).toEqual(['id', 'metadata']);
});

test('hides what a token was not given, and says what an object does not have', async () => {
  const meta = await startMeta();
  meta.addObject({ id: '777', type: 'Page', token: 'EAAother' });
  expect(codes(await call(meta, '/v26.0/777?metadata=1'))).toEqual([400, 100, 33]);
  expect(codes(await call(meta, `/v26.0/${PIXEL.datasetId}`))).toEqual([400, 100, 33]);
  expect((await call(meta, `/v26.0/${PIXEL.datasetId}`, { token: PIXEL.token })).status).toBe(200);
  const edge = await call(meta, '/v26.0/777/phone_numbers', { token: 'EAAother' });
  expect(codes(edge)).toEqual([400, 100, undefined]);
  expect(edge.body.error?.['message']).toContain('node type (Page)');
});
