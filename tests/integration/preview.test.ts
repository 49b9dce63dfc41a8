import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { CHANNEL_CHOICES, type OrderClass } from '../../app/domain/channel.ts';
import { hashPhone } from '../../app/domain/customer-data.ts';
import { maskedPayload } from '../../app/domain/masked-payload.ts';
import type { PhoneDigits } from '../../app/domain/phone.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../app/domain/settings.ts';
import { draftOf, sentFields } from '../../app/pages/settings/fields.ts';
import { answerPreview } from '../../app/pages/settings/preview.ts';
import { loadReportingFacts } from '../../app/pages/settings/reporting-facts.ts';
import { previewEvent, type Preview } from '../../app/pipeline/preview.ts';
import { shopFacts } from '../../app/pipeline/shop.ts';
import { createVault } from '../../app/storage/vault.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { bought, changeSettings, decide, gidOf } from './linking.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { CLICK_ID, MARIA, openTieback, SHOP, type Tieback } from './tieback.ts';

type Given = { settings?: Partial<Settings>; id?: number; made?: OrderClass; domain?: string };

const rowOf = ({ pipeline }: Tieback, domain: string = SHOP) =>
  pipeline.db.shop.findUniqueOrThrow({ where: { domain } });

async function preview(tieback: Tieback, given: Given = {}): Promise<Preview | null> {
  const shop = shopFacts(await rowOf(tieback, given.domain));
  return previewEvent(tieback.pipeline, shop, {
    settings: { ...shop.settings, ...given.settings },
    ...(given.id !== undefined && { gid: gidOf(given.id) }),
    ...(given.made !== undefined && { made: given.made }),
  });
}

/** An order that an ad led to, decided under these settings. */
async function withOrder(settings: Partial<Settings> = {}): Promise<Tieback> {
  const tieback = await openTieback();
  await changeSettings(tieback, await tieback.connect(), settings);
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await decide(tieback);
  return tieback;
}

const KINDS = Object.keys(CHANNEL_CHOICES) as OrderClass[];

test.each(KINDS)('a shop without orders sees an example of an order that is %s', async (made) => {
  const tieback = await openTieback();
  await tieback.connect();
  const shown = await preview(tieback, { made });
  expect(shown).toMatchObject({ basis: { kind: 'sample', made }, asKept: false, problems: [] });
  expect(shown?.withheld).toBe(made === 'renewal' ? 'renewal' : null);
  expect(shown?.payload).toMatchObject({
    event_name: 'Purchase',
    action_source: 'business_messaging',
    user_data: {
      whatsapp_business_account_id: '102290129340398',
      ctwa_clid: expect.stringMatching(/^.{6}…$/),
    },
    custom_data: { currency: 'BRL', value: 120 },
  });
});

test('what is shown of an order is what Meta is told, but for what tells of a person', async () => {
  const tieback = await withOrder();
  const shown = await preview(tieback);
  await tieback.work();
  const [accepted] = tieback.meta.accepted();
  expect(shown).toMatchObject({ basis: { kind: 'order', gid: gidOf(1) }, withheld: null, problems: [] });
  const masked = maskedPayload(accepted?.event);
  expect(shown?.payload).toEqual(masked);
  expect(shown?.body).toEqual({ data: [masked], partner_agent: 'tieback' });
  expect(await preview(tieback)).toEqual(shown);

  const words = JSON.stringify(shown);
  expect(words).not.toContain(CLICK_ID);
  expect(words).not.toContain(hashPhone(MARIA.digits as PhoneDigits));
  expect(words).not.toContain('203.0.113.24');
});

