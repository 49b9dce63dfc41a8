import { expect, test } from 'vitest';
import type { ContactId } from '../../app/domain/ids.ts';
import { createChatLink, type MadeChatLink } from '../../app/pipeline/chat-links.ts';
import { reconsiderBatch } from '../../app/pipeline/reconsider.ts';
import { contactCards } from '../sandbox/pretend-whatsapp.ts';
import {
  acceptedBy,
  bought,
  changeSettings,
  CHECKOUT,
  contactOf,
  DAY_MS,
  decide,
  eventsOf,
  JOAO,
  MINUTE_MS,
  orderOf,
  ordersOf,
  write,
} from './linking.ts';
import { MARIA, openTieback, SHOP, START, type Connection, type Tieback } from './tieback.ts';

const USER_ID = 'BR.13491208655302741918';
const before = (ms: number): Date => new Date(CHECKOUT.getTime() - ms);

async function linkFor(tieback: Tieback, shop: Connection, contactId: ContactId): Promise<MadeChatLink> {
  const made = await createChatLink(tieback.pipeline, {
    shop: { id: shop.shopId, domain: SHOP },
    contactId,
    request: { kind: 'product', product: 'camiseta', variant: null },
    by: 'test',
  });
  if (made.kind !== 'created') throw new Error(made.kind);
  return made.link;
}

/** Maria answers a request for her number, which WhatsApp had hidden until then. */
async function shareNumber(tieback: Tieback, connection: Connection): Promise<void> {
  const { wabaId, phoneNumberId, displayNumber } = connection;
  const message = {
    wabaId,
    phoneNumberId,
    displayNumber,
    from: null,
    userId: USER_ID,
    messageId: 'wamid.CARD',
  };
  const numbers = [MARIA.whatsapp];
  await tieback.sendWhatsApp(
    contactCards({ ...message, at: tieback.now.at, origin: 'contact_request', numbers }),
  );
}

const flag = ({ pipeline }: Tieback) => pipeline.db.order.updateMany({ data: { reconsider: true } });

test('a number learned later links and reports an order of 5 days ago; one of 8 days ago stays', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd({ from: null, userId: USER_ID, at: before(5 * DAY_MS) });
  await tieback.pay(bought(1), { triggeredAt: START });
  tieback.now.forward(3 * DAY_MS);
  await tieback.pay(bought(2, { at: tieback.now.at }), { triggeredAt: tieback.now.at });
  await tieback.work();
  expect(await ordersOf(tieback)).toMatchObject([
    { decision: 'not_attributed', reason: 'no_conversation', draft: expect.stringMatching(/^v1\./) },
    { decision: 'not_attributed', reason: 'no_conversation' },
  ]);

  tieback.now.forward(5 * DAY_MS);
  await shareNumber(tieback, connection);
  await tieback.work();
  expect(await ordersOf(tieback)).toMatchObject([
    { decision: 'not_attributed', reason: 'no_conversation', contactId: null },
    { decision: 'not_attributed', reason: 'click_outside_window', contactId: expect.any(String) },
  ]);
  expect(await eventsOf(tieback)).toEqual([]);
});

test('what a late number makes reportable is sent with all that the order said', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd({ from: null, userId: USER_ID });
  await tieback.pay(bought(1));
  await tieback.work();
  tieback.now.forward(5 * DAY_MS);
  await shareNumber(tieback, connection);
  await tieback.work();
  const order = await orderOf(tieback, 1);
  expect(order).toMatchObject({ decision: 'report', reason: null, reconsider: false });
  expect(order.evidence).toMatchObject([{ signal: 'shared_phone', strength: 'strong', verdict: 'chosen' }]);
  expect(tieback.meta.accepted()).toMatchObject([
    {
      event: {
        event_id: 'shopify:order:1:Purchase',
        event_time: START.getTime() / 1000,
        user_data: { ph: [expect.any(String)], em: [expect.any(String)] },
        custom_data: { value: 214.9, order_id: '1', content_ids: ['44100000000001'] },
      },
    },
  ]);
});

test('a number learned after Meta’s 7 days credits the order and reports nothing', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd({ from: null, userId: USER_ID });
  await tieback.pay(bought(1));
  await tieback.work();
  tieback.now.forward(7 * DAY_MS - 30 * MINUTE_MS);
  await shareNumber(tieback, connection);
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'too_old' });
  expect(await eventsOf(tieback)).toEqual([]);
});

