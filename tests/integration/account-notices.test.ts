import { expect, test } from 'vitest';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { probeConnections } from '../../app/pipeline/probe.ts';
import { whatsappBatch } from '../builders/whatsapp.ts';
import { textMessage } from '../sandbox/pretend-whatsapp.ts';
import { accountUpdate, phoneNumberQualityUpdate, type AccountEvent } from '../sandbox/whatsapp-account.ts';
import { receive } from './conversations.ts';
import { MARIA, openTieback, START, type Connection, type Tieback } from './tieback.ts';

const OTHER_SHOP = 'outra-loja.myshopify.com';
const OWN_SECRET = 'secret-of-the-merchants-own-meta-app';
const SECOND = { phoneNumberId: '106540352242999', displayNumber: '+55 11 93333-4444' };
const HOUR_MS = 3_600_000;

type Event = AccountEvent extends infer E
  ? E extends AccountEvent
    ? Omit<E, 'wabaId' | 'at'>
    : never
  : never;

function update({ wabaId }: { wabaId: string }, event: Event, at = START) {
  return accountUpdate({ wabaId, at, ...event } as AccountEvent);
}

/** State and reason of each connection, by its number's id. */
async function states({ pipeline }: Tieback): Promise<string[]> {
  const rows = await pipeline.db.connection.findMany({ orderBy: { phoneNumberId: 'asc' } });
  return rows.map(({ state, stateReason }) => [state, stateReason].filter(Boolean).join(' '));
}

/** The alerts that stand, as their connection and name. */
async function alerts({ pipeline }: Tieback): Promise<string[]> {
  const rows = await pipeline.db.alert.findMany({ where: { clearedAt: null } });
  return rows.map(({ subject, name }) => `${subject} ${name}`).toSorted();
}

const REMOVED: Event = { event: 'PARTNER_APP_UNINSTALLED' };

test.each<[string, Event]>([
  ['app_uninstalled', REMOVED],
  ['partner_removed', { event: 'PARTNER_REMOVED' }],
  ['account_deleted', { event: 'ACCOUNT_DELETED' }],
  ['account_offboarded', { event: 'ACCOUNT_OFFBOARDED' }],
])('%s: every number of the account is lost, and each says so once', async (reason, event) => {
  const tieback = await openTieback();
  const one = await tieback.connect();
  const two = await tieback.connect(SECOND);
  await tieback.connect({ domain: OTHER_SHOP, wabaId: '102290129340399', phoneNumberId: '206540352242777' });
  await receive(tieback, update(one, event), update(one, event, new Date(START.getTime() + 1000)));
  expect(await states(tieback)).toEqual([`lost ${reason}`, `lost ${reason}`, 'active']);
  expect(await alerts(tieback)).toEqual(
    [one, two].map(({ connectionId }) => `${connectionId} connection_lost`).toSorted(),
  );
  const deliveries = await tieback.pipeline.db.delivery.findMany();
  expect(deliveries.map(({ state }) => state)).toEqual(['done', 'done']);
});

test('a number that is lost still takes chats, and sends nothing', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await receive(tieback, update(connection, REMOVED));
  await tieback.tapAd();
  await tieback.pay();
  await tieback.work();
  expect(await tieback.pipeline.db.referral.count()).toBe(1);
  expect(await tieback.pipeline.db.conversionEvent.findMany()).toMatchObject([{ state: 'due' }]);
  expect(tieback.meta.requests()).toEqual([]);
});

test('the shared app’s removal says nothing of a merchant’s own app, and the other way round', async () => {
  const tieback = await openTieback();
  const shared = await tieback.connect();
  const own = await tieback.connect({ ...SECOND, appSecret: OWN_SECRET });
  await receive(tieback, update(shared, REMOVED));
  expect(await states(tieback)).toEqual(['lost app_uninstalled', 'active']);

  const other = await openTieback();
  await other.connect();
  const merchants = await other.connect({ ...SECOND, appSecret: OWN_SECRET });
  const options = { secret: OWN_SECRET, path: merchants.webhookPath };
  await other.sendWhatsApp(update(own, { event: 'ACCOUNT_DELETED' }), options);
  await captureBatch(other.pipeline);
  expect(await states(other)).toEqual(['active', 'lost account_deleted']);
});

test('the removal of another app than ours is none of ours', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect({ tokenAppId: '77' });
  const pipeline = { ...tieback.pipeline, metaApp: { ...tieback.pipeline.metaApp, appId: '77' } };
  const hear = async (appId: string) => {
    await tieback.sendWhatsApp(update(connection, { event: 'PARTNER_APP_UNINSTALLED', appId }));
    await captureBatch(pipeline);
    return states(tieback);
  };
  expect(await hear('78')).toEqual(['active']);
  expect(await hear('77')).toEqual(['lost app_uninstalled']);
});

