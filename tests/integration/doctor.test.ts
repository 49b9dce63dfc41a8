import { expect, test } from 'vitest';
import { connectPixel } from '../../app/pipeline/connect-pixel.ts';
import { runDoctor, type CheckRow } from '../../app/pipeline/doctor.ts';
import { openAlerts } from '../../app/pipeline/alerts.ts';
import { saveSettings, shopFacts } from '../../app/pipeline/shop.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { dumpTables } from './database.ts';
import { connectWell, resultsOf, shopAnswers } from './doctor.ts';
import { openTieback, SHOP, START, type Connection, type Tieback } from './tieback.ts';

const DAY_MS = 86_400_000;
const HEALTHY = shopAnswers();

async function check({ pipeline }: Tieback, openAdmin = HEALTHY): Promise<CheckRow[]> {
  const shop = await pipeline.db.shop.findUniqueOrThrow({ where: { domain: SHOP } });
  return runDoctor(pipeline, openAdmin, shop);
}

async function alertNames({ pipeline }: Tieback, { shopId }: Connection): Promise<string[]> {
  return (await openAlerts(pipeline.db, shopId)).map(({ name }) => name).toSorted();
}

test('a number that works, in a store that tells of its orders, has nothing but good findings', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  await tieback.tapAd();
  await tieback.pay();
  await tieback.work();
  await saveSettings(tieback.pipeline, number.shopId, { ...DEFAULT_SETTINGS, channelsChosen: true });

  const rows = await check(tieback);
  expect(resultsOf(rows, number.connectionId)).toEqual({
    token_valid: 'ok',
    token_expiry: 'ok',
    permissions: 'ok',
    waba_reachable: 'ok',
    number_state: 'ok',
    app_subscribed: 'ok',
    webhook_seen: 'ok',
    dataset_of_waba: 'ok',
    parked_events: 'ok',
    probe: 'ok',
    clock_skew: 'ok',
    graph_version: 'ok',
    usage: 'ok',
  });
  expect(resultsOf(rows, 'shop')).toEqual({
    shopify_scopes: 'ok',
    protected_data: 'ok',
    shopify_webhooks: 'ok',
    channels_chosen: 'ok',
  });
  expect(await alertNames(tieback, number)).toEqual([]);
  expect(await dumpTables(tieback.databaseUrl)).not.toContain(number.token);
});

test('the probe leaves nothing at Meta, and neither does a second look', async () => {
  const tieback = await openTieback();
  await connectWell(tieback);
  await check(tieback);
  await check(tieback);
  expect(tieback.meta.accepted()).toEqual([]);
});

test('an ended token is told once, however much fails with it, and taken back with a new one', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  await check(tieback);
  tieback.meta.expireToken(number.token);
  tieback.now.forward(DAY_MS);

  const rows = await check(tieback);
  expect(resultsOf(rows, number.connectionId)).toMatchObject({
    token_valid: 'failed',
    token_expiry: 'unknown',
    permissions: 'unknown',
    waba_reachable: 'unknown',
    probe: 'failed',
  });
  await check(tieback);
  expect(await alertNames(tieback, number)).toEqual(['token_valid']);
  expect(await tieback.pipeline.db.alert.count()).toBe(1);

  await connectWell(tieback, { token: 'EAAanother-token-of-the-tests' });
  await check(tieback);
  expect(await alertNames(tieback, number)).toEqual([]);
  const [alert] = await tieback.pipeline.db.alert.findMany();
  expect(alert).toMatchObject({ raisedAt: new Date(START.getTime() + DAY_MS), clearedAt: tieback.now.at });
});

const MISHAPS: [what: string, alert: string, strike: (tieback: Tieback, number: Connection) => unknown][] = [
  ['the app was taken off the account', 'app_subscribed', unsubscribe],
  ['the number was moved', 'number_state', ({ meta }, n) => move(meta, n)],
  [
    'the number was banned',
    'number_state',
    ({ meta }, n) => meta.setPhone(n.phoneNumberId, { status: 'BANNED' }),
  ],
  ['the clock is ten minutes off', 'clock_skew', ({ meta }) => meta.skewClock(-600_000)],
  ['a limit is used up', 'usage', ({ meta }) => meta.setUsage({ app: { call_count: 100 } })],
];