test('unsaved settings change what is shown and nothing that is stored', async () => {
  const tieback = await withOrder();
  const before = await tieback.pipeline.db.conversionEvent.findMany();
  const limited = await preview(tieback, { settings: { attributionOnly: true, limitedDataUse: 'everyone' } });
  expect(limited?.payload).toMatchObject({ opt_out: true, data_processing_options: ['LDU'] });
  const bare = await preview(tieback, { settings: { sendCustomerHashes: false } });
  expect(Object.keys((bare?.payload as { user_data: object }).user_data).toSorted()).toEqual([
    'ctwa_clid',
    'whatsapp_business_account_id',
  ]);
  expect(await preview(tieback, { settings: { reportPurchase: false } })).toMatchObject({
    withheld: 'reporting_off',
    payload: { event_name: 'Purchase' },
  });
  expect(await tieback.pipeline.db.conversionEvent.findMany()).toEqual(before);
});

test('the value of an order that was read stands, that of an example follows the rule', async () => {
  const tieback = await withOrder();
  const settings = { valueRule: 'subtotal', contentIds: 'product' } as const;
  const valueOf = (shown: Preview | null) =>
    (shown?.payload as { custom_data: { value: number } }).custom_data.value;
  expect(valueOf(await preview(tieback, { settings }))).toBe(valueOf(await preview(tieback)));
  expect((await preview(tieback, { settings }))?.asKept).toBe(true);
  expect(valueOf(await preview(tieback, { settings, made: 'online_store' }))).toBe(100);
});

test('an order that is withheld by choice shows what would be told, and that another choice tells it', async () => {
  const tieback = await withOrder({ channelOnlineStore: 'none' });
  const shown = await preview(tieback, { id: 1 });
  expect(shown).toMatchObject({ withheld: 'online_store_off', payload: { event_name: 'Purchase' } });
  const told = await preview(tieback, { id: 1, settings: { channelOnlineStore: 'business_messaging' } });
  expect(told).toMatchObject({ withheld: null, payload: shown?.payload });
});

test('a website sale needs a pixel, and hides the browser that it carries', async () => {
  const tieback = await withOrder();
  const settings = { channelOnlineStore: 'website', websiteEventId: '{checkout_token}' } as const;
  const without = await preview(tieback, { settings, made: 'online_store' });
  expect(without).toMatchObject({ channel: 'website', withheld: 'no_pixel', problems: [] });
  expect(without?.payload).toMatchObject({
    action_source: 'website',
    user_data: { client_user_agent: '…', client_ip_address: '…' },
  });
  const { id: shopId } = await rowOf(tieback);
  await tieback.pipeline.db.connection.create({
    data: { shopId, id: crypto.randomUUID(), kind: 'pixel', datasetId: '9', token: '' },
  });
  expect(await preview(tieback, { settings, made: 'online_store' })).toMatchObject({
    withheld: null,
    payload: { event_id: '0'.repeat(32) },
  });
  const { checkout_token: token } = shopifyOrder();
  expect(await preview(tieback, { settings })).toMatchObject({
    basis: { kind: 'order' },
    withheld: null,
    problems: [],
    payload: { action_source: 'website', event_id: token },
  });
  expect((await loadReportingFacts(tieback.pipeline, shopId)).pixel).toBe(true);
  const inStore = { channelPointOfSale: 'physical_store', sendCustomerHashes: false } as const;
  expect(await preview(tieback, { settings: inStore, made: 'point_of_sale' })).toMatchObject({
    withheld: 'no_customer_data',
  });
});

test('of an order of another shop, of nobody, or of somebody who was forgotten nothing is shown', async () => {
  const tieback = await withOrder();
  const other = 'outra-loja.myshopify.com';
  await tieback.connect({ domain: other, wabaId: '2', phoneNumberId: '2', datasetId: '2' });
  expect(await preview(tieback, { domain: other, id: 1 })).toBeNull();
  expect(await preview(tieback, { id: 2 })).toBeNull();
  expect(await preview(tieback, { domain: other })).toMatchObject({ basis: { kind: 'sample' } });

  const elsewhere = createVault([{ id: 'other', key: randomBytes(32) }]);
  const locked = { ...tieback, pipeline: { ...tieback.pipeline, vault: elsewhere } };
  expect(await preview(locked, { id: 1 })).toBeNull();

  await tieback.pipeline.db.conversionEvent.updateMany({ data: { payload: '' } });
  await tieback.pipeline.db.order.updateMany({ data: { draft: null } });
  expect(await preview(tieback, { id: 1 })).toBeNull();
  expect(await preview(tieback)).toMatchObject({ basis: { kind: 'sample' } });
});

