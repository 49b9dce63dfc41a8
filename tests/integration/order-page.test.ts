import { expect, test } from 'vitest';
import { actOnOrder } from '../../app/pages/order/act.ts';
import { loadOrder, type OrderDetail } from '../../app/pages/order/load.ts';
import { loadOverview } from '../../app/pages/overview/load.ts';
import { shopifyAddress } from '../builders/shopify.ts';
import { bought, changeSettings, CHECKOUT, contactOf, decide, eventsOf, JOAO, tell } from './linking.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

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
    data: { state: 'refused', reason: 'refused_amount', httpStatus: 400, errorCode: '100' },
  });
  await tieback.pay(bought(1));
  await tieback.work();
  expect(await eventsOf(tieback)).toHaveLength(2);

  const { answers } = await pageOf(tieback);
  const explanations = Object.fromEntries(answers.map(({ event, explanation }) => [event, explanation]));
  expect(explanations).toEqual({
    OrderCreated: 'Meta refused the order because of its amount or currency.',
    Purchase: 'Meta confirmed that it has this purchase.',
  });
  const { receipts } = await loadOverview(tieback.services, await shopOf(tieback), false);
  expect(
    receipts.map(({ event, badge, orderName }) => `${orderName} ${event} ${badge.label}`).toSorted(),
  ).toEqual(['#1042 OrderCreated Refused', '#1042 Purchase Reported']);
});
