import { expect, test } from 'vitest';
import type { ContactId } from '../../app/domain/ids.ts';
import type { Settings } from '../../app/domain/settings.ts';
import { attributeBatch } from '../../app/pipeline/attribute.ts';
import { linkByHand } from '../../app/pipeline/staff-link.ts';
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
  gidOf,
  JOAO,
  MINUTE_MS,
  orderOf,
  tell,
} from './linking.ts';
import { MARIA, openTieback, START, type Connection, type Tieback } from './tieback.ts';

const PENDING = { financial_status: 'pending', total_outstanding: '214.90' };
const CREATED = 'shopify:order:1:OrderCreated';
const PURCHASE = 'shopify:order:1:Purchase';
const USER_ID = 'BR.13491208655302741918';
const told = (fields: Record<string, unknown>, at: Date) => ({
  ...bought(1),
  ...fields,
  updated_at: at.toISOString(),
});

/** Maria's and João's chats, each with an ad click. */
async function withChats(settings: Partial<Settings> = { reportOrderCreated: true }) {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd();
  await tieback.tapAd({ from: JOAO, messageId: 'wamid.JOAO', clid: 'joao', adId: 'joaos-ad' });
  await tieback.work();
  const [maria, joao] = [await contactOf(tieback, '4321'), await contactOf(tieback, '6655')];
  const { shopId } = connection;
  const say = (contactId: ContactId | null, rejected: ContactId[]) =>
    linkByHand(tieback.pipeline, { shopId, gid: gidOf(1), contactId, rejected, by: 'Ana' });
  return { tieback, connection, maria, joao, say };
}

/** A shop where Maria tapped an ad while WhatsApp hid her number, and who shares it when asked. */
async function withHiddenNumber(settings: Partial<Settings>) {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, settings);
  await tieback.tapAd({ from: null, userId: USER_ID });
  return { tieback, shareNumber: () => shareNumber(tieback, connection) };
}

async function shareNumber(tieback: Tieback, connection: Connection): Promise<void> {
  const { wabaId, phoneNumberId, displayNumber } = connection;
  const card = { wabaId, phoneNumberId, displayNumber, from: null, userId: USER_ID, messageId: 'wamid.CARD' };
  const numbers = [MARIA.whatsapp];
  const asked = { ...card, at: tieback.now.at, origin: 'contact_request' as const, numbers };
  await tieback.sendWhatsApp(contactCards(asked));
}

const waiting = async (tieback: Tieback) => (await eventsOf(tieback)).map(({ eventName }) => eventName);
/** What Meta accepted, OrderCreated first. */
const accepted = ({ meta }: Tieback) =>
  meta
    .accepted()
    .map(({ event }) => event)
    .toSorted((a, b) => String(a['event_name']).localeCompare(String(b['event_name'])));

test('an OrderCreated that has not left is taken back with the Purchase when a person rejects the chat', async () => {
  const { tieback, maria, joao, say } = await withChats();
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tell(tieback, 'orders/paid', told({ total_price: '200.00' }, START), START);
  await decide(tieback);
  expect(await waiting(tieback)).toEqual(['OrderCreated', 'Purchase']);
  await say(null, [maria]);
  expect(await waiting(tieback)).toEqual([]);

  await say(joao, [maria]);
  expect(await waiting(tieback)).toEqual(['OrderCreated', 'Purchase']);
  await tieback.work();
  expect(accepted(tieback)).toMatchObject([
    { event_name: 'OrderCreated', user_data: { ctwa_clid: 'joao' }, custom_data: { value: 214.9 } },
    { event_name: 'Purchase', user_data: { ctwa_clid: 'joao' }, custom_data: { value: 200 } },
  ]);
});

test('both events of a paid order that move to another chat keep their own time, value and words', async () => {
  const { tieback, maria, joao, say } = await withChats();
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tell(tieback, 'orders/paid', told({ total_price: '200.00' }, START), START);
  await decide(tieback);
  const before = await eventsOf(tieback);
  await say(joao, [maria]);
  const after = await eventsOf(tieback);
  const facts = (events: typeof before) =>
    events.map(({ eventId, eventTime, value, state }) => [eventId, eventTime, Number(value), state]);
  expect(facts(after)).toEqual(facts(before));
  expect(facts(after)).toEqual([
    [CREATED, CHECKOUT, 214.9, 'due'],
    [PURCHASE, START, 200, 'due'],
  ]);
  await tieback.work();
  expect(accepted(tieback).map((event) => event['custom_data'])).toMatchObject([
    { value: 214.9, content_ids: [expect.any(String)] },
    { value: 200, content_ids: [expect.any(String)] },
  ]);
});

