import { expect, test } from 'vitest';
import { maskedPayload } from '../../app/domain/masked-payload.ts';
import { explainMetaError } from '../../app/domain/meta-error-words.ts';
import type { Reason } from '../../app/domain/reason.ts';
import { actOnOrder } from '../../app/pages/order/act.ts';
import { loadOrder, type OrderDetail } from '../../app/pages/order/load.ts';
import { ALL_ORDERS } from '../../app/pages/orders/filter.ts';
import { loadOrders } from '../../app/pages/orders/load.ts';
import { loadOverview } from '../../app/pages/overview/load.ts';
import { shopifyAddress } from '../builders/shopify.ts';
import {
  bought,
  changeSettings,
  CHECKOUT,
  contactOf,
  DAY_MS,
  decide,
  eventsOf,
  gidOf,
  JOAO,
  orderOf,
  tell,
} from './linking.ts';
import { CLICK_ID, openTieback, SHOP, START, type Tieback } from './tieback.ts';

const PENDING = { financial_status: 'pending', total_outstanding: '214.90' };
const HIDDEN = 'a customer whose number WhatsApp hides';

const shopOf = ({ pipeline }: Tieback) => pipeline.db.shop.findUniqueOrThrow({ where: { domain: SHOP } });

async function pageOf(tieback: Tieback): Promise<OrderDetail> {
  const page = await loadOrder(tieback.services, await shopOf(tieback), '1');
  if (page === null) throw new Error('the order is not there');
  return page;
}

async function say(tieback: Tieback, fields: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return actOnOrder(tieback.services, await shopOf(tieback), { legacyId: '1', by: 'somebody', form });
}

/** Maria's phone on the order, João's on the billing address; a pickup. */
async function openClaimed(): Promise<Tieback> {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.tapAd({ from: JOAO, messageId: 'wamid.JOAO', clid: 'joao' });
  const billing_address = shopifyAddress({ phone: '(21) 98877-6655' });
  await tieback.pay({ ...bought(1), phone: '(11) 98665-4321', billing_address, shipping_address: null });
  await tieback.work();
  return tieback;
}

test('of two chats that claim an order the wrong one is set aside, and the order stays with the other', async () => {
  const tieback = await openClaimed();
  const { link } = await pageOf(tieback);
  expect(link).toMatchObject({
    disagreement: true,
    chat: { name: '+55 ••••• 4321' },
    evidence: [
      { chosen: true, chat: { name: '+55 ••••• 4321' } },
      { disagrees: true, chat: { name: '+55 ••••• 6655' } },
    ],
  });
  expect(await say(tieback, { intent: 'part', contactId: link.evidence[1]?.chat.contactId ?? '' })).toEqual({
    kind: 'parted',
  });
  const settled = await pageOf(tieback);
  expect(settled.link).toMatchObject({
    disagreement: false,
    chat: { name: '+55 ••••• 4321' },
    evidence: [{ chosen: true }, { disagrees: false, why: expect.stringContaining('does not belong') }],
    staff: {
      sentence: expect.stringMatching(/^Somebody said that it does not belong to a chat that claimed it/),
    },
  });
  expect(settled.steps.map(({ title }) => title)).toContain('A chat set aside by hand');
  expect(await say(tieback, { intent: 'take_back' })).toEqual({ kind: 'taken_back' });
  expect((await pageOf(tieback)).link).toMatchObject({ disagreement: true, staff: null });
});

test('a chat of a hidden number is named without one', async () => {
  const tieback = await openClaimed();
  const { db } = tieback.pipeline;
  await db.contact.updateMany({
    where: { id: await contactOf(tieback, '6655') },
    data: { maskedPhone: null },
  });
  expect((await pageOf(tieback)).link.evidence.map(({ chat }) => chat.name)).toEqual([
    '+55 ••••• 4321',
    HIDDEN,
  ]);
});