test('the settings page previews its form, saved or not, and says what is wrong in it', async () => {
  const tieback = await withOrder();
  const ask = async (change: Partial<ReturnType<typeof draftOf>>, of: string) => {
    const form = new FormData();
    const fields = { ...sentFields({ ...draftOf(DEFAULT_SETTINGS), ...change }), of };
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return answerPreview(tieback.pipeline, await rowOf(tieback), form);
  };
  expect(await ask({}, 'latest')).toMatchObject({
    kind: 'preview',
    view: { title: expect.stringMatching(/^Order /), tone: 'success', problems: [] },
  });
  expect(await ask({ channelPointOfSale: 'physical_store' }, 'point_of_sale')).toMatchObject({
    kind: 'preview',
    view: { title: 'An example: at a point of sale', sentence: expect.stringContaining('no pixel') },
  });
  expect(await ask({ alertEmail: 'nobody' }, 'latest')).toMatchObject({
    kind: 'invalid_settings',
    problems: { alertEmail: 'Enter an email address, or nothing.' },
  });
});

test('the operator sees the same, of an order by its number or of the latest', async () => {
  const { tieback, env } = await openOperated();
  await tieback.connect();
  expect(await jsonOf(['preview', '--shop', SHOP], env)).toMatchObject({ name: 'example: online_store' });
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await decide(tieback);
  const shown = await preview(tieback);
  const latest = await jsonOf(['preview', '--shop', SHOP], env);
  expect(latest).toMatchObject({ order_id: gidOf(1), withheld: null, body: shown?.body });
  expect(await jsonOf(['preview', '--shop', SHOP, '--order', '1'], env)).toEqual(latest);
  expect(await tiebackCommand(['preview', '--shop', SHOP, '--order', '7'], env)).toMatchObject({ code: 1 });
  expect(await tiebackCommand(['preview', '--shop', SHOP, '--order', 'x'], env)).toMatchObject({ code: 2 });
});

test('the settings page counts the paid orders of each kind, and names what Meta refused', async () => {
  const tieback = await withOrder();
  await tieback.pay(bought(2, { phone: null }));
  await decide(tieback);
  const { id } = await rowOf(tieback);
  await tieback.pipeline.db.connection.updateMany({ data: { parkedEvents: ['QualifiedLead'] } });
  expect(await loadReportingFacts(tieback.pipeline, id)).toMatchObject({
    days: 30,
    orders: { online_store: 2, in_chat: 0 },
    pixel: false,
    parked: [{ name: 'QualifiedLead', numbers: ['+55 11 91234-5678'] }],
  });
  tieback.now.forward(40 * 24 * 60 * 60 * 1000);
  expect((await loadReportingFacts(tieback.pipeline, id)).orders.online_store).toBe(0);
});

test('a website event is shown with the shop’s own event id, whether its pixel is connected or not', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  const shown = await preview(tieback, {
    settings: { channelOnlineStore: 'website', websiteEventId: 'sale-{checkout_token}' },
  });
  expect(shown).toMatchObject({ withheld: 'no_pixel', channel: 'website' });
  expect(shown?.payload).toMatchObject({ event_id: expect.stringMatching(/^sale-\w+$/) });
});

test('an event whose name is parked is shown with that reason', async () => {
  const tieback = await withOrder();
  await tieback.pipeline.db.connection.updateMany({ data: { parkedEvents: ['Purchase'] } });
  expect(await preview(tieback)).toMatchObject({ withheld: 'event_name_parked', payload: {} });
});
