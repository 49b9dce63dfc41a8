import { expect, test } from 'vitest';
import {
  contactCards,
  numberChanged,
  textMessage,
  userIdChanged,
  userIdUpdate,
} from '../sandbox/pretend-whatsapp.ts';
import {
  contacts,
  DAY_MS,
  marked,
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
import { MARIA, openTieback, START } from './tieback.ts';

test('a message with both makes one contact of two, with the clicks of both, and records what moved', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await twoThenOne(tieback, connection);
  const [contact, ...others] = await contacts(tieback);
  expect(others).toEqual([]);
  expect(contact).toMatchObject({
    maskedPhone: '+55 ••••• 4321',
    messages: 3,
    firstMessageAt: minutesAgo(60),
    lastMessageAt: minutesAgo(5),
    identities: [{}, {}],
    referrals: [{ clickedAt: minutesAgo(60) }, { clickedAt: minutesAgo(30) }],
  });
  expect(await merges(tieback)).toMatchObject([
    {
      contactId: contact?.id,
      shownBy: 'message',
      mergedAt: START,
      undoneAt: null,
      moved: {
        identities: [expect.stringMatching(/^[0-9a-f]{32}$/)],
        referrals: [contact?.referrals[1]?.id],
        messages: 1,
      },
    },
  ]);
});

test('orders and chat links go with the contact, and orders of the last 7 days are decided again', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { shopId } = connection;
  await tap(tieback, { from: null, userId: USER, messageId: 'wamid.HIDDEN', at: minutesAgo(60) });
  await tap(tieback, { messageId: 'wamid.NUMBER', clid: 'number', at: minutesAgo(30) });
  const [hidden, byNumber] = await contacts(tieback);
  const contactId = byNumber?.id ?? '';
  const links = {
    shopId,
    kind: 'cart' as const,
    target: '/cart',
    token: 'sealed',
    createdBy: 'staff',
    createdAt: START,
  };
  const tokenHash = tieback.pipeline.index(shopId, 'reference', 'token');
  const link = { ...links, id: '01a1eed9-0000-7000-8000-000000000001', contactId, tokenHash };
  await tieback.pipeline.db.chatLink.create({ data: link });
  await order(tieback, shopId, { gid: 'recent', placedAt: minutesAgo(10), phone: MARIA.whatsapp, contactId });
  const old = new Date(START.getTime() - 8 * DAY_MS);
  await order(tieback, shopId, { gid: 'old', placedAt: old, phone: MARIA.whatsapp, contactId });

  await receive(
    tieback,
    textMessage(to(connection, { from: MARIA.whatsapp, userId: USER, messageId: 'wamid.BOTH' })),
  );
  const { db } = tieback.pipeline;
  expect(await db.order.findMany({ orderBy: { gid: 'asc' } })).toMatchObject([
    { gid: 'old', contactId: hidden?.id, reconsider: false },
    { gid: 'recent', contactId: hidden?.id, reconsider: true },
  ]);
  expect(await db.chatLink.findMany()).toMatchObject([{ contactId: hidden?.id }]);
  expect(await merges(tieback)).toMatchObject([
    { moved: { orders: ['old', 'recent'], chatLinks: [link.id] } },
  ]);
});

test('a number that is learned late marks the paid orders of the last 7 days that carry it', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const days = (count: number) => new Date(START.getTime() - count * DAY_MS);
  for (const [gid, placedAt, paid] of [
    ['5 days', days(5), true],
    ['8 days', days(8), true],
    ['unpaid', days(1), false],
  ] as const) {
    await order(tieback, connection.shopId, { gid, placedAt, paid, phone: MARIA.whatsapp });
  }
  await order(tieback, connection.shopId, { gid: 'other', placedAt: days(1), phone: '5521900000000' });
  const sender = to(connection, { userId: USER, messageId: 'wamid.HELLO' });
  await receive(tieback, textMessage(sender));
  expect(await marked(tieback)).toEqual([]);
  const answer = { ...sender, messageId: 'wamid.ANSWER', origin: 'contact_request' as const };
  await receive(tieback, contactCards({ ...answer, numbers: [MARIA.whatsapp] }));
  expect(await marked(tieback)).toEqual(['5 days']);
  expect(await contacts(tieback)).toMatchObject([{ messages: 2, maskedPhone: '+55 ••••• 4321' }]);
});