test('a chat link that came back outweighs the phone of somebody else’s chat, and the disagreement is shown', async () => {
  const tieback = await openTieback();
  const shop = await tieback.connect();
  await tieback.tapAd();
  await tieback.tapAd({ from: JOAO, messageId: 'wamid.JOAO', clid: 'joao', adId: 'joaos-ad' });
  await tieback.work();
  const [maria, joao] = [await contactOf(tieback, '4321'), await contactOf(tieback, '6655')];
  const { token } = await linkFor(tieback, shop, joao);
  await tieback.pay({ ...bought(1), note_attributes: [{ name: '__wa_ref', value: token }] });
  await decide(tieback);
  const order = await orderOf(tieback, 1);
  expect(order).toMatchObject({ decision: 'report', contactId: joao, provenance: 'chat_link' });
  expect(order.evidence).toMatchObject([
    { signal: 'chat_link', strength: 'certain', verdict: 'chosen', contactId: joao, masked: null },
    { signal: 'customer_phone', strength: 'strong', verdict: 'disagrees', contactId: maria },
  ]);
});

test.each([
  ['after', 1],
  ['before', 30],
])(
  'two chats that turn out to be one person’s bring the ad click to the order: the number wrote %s it',
  async (_, minutes) => {
    const tieback = await openTieback();
    const connection = await tieback.connect();
    await tieback.tapAd({ from: null, userId: USER_ID });
    const at = before(minutes * MINUTE_MS);
    await write(tieback, connection, { from: MARIA.whatsapp, messageId: 'wamid.PHONE', at });
    await tieback.pay(bought(1));
    await decide(tieback);
    expect(await orderOf(tieback, 1)).toMatchObject({ reason: 'no_ad_click' });
    await write(tieback, connection, { from: MARIA.whatsapp, userId: USER_ID, messageId: 'wamid.BOTH' });
    await tieback.work();
    expect(await orderOf(tieback, 1)).toMatchObject({
      decision: 'report',
      contactId: await contactOf(tieback, '4321'),
    });
    expect(acceptedBy(tieback)).toEqual(['shopify:order:1:Purchase']);
  },
);

test('an event that has not left is taken back and written anew; its draft waits when it is not reported now', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd();
  await tieback.pay(bought(1));
  await decide(tieback);
  const [first] = await eventsOf(tieback);
  await changeSettings(tieback, connection, { reportPurchase: false });
  await flag(tieback);
  await decide(tieback);
  expect(await eventsOf(tieback)).toEqual([]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'withheld', reason: 'reporting_off' });

  await changeSettings(tieback, connection, {});
  await flag(tieback);
  await decide(tieback);
  const [again] = await eventsOf(tieback);
  expect(again).toMatchObject({ state: 'due', eventId: first?.eventId, eventTime: first?.eventTime });
  expect(again?.id).not.toBe(first?.id);
  await tieback.work();
  expect(tieback.meta.accepted()).toMatchObject([
    { event: { user_data: { ph: expect.any(Array), em: expect.any(Array) }, custom_data: { value: 214.9 } } },
  ]);
});

test('what Meta was told stays told: only link and credit follow the new view', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await tieback.tapAd({ at: before(2 * DAY_MS) });
  await tieback.pay(bought(1));
  await tieback.work();
  const told = await orderOf(tieback, 1);
  await changeSettings(tieback, connection, { windowDays: 1 });
  await flag(tieback);
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'report',
    reason: null,
    decidedAt: told.decidedAt,
    contactId: told.contactId,
    referralId: null,
    credits: [],
    windowDays: 1,
    reconsider: false,
  });
  expect(await eventsOf(tieback)).toMatchObject([{ state: 'accepted', attempts: 1 }]);
  expect(acceptedBy(tieback)).toHaveLength(1);
});

test('workers that decide the same orders again at once write each order and its event once', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  for (let id = 1; id <= 40; id += 1) await tieback.pay(bought(id));
  await decide(tieback);
  await flag(tieback);
  const workers = [1, 2, 3].map(() => reconsiderBatch(tieback.pipeline));
  const taken = await Promise.all(workers);
  expect(taken.reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(await eventsOf(tieback)).toHaveLength(40);
  expect(new Set((await ordersOf(tieback)).map(({ decision }) => decision))).toEqual(new Set(['report']));
});

test('an order whose customer was forgotten is not decided again', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd({ clid: null });
  await tieback.pay(bought(1));
  await decide(tieback);
  const request = { shop_domain: SHOP, customer: { phone: null }, orders_to_redact: [1] };
  await tieback.sendShopify('customers/redact', request);
  await tieback.work();
  await flag(tieback);
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'withheld',
    reason: 'no_click_id',
    contactId: null,
    reconsider: false,
  });
});