test('an unpaid order waits for its payment until it is cancelled', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tell(tieback, 'orders/create', { ...bought(1), ...PENDING });
  await decide(tieback);
  const waiting = await pageOf(tieback);
  expect(waiting.why.fix).not.toBeNull();
  expect(waiting.steps.at(-1)).toMatchObject({ title: 'Tell Meta', mark: 'waiting' });

  const cancelledAt = new Date(CHECKOUT.getTime() + 60_000).toISOString();
  const cancelled = { ...bought(1), ...PENDING, cancelled_at: cancelledAt, updated_at: cancelledAt };
  await tell(tieback, 'orders/cancelled', cancelled);
  await decide(tieback);
  const ended = await pageOf(tieback);
  expect(ended.why.fix).toBeNull();
  expect(ended.steps.slice(-2)).toMatchObject([
    { title: 'Order cancelled' },
    { title: 'Meta is not told', detail: 'The order was cancelled.', mark: 'skipped' },
  ]);
});

test('a refused OrderCreated is on the overview by its name, and is not called a purchase', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, { reportOrderCreated: true });
  await tieback.tapAd();
  await tell(tieback, 'orders/create', { ...bought(1), ...PENDING });
  await tieback.work();
  await tieback.pipeline.db.conversionEvent.updateMany({
    data: { state: 'refused', reason: 'refused_amount', httpStatus: 400, errorCode: '100/2804009' },
  });
  await tieback.pay(bought(1));
  await tieback.work();
  expect(await eventsOf(tieback)).toHaveLength(2);

  const { told, untold } = await pageOf(tieback);
  expect(Object.fromEntries(told.map(({ name, sentence }) => [name, sentence]))).toEqual({
    OrderCreated: 'Meta refused the order because of its amount or currency.',
    Purchase: 'Meta confirmed that it has this purchase.',
  });
  expect(untold).toBeNull();
  expect(told.map(({ label, badge }) => `${label}: ${badge.label}`)).toEqual([
    'Order placed: Refused',
    'Purchase: Reported',
  ]);
  const { receipts } = await loadOverview(tieback.services, await shopOf(tieback), false);
  expect(receipts.map(({ event, badge, name }) => `${name} ${event} ${badge.label}`).toSorted()).toEqual([
    '#1042 Order placed Refused',
    '#1042 Purchase Reported',
  ]);
});

test('Meta’s error is explained by its code, and the event is shown masked as it was sent', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await tieback.work();
  await tieback.pipeline.db.conversionEvent.updateMany({
    data: { state: 'refused', reason: 'refused_click_id', httpStatus: 400, errorCode: '100/2804087' },
  });
  const [event] = (await pageOf(tieback)).told;
  expect(event?.answer).toMatchObject({
    httpStatus: 400,
    code: '100/2804087',
    error: { title: explainMetaError('100/2804087').title, fix: expect.any(String) },
  });
  const [accepted] = tieback.meta.accepted();
  expect(JSON.parse(event?.json ?? '')).toEqual(maskedPayload(accepted?.event));
  expect(JSON.stringify(await pageOf(tieback))).not.toContain(CLICK_ID);

  await tieback.pipeline.db.conversionEvent.updateMany({ data: { payload: '' } });
  expect((await pageOf(tieback)).told).toMatchObject([{ json: null }]);
});

test('a withheld order shows why Meta is not told, and what it would be told', async () => {
  const tieback = await openTieback();
  await changeSettings(tieback, await tieback.connect(), { channelOnlineStore: 'none' });
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await tieback.work();
  const { told, untold } = await pageOf(tieback);
  expect(told).toEqual([]);
  expect(untold).toMatchObject({
    name: 'Purchase',
    badge: { label: 'Not sent' },
    sentence: 'Your settings keep orders from the online store’s checkout from Meta.',
    problems: [],
  });
  expect(JSON.parse(untold?.json ?? '')).toMatchObject({ data: [{ event_name: 'Purchase' }] });

  await tieback.pipeline.db.order.updateMany({ data: { draft: null } });
  expect((await pageOf(tieback)).untold).toMatchObject({ json: null, sentence: untold?.sentence });
});

