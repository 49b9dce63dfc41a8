import { pino } from 'pino';
import { expect, test } from 'vitest';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { holdContacts } from '../../app/pipeline/contacts.ts';
import { deliverBatch } from '../../app/pipeline/deliver.ts';
import { lifecycleBatch } from '../../app/pipeline/lifecycle.ts';
import { deliveryBody } from '../../app/pipeline/sealed.ts';
import { welcomeShop } from '../../app/pipeline/shop.ts';
import type { GraphClient } from '../../app/platforms/meta/graph.ts';
import { shopifyCustomer } from '../builders/shopify.ts';
import { whatsappMessage } from '../builders/whatsapp.ts';
import { dumpTables } from './database.ts';
import { untilItWaits } from './locks.ts';
import { MARIA, openTieback, SHOP, START, type Tieback } from './tieback.ts';

const HOUR_MS = 60 * 60_000;
const OTHER_SHOP = 'outra-loja.myshopify.com';
const OWN_SECRET = 'secret-of-the-merchants-own-meta-app';
const hoursAfter = (hours: number) => new Date(START.getTime() + hours * HOUR_MS);

const shops = (tieback: Tieback) => tieback.pipeline.db.shop.findMany({ orderBy: { id: 'asc' } });
const sessions = (tieback: Tieback) => tieback.pipeline.db.session.findMany();
const deliveries = (tieback: Tieback) => tieback.pipeline.db.delivery.findMany({ orderBy: { id: 'asc' } });

/** The session that a token exchange at this moment leaves. */
async function signIn({ pipeline }: Tieback, updatedAt: Date, shop = SHOP): Promise<void> {
  const facts = { shop, state: '', isOnline: false, scope: 'read_orders', accessToken: 'sealed', updatedAt };
  await pipeline.db.session.create({ data: { id: `offline_${shop}`, ...facts } });
}

/** Sends what Shopify says about the shop at this moment, and works it. */
async function tell(
  tieback: Tieback,
  topic: string,
  triggeredAt: Date,
  body: unknown = { id: 1 },
): Promise<void> {
  tieback.now.at = triggeredAt > tieback.now.at ? triggeredAt : tieback.now.at;
  expect((await tieback.sendShopify(topic, body, { triggeredAt })).status).toBe(200);
  await tieback.work();
}

test('an uninstall deletes the shop’s sessions and nobody else’s, and keeps its data', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.connect({ domain: OTHER_SHOP, phoneNumberId: '106540352242999' });
  await tieback.tapAd();
  await signIn(tieback, START);
  await signIn(tieback, START, OTHER_SHOP);
  await tell(tieback, 'app/uninstalled', hoursAfter(1));
  expect(await shops(tieback)).toMatchObject([{ uninstalledAt: hoursAfter(1) }, { uninstalledAt: null }]);
  expect(await sessions(tieback)).toMatchObject([{ shop: OTHER_SHOP }]);
  expect(await tieback.pipeline.db.contact.count()).toBe(1);
});

test('an uninstall that comes twice, late, after a reinstall, leaves the shop installed', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tell(tieback, 'app/uninstalled', hoursAfter(1));
  tieback.now.at = hoursAfter(2);
  // Its token was refreshed since.
  await signIn(tieback, hoursAfter(3));
  await welcomeShop(tieback.pipeline, SHOP, null);
  await tell(tieback, 'app/uninstalled', hoursAfter(1));
  expect(await shops(tieback)).toMatchObject([{ uninstalledAt: null, installedAt: hoursAfter(2) }]);
  expect(await sessions(tieback)).toHaveLength(1);
});

test('an uninstall that is first heard of after the reinstall leaves the shop installed', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  tieback.now.at = hoursAfter(2);
  await signIn(tieback, hoursAfter(2));
  await welcomeShop(tieback.pipeline, SHOP, null);
  await tell(tieback, 'app/uninstalled', hoursAfter(1));
  expect(await shops(tieback)).toMatchObject([{ uninstalledAt: null }]);
  expect(await sessions(tieback)).toHaveLength(1);
  await tell(tieback, 'app/uninstalled', hoursAfter(3));
  expect(await shops(tieback)).toMatchObject([{ uninstalledAt: hoursAfter(3) }]);
  expect(await sessions(tieback)).toEqual([]);
});

test('shop/update changes the shop’s facts', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const facts = { name: 'Loja Nova', currency: 'USD', country_code: 'US', iana_timezone: 'America/New_York' };
  await tell(tieback, 'shop/update', START, facts);
  expect(await shops(tieback)).toMatchObject([
    { name: 'Loja Nova', currency: 'USD', country: 'US', timezone: 'America/New_York' },
  ]);
  await tell(tieback, 'shop/update', START, { name: 'no currency' });
  expect(await shops(tieback)).toMatchObject([{ name: 'Loja Nova' }]);
  expect(await deliveries(tieback)).toMatchObject([{ state: 'done' }, { state: 'flagged' }]);
});