test('the shared app’s removal says nothing of a token of another app, but all of one of a sign-up', async () => {
  const tieback = await openTieback();
  const foreign = await tieback.connect({ tokenAppId: '511223344556677' });
  const unknown = await tieback.connect({ ...SECOND, tokenAppId: null });
  await receive(tieback, update(foreign, REMOVED));
  expect(await states(tieback)).toEqual(['active', 'active']);
  const { connectionId: id } = unknown;
  await tieback.pipeline.db.connection.updateMany({ where: { id }, data: { method: 'embedded_signup' } });
  await receive(tieback, update(foreign, REMOVED, new Date(START.getTime() + 1000)));
  expect(await states(tieback)).toEqual(['active', 'lost app_uninstalled']);
  await receive(tieback, update(foreign, { event: 'ACCOUNT_DELETED' }));
  expect((await states(tieback))[0]).toBe('lost account_deleted');
});

test('word from before a number was connected again changes nothing, nor does any for one that was taken off', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  tieback.now.forward(HOUR_MS);
  const again = await tieback.connect();
  await receive(tieback, update(again, REMOVED, START));
  expect(await states(tieback)).toEqual(['active']);
  await tieback.pipeline.db.connection.updateMany({ data: { state: 'disconnected' } });
  await receive(tieback, update(again, REMOVED, tieback.now.at));
  expect([await states(tieback), await alerts(tieback)]).toEqual([['disconnected'], []]);
});

test('a number that went offline with its app is back when Meta says so, unless it is lost for something else', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const later = (seconds: number) => new Date(START.getTime() + seconds * 1000);
  const hear = async (event: Event, at: Date) => {
    await receive(tieback, update(connection, event, at));
    return [...(await states(tieback)), ...(await alerts(tieback))];
  };
  const alert = `${connection.connectionId} connection_lost`;
  tieback.now.forward(HOUR_MS);
  expect(await hear({ event: 'ACCOUNT_OFFBOARDED' }, later(10))).toEqual(['lost account_offboarded', alert]);
  expect(await hear({ event: 'ACCOUNT_RECONNECTED' }, later(20))).toEqual(['active']);
  expect(await hear({ event: 'ACCOUNT_DELETED' }, later(30))).toEqual(['lost account_deleted', alert]);
  expect(await hear({ event: 'ACCOUNT_RECONNECTED' }, later(40))).toEqual(['lost account_deleted', alert]);
});

test('a disabled account pauses its numbers until Meta reinstates it', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { connectionId } = connection;
  await receive(tieback, update(connection, { event: 'DISABLED_UPDATE', banState: 'SCHEDULE_FOR_DISABLE' }));
  expect([await states(tieback), await alerts(tieback)]).toEqual([
    ['active'],
    [`${connectionId} account_to_be_disabled`],
  ]);
  await receive(tieback, update(connection, { event: 'DISABLED_UPDATE', banState: 'DISABLE' }));
  expect(await states(tieback)).toEqual(['paused account_disabled']);
  expect(await alerts(tieback)).toHaveLength(2);
  tieback.now.forward(HOUR_MS);
  await receive(
    tieback,
    update(connection, { event: 'DISABLED_UPDATE', banState: 'REINSTATE' }, tieback.now.at),
  );
  expect([await states(tieback), await alerts(tieback)]).toEqual([['active'], []]);
});

test('a disabled account is not probed: only Meta’s word, or a person, makes it work again', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await receive(tieback, update(connection, { event: 'DISABLED_UPDATE', banState: 'DISABLE' }));
  tieback.now.forward(24 * HOUR_MS);
  await probeConnections(tieback.pipeline);
  expect(tieback.meta.requests()).toEqual([]);
  expect(await states(tieback)).toEqual(['paused account_disabled']);
  const reinstated: Event = { event: 'DISABLED_UPDATE', banState: 'REINSTATE' };
  await receive(tieback, update(connection, reinstated, tieback.now.at));
  expect(await states(tieback)).toEqual(['active']);
});

test('of a disabling and a reinstatement the later one counts, in whatever sequence and however late they come', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const say = (banState: 'DISABLE' | 'REINSTATE', minutes: number) =>
    update(connection, { event: 'DISABLED_UPDATE', banState }, new Date(START.getTime() + minutes * 60_000));
  tieback.now.forward(HOUR_MS);
  await receive(tieback, whatsappBatch([say('DISABLE', 10), say('REINSTATE', 20)]), say('DISABLE', 10));
  expect(await states(tieback)).toEqual(['active']);
  await receive(tieback, say('DISABLE', 40), say('REINSTATE', 30));
  expect(await states(tieback)).toEqual(['paused account_disabled']);
});

test('a number that is paused for something else stays so when its account is reinstated', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.pipeline.db.connection.updateMany({ data: { state: 'paused', stateReason: 'wiring_token' } });
  await receive(tieback, update(connection, { event: 'DISABLED_UPDATE', banState: 'REINSTATE' }));
  expect(await states(tieback)).toEqual(['paused wiring_token']);
});