test('the buyer’s word and what Meta noticed by itself are on the page', async () => {
  const tieback = await openTieback();
  const { shopId, connectionId } = await tieback.connect();
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await tieback.work();
  expect(await pageOf(tieback)).toMatchObject({
    automatic: [],
    privacy: { said: 'Nothing was said', saleOptOut: 'Shopify was not asked' },
  });

  const { db } = tieback.pipeline;
  const clickHash = new Uint8Array([1, 2, 3]);
  await db.referral.updateMany({ data: { clickHash } });
  const seen = {
    shopId,
    connectionId,
    eventName: 'Purchase',
    clickHash,
    receivedAt: START,
    value: '250',
    currency: 'BRL',
  };
  const far = new Date(START.getTime() - 30 * DAY_MS);
  await db.automaticEvent.createMany({
    data: [
      { ...seen, key: 'near', at: START },
      { ...seen, key: 'far', at: far },
      { ...seen, key: 'lead', at: START, eventName: 'LeadSubmitted' },
      { ...seen, key: 'of another order', at: START, orderGid: gidOf(2) },
    ],
  });
  await db.order.updateMany({ data: { consent: 'denied' } });
  const { customerGid } = await orderOf(tieback, 1);
  await db.customerConsent.create({
    data: { shopId, customerGid: customerGid ?? '', askedAt: START, answeredAt: START, saleOptOut: true },
  });
  const page = await pageOf(tieback);
  expect(page.automatic.map(({ sentence }) => sentence)).toEqual([
    'Meta itself saw a purchase of R$250.00 in this chat, Nov 18, 2026, 1:30 PM.',
  ]);
  expect(page.privacy).toEqual({
    said: 'Refused marketing in your store: Meta is not told',
    saleOptOut: 'Opted out, says Shopify, Nov 18, 2026, 1:30 PM',
  });

  await db.automaticEvent.updateMany({ where: { key: 'near' }, data: { orderGid: gidOf(1) } });
  await db.order.updateMany({ data: { decision: 'withheld', reason: 'reported_automatically' } });
  expect((await pageOf(tieback)).automatic.map(({ sentence }) => sentence)).toEqual([
    expect.stringContaining('It stands for this order. So Meta was not told a second time.'),
  ]);
});

test('the list of orders is narrowed by the reason that each order shows', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await tieback.pay(bought(2, { phone: null, buyer: 2 }));
  await tieback.work();
  const listed = async (reason: Reason | null) => {
    const { lines, reasons } = await loadOrders(tieback.services, await shopOf(tieback), {
      ...ALL_ORDERS,
      reason,
    });
    return { gids: lines.map(({ gid }) => gid), reasons: reasons.map(({ value }) => value) };
  };
  expect(await listed(null)).toEqual({ gids: [gidOf(2), gidOf(1)], reasons: ['no_phone'] });
  expect((await listed('no_phone')).gids).toEqual([gidOf(2)]);
  expect(await listed('refused_click_id')).toEqual({ gids: [], reasons: ['refused_click_id', 'no_phone'] });

  const { db } = tieback.pipeline;
  // The reason of an earlier try is not the reason of a receipt.
  await db.conversionEvent.updateMany({ data: { reason: 'throttled' } });
  expect((await listed('throttled')).gids).toEqual([]);
  await db.conversionEvent.updateMany({ data: { state: 'refused', reason: 'refused_click_id' } });
  expect((await listed('refused_click_id')).gids).toEqual([gidOf(1)]);
  await db.conversionEvent.updateMany({ data: { state: 'expired', reason: 'no_answer' } });
  expect([(await listed('expired')).gids, (await listed('no_answer')).gids]).toEqual([[gidOf(1)], []]);
});