test('app/scopes_update changes the scopes of the shop’s session', async () => {
  const tieback = await openTieback();
  await signIn(tieback, START);
  await tell(tieback, 'app/scopes_update', START, { current: ['read_orders', 'read_customers'] });
  expect(await sessions(tieback)).toMatchObject([{ scope: 'read_orders,read_customers' }]);
});

const REDACT = {
  shop_domain: SHOP,
  customer: { id: 8700000000001, email: 'maria@example.com', phone: null as string | null },
  orders_to_redact: [5512345678901],
};

test.each([
  ['her phone', { ...REDACT, customer: { phone: MARIA.order }, orders_to_redact: [] }],
  ['her orders', REDACT],
])('a customer told by %s is forgotten, and the shop’s figures still add up', async (_, request) => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay({ customer: shopifyCustomer() });
  await tieback.tapAd({ from: '5521900000000', messageId: 'wamid.OTHER' });
  await tieback.work();
  await tell(tieback, 'customers/redact', hoursAfter(1), request);

  const { db } = tieback.pipeline;
  expect(await db.contact.findMany()).toMatchObject([{ maskedPhone: '+55 ••••• 0000' }]);
  expect([await db.contactIdentity.count(), await db.referral.count()]).toEqual([1, 1]);
  expect(await db.order.findMany()).toMatchObject([
    { decision: 'report', contactId: null, referralId: null, evidence: [], paidAt: START },
  ]);
  expect(await db.conversionEvent.findMany()).toMatchObject([{ state: 'accepted', payload: '' }]);
  expect(await dumpTables(tieback.databaseUrl)).not.toContain('••••• 4321');
});

test('an event that waits is not sent any more once its buyer is to be forgotten', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay();
  tieback.meta.faultNext({ kind: 'status', status: 500, code: 2, transient: true });
  await tieback.work();
  await tell(tieback, 'customers/redact', hoursAfter(1), REDACT);
  tieback.now.forward(HOUR_MS);
  await tieback.work();
  expect(tieback.meta.accepted()).toEqual([]);
  expect(await tieback.pipeline.db.conversionEvent.findMany()).toMatchObject([
    { state: 'withheld', reason: 'customer_erased', payload: '' },
  ]);
});

test.each([
  ['accepted', null],
  ['withheld', { kind: 'status', status: 500, code: 2, transient: true } as const],
])(
  'an event that is being sent while its buyer is forgotten ends %s, keeps nothing, goes no more',
  async (state, fault) => {
    const tieback = await openTieback();
    const { pipeline } = tieback;
    await tieback.connect();
    await tieback.tapAd();
    await tieback.pay();
    await captureBatch(pipeline);
    await attributeBatch(pipeline);
    const graph: GraphClient = async (request) => {
      const answer = await pipeline.graph(request);
      expect((await tieback.sendShopify('customers/redact', REDACT)).status).toBe(200);
      expect(await lifecycleBatch(pipeline)).toBe(1);
      return answer;
    };
    if (fault) tieback.meta.faultNext(fault);
    expect(await deliverBatch({ ...pipeline, graph })).toBe(1);
    expect(await pipeline.db.conversionEvent.findMany()).toMatchObject([{ state, payload: '' }]);
    tieback.now.forward(HOUR_MS);
    await tieback.work();
    expect(tieback.meta.requests()).toHaveLength(1);
  },
);

test('a request for a customer’s data is flagged and kept whole for a person', async () => {
  const tieback = await openTieback();
  const request = { shop_domain: SHOP, customer: { id: 1 }, data_request: { id: 9999 } };
  await tieback.sendShopify('customers/data_request', request, { webhookId: 'request-1' });
  await tieback.work();
  const [row] = await deliveries(tieback);
  expect(row).toMatchObject({ state: 'flagged', attempts: 1 });
  expect(row?.reason).toContain('30 days');
  const kept = tieback.pipeline.vault.open(row?.body ?? '', deliveryBody(SHOP, 'request-1'));
  expect(JSON.parse(kept)).toEqual(request);
});

