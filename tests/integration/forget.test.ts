import { expect, test } from 'vitest';
import { readOrder } from '../../app/domain/order.ts';
import { applyOrders } from '../../app/pipeline/apply-orders.ts';
import { browsingBatch } from '../../app/pipeline/browsing.ts';
import { lifecycleBatch } from '../../app/pipeline/lifecycle.ts';
import { undoMerge } from '../../app/pipeline/merge.ts';
import { shopFacts } from '../../app/pipeline/shop.ts';
import { linkByHand } from '../../app/pipeline/staff-link.ts';
import { shopifyCheckout } from '../builders/browsing.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { automaticEvent, contactCards } from '../sandbox/pretend-whatsapp.ts';
import { made, PRODUCT, withChats } from './chats.ts';
import {
  contacts,
  merges,
  minutesAgo,
  NEXT_USER,
  order,
  receive,
  tap,
  to,
  twoThenOne,
  USER,
} from './conversations.ts';
import { dumpTables } from './database.ts';
import { bought, changeSettings, gidOf, orderOf } from './linking.ts';
import { untilItWaits } from './locks.ts';
import { CLICK_ID, MARIA, openTieback, SHOP, START, type Tieback } from './tieback.ts';

const GID = 'gid://shopify/Order/5512345678901';

async function redact(tieback: Tieback, request: { phone?: string; orderIds?: number[] }): Promise<void> {
  const customer = { id: 8700000000001, phone: request.phone ?? null };
  const body = { shop_domain: SHOP, customer, orders_to_redact: request.orderIds ?? [] };
  expect((await tieback.sendShopify('customers/redact', body)).status).toBe(200);
  expect(await lifecycleBatch(tieback.pipeline)).toBe(1);
}

test.each([
  ['a number', { phone: MARIA.order }],
  ['an order', { orderIds: [5512345678901] }],
])(
  'who is forgotten by %s leaves neither what was merged nor what tied orders to them',
  async (_, request) => {
    const tieback = await openTieback();
    const connection = await tieback.connect();
    const { shopId } = connection;
    const { db, index } = tieback.pipeline;
    await twoThenOne(tieback, connection);
    const [contact] = await contacts(tieback);
    const contactId = contact?.id ?? '';
    await order(tieback, shopId, { gid: GID, placedAt: minutesAgo(2), phone: MARIA.whatsapp, contactId });
    const staffLink = { contactId, rejected: [], by: 'staff', at: START.toISOString() };
    const tied = {
      customerGid: 'gid://shopify/Customer/8700000000001',
      draft: 'sealed',
      reconsider: true,
      staffLink,
    };
    await db.order.updateMany({
      data: { ...tied, credits: [{ referralId: contact?.referrals[0]?.id, share: 1 }] },
    });
    const link = {
      shopId,
      contactId,
      kind: 'cart' as const,
      target: '/cart',
      token: 'sealed',
      createdBy: 'staff',
    };
    const hashed = { tokenHash: index(shopId, 'reference', 'token'), createdAt: START };
    await db.chatLink.create({ data: { ...link, ...hashed, id: '01a1eed9-0000-7000-8000-000000000001' } });
    await tap(tieback, { from: '5521900000000', messageId: 'wamid.OTHER' });

    await redact(tieback, request);
    expect(await db.contact.findMany()).toMatchObject([{ maskedPhone: '+55 ••••• 0000', mergedInto: null }]);
    expect(await merges(tieback)).toEqual([]);
    expect(await db.order.findMany()).toMatchObject([
      {
        gid: GID,
        contactId: null,
        customerGid: null,
        draft: null,
        staffLink: null,
        credits: [],
        reconsider: false,
      },
    ]);
    expect([await db.orderClue.count(), await db.chatLink.count(), await db.referral.count()]).toEqual([
      0, 0, 1,
    ]);
    const dump = await dumpTables(tieback.databaseUrl);
    for (const trace of [contactId, index(shopId, 'phone', MARIA.whatsapp).toString('hex')]) {
      expect(dump).not.toContain(trace);
    }
  },
);

test('a number that somebody else sent as a card is forgotten, and who sent it is not', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const card = { ...to(connection, { userId: USER, messageId: 'wamid.CARD' }), origin: 'other' as const };
  await receive(tieback, contactCards({ ...card, numbers: [MARIA.whatsapp] }));
  await redact(tieback, { phone: MARIA.order });
  expect(await contacts(tieback)).toMatchObject([{ identities: [{ kind: 'user_id' }] }]);
});

test('who was taken apart from the forgotten person stays', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await twoThenOne(tieback, connection);
  const [merge] = await merges(tieback);
  await tieback.pipeline.db.$transaction((tx) =>
    undoMerge(tieback.pipeline, tx, connection.shopId, merge?.id ?? ''),
  );
  await tap(tieback, { from: null, userId: NEXT_USER, messageId: 'wamid.NEXT' });
  await redact(tieback, { phone: MARIA.order });
  expect(await contacts(tieback)).toMatchObject([
    { identities: [{ kind: 'user_id' }], referrals: [{}] },
    { identities: [{ kind: 'user_id' }] },
  ]);
  expect(await merges(tieback)).toEqual([]);
});

