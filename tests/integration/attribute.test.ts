import { expect, test } from 'vitest';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { captureBatch } from '../../app/pipeline/capture.ts';
import { disconnectNumber } from '../../app/pipeline/connection.ts';
import { eventPayload } from '../../app/pipeline/sealed.ts';
import { saveSettings } from '../../app/pipeline/shop.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../app/domain/settings.ts';
import { shopifyAddress, shopifyOrder, withoutPersonalData } from '../builders/shopify.ts';
import { whatsappMessage } from '../builders/whatsapp.ts';
import { dumpTables } from './database.ts';
import { MARIA, openTieback, START, type Connection, type TapOptions, type Tieback } from './tieback.ts';

const DAY_MS = 24 * 60 * 60_000;
const CHECKOUT = new Date('2026-11-18T13:22:29Z');
const OTHER_SHOP = 'outra-loja.myshopify.com';

type Json = Record<string, unknown>;

const orders = (tieback: Tieback) =>
  tieback.pipeline.db.order.findMany({ orderBy: [{ shopId: 'asc' }, { gid: 'asc' }] });
const events = (tieback: Tieback) =>
  tieback.pipeline.db.conversionEvent.findMany({ orderBy: { eventId: 'asc' } });
const before = (ms: number) => new Date(CHECKOUT.getTime() - ms);

/** The sample order with this phone in every place an order has one. */
function withPhone(phone: string | null, country = 'BR'): Json {
  const address = shopifyAddress({ phone, country_code: country });
  return { phone, customer: null, shipping_address: address, billing_address: address };
}

/** Works everything but the sending, so that an event stays as it was decided. */
async function decide({ pipeline }: Tieback): Promise<void> {
  while ((await captureBatch(pipeline)) + (await attributeBatch(pipeline)) > 0);
}

async function payloads(tieback: Tieback): Promise<Json[]> {
  const rows = await events(tieback);
  return rows.map(({ shopId, id, payload }) => {
    const binding = eventPayload(shopId as Connection['shopId'], id);
    return JSON.parse(tieback.pipeline.vault.open(payload, binding)) as Json;
  });
}

async function changeSettings(
  tieback: Tieback,
  { shopId }: Connection,
  changed: Partial<Settings>,
): Promise<void> {
  await saveSettings(tieback.pipeline, shopId, { ...DEFAULT_SETTINGS, ...changed });
}

test.each([
  ['WhatsApp knows her without the ninth digit', MARIA.whatsapp, MARIA.order, 'brazil_ninth_digit'],
  ['she typed it without the ninth digit', MARIA.digits, '(11) 8665-4321', 'same'],
  ['both are the same', MARIA.digits, '+55 11 98665-4321', 'same'],
])('Maria’s order is credited to her ad click when %s', async (_, from, phone, basis) => {
  const tieback = await openTieback();
  const { connectionId, shopId } = await tieback.connect();
  await tieback.tapAd({ from });
  await tieback.pay(withPhone(phone));
  await decide(tieback);
  const [contact] = await tieback.pipeline.db.contact.findMany({ include: { referrals: true } });
  expect(await orders(tieback)).toMatchObject([
    {
      gid: 'gid://shopify/Order/5512345678901',
      decision: 'report',
      reason: null,
      contactId: contact?.id,
      referralId: contact?.referrals[0]?.id,
      model: 'last_click',
      windowDays: 7,
      decidedAt: START,
      placedAt: CHECKOUT,
      paidAt: START,
    },
  ]);
  const [order] = await orders(tieback);
  expect(order?.evidence).toMatchObject([
    {
      signal: 'order_phone',
      source: 'order',
      basis,
      strength: 'strong',
      chosen: true,
      verdict: 'chosen',
      why: null,
      masked: '+55 ••••• 4321',
    },
  ]);
  expect(await events(tieback)).toMatchObject([
    {
      shopId,
      connectionId,
      subject: 'gid://shopify/Order/5512345678901',
      eventName: 'Purchase',
      channel: 'business_messaging',
      eventId: 'shopify:order:5512345678901:Purchase',
      eventTime: START,
      deadline: new Date(START.getTime() + 7 * DAY_MS - 60 * 60_000),
      currency: 'BRL',
      state: 'due',
      attempts: 0,
    },
  ]);
  const user = { ph: basis === 'same' ? [expect.any(String)] : [expect.any(String), expect.any(String)] };
  expect(await payloads(tieback)).toMatchObject([{ user_data: user }]);
});

test.each<[string, Json, TapOptions | 'text' | null]>([
  ['no_phone', { phone: null, customer: null, shipping_address: null, billing_address: null }, {}],
  ['phone_hidden', withoutPersonalData(shopifyOrder({ contact_email: null })), {}],
  ['phone_invalid', withPhone('123'), {}],
  ['no_conversation', {}, null],
  ['no_ad_click', {}, 'text'],
  ['click_outside_window', {}, { at: before(7 * DAY_MS + 1000) }],
  ['click_after_order', {}, { at: before(-1000) }],
])('an order is not attributed: %s', async (reason, fields, tap) => {
  const tieback = await openTieback();
  await tieback.connect();
  const text = whatsappMessage({ from: MARIA.whatsapp, at: START.getTime() / 1000 - 3600 });
  if (tap === 'text') await tieback.sendWhatsApp(text);
  else if (tap !== null) await tieback.tapAd(tap);
  await tieback.pay(fields);
  await decide(tieback);
  expect(await orders(tieback)).toMatchObject([
    { decision: 'not_attributed', reason, referralId: null, paidAt: START },
  ]);
  expect(await events(tieback)).toEqual([]);
});