test.each(MISHAPS)('when %s, there is one alert: %s', async (_, alert, strike) => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  await check(tieback);
  await strike(tieback, number);
  const rows = await check(tieback);
  expect(resultsOf(rows, number.connectionId)[alert]).toBe('failed');
  expect(await alertNames(tieback, number)).toEqual([alert]);
});

async function unsubscribe({ pipeline }: Tieback, { wabaId, token }: Connection): Promise<void> {
  await pipeline.graph({ method: 'DELETE', path: `${wabaId}/subscribed_apps`, token });
}

function move(meta: Tieback['meta'], { phoneNumberId }: Connection): void {
  meta.addBusiness({ wabaId: '900000000000001', phoneNumbers: [], token: 'EAAof-somebody-else' });
  meta.movePhone(phoneNumberId, '900000000000001');
}

test('events that go to another dataset than the account’s are found out', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  const where = { shopId_id: { shopId: number.shopId, id: number.connectionId } };
  await tieback.pipeline.db.connection.update({ where, data: { datasetId: '999999999999999' } });
  const rows = await check(tieback);
  expect(rows.find(({ name }) => name === 'dataset_of_waba')).toMatchObject({
    result: 'failed',
    detail: 'Events go to dataset 999999999999999, but the WhatsApp account’s is 774400112233445.',
  });
});

test('a token of Events Manager reports without being allowed to look, and nothing is called broken', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback, { canManage: false });
  const results = resultsOf(await check(tieback), number.connectionId);
  expect(results).toMatchObject({
    token_valid: 'ok',
    permissions: 'ok',
    waba_reachable: 'unknown',
    number_state: 'unknown',
    app_subscribed: 'unknown',
    dataset_of_waba: 'unknown',
    probe: 'ok',
  });
  expect(Object.values(results)).not.toContain('failed');
});

test('a token that ends soon is told of, and its end is kept with the connection', async () => {
  const tieback = await openTieback();
  const expiresAt = new Date(START.getTime() + 5 * DAY_MS);
  const number = await connectWell(tieback, { expiresAt: null });
  await check(tieback);
  await connectWell(tieback, { token: 'EAAtoken-that-ends', expiresAt });
  const rows = await check(tieback);
  expect(rows.find(({ name }) => name === 'token_expiry')).toMatchObject({ result: 'warning' });
  expect(await alertNames(tieback, number)).toEqual(['token_expiry']);
  const [stored] = await tieback.pipeline.db.connection.findMany();
  expect(stored?.tokenExpiresAt).toEqual(expiresAt);
});

test('a pixel is checked by its own probe', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  const token = 'EAApixel-token-of-the-tests';
  tieback.meta.addPixel({ datasetId: '555000111222333', token });
  await connectPixel(tieback.pipeline, number.shopId, { datasetId: '555000111222333', token });
  const rows = await check(tieback);
  const pixel = rows.find(({ subject }) => subject !== 'shop' && subject !== number.connectionId);
  expect(resultsOf(rows, pixel?.subject ?? '')).toEqual({
    token_valid: 'ok',
    token_expiry: 'ok',
    parked_events: 'ok',
    probe: 'ok',
    clock_skew: 'ok',
    graph_version: 'ok',
    usage: 'ok',
  });
});

test('while Meta is away nothing is known, and nobody is alarmed', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  await check(tieback);
  tieback.meta.faultNext({ kind: 'cut_before' }, 20, 'any');
  const results = resultsOf(await check(tieback), number.connectionId);
  expect(
    new Set(
      Object.values({
        ...results,
        webhook_seen: 'unknown',
        parked_events: 'unknown',
        graph_version: 'unknown',
      }),
    ),
  ).toEqual(new Set(['unknown']));
  expect(await alertNames(tieback, number)).toEqual([]);
});

