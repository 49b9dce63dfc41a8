import { expect, test } from 'vitest';
import { createChatLink } from '../../app/pipeline/chat-links.ts';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { reconsiderBatch } from '../../app/pipeline/reconsider.ts';
import {
  acceptedBy,
  bought,
  changeSettings,
  contactOf,
  DAY_MS,
  decide,
  eventsOf,
  gidOf,
  orderOf,
  ordersOf,
} from './linking.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

const CODE = 'WELCOME10';

/** An order of a buyer without a phone that used the code. */
const withCode = (id: number, buyer: number, at?: Date) => ({
  ...bought(id, { phone: null, buyer, ...(at && { at }) }),
  discount_codes: [{ code: CODE, amount: '10.00', type: 'fixed_amount' }],
});

async function keyOf(tieback: Tieback, id: number) {
  const { shopId, gid } = await orderOf(tieback, id);
  return { shopId_gid: { shopId, gid } };
}

/** Maria's chat, with an ad click and a link that gives the code. */
async function openWithCode(): Promise<Tieback> {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  await tieback.tapAd();
  await tieback.work();
  const made = await createChatLink(tieback.pipeline, {
    shop: { id: shopId, domain: SHOP },
    contactId: await contactOf(tieback, '4321'),
    request: { kind: 'discount', code: CODE, to: null },
    by: 'test',
  });
  expect(made).toMatchObject({ kind: 'created' });
  return tieback;
}

test('a code that a second buyer used is set aside on both orders, and what waited is taken back', async () => {
  const tieback = await openWithCode();
  await tieback.pay(withCode(1, 1));
  await decide(tieback);
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'report',
    evidence: [{ signal: 'discount_code', strength: 'certain', verdict: 'chosen' }],
  });
  expect(await eventsOf(tieback)).toHaveLength(1);

  await tieback.pay(withCode(2, 2));
  await decide(tieback);
  for (const order of await ordersOf(tieback)) {
    expect(order).toMatchObject({
      decision: 'not_attributed',
      reason: 'no_phone',
      contactId: null,
      reconsider: false,
      evidence: [{ signal: 'discount_code', verdict: 'set_aside', why: 'shared_code', chosen: false }],
    });
  }
  expect(await eventsOf(tieback)).toEqual([]);
});

test('a buyer who uses the code of the chat twice is still that chat’s', async () => {
  const tieback = await openWithCode();
  for (const id of [1, 2]) {
    await tieback.pay(withCode(id, 1));
    await decide(tieback);
  }
  expect(await ordersOf(tieback)).toMatchObject([{ decision: 'report' }, { decision: 'report' }]);
  await tieback.work();
  expect(acceptedBy(tieback)).toHaveLength(2);
});

test('orders of more than 7 days ago stay as they were decided', async () => {
  const tieback = await openWithCode();
  await tieback.pay(withCode(1, 1));
  await tieback.work();
  tieback.now.forward(8 * DAY_MS);
  await tieback.pay(withCode(2, 2, tieback.now.at));
  await decide(tieback);
  expect(await ordersOf(tieback)).toMatchObject([
    { decision: 'report', contactId: expect.any(String) },
    { decision: 'not_attributed', contactId: null },
  ]);
});

test('once the orders before it know, another order with the code has none of them decided again', async () => {
  const tieback = await openWithCode();
  for (const id of [1, 2]) await tieback.pay(withCode(id, id));
  await decide(tieback);
  await tieback.pay(withCode(3, 3));
  expect(await attributeBatch(tieback.pipeline)).toBe(1);
  expect((await ordersOf(tieback)).map(({ reconsider }) => reconsider)).toEqual([false, false, false]);
});

test('an order that is held while the second buyer’s is decided is decided again when it is free', async () => {
  const tieback = await openWithCode();
  const { db } = tieback.pipeline;
  await tieback.pay(withCode(1, 1));
  await tieback.pay(bought(9));
  await decide(tieback);
  // Its customer was forgotten meanwhile.
  const forgotten = { reconsider: true, contactId: null, referralId: null };
  await db.order.update({ where: await keyOf(tieback, 9), data: forgotten });
  await db.orderClue.deleteMany({ where: { gid: gidOf(9) } });
  await tieback.pay(withCode(2, 2));
  await db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT gid FROM orders WHERE gid = ${gidOf(1)} FOR UPDATE`;
    expect(await attributeBatch(tieback.pipeline)).toBe(1);
    expect(await reconsiderBatch(tieback.pipeline)).toBe(2);
  });
  expect(await ordersOf(tieback)).toMatchObject([
    { contactId: expect.any(String), reconsider: false },
    { contactId: null, reconsider: true },
    { contactId: null, reconsider: false },
  ]);
  while ((await reconsiderBatch(tieback.pipeline)) > 0);
  expect(await ordersOf(tieback)).toMatchObject(Array(3).fill({ contactId: null, reconsider: false }));
});

test('a phone that more buyers gave than the limit links none of their orders any more', async () => {
  const tieback = await openTieback();
  await changeSettings(tieback, await tieback.connect(), { phoneLimit: 2 });
  await tieback.tapAd();
  const decided = async (id: number, buyer: number) => {
    await tieback.pay(bought(id, { buyer }));
    await decide(tieback);
    return (await ordersOf(tieback)).map(({ decision, reason }) => reason ?? decision);
  };
  expect(await decided(1, 1)).toEqual(['report']);
  expect(await decided(2, 2)).toEqual(['report', 'report']);
  expect(await decided(3, 3)).toEqual(['phone_shared', 'phone_shared', 'phone_shared']);
  expect(await decided(4, 1)).toEqual(Array(4).fill('phone_shared'));
  expect((await orderOf(tieback, 1)).evidence).toMatchObject([
    { verdict: 'set_aside', why: 'shared_number', chosen: false },
  ]);
  expect(await eventsOf(tieback)).toEqual([]);
});