test('an OrderCreated that Meta has stays when the Purchase moves', async () => {
  const { tieback, maria, joao, say } = await withChats();
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tieback.work();
  await tell(tieback, 'orders/paid', told({}, START), START);
  await decide(tieback);
  await say(joao, [maria]);
  await tieback.work();
  expect(accepted(tieback)).toMatchObject([
    { event_name: 'OrderCreated', user_data: { ctwa_clid: expect.not.stringMatching(/^joao$/) } },
    { event_name: 'Purchase', user_data: { ctwa_clid: 'joao' } },
  ]);
  expect(acceptedBy(tieback)).toEqual([CREATED, PURCHASE]);
});

test('of an order whose Purchase Meta has, no OrderCreated is written for the first time', async () => {
  const { tieback, connection, maria, joao, say } = await withChats({});
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tell(tieback, 'orders/paid', told({}, START), START);
  await tieback.work();
  await changeSettings(tieback, connection, { reportOrderCreated: true });
  await say(joao, [maria]);
  expect(await waiting(tieback)).toEqual(['Purchase']);
});

test('a number learned later links an unpaid order, and its OrderCreated goes out with all it said', async () => {
  const { tieback, shareNumber } = await withHiddenNumber({ reportOrderCreated: true });
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'pending', contactId: null });
  tieback.now.forward(2 * DAY_MS);
  await shareNumber();
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'pending',
    contactId: expect.any(String),
    reconsider: false,
  });
  expect(tieback.meta.accepted()).toMatchObject([
    {
      event: {
        event_id: CREATED,
        event_time: CHECKOUT.getTime() / 1000,
        user_data: { ph: [expect.any(String)], em: [expect.any(String)] },
        custom_data: { value: 214.9, content_ids: ['44100000000001'] },
      },
    },
  ]);
});

test('an unpaid order is linked though the shop does not report it, now or by what is learned later', async () => {
  const { tieback, shareNumber } = await withHiddenNumber({});
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await tieback.work();
  await shareNumber();
  await tieback.work();
  expect(await orderOf(tieback, 1)).toMatchObject({
    decision: 'pending',
    reason: null,
    contactId: expect.any(String),
    evidence: [{ signal: 'shared_phone', verdict: 'chosen' }],
  });
  expect(await eventsOf(tieback)).toEqual([]);
  await tell(tieback, 'orders/paid', told({}, START), START);
  await tieback.work();
  expect(acceptedBy(tieback)).toEqual([PURCHASE]);
});

test('an order that was paid at checkout is decided once, by its payment', async () => {
  const { tieback } = await withChats({});
  await tell(tieback, 'orders/create', told({}, CHECKOUT));
  await attributeBatch(tieback.pipeline);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'pending', contactId: null });
  expect(await tieback.pipeline.db.orderClue.count()).toBe(0);
});

test.each([
  ['is paid, but nobody has told of the payment yet', {}, []],
  ['is voided before it was paid', { financial_status: 'voided' }, [PENDING]],
  ['expired before it was paid', { financial_status: 'expired' }, [PENDING]],
])('a person’s word on an order that %s invents no OrderCreated', async (_, last, first) => {
  const { tieback, maria, joao, say } = await withChats({});
  for (const fields of first) await tell(tieback, 'orders/create', told(fields, CHECKOUT));
  await tell(tieback, 'orders/updated', told(last, new Date(CHECKOUT.getTime() + MINUTE_MS)));
  await decide(tieback);
  const { shopId } = await tieback.pipeline.db.order.findFirstOrThrow();
  await changeSettings(tieback, { shopId } as Connection, { reportOrderCreated: true });
  await say(joao, [maria]);
  expect(await orderOf(tieback, 1)).toMatchObject({ decision: 'pending', contactId: joao });
  expect(await eventsOf(tieback)).toEqual([]);
});

test('a person’s word on an unpaid order sends its OrderCreated with all that the order said', async () => {
  const { tieback, maria, joao, say } = await withChats();
  await say(null, []);
  await tell(tieback, 'orders/create', told(PENDING, CHECKOUT));
  await decide(tieback);
  await say(null, [maria]);
  expect(await waiting(tieback)).toEqual([]);
  await say(joao, [maria]);
  await tieback.work();
  expect(tieback.meta.accepted()).toMatchObject([
    {
      event: {
        event_name: 'OrderCreated',
        user_data: { ctwa_clid: 'joao', em: [expect.any(String)] },
        custom_data: { value: 214.9, content_ids: ['44100000000001'] },
      },
    },
  ]);
});