/** One row of each shop in every table that is filled by what Meta, Shopify and programs say. */
async function fillOwnTables({ pipeline: { db } }: Tieback): Promise<void> {
  for (const { id: shopId } of await db.shop.findMany()) {
    const id = `01a1eed9-0000-7000-8000-00000000000${shopId}`;
    const hash = Buffer.from(`hash of ${shopId}`);
    const about = { shopId, subject: 'shop', name: 'scopes', detail: 'detail' };
    const detected = { shopId, key: 'key', connectionId: id, eventName: 'Purchase', clickHash: hash };
    await db.automaticEvent.create({ data: { ...detected, at: START, receivedAt: START } });
    await db.checkout.create({
      data: { shopId, tokenHash: hash, draft: '', startedAt: START, changedAt: START },
    });
    const key = { shopId, id, name: 'CRM', hash, hint: 'abcd', createdBy: 'staff' };
    await db.apiKey.create({ data: { ...key, createdAt: START } });
    await db.apiRequest.create({ data: { shopId, key: 'key', request: 'r', eventId: id, createdAt: START } });
    await db.check.create({ data: { ...about, result: 'ok', since: START, checkedAt: START } });
    await db.alert.create({ data: { ...about, id, raisedAt: START } });
    await db.customerConsent.create({ data: { shopId, customerGid: 'gid', askedAt: START } });
  }
}

test('shop/redact leaves nothing of the shop and everything of the others', async () => {
  const tieback = await openTieback();
  const gone = await tieback.connect({ appSecret: OWN_SECRET });
  await tieback.connect({ domain: OTHER_SHOP, phoneNumberId: '106540352242999' });
  for (const phoneNumberId of [gone.phoneNumberId, '106540352242999']) {
    await tieback.tapAd({ phoneNumberId, messageId: `wamid.${phoneNumberId}` });
  }
  for (const domain of [SHOP, OTHER_SHOP]) await tieback.pay({}, { domain });
  const own = { secret: OWN_SECRET, path: gone.webhookPath };
  await tieback.sendWhatsApp(whatsappMessage({ id: 'wamid.FLAGGED', phoneNumberId: '1' }), own);
  await signIn(tieback, START);
  await tieback.work();
  const { db } = tieback.pipeline;
  await fillOwnTables(tieback);
  await tell(tieback, 'app/uninstalled', hoursAfter(1));
  await tell(tieback, 'shop/redact', hoursAfter(49), { shop_domain: SHOP });

  expect(await shops(tieback)).toMatchObject([{ domain: OTHER_SHOP }]);
  const counts = [
    db.contact,
    db.contactIdentity,
    db.referral,
    db.order,
    db.conversionEvent,
    db.connection,
    ...[db.automaticEvent, db.checkout, db.apiKey, db.apiRequest, db.check, db.alert, db.customerConsent],
  ];
  for (const table of counts) expect(await (table as typeof db.order).count()).toBe(1);
  const dump = await dumpTables(tieback.databaseUrl);
  const lines = dump.split('\n').filter((line) => line.includes(SHOP) || line.includes(gone.connectionId));
  expect(lines).toEqual([expect.stringMatching(/^deliveries .*shop\/redact/)]);
});

test('shop/redact spares a shop that was installed again since', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tell(tieback, 'app/uninstalled', hoursAfter(1));
  tieback.now.at = hoursAfter(2);
  await welcomeShop(tieback.pipeline, SHOP, null);
  await tell(tieback, 'shop/redact', hoursAfter(49.5), { shop_domain: SHOP });
  expect(await shops(tieback)).toMatchObject([{ domain: SHOP, uninstalledAt: null }]);
  expect(await tieback.pipeline.db.connection.count()).toBe(1);
});

test('shop/redact erases a shop whose uninstall was never heard of', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tell(tieback, 'shop/redact', hoursAfter(49), { shop_domain: SHOP });
  expect(await shops(tieback)).toEqual([]);
});

test('requests of several shops to forget, in any order, wait for no one who waits for them', async () => {
  const tieback = await openTieback();
  const one = await tieback.connect();
  const two = await tieback.connect({ domain: OTHER_SHOP, phoneNumberId: '106540352242999' });
  for (const domain of [OTHER_SHOP, SHOP]) {
    const body = { ...REDACT, shop_domain: domain };
    expect((await tieback.sendShopify('customers/redact', body, { domain })).status).toBe(200);
  }
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => warnings.push(line) });
  let worked: Promise<number> | undefined;
  await tieback.pipeline.db.$transaction(async (other) => {
    await holdContacts(other, [one.shopId], 'alone');
    worked = lifecycleBatch({ ...tieback.pipeline, log });
    await untilItWaits(tieback, worked);
    await holdContacts(other, [two.shopId], 'alone');
  });
  expect(await worked).toBe(2);
  // A deadlock would have ended the batch, whose deliveries are then worked one by one.
  expect(warnings).toEqual([]);
});
