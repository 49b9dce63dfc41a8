import { expect, test } from 'vitest';
import type { ContactId } from '../../app/domain/ids.ts';
import { linkByHand } from '../../app/pipeline/staff-link.ts';
import {
  acceptedBy,
  bought,
  changeSettings,
  CHECKOUT,
  contactOf,
  decide,
  eventsOf,
  gidOf,
  JOAO,
  orderOf,
  tell,
} from './linking.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

const NOBODY = '018f0000-0000-7000-8000-000000000000' as ContactId;

/** A shop with Maria's and João's chats, each with an ad click. */
async function withChats(tieback: Tieback) {
  const connection = await tieback.connect();
  await tieback.tapAd();
  await tieback.tapAd({ from: JOAO, messageId: 'wamid.JOAO', clid: 'joao', adId: 'joaos-ad' });
  await tieback.work();
  const [maria, joao] = [await contactOf(tieback, '4321'), await contactOf(tieback, '6655')];
  const say = (contactId: ContactId | null, rejected: ContactId[]) =>
    linkByHand(tieback.pipeline, {
      shopId: connection.shopId,
      gid: gidOf(1),
      contactId,
      rejected,
      by: 'Ana',
    });
  return { tieback, connection, maria, joao, say };
}

const evidenceOf = async (tieback: Tieback) => (await orderOf(tieback, 1)).evidence;

test('what a person says of an order before anything was sent is what Meta is told', async () => {
  const { tieback, maria, joao, say } = await withChats(await openTieback());
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await say(joao, [maria])).toEqual({ kind: 'linked', contactId: joao });
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'report',
    contactId: joao,
    staffLink: { contactId: joao, rejected: [maria], by: 'Ana', at: tieback.now.at.toISOString() },
  });
  expect(await evidenceOf(tieback)).toMatchObject([
    { signal: 'staff', strength: 'by_hand', verdict: 'chosen', contactId: joao },
    { signal: 'customer_phone', verdict: 'set_aside', why: 'rejected', contactId: maria },
  ]);
  await tieback.work();
  expect(tieback.meta.accepted()).toMatchObject([{ event: { user_data: { ctwa_clid: 'joao' } } }]);
});

test('a correction after it was sent changes whose order it is, and sends nothing again', async () => {
  const { tieback, maria, joao, say } = await withChats(await openTieback());
  await tieback.pay(bought(1));
  await tieback.work();
  await say(joao, [maria]);
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', contactId: joao });
  expect(acceptedBy(tieback)).toHaveLength(1);
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'accepted', attempts: 1 }]);
});

test('an order that a person says is not theirs is nobody’s, until that is taken back', async () => {
  const { tieback, maria, say } = await withChats(await openTieback());
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await say(null, [maria])).toEqual({ kind: 'linked', contactId: null });
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'not_attributed',
    reason: 'no_conversation',
    contactId: null,
    referralId: null,
  });
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await say(null, [])).toEqual({ kind: 'linked', contactId: maria });
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', staffLink: null });
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual(['shopify:order:1:Purchase']);
});

test('an order without any phone is linked by hand alone, and is nobody’s again when that is taken back', async () => {
  const { tieback, joao, say } = await withChats(await openTieback());
  await tieback.pay(bought(1, { phone: null }));
  await decide(tieback);
  expect(await orderOf(tieback, 1)).toMatchObject({ reason: 'no_phone' });
  await say(joao, []);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', contactId: joao });
  await say(null, []);
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'not_attributed',
    reason: 'no_phone',
    contactId: null,
  });
});

test('what evidence says goes before a person’s word that rejects nothing, and the disagreement is shown', async () => {
  const { tieback, maria, joao, say } = await withChats(await openTieback());
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await say(joao, [])).toEqual({ kind: 'linked', contactId: maria });
  expect(await evidenceOf(tieback)).toMatchObject([
    { signal: 'customer_phone', verdict: 'chosen' },
    { signal: 'staff', verdict: 'disagrees' },
  ]);
});

test('a word on an unpaid order holds when it is paid', async () => {
  const { tieback, connection, maria, joao, say } = await withChats(await openTieback());
  await changeSettings(tieback, connection, { reportOrderCreated: true });
  await tell(tieback, 'orders/create', { ...bought(1), financial_status: 'pending' });
  await decide(tieback);
  await say(joao, [maria]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'pending', contactId: joao });
  await tieback.pay(bought(1), { triggeredAt: CHECKOUT });
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'report', contactId: joao });
  expect(tieback.meta.accepted()).toMatchObject([
    { event: { event_name: 'OrderCreated', user_data: { ctwa_clid: 'joao' } } },
    { event: { event_name: 'Purchase', user_data: { ctwa_clid: 'joao' } } },
  ]);
});

test('an order or a contact that the shop does not have is told apart', async () => {
  const { tieback, connection, say } = await withChats(await openTieback());
  await tieback.pay(bought(1));
  await decide(tieback);
  expect(await say(NOBODY, [])).toEqual({ kind: 'contact_not_found' });
  const { shopId } = connection;
  const word = { shopId, gid: gidOf(2), contactId: null, rejected: [], by: 'Ana' };
  expect(await linkByHand(tieback.pipeline, word)).toEqual({ kind: 'order_not_found' });
  expect((await orderOf(tieback, 1)).staffLink).toBeNull();
});

test('the operator links an order by hand, or says whose it is not', async () => {
  const { tieback, env } = await openOperated();
  const { joao, maria } = await withChats(tieback);
  await tieback.pay(bought(1));
  await tieback.work();
  const run = (...args: string[]) => jsonOf(['link', '--shop', SHOP, '--order', gidOf(1), ...args], env);
  expect(await run('--contact', joao, '--by', 'Ana')).toEqual({
    order_id: gidOf(1),
    contact: joao,
    rejected: [maria],
  });
  expect(await run('--none')).toMatchObject({ contact: null });
  const [listed] = (await jsonOf(['orders', '--shop', SHOP], env)) as unknown[];
  expect(listed).toMatchObject({ signal: null, strength: null, disagreement: false, credits: [] });
  const both = ['link', '--shop', SHOP, '--order', gidOf(1), '--none', '--contact', joao];
  expect(await tiebackCommand(both, env)).toMatchObject({ code: 2 });
  const unknown = ['link', '--shop', SHOP, '--order', gidOf(9), '--none'];
  expect(await tiebackCommand(unknown, env)).toMatchObject({
    code: 1,
    words: expect.stringContaining('no order'),
  });
});