test('a click of exactly the window’s length still counts', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ at: before(7 * DAY_MS) });
  await tieback.pay();
  await decide(tieback);
  expect(await orders(tieback)).toMatchObject([{ decision: 'report' }]);
});

test.each<[string, Json, TapOptions, Partial<Settings>]>([
  ['test_order', { test: true }, {}, {}],
  ['zero_value', { total_price: '0.00' }, {}, {}],
  ['reporting_off', {}, {}, { reportPurchase: false }],
  ['no_click_id', {}, { clid: null }, {}],
  ['disconnected', {}, {}, {}],
  ['too_old', {}, {}, {}],
])('an order with a credited click is withheld: %s', async (reason, fields, tap, settings) => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd(tap);
  await decide(tieback);
  if (reason === 'disconnected') {
    await disconnectNumber(tieback.pipeline, connection.shopId, connection.connectionId);
  }
  if (reason === 'too_old') tieback.now.forward(7 * DAY_MS - 60 * 60_000 + 1000);
  await tieback.pay(fields, { triggeredAt: START });
  await decide(tieback);
  const [click] = await tieback.pipeline.db.referral.findMany();
  expect(await orders(tieback)).toMatchObject([{ decision: 'withheld', reason, referralId: click?.id }]);
  expect(await events(tieback)).toEqual([]);
});

test('the last click before the checkout gets the credit, whatever comes after', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ messageId: 'wamid.2', adId: 'second', clid: 'second', at: before(60_000) });
  await tieback.tapAd({ messageId: 'wamid.1', adId: 'first', clid: 'first', at: before(DAY_MS) });
  await tieback.tapAd({ messageId: 'wamid.3', adId: 'late', clid: 'late', at: before(-60_000) });
  await tieback.pay();
  await decide(tieback);
  expect(await payloads(tieback)).toMatchObject([{ user_data: { ctwa_clid: 'second' } }]);
});

test('an order waits for a message that came before it, and not for one that came after', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay();
  await tieback.pay({ id: 5512345678902 });
  expect(await attributeBatch(tieback.pipeline)).toBe(0);
  expect(await orders(tieback)).toEqual([]);
  expect(await captureBatch(tieback.pipeline)).toBe(1);
  await tieback.sendWhatsApp(whatsappMessage({ id: 'wamid.AFTER' }));
  expect(await attributeBatch(tieback.pipeline)).toBe(2);
  expect(await orders(tieback)).toMatchObject([{ decision: 'report' }, { decision: 'report' }]);
});

test('a message that cannot be read holds up no order', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.sendWhatsApp(whatsappMessage());
  await tieback.pipeline.db.delivery.updateMany({ data: { body: 'v1.test.AAAA' } });
  await tieback.pay();
  await decide(tieback);
  expect(await orders(tieback)).toMatchObject([{ decision: 'not_attributed' }]);
});

test('the same phone in two shops ties each order to its own shop’s conversation only', async () => {
  const tieback = await openTieback();
  const one = await tieback.connect();
  const two = await tieback.connect({
    domain: OTHER_SHOP,
    phoneNumberId: '106540352242999',
    datasetId: '774400112233999',
  });
  await tieback.tapAd();
  for (const domain of [one.domain, two.domain]) await tieback.pay({}, { domain });
  await decide(tieback);
  expect(await orders(tieback)).toMatchObject([
    { shopId: one.shopId, decision: 'report' },
    { shopId: two.shopId, decision: 'not_attributed', reason: 'no_conversation', contactId: null },
  ]);
  await tieback.tapAd({ messageId: 'wamid.2', phoneNumberId: two.phoneNumberId });
  await tieback.pay({ id: 7 }, { domain: two.domain });
  await decide(tieback);
  expect(await events(tieback)).toMatchObject([
    { shopId: one.shopId, connectionId: one.connectionId, datasetId: one.datasetId },
    { shopId: two.shopId, connectionId: two.connectionId, datasetId: '774400112233999' },
  ]);
});

test('a shop’s window is respected', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { windowDays: 30 });
  await tieback.tapAd({ at: before(29 * DAY_MS) });
  await tieback.pay();
  await decide(tieback);
  expect(await orders(tieback)).toMatchObject([{ decision: 'report', windowDays: 30 }]);
});

test('a shop that sends no hashes sends the click alone', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { sendCustomerHashes: false });
  await tieback.tapAd();
  await tieback.pay();
  await decide(tieback);
  const [payload] = await payloads(tieback);
  expect(Object.keys(payload?.['user_data'] ?? {})).toEqual(['whatsapp_business_account_id', 'ctwa_clid']);
});

test('a paused number’s order is still to be reported', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pipeline.db.connection.updateMany({ data: { state: 'paused' } });
  await tieback.pay();
  await decide(tieback);
  expect(await events(tieback)).toMatchObject([{ state: 'due', attempts: 0 }]);
});

test('after the decision nothing of the buyer is in any table', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay(withPhone('+5511986654321'));
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
  const dump = await dumpTables(tieback.databaseUrl);
  expect(dump).toContain('5512345678901');
  expect(dump).not.toMatch(/98665|86654321|Maria|Silva|Rua Exemplo|maria@|Sheena|Aff-n8ZT|EAAtoken/);
});

test('text that is half a character leaves the order whole', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay({
    id: 5512345678999,
    discount_codes: [{ code: 'VEM\ud800' }],
    source_name: 'loja\udc00',
  });
  await tieback.work();
  expect(await tieback.pipeline.db.order.findMany({ select: { decision: true } })).toEqual([
    { decision: 'report' },
  ]);
  expect(await tieback.pipeline.db.orderClue.findMany({ where: { kind: 'discount_code' } })).toMatchObject([
    { masked: 'VEM\ufffd' },
  ]);
});
