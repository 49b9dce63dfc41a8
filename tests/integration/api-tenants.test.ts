import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openApi, type Api } from './api.ts';
import { contactCards } from '../sandbox/pretend-whatsapp.ts';
import { cutDatabase, dumpTables } from './database.ts';
import { MARIA } from './tieback.ts';

const OTHER = 'outra-loja.myshopify.com';

/** A second shop with a key and a customer of its own. */
async function withOther(api: Api): Promise<string> {
  const number = { phoneNumberId: '2', wabaId: '2', datasetId: '2', displayNumber: '+55 11 90000-0002' };
  await api.tieback.connect({ domain: OTHER, ...number });
  await api.tieback.tapAd({
    ...number,
    from: '5521987650000',
    messageId: 'wamid.OTHER',
    clid: 'other-click',
  });
  await api.tieback.work();
  return api.newKey(OTHER);
}

test('a key opens its own shop and no other: neither people nor events nor idempotency keys are shared', async () => {
  const api = await openApi();
  const key = await withOther(api);
  const joao = { conversation: { phone: '+5521987650000' } };
  const options = { idempotencyKey: 'sale-1' };
  const [maria] = await api.tieback.pipeline.db.contact.findMany({ where: { shopId: api.shopId } });

  for (const conversation of [{ phone: MARIA.order }, { contact_id: maria?.id }])
    expect((await api.report({ conversation }, { ...options, key })).status).toBe(404);
  const [mine, theirs] = [await api.report({}, options), await api.report(joao, { ...options, key })];
  expect([mine.status, theirs.status]).toEqual([201, 201]);
  expect(mine.body['event_id']).not.toBe(theirs.body['event_id']);
  expect((await api.ask(String(mine.body['id']), { key })).status).toBe(404);
  expect((await api.ask(String(theirs.body['id']))).status).toBe(404);
  expect((await api.ask(String(theirs.body['id']), { key })).status).toBe(200);
});

test('events that no program reported are not told of', async () => {
  const api = await openApi();
  const { body } = await api.report();
  await api.tieback.pipeline.db.conversionEvent.updateMany({ data: { source: 'click' } });
  expect(await api.ask(String(body['id']))).toMatchObject({
    status: 404,
    body: { error: { code: 'event_not_found' } },
  });
});

test('neither the database nor the log learns a key, a phone number, a user id or an idempotency key', async () => {
  const api = await openApi();
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  api.tieback.services.log = pino({ level: 'trace' }, stream);
  const conversations = [{ phone: MARIA.order }, { phone: '+5521987650001' }, { user_id: 'BR.secret' }];
  for (const conversation of conversations)
    await api.report({ conversation }, { idempotencyKey: 'sale-of-98665-4321' });
  await api.report({ conversation: { phone: '(11) 98665-4321x' } }, { key: `${api.key.slice(0, -1)}_` });
  const restore = await cutDatabase(api.tieback.databaseUrl);
  expect((await api.report({}, { idempotencyKey: 'sale-of-98665-4321' })).status).toBe(503);
  await restore();
  await api.report({ conversation: { phone: MARIA.order } }, { idempotencyKey: 'sale-of-98665-4321' });

  expect(lines.length).toBeGreaterThan(3);
  const written = `${lines.join('')}${await dumpTables(api.tieback.databaseUrl)}`;
  const secrets = ['98665', '986654321', '87650001', '1186654321', 'BR.secret', api.key, api.key.slice(8)];
  for (const secret of secrets) expect(written).not.toContain(secret);
});

test('while the database is away it says so and when to come again, and the same request is then taken', async () => {
  const api = await openApi();
  const restore = await cutDatabase(api.tieback.databaseUrl);
  const away = await api.report({}, { idempotencyKey: 'sale-1' });
  expect(away).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
  expect(away.headers.get('retry-after')).toBe('5');
  await restore();
  expect((await api.report({}, { idempotencyKey: 'sale-1' })).status).toBe(201);
});

test('a number from a card that somebody sent is not whom a program means', async () => {
  const { report, tieback } = await openApi();
  const number = {
    wabaId: '102290129340398',
    phoneNumberId: '106540352242922',
    displayNumber: '+55 11 91234-5678',
  };
  const sender = { from: null, userId: 'BR.13491208655302741918' };
  const message = { ...number, ...sender, messageId: 'wamid.CARD', at: tieback.now.at };
  await tieback.sendWhatsApp(contactCards({ ...message, origin: 'other', numbers: ['5521988776655'] }));
  await tieback.work();
  expect(await tieback.pipeline.db.contactIdentity.count({ where: { source: 'shared_contact' } })).toBe(1);
  expect(await report({ conversation: { phone: '+5521988776655' } })).toMatchObject({ status: 404 });
});
