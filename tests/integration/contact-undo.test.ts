import { expect, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { undoMerge } from '../../app/pipeline/merge.ts';
import { contactCards, textMessage } from '../sandbox/pretend-whatsapp.ts';
import {
  contacts,
  marked,
  merges,
  MINUTE_MS,
  minutesAgo,
  NEXT_USER,
  order,
  receive,
  tap,
  to,
  twoThenOne,
  USER,
} from './conversations.ts';
import { MARIA, openTieback, type Tieback } from './tieback.ts';

async function undo(tieback: Tieback, shopId: ShopId, mergeId: string | undefined) {
  return tieback.pipeline.db.$transaction((tx) => undoMerge(tieback.pipeline, tx, shopId, mergeId ?? ''));
}

test('a merge that is taken back leaves everything as it was, and its message, replayed, does not merge again', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { shopId } = connection;
  await twoThenOne(tieback, connection);
  const gid = 'gid://shopify/Order/1';
  const [joined] = await contacts(tieback);
  await order(tieback, shopId, {
    gid,
    placedAt: minutesAgo(2),
    phone: MARIA.whatsapp,
    ...(joined && { contactId: joined.id }),
  });
  const [merge] = await merges(tieback);
  tieback.now.forward(MINUTE_MS);
  expect(await undo(tieback, shopId, merge?.id)).toEqual({
    kind: 'undone',
    contactId: merge?.contactId,
    restoredId: merge?.mergedId,
  });
  const apart = [
    {
      messages: 2,
      identities: [{ kind: 'user_id' }],
      referrals: [{}],
      maskedPhone: null,
      firstMessageAt: minutesAgo(60),
    },
    { messages: 1, identities: [{ kind: 'phone' }], referrals: [{}], lastMessageAt: minutesAgo(30) },
  ];
  expect(await contacts(tieback)).toMatchObject(apart);
  expect(await marked(tieback)).toEqual([gid]);
  expect(await undo(tieback, shopId, merge?.id)).toMatchObject({ kind: 'already_undone' });

  const { db } = tieback.pipeline;
  await db.delivery.deleteMany();
  const replayed = { from: MARIA.whatsapp, userId: USER, messageId: 'wamid.BOTH', at: minutesAgo(5) };
  await receive(tieback, textMessage(to(connection, replayed)));
  expect(await contacts(tieback)).toMatchObject([{ identities: [{}] }, { identities: [{}] }]);
  expect(await merges(tieback)).toHaveLength(1);
});

test('what moved on since a merge stays where it is when the merge is taken back', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await twoThenOne(tieback, connection);
  const [merge] = await merges(tieback);
  await receive(
    tieback,
    textMessage(to(connection, { from: MARIA.whatsapp, userId: NEXT_USER, messageId: 'wamid.NEW' })),
  );
  await undo(tieback, connection.shopId, merge?.id);
  const found = await contacts(tieback);
  expect(found.map(({ identities }) => identities.map(({ kind }) => kind).toSorted())).toEqual([
    ['user_id'],
    [],
    ['phone', 'user_id'],
  ]);
});

test('a merge below another is taken back after that one', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { shopId } = connection;
  await tap(tieback, { from: '5521900000000', messageId: 'wamid.0', clid: 'zero', at: minutesAgo(90) });
  await twoThenOne(tieback, connection);
  const answer = to(connection, { userId: USER, messageId: 'wamid.ANSWER' });
  tieback.now.forward(MINUTE_MS);
  await receive(tieback, contactCards({ ...answer, origin: 'contact_request', numbers: ['5521900000000'] }));
  expect(await contacts(tieback)).toMatchObject([
    { messages: 5, referrals: [{}, {}, {}], firstMessageAt: minutesAgo(90) },
  ]);
  const [first, second] = await merges(tieback);
  expect(await undo(tieback, shopId, first?.id)).toEqual({ kind: 'merged_further', mergeId: second?.id });
  expect(await undo(tieback, shopId, second?.id)).toMatchObject({ kind: 'undone' });
  expect(await undo(tieback, shopId, first?.id)).toMatchObject({ kind: 'undone' });
  expect(await contacts(tieback)).toMatchObject([
    { messages: 1, firstMessageAt: minutesAgo(90), referrals: [{}] },
    { messages: 3, firstMessageAt: minutesAgo(60), referrals: [{}] },
    { messages: 1, firstMessageAt: minutesAgo(30), referrals: [{}] },
  ]);
  expect(await undo(tieback, shopId, 'nonsense')).toEqual({ kind: 'not_found' });
});
