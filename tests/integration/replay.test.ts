import { expect, test } from 'vitest';
import { deliveryBody } from '../../app/pipeline/sealed.ts';
import { forgetSetAside, listSetAside, replayDelivery } from '../../app/pipeline/set-aside.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { adClickMessage } from '../sandbox/pretend-whatsapp.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { openTieback, SHOP, START, type Tieback } from './tieback.ts';

const OTHER = 'outra-loja.myshopify.com';
const DAY_MS = 24 * 60 * 60_000;
const STRANGE = '199999999999999';

const shop = ({ pipeline }: Tieback, domain = SHOP) =>
  pipeline.db.shop.findUniqueOrThrow({ where: { domain } });
const replayed = async (tieback: Tieback, id: string, domain = SHOP) =>
  replayDelivery(tieback.pipeline, await shop(tieback, domain), id);
const listed = async (tieback: Tieback, domain = SHOP, state: 'dead' | 'flagged' | null = null) =>
  listSetAside(tieback.pipeline, await shop(tieback, domain), state);

/** A delivery whose seal was broken dies after its tries; gives back how to mend it. */
async function killOrder(tieback: Tieback, key: string): Promise<() => Promise<unknown>> {
  const { db } = tieback.pipeline;
  await tieback.pay({ id: 1 }, { webhookId: key });
  const whole = await db.delivery.findFirstOrThrow({ where: { key } });
  await db.delivery.update({ where: { id: whole.id }, data: { body: 'v1.test.AAAA' } });
  for (let day = 0; day < 8; day += 1) {
    await tieback.work();
    tieback.now.forward(DAY_MS);
  }
  return () => db.delivery.update({ where: { id: whole.id }, data: { body: whole.body } });
}

const message = (phoneNumberId: string) =>
  adClickMessage({
    wabaId: phoneNumberId === STRANGE ? STRANGE : '102290129340398',
    phoneNumberId,
    displayNumber: '+55 11 91234-5678',
    from: '551186654321',
    clid: null,
    adId: '1',
    messageId: `wamid.${phoneNumberId}`,
    at: START,
  });

test('a delivery that died keeps its reason, and replayed with its fault mended it is worked with all its tries', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const mend = await killOrder(tieback, 'poison');
  const [dead] = await listed(tieback);
  expect(dead).toMatchObject({
    source: 'shopify',
    topic: 'orders/paid',
    state: 'dead',
    attempts: 6,
    reason: expect.stringMatching(/\w+ \w+/),
  });
  expect(await replayed(tieback, 'poison')).toMatchObject({ kind: 'replayed', topic: 'orders/paid' });
  await tieback.work();
  expect(await tieback.pipeline.db.delivery.findMany()).toMatchObject([{ state: 'due', attempts: 1 }]);
  await mend();
  tieback.now.forward(DAY_MS);
  await tieback.work();
  expect(await tieback.pipeline.db.delivery.findMany()).toMatchObject([
    { state: 'done', body: null, reason: null },
  ]);
  expect(await tieback.pipeline.db.order.count()).toBe(1);
  expect(await listed(tieback)).toEqual([]);
});

test('a message to a number that was connected only later is replayed by the shop that has it', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.connect({ domain: OTHER, phoneNumberId: '106540352242923', wabaId: '102290129340399' });
  await tieback.sendWhatsApp(message(STRANGE));
  await tieback.work();
  expect([await listed(tieback), await listed(tieback, OTHER)]).toEqual([[], []]);
  await tieback.connect({ domain: OTHER, phoneNumberId: STRANGE, wabaId: STRANGE });
  const [flagged] = await listed(tieback, OTHER);
  expect(flagged).toMatchObject({
    topic: 'messages',
    state: 'flagged',
    reason: 'no shop has connected this WhatsApp number',
  });
  const id = String(flagged?.id);
  expect(await replayed(tieback, id)).toEqual({
    kind: 'not_replayed',
    problem: `${SHOP} has no delivery ${id}`,
  });
  expect(await replayed(tieback, id, OTHER)).toMatchObject({ kind: 'replayed' });
  await tieback.work();
  expect(await tieback.pipeline.db.contact.count()).toBe(1);
  expect(await listed(tieback, OTHER)).toEqual([]);
});

test("an update on a connection's own path belongs to its shop whatever its shape", async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const own = await tieback.connect({ domain: OTHER, phoneNumberId: STRANGE, appSecret: 'own-secret' });
  await tieback.sendWhatsApp({ odd: true }, { secret: 'own-secret', path: own.webhookPath });
  await tieback.work();
  expect(await listed(tieback)).toEqual([]);
  expect(await listed(tieback, OTHER)).toMatchObject([{ state: 'flagged', source: 'whatsapp' }]);
});