test('a token that the key ring does not open is said to be that', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  const where = { shopId_id: { shopId: number.shopId, id: number.connectionId } };
  await tieback.pipeline.db.connection.update({ where, data: { token: 'not sealed with any key' } });
  const rows = await check(tieback);
  expect(rows.find(({ name }) => name === 'token_valid')?.detail).toContain('cannot be opened');
  expect(await alertNames(tieback, number)).toEqual(['token_valid']);
});

test('what stays as it is keeps its since; what changes gets a new one', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  await check(tieback);
  tieback.now.forward(DAY_MS);
  tieback.meta.setPhone(number.phoneNumberId, { quality_rating: 'RED' });
  const rows = await check(tieback);
  const at = (name: string) => rows.find((row) => row.name === name);
  expect(at('probe')).toMatchObject({ since: START, checkedAt: tieback.now.at });
  expect(at('number_state')).toMatchObject({ result: 'warning', since: tieback.now.at });
});

test('an alert that gets worse is told anew, even after it was put away', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  await check(tieback);
  tieback.meta.setUsage({ app: { call_count: 80 } });
  await check(tieback);
  await tieback.pipeline.db.alert.updateMany({ data: { dismissedAt: tieback.now.at } });
  await check(tieback);
  expect(await alertNames(tieback, number)).toEqual([]);
  tieback.meta.setUsage({ app: { call_count: 100 } });
  await check(tieback);
  expect(await alertNames(tieback, number)).toEqual(['usage']);
});

test('looks side by side leave one set of checks and one alert', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  tieback.meta.expireToken(number.token);
  const runs = await Promise.all(Array.from({ length: 6 }, () => check(tieback)));
  const stored = await tieback.pipeline.db.check.count();
  expect(runs.map((rows) => rows.length)).toEqual(Array.from({ length: 6 }, () => stored));
  expect(await tieback.pipeline.db.alert.count()).toBe(1);
});

test('a look that began before another ended does not overwrite what the other saw later', async () => {
  const tieback = await openTieback();
  await connectWell(tieback);
  const later = new Date(START.getTime() + DAY_MS);
  tieback.now.forward(DAY_MS);
  await check(tieback);
  tieback.now.forward(-DAY_MS);
  const rows = await check(tieback);
  expect(rows.every(({ checkedAt }) => checkedAt.getTime() === later.getTime())).toBe(true);
});

test('of a number that was taken off neither checks nor alerts remain', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  tieback.meta.expireToken(number.token);
  await check(tieback);
  await tieback.pipeline.db.connection.updateMany({ data: { state: 'disconnected', token: '' } });
  const rows = await check(tieback);
  expect(new Set(rows.map(({ subject }) => subject))).toEqual(new Set(['shop']));
  expect(await alertNames(tieback, number)).toEqual([]);
});

test('hidden phone numbers, refused questions and orders that no delivery told of are seen', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  await tieback.pay({ phone: null, customer: null });
  await tieback.work();
  await tieback.pipeline.db.order.updateMany({ data: { phones: 'hidden', paidToldBy: 'order_list' } });
  const rows = await check(tieback, shopAnswers({ scopes: ['read_orders'] }));
  expect(resultsOf(rows, 'shop')).toEqual({
    shopify_scopes: 'failed',
    protected_data: 'failed',
    shopify_webhooks: 'warning',
    channels_chosen: 'warning',
  });
  const refused = await check(tieback, shopAnswers({ customers: 'This app is not approved' }));
  expect(refused.find(({ name }) => name === 'protected_data')?.detail).toContain('This app is not approved');
  expect(await alertNames(tieback, number)).toContain('protected_data');
});

test('without Shopify’s variables, or without a session, its side is not known', async () => {
  const tieback = await openTieback();
  await connectWell(tieback);
  const shop = await tieback.pipeline.db.shop.findUniqueOrThrow({ where: { domain: SHOP } });
  for (const openAdmin of [null, () => Promise.resolve({ kind: 'no_session', problem: 'none' } as const)]) {
    const rows = await runDoctor(tieback.pipeline, openAdmin, shop);
    expect(resultsOf(rows, 'shop')).toMatchObject({ shopify_scopes: 'unknown', protected_data: 'unknown' });
  }
  expect(shopFacts(shop).domain).toBe(SHOP);
});