test('what a comparison of past orders showed of people is forgotten with anybody’s request, its sums are not', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  const { db } = tieback.pipeline;
  const difference = { changed: 1, examples: [{ gid: GID, name: '#1', before: {}, after: {} }] };
  await db.attributionRerun.create({
    data: {
      shopId,
      id: '01a1eed9-97c0-781c-91c8-202c20707013',
      since: minutesAgo(60),
      until: START,
      settings: {},
      difference,
      startedBy: 'staff',
      startedAt: START,
    },
  });
  await redact(tieback, { phone: MARIA.order });
  expect(await db.attributionRerun.findMany({ select: { difference: true } })).toEqual([
    { difference: { changed: 1 } },
  ]);
});

test.each([
  ['her number', { phone: MARIA.order }],
  ['her order', { orderIds: [1] }],
])('who is forgotten by %s is not named in the evidence of anybody else’s order', async (_, request) => {
  const { tieback, shop, maria, joao, make } = await withChats(await openTieback());
  const { pipeline } = tieback;
  const [hers, his] = [await made(make(maria, PRODUCT)), await made(make(joao, PRODUCT))];
  const note = (token: string) => ({ note_attributes: [{ name: '__wa_ref', value: token }] });
  await tieback.pay(bought(1));
  await tieback.pay({ ...bought(2, { buyer: 2 }), ...note(his.token) });
  await tieback.pay({ ...bought(3, { buyer: 2, phone: null }), ...note(hers.token) });
  await tieback.work();
  const word = { shopId: shop.id, gid: gidOf(3), contactId: joao, rejected: [maria], by: 'staff' };
  expect(await linkByHand(pipeline, word)).toEqual({ kind: 'linked', contactId: joao });
  for (const id of [2, 3]) {
    const evidence = [{ contactId: joao }, { contactId: maria }];
    expect(await orderOf(tieback, id)).toMatchObject({ contactId: joao, evidence });
  }

  await redact(tieback, request);
  const chosen = { verdict: 'chosen', contactId: joao };
  expect((await orderOf(tieback, 2)).evidence).toEqual([expect.objectContaining(chosen)]);
  expect((await orderOf(tieback, 3)).evidence).toEqual([expect.objectContaining(chosen)]);
  const dump = await dumpTables(tieback.databaseUrl);
  expect(dump).not.toContain(maria);
  expect(dump).not.toContain('••••• 4321');
});

test('of an order that is just being decided while its shop is erased nothing is left', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  const { db } = tieback.pipeline;
  const facts = shopFacts(await db.shop.findUniqueOrThrow({ where: { id: shopId } }));
  const read = readOrder(JSON.stringify(shopifyOrder(bought(1))));
  if (read.kind !== 'order') throw new Error(read.kind);
  expect((await tieback.sendShopify('shop/redact', { shop_domain: SHOP })).status).toBe(200);
  let erased: Promise<number> | undefined;
  await db.$transaction(async (deciding) => {
    const payment = { paidAt: START, toldBy: 'orders_paid' as const };
    await applyOrders(tieback.pipeline, deciding, [{ shop: facts, order: read.order, payment }]);
    expect(await deciding.orderClue.count()).toBeGreaterThan(0);
    erased = lifecycleBatch(tieback.pipeline);
    await untilItWaits(tieback, erased);
  });
  expect(await erased).toBe(1);
  expect([await db.shop.count(), await db.order.count(), await db.orderClue.count()]).toEqual([0, 0, 0]);
});

test('who is forgotten leaves no checkout, no automatic event, no consent, and no event of their clicks that says anything', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { db } = tieback.pipeline;
  await changeSettings(tieback, connection, { reportLeadSubmitted: true, reportInitiateCheckout: true });
  await tieback.tapAd();
  await tap(tieback, { from: '5521900000000', messageId: 'wamid.OTHER', clid: 'another-click' });
  const detected = to(connection, { messageId: 'wamid.TAP' });
  for (const clid of [CLICK_ID, 'another-click']) {
    await receive(tieback, automaticEvent({ ...detected, clid, messageId: `wamid.${clid}` }));
  }
  expect((await tieback.sendShopify('checkouts/create', shopifyCheckout())).status).toBe(200);
  await browsingBatch(tieback.pipeline);
  const consent = { shopId: connection.shopId, askedAt: START };
  await db.customerConsent.createMany({
    data: ['8700000000001', '1'].map((id) => ({ ...consent, customerGid: `gid://shopify/Customer/${id}` })),
  });
  const counts = () =>
    Promise.all([
      db.checkout.count(),
      db.automaticEvent.count(),
      db.customerConsent.count(),
      db.referral.count(),
    ]);
  expect(await counts()).toEqual([1, 2, 2, 2]);

  await redact(tieback, { phone: MARIA.order });
  expect(await counts()).toEqual([0, 1, 1, 1]);
  const events = await db.conversionEvent.findMany({ orderBy: { state: 'asc' } });
  expect(events).toMatchObject([
    { state: 'due', reason: null, payload: expect.stringMatching(/./) as string },
    { state: 'withheld', reason: 'customer_erased', payload: '' },
  ]);
});