test('an update of an unknown shape on the shared path belongs to the shop of its WhatsApp account', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.connect({ domain: OTHER, phoneNumberId: STRANGE, wabaId: STRANGE });
  const changes = [{ field: 'never_heard_of', value: {} }];
  await tieback.sendWhatsApp({ object: 'whatsapp_business_account', entry: [{ id: STRANGE, changes }] });
  await tieback.work();
  expect(await listed(tieback)).toEqual([]);
  expect(await listed(tieback, OTHER)).toMatchObject([{ topic: 'never_heard_of', state: 'flagged' }]);
});

test("what is not the shop's, not set aside, or not kept any more is not replayed, and why is said", async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.connect({ domain: OTHER, phoneNumberId: STRANGE });
  await tieback.sendShopify('orders/paid', { id: 1 }, { webhookId: 'flagged' });
  await tieback.pay({}, { webhookId: 'fine' });
  await tieback.work();
  const said = async (id: string, domain = SHOP) => {
    const answer = await replayed(tieback, id, domain);
    return answer.kind === 'not_replayed' ? answer.problem : answer.kind;
  };
  expect(await said('flagged', OTHER)).toBe(`${OTHER} has no delivery flagged`);
  expect(await said('999999999999999999')).toBe(`${SHOP} has no delivery 999999999999999999`);
  expect(await said("' OR true --")).toBe(`${SHOP} has no delivery ' OR true --`);
  expect(await said('fine')).toBe('the delivery fine is not set aside: it is done');
  await tieback.pipeline.db.delivery.updateMany({ where: { key: 'flagged' }, data: { body: null } });
  expect(await said('flagged')).toBe('the body of the delivery flagged is not kept any more');
});

test('the list tells flagged from dead, the latest first, over more than one page', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const { db, vault } = tieback.pipeline;
  const row = (n: number) => ({
    source: 'shopify' as const,
    account: SHOP,
    key: `odd-${n}`,
    topic: 'orders/paid',
    state: n % 2 === 0 ? ('flagged' as const) : ('dead' as const),
    body: vault.seal('{}', deliveryBody(SHOP, `odd-${n}`)),
  });
  await db.delivery.createMany({ data: Array.from({ length: 1203 }, (_, n) => row(n)) });
  const all = await listed(tieback);
  expect(all).toHaveLength(1203);
  expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => Number(b - a)));
  expect(await listed(tieback, SHOP, 'dead')).toHaveLength(601);
  expect(await listed(tieback, SHOP, 'flagged')).toHaveLength(602);
});

test('the commands list deliveries and bring one back; a wrong id is a failure told in words', async () => {
  const { tieback, env } = await openOperated();
  await tieback.connect();
  await tieback.sendShopify('products/update', shopifyOrder(), { webhookId: 'product' });
  await tieback.work();
  const list = await jsonOf(['deliveries', '--shop', SHOP, '--state', 'flagged'], env);
  const [{ id }] = list as [{ id: string }];
  expect(list).toEqual([
    {
      id: expect.stringMatching(/^\d+$/),
      source: 'shopify',
      topic: 'products/update',
      state: 'flagged',
      received: START.toISOString(),
      attempts: 1,
      reason: 'the topic products/update is not one that Tieback knows',
    },
  ]);
  expect(await jsonOf(['deliveries', '--shop', SHOP, '--state', 'dead'], env)).toEqual([]);
  expect(await jsonOf(['replay', '--shop', SHOP, '--delivery', id], env)).toEqual({
    id,
    topic: 'products/update',
    state: 'due',
  });
  for (const wrong of ['999999', 'nonsense']) {
    expect(await tiebackCommand(['replay', '--shop', SHOP, '--delivery', wrong, '--json'], env)).toEqual({
      code: 1,
      out: '',
      words: `tieback replay: ${SHOP} has no delivery ${wrong}\n`,
    });
  }
  const misuse = await tiebackCommand(['deliveries', '--shop', SHOP, '--state', 'done'], env);
  expect(misuse).toMatchObject({ code: 2, out: '' });
});

test('what was set aside and whose body is gone is forgotten after 90 days', async () => {
  const tieback = await openTieback();
  const { db, clock } = tieback.pipeline;
  const row = (key: string, over: object = {}) => ({
    ...{ source: 'shopify' as const, account: SHOP, key, topic: 'orders/paid', state: 'flagged' as const },
    ...{ receivedAt: clock(), body: null, ...over },
  });
  const data = [
    row('old'),
    row('dead', { state: 'dead' }),
    row('kept', { body: 'sealed' }),
    row('due', { state: 'due' }),
  ];
  await db.delivery.createMany({ data });
  tieback.now.forward(90 * 24 * 3_600_000);
  expect(await forgetSetAside(tieback.pipeline)).toBe(0);
  tieback.now.forward(1);
  expect(await forgetSetAside(tieback.pipeline)).toBe(2);
  const left = await db.delivery.findMany({ select: { key: true }, orderBy: { key: 'asc' } });
  expect(left.map(({ key }) => key)).toEqual(['due', 'kept']);
});