test('a violation or a restriction is told, and nothing stops', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await receive(tieback, update(connection, { event: 'ACCOUNT_VIOLATION', violation: 'ADULT' }));
  await receive(tieback, update(connection, { event: 'ACCOUNT_RESTRICTION' }));
  expect(await states(tieback)).toEqual(['active']);
  const told = await tieback.pipeline.db.alert.findMany({ orderBy: { name: 'asc' } });
  expect(told).toMatchObject([
    { name: 'account_restricted', fix: expect.stringContaining('business-support-home') as string },
    { name: 'account_violation', detail: expect.stringContaining('(ADULT)') as string },
  ]);
});

test('the quality of one number is kept and told, and over when Meta says so', async () => {
  const tieback = await openTieback();
  const one = await tieback.connect();
  await tieback.connect(SECOND);
  const { wabaId } = one;
  const say = (event: 'FLAGGED' | 'UNFLAGGED') =>
    phoneNumberQualityUpdate({ wabaId, displayNumber: '5511912345678', at: START, event });
  await receive(tieback, say('FLAGGED'));
  const quality = async () =>
    (await tieback.pipeline.db.connection.findMany({ orderBy: { phoneNumberId: 'asc' } })).map(
      (row) => row.quality,
    );
  expect([await quality(), await alerts(tieback)]).toEqual([
    ['FLAGGED, TIER_1K', null],
    [`${one.connectionId} number_quality`],
  ]);
  await receive(tieback, say('UNFLAGGED'));
  expect([await quality(), await alerts(tieback)]).toEqual([['UNFLAGGED, TIER_1K', null], []]);
});

function messageTo(
  { wabaId, phoneNumberId, displayNumber }: Connection,
  moved: Partial<Connection>,
  minutes = 0,
) {
  const at = new Date(START.getTime() + minutes * 60_000);
  const messageId = `wamid.${minutes}`;
  return textMessage({ wabaId, phoneNumberId, displayNumber, from: MARIA.whatsapp, messageId, at, ...moved });
}

test('a message under another account shows that the number moved; it is set aside, and the number is lost', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await receive(tieback, messageTo(connection, {}), messageTo(connection, { wabaId: '999999999999999' }, 1));
  expect(await states(tieback)).toEqual(['lost number_moved']);
  expect(await alerts(tieback)).toEqual([`${connection.connectionId} connection_lost`]);
  // It may be somebody else's number: what came with it waits until a person connects the number again.
  expect(await tieback.pipeline.db.contact.findMany()).toMatchObject([{ messages: 1 }]);
  const last = await tieback.pipeline.db.delivery.findFirstOrThrow({ orderBy: { id: 'desc' } });
  expect([last.state, last.body !== null]).toEqual(['flagged', true]);
});

test('a message to the same number under another id shows it too, and waits for a person', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.connect(SECOND);
  const moved = { wabaId: '999999999999999', phoneNumberId: '888', displayNumber: '5511912345678' };
  await receive(tieback, messageTo(connection, moved));
  expect(await states(tieback)).toEqual(['lost number_moved', 'active']);
  expect(await tieback.pipeline.db.delivery.findMany()).toMatchObject([{ state: 'flagged' }]);
});

test('what stands for the account in a trial of Meta’s, or is left out, shows nothing', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await receive(tieback, messageTo(connection, { wabaId: '0' }), messageTo(connection, { wabaId: '' }, 1));
  expect(await states(tieback)).toEqual(['active']);
});

test('neither a message from before it was connected here nor a stranger’s own app takes a number away', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const stranger = await tieback.connect({ ...SECOND, domain: OTHER_SHOP, appSecret: OWN_SECRET });
  await receive(tieback, messageTo(connection, { wabaId: '999999999999999' }, -60));
  const forged = { phoneNumberId: '888', displayNumber: connection.displayNumber };
  const options = { secret: OWN_SECRET, path: stranger.webhookPath };
  await tieback.sendWhatsApp(messageTo(connection, forged, 1), options);
  await captureBatch(tieback.pipeline);
  expect(await states(tieback)).toEqual(['active', 'active']);
});

test('when a number was heard of last is noted, once an hour', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.connect(SECOND);
  const heard = async () =>
    (await tieback.pipeline.db.connection.findMany({ orderBy: { phoneNumberId: 'asc' } })).map(
      (row) => row.lastWebhookAt,
    );
  await receive(tieback, whatsappBatch([messageTo(connection, {}), messageTo(connection, {}, 1)]));
  expect(await heard()).toEqual([START, null]);
  tieback.now.forward(HOUR_MS - 1);
  await receive(tieback, messageTo(connection, {}, 2));
  expect(await heard()).toEqual([START, null]);
  tieback.now.forward(1);
  await receive(tieback, messageTo(connection, {}, 3));
  expect(await heard()).toEqual([new Date(START.getTime() + HOUR_MS), null]);
});
