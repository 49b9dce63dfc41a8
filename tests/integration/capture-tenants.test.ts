import { expect, test } from 'vitest';
import { listSetAside } from '../../app/pipeline/set-aside.ts';
import { whatsappStatus } from '../builders/whatsapp.ts';
import { adClickMessage, automaticEvent, textMessage } from '../sandbox/pretend-whatsapp.ts';
import { accountUpdate } from '../sandbox/whatsapp-account.ts';
import { receive } from './conversations.ts';
import { changeSettings } from './linking.ts';
import { CLICK_ID, MARIA, openTieback, SHOP, START, type Connection, type Tieback } from './tieback.ts';

const OWN_SECRET = 'secret-of-the-merchants-own-meta-app';
const SECOND = { phoneNumberId: '106540352242999', displayNumber: '+55 11 93333-4444' };
/** Another shop, which gave the first one's number for its own under its own account. */
const SPY = {
  domain: 'spy.myshopify.com',
  wabaId: '999990129340398',
  datasetId: '999900112233445',
  token: 'EAAtoken-of-the-spy-shop',
};

const clickOn = ({ wabaId, phoneNumberId, displayNumber }: Connection, messageId = 'wamid.CLICK') =>
  adClickMessage({
    ...{ wabaId, phoneNumberId, displayNumber, messageId },
    ...{ from: MARIA.whatsapp, clid: CLICK_ID, adId: '1', at: START, text: 'hi' },
  });
const deliveries = ({ pipeline }: Tieback) => pipeline.db.delivery.findMany({ orderBy: { id: 'asc' } });

test('a number’s id that was taken on trust gives nothing of another shop’s chats', async () => {
  const tieback = await openTieback();
  const own = await tieback.connect();
  const spy = await tieback.connect(SPY);
  await changeSettings(tieback, spy, { reportQualifiedLead: true, qualifiedLeadReply: true });
  const seen = { messageId: 'wamid.auto', at: START, clid: CLICK_ID, eventName: 'Purchase' as const };
  await receive(
    tieback,
    clickOn(own),
    automaticEvent({ ...own, ...seen, currency: 'BRL', value: 9 }),
    whatsappStatus({ status: 'delivered' }),
  );
  const { db } = tieback.pipeline;
  const theirs = { where: { shopId: spy.shopId } };
  expect([
    await db.contact.count(theirs),
    await db.referral.count(theirs),
    await db.automaticEvent.count(theirs),
  ]).toEqual([0, 0, 0]);
  expect(await db.referral.count({ where: { shopId: own.shopId } })).toBe(1);
  expect(await db.automaticEvent.count({ where: { shopId: own.shopId } })).toBe(1);
  // The spy's connection is shown to be of another account than it said.
  expect(await db.connection.findFirst({ where: { id: spy.connectionId } })).toMatchObject({
    ...{ state: 'lost', stateReason: 'number_moved', lastWebhookAt: null },
  });
});

test('chats that only a mistaken number would reach are set aside, and are not the shop’s to see', async () => {
  const tieback = await openTieback();
  const spy = await tieback.connect(SPY);
  await receive(tieback, clickOn({ ...spy, wabaId: '102290129340398' }));
  expect(await deliveries(tieback)).toMatchObject([
    { state: 'flagged', reason: 'no shop has connected this WhatsApp number' },
  ]);
  const shop = await tieback.pipeline.db.shop.findUniqueOrThrow({ where: { domain: SPY.domain } });
  expect(await listSetAside(tieback.pipeline, shop, null)).toEqual([]);
});

test('what comes for a number that was taken off, or of a shop that left, is not kept', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { db } = tieback.pipeline;
  await db.connection.updateMany({ data: { state: 'disconnected' } });
  await receive(tieback, clickOn(connection, 'wamid.1'));
  await db.connection.updateMany({ data: { state: 'active' } });
  await db.shop.update({ where: { domain: SHOP }, data: { uninstalledAt: START } });
  await receive(tieback, clickOn(connection, 'wamid.2'));
  const gone = { state: 'done', reason: null, body: null };
  expect(await deliveries(tieback)).toMatchObject([gone, gone]);
  expect(await db.contact.count()).toBe(0);
});

test('a merchant’s own app has one address for all its numbers', async () => {
  const tieback = await openTieback();
  const one = await tieback.connect({ appSecret: OWN_SECRET });
  const two = await tieback.connect({ ...SECOND, appSecret: OWN_SECRET });
  const options = { secret: OWN_SECRET, path: two.webhookPath };
  await tieback.sendWhatsApp(clickOn(one), options);
  await tieback.sendWhatsApp(clickOn(two, 'wamid.TWO'), options);
  await tieback.work();
  const clicks = await tieback.pipeline.db.referral.findMany({ select: { connectionId: true } });
  expect(clicks.map(({ connectionId }) => connectionId).toSorted()).toEqual(
    [one.connectionId, two.connectionId].toSorted(),
  );
  const { wabaId } = one;
  await tieback.sendWhatsApp(accountUpdate({ wabaId, at: START, event: 'ACCOUNT_DELETED' }), options);
  await tieback.work();
  const states = await tieback.pipeline.db.connection.findMany({ select: { state: true } });
  expect(states).toEqual([{ state: 'lost' }, { state: 'lost' }]);
});

test('by two addresses of one shop the same message comes once', async () => {
  const tieback = await openTieback();
  const one = await tieback.connect({ appSecret: OWN_SECRET });
  const two = await tieback.connect({ ...SECOND, appSecret: OWN_SECRET });
  for (const { webhookPath: path } of [one, two])
    expect((await tieback.sendWhatsApp(clickOn(one), { secret: OWN_SECRET, path })).status).toBe(200);
  await tieback.work();
  expect(await tieback.pipeline.db.contact.findMany()).toMatchObject([{ messages: 1 }]);
});

test('an own app’s address reaches neither another shop nor a number on the shared app', async () => {
  const tieback = await openTieback();
  const shared = await tieback.connect();
  const own = await tieback.connect({ ...SECOND, appSecret: OWN_SECRET });
  const other = await tieback.connect({ domain: SPY.domain, appSecret: 'secret-of-yet-another-meta-app' });
  for (const number of [shared, other])
    await tieback.sendWhatsApp(clickOn(number), { secret: OWN_SECRET, path: own.webhookPath });
  await tieback.work();
  expect(await tieback.pipeline.db.contact.count()).toBe(0);
  expect((await deliveries(tieback)).map(({ state }) => state)).toEqual(['flagged']);
});

test('a plain text under no id of an account is still the number’s own', async () => {
  const tieback = await openTieback();
  const number = await tieback.connect();
  const message = { from: MARIA.whatsapp, messageId: 'wamid.TRIAL', at: START };
  await receive(tieback, textMessage({ ...number, ...message, wabaId: '0' }));
  expect(await tieback.pipeline.db.contact.count()).toBe(1);
});
