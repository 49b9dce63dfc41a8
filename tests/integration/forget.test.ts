import { expect, test } from 'vitest';
import { lifecycleBatch } from '../../app/pipeline/lifecycle.ts';
import { undoMerge } from '../../app/pipeline/merge.ts';
import { contactCards } from '../sandbox/pretend-whatsapp.ts';
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
import { MARIA, openTieback, SHOP, START, type Tieback } from './tieback.ts';

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