test('a card that a person sent is theirs until its number writes, and never the shop’s own number', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const sender = to(connection, { userId: USER, messageId: 'wamid.CARD' });
  const own = connection.displayNumber.replace(/\D/g, '');
  const card = { ...sender, origin: 'other' as const };
  await receive(tieback, contactCards({ ...card, numbers: [own] }));
  expect(await contacts(tieback)).toMatchObject([{ identities: [{ kind: 'user_id' }] }]);

  await receive(tieback, contactCards({ ...card, messageId: 'wamid.CARD2', numbers: [MARIA.whatsapp] }));
  await order(tieback, connection.shopId, { gid: 'hers', placedAt: minutesAgo(9), phone: MARIA.whatsapp });
  const { db } = tieback.pipeline;
  expect(await db.contactIdentity.findMany({ where: { kind: 'phone' } })).toMatchObject([
    { source: 'shared_contact' },
  ]);
  await receive(
    tieback,
    textMessage({ ...sender, from: MARIA.whatsapp, userId: NEXT_USER, messageId: 'wamid.SELF' }),
  );
  expect(await contacts(tieback)).toMatchObject([{ identities: [{}] }, { identities: [{}, {}] }]);
  expect(await marked(tieback)).toEqual(['hers']);
  expect(await merges(tieback)).toEqual([]);
});

test('a change of number counts as nobody’s message and leads the new number to the old contact', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tap(tieback, { userId: USER, at: minutesAgo(60) });
  const change = to(connection, { messageId: 'wamid.CHANGE', userId: USER });
  const ids = { from: MARIA.whatsapp, to: '5521900000000', newUserId: NEXT_USER };
  await receive(tieback, numberChanged({ ...change, ...ids }));
  await receive(
    tieback,
    textMessage({ ...change, from: '5521900000000', userId: NEXT_USER, messageId: 'wamid.NEW' }),
  );
  expect(await contacts(tieback)).toMatchObject([
    { messages: 2, lastMessageAt: START, maskedPhone: '+55 ••••• 0000', identities: [{}, {}, {}, {}] },
  ]);
});

test('a notice about somebody nobody knows makes a contact whose times are those of its first message', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const change = to(connection, { messageId: 'wamid.CHANGE' });
  await receive(tieback, numberChanged({ ...change, from: MARIA.whatsapp, to: '5521900000000' }));
  await receive(
    tieback,
    textMessage({ ...change, from: MARIA.whatsapp, messageId: 'wamid.1', at: minutesAgo(-3) }),
  );
  expect(await contacts(tieback)).toMatchObject([
    { messages: 1, firstMessageAt: minutesAgo(-3), lastMessageAt: minutesAgo(-3), identities: [{}, {}] },
  ]);
});

test.each([
  ['a system message', userIdChanged],
  ['the field user_id_update', userIdUpdate],
])('a user id that %s says has changed merges the contacts of both', async (_, notice) => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tap(tieback, { from: null, userId: USER, messageId: 'wamid.1', clid: 'one', at: minutesAgo(60) });
  await tap(tieback, {
    from: null,
    userId: NEXT_USER,
    messageId: 'wamid.2',
    clid: 'two',
    at: minutesAgo(30),
  });
  const change = { ...to(connection, { messageId: 'wamid.CHANGE' }), userId: USER, newUserId: NEXT_USER };
  await receive(tieback, notice(change));
  expect(await contacts(tieback)).toMatchObject([{ messages: 2, identities: [{}, {}], referrals: [{}, {}] }]);
  expect(await merges(tieback)).toMatchObject([{ shownBy: 'changed' }]);
});

test('an update of a user id that names no number of ours reaches every shop of the WhatsApp account', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.connect({ domain: 'outra-loja.myshopify.com' });
  await tap(tieback, { from: null, userId: USER });
  const value = { user_id: { previous: USER, current: NEXT_USER } };
  await receive(tieback, {
    object: 'whatsapp_business_account',
    entry: [{ id: connection.wabaId, changes: [{ field: 'user_id_update', value }] }],
  });
  expect(await contacts(tieback)).toMatchObject([{ identities: [{}, {}] }, { identities: [{}, {}] }]);
});

test('a number with a new owner leaves the old owner’s clicks where they are', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tap(tieback, { userId: USER, at: minutesAgo(60) });
  await receive(
    tieback,
    textMessage(to(connection, { from: MARIA.whatsapp, userId: NEXT_USER, messageId: 'wamid.NEW' })),
  );
  expect(await contacts(tieback)).toMatchObject([
    { identities: [{ kind: 'user_id' }], referrals: [{}] },
    { identities: [{}, {}], referrals: [] },
  ]);
});
