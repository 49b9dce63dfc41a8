import { expect, test } from 'vitest';
import { captureBatch } from '../../app/pipeline/capture.ts';
import type { Settings } from '../../app/domain/settings.ts';
import { whatsappBody } from '../builders/whatsapp.ts';
import { automaticEvent, batch, echo, statusUpdate, textMessage } from '../sandbox/pretend-whatsapp.ts';
import { receive, tap, to, USER } from './conversations.ts';
import { changeSettings } from './linking.ts';
import { CLICK_ID, MARIA, openTieback, START, type Connection, type Tieback } from './tieback.ts';

const at = (minutes: number) => new Date(START.getTime() + minutes * 60_000);
const LEAD = { reportLeadSubmitted: true };
const BY_NUMBER = { reportQualifiedLead: true, qualifiedLeadReply: false, qualifiedLeadMessages: 3 };
const BY_REPLY = { reportQualifiedLead: true };

async function withShop(settings: Partial<Settings>) {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await changeSettings(tieback, connection, settings);
  const { wabaId, phoneNumberId, displayNumber } = connection;
  const account = { wabaId, phoneNumberId, displayNumber };
  const from = MARIA.whatsapp;
  return {
    tieback,
    connection,
    writes: (minutes: number) =>
      textMessage({ ...account, from, messageId: `wamid.${minutes}`, at: at(minutes) }),
    answers: (minutes: number, status = 'sent') =>
      statusUpdate({ ...account, to: from, messageId: `wamid.A${minutes}`, status, at: at(minutes) }),
    echoes: (minutes: number) =>
      echo({ ...account, to: from, messageId: `wamid.E${minutes}`, at: at(minutes) }),
    detects: (minutes: number, eventName: 'LeadSubmitted' | 'Purchase' = 'LeadSubmitted') =>
      automaticEvent({ ...account, messageId: 'wamid.TAP', at: at(minutes), clid: CLICK_ID, eventName }),
  };
}

/** What Meta took. */
const told = ({ meta }: Tieback) => meta.accepted().map(({ event }) => event);

function events({ pipeline }: Tieback) {
  return pipeline.db.conversionEvent.findMany({ orderBy: { createdAt: 'asc' } });
}

test('the first message after an ad click is told as a lead, once and at the time of the click', async () => {
  const { tieback, writes } = await withShop(LEAD);
  const { db } = tieback.pipeline;
  await tieback.tapAd();
  await receive(tieback, writes(0), writes(1));
  await tieback.work();
  const click = await db.referral.findFirstOrThrow();
  const eventId = `tieback:click:${click.id}:LeadSubmitted`;
  const eventTime = at(-18);
  expect(told(tieback)).toMatchObject([
    {
      event_name: 'LeadSubmitted',
      event_id: eventId,
      event_time: eventTime.getTime() / 1000,
      user_data: { ctwa_clid: CLICK_ID },
    },
  ]);
  expect(await events(tieback)).toMatchObject([
    {
      subject: `click:${click.id}`,
      source: 'click',
      referralId: click.id,
      eventTime,
      state: 'accepted',
      value: null,
    },
  ]);
});

test('a lead is told of each click, and of none without a click id', async () => {
  const { tieback } = await withShop(LEAD);
  await tieback.tapAd({ clid: null, messageId: 'wamid.STATUS-AD' });
  await tieback.tapAd({ clid: 'first-click', messageId: 'wamid.1', at: at(-9) });
  await tieback.tapAd({ clid: 'second-click', messageId: 'wamid.2', at: at(-3) });
  await tieback.work();
  const clicks = told(tieback).map((event) => (event['user_data'] as { ctwa_clid: string }).ctwa_clid);
  expect(clicks.toSorted()).toEqual(['first-click', 'second-click']);
});

test('a click that WhatsApp delivers a week late is written down as too old', async () => {
  const { tieback } = await withShop(LEAD);
  await tap(tieback, { at: at(-7 * 24 * 60) });
  expect(await events(tieback)).toMatchObject([
    { eventName: 'LeadSubmitted', state: 'withheld', reason: 'too_old', payload: '' },
  ]);
});

test('nothing is told of leads unless the shop wants it, and nothing is counted', async () => {
  const { tieback, writes, answers } = await withShop({});
  await tieback.tapAd();
  await receive(tieback, answers(0), writes(1), answers(2), writes(3));
  expect(await events(tieback)).toEqual([]);
  const { db } = tieback.pipeline;
  expect(await db.contact.findMany()).toMatchObject([{ messages: 3, answeredAt: null }]);
  expect(await db.referral.findMany()).toMatchObject([{ messagesSince: 0 }]);
});

test.each([
  ['one by one', false],
  ['all at once', true],
])('the third message since the click makes a qualified lead, once: %s', async (_, together) => {
  const { tieback, writes } = await withShop(BY_NUMBER);
  await tieback.tapAd();
  const messages = [writes(1), writes(2), writes(3), writes(4)];
  await receive(tieback, ...(together ? [batch(...messages)] : messages));
  const { id } = await tieback.pipeline.db.referral.findFirstOrThrow({ where: { messagesSince: 5 } });
  expect(await events(tieback)).toMatchObject([
    { subject: `click:${id}`, source: 'rule', eventName: 'QualifiedLead', eventTime: at(0), state: 'due' },
  ]);
});

test('messages from before a click do not count for it, and those after the next click only for that one', async () => {
  const { tieback, writes } = await withShop(BY_NUMBER);
  await tap(tieback, { clid: 'first-click', messageId: 'wamid.FIRST', at: at(-30) });
  await receive(tieback, writes(-20));
  await tap(tieback, { clid: 'second-click', messageId: 'wamid.SECOND', at: at(-10) });
  await receive(tieback, writes(-9));
  expect(await events(tieback)).toEqual([]);
  await receive(tieback, writes(-8));
  const second = await tieback.pipeline.db.referral.findFirstOrThrow({ where: { clickedAt: at(-10) } });
  expect(await events(tieback)).toMatchObject([{ referralId: second.id, eventName: 'QualifiedLead' }]);
});

test.each([
  ['a message of the business that was sent', 'answers'],
  ['a message from the WhatsApp Business app', 'echoes'],
] as const)('who writes again after %s is a qualified lead, once', async (_, kind) => {
  const shop = await withShop(BY_REPLY);
  const { tieback, writes } = shop;
  await tieback.tapAd();
  await receive(tieback, writes(-17), shop[kind](-16));
  expect(await events(tieback)).toEqual([]);
  expect(await tieback.pipeline.db.contact.findMany()).toMatchObject([{ answeredAt: at(-16) }]);
  await receive(tieback, writes(-15), shop[kind](-14), writes(-13));
  await tieback.work();
  expect(told(tieback)).toMatchObject([
    { event_name: 'QualifiedLead', event_time: at(-15).getTime() / 1000 },
  ]);
});

test('an answer from before the click, a failed one, or one of the same batch that is later makes no lead', async () => {
  const { tieback, writes, answers } = await withShop(BY_REPLY);
  await tap(tieback, { clid: 'first-click', messageId: 'wamid.FIRST', at: at(-60) });
  await receive(tieback, answers(-50));
  await tap(tieback, { at: at(-40) });
  await receive(tieback, writes(-30), answers(-29, 'failed'), writes(-28));
  await receive(tieback, batch(writes(-20), answers(-10)));
  expect((await events(tieback)).map(({ eventTime }) => eventTime)).toEqual([]);
  await receive(tieback, writes(-9));
  expect(await events(tieback)).toMatchObject([{ eventName: 'QualifiedLead', eventTime: at(-9) }]);
});

test('an answer and the reply to it may come in one delivery, in any sequence', async () => {
  const { tieback, writes, answers } = await withShop(BY_REPLY);
  await tieback.tapAd();
  await receive(tieback, batch(writes(-10), answers(-12)));
  expect(await events(tieback)).toMatchObject([{ eventName: 'QualifiedLead', eventTime: at(-10) }]);
});

test('who turns out to be somebody else’s contact stays answered', async () => {
  const { tieback, connection, writes } = await withShop(BY_REPLY);
  await receive(tieback, writes(-30));
  await tap(tieback, { from: null, userId: USER, messageId: 'wamid.HIDDEN', at: at(-20) });
  const sent = { id: 'wamid.ANSWER', status: 'sent', timestamp: String(at(-15).getTime() / 1000) };
  await receive(
    tieback,
    whatsappBody('messages', { statuses: [{ ...sent, recipient_user_id: USER }] }, connection),
  );
  const shown = { from: MARIA.whatsapp, userId: USER };
  await receive(tieback, textMessage(to(connection, { ...shown, messageId: 'wamid.BOTH', at: at(-10) })));
  await receive(tieback, writes(-5));
  expect(await tieback.pipeline.db.contact.count({ where: { mergedInto: null } })).toBe(1);
  expect(await events(tieback)).toMatchObject([{ eventName: 'QualifiedLead' }]);
});

test('a lead that Meta detected itself is kept, and ours is held back, whichever is heard of first', async () => {
  const { tieback, detects } = await withShop(LEAD);
  await receive(tieback, detects(-17));
  await tap(tieback, {});
  const withheld = {
    eventName: 'LeadSubmitted',
    state: 'withheld',
    reason: 'reported_automatically',
    payload: '',
  };
  expect(await events(tieback)).toMatchObject([withheld]);

  const other = await withShop(LEAD);
  await tap(other.tieback, {});
  expect(await events(other.tieback)).toMatchObject([{ state: 'due' }]);
  await receive(other.tieback, other.detects(-17), other.detects(-17));
  expect(await events(other.tieback)).toMatchObject([withheld]);
  await other.tieback.work();
  expect(other.tieback.meta.requests()).toEqual([]);
  const { db, index } = other.tieback.pipeline;
  const { shopId, connectionId } = other.connection;
  expect(await db.automaticEvent.findMany()).toMatchObject([
    { shopId, connectionId, eventName: 'LeadSubmitted', at: at(-17), value: null, orderGid: null },
  ]);
  const [event] = await db.automaticEvent.findMany();
  expect(Buffer.from(event?.clickHash ?? [])).toEqual(index(shopId, 'click', CLICK_ID));
});

test('a lead that was told already stays told when Meta detects it, and a shop may want both', async () => {
  const { tieback, detects } = await withShop(LEAD);
  await tieback.tapAd();
  await tieback.work();
  await receive(tieback, detects(-17));
  expect(await events(tieback)).toMatchObject([{ state: 'accepted' }]);

  const both = await withShop({ ...LEAD, automaticEvents: 'report' });
  await receive(both.tieback, both.detects(-17));
  await tap(both.tieback, {});
  await receive(both.tieback, both.detects(-16));
  expect(await events(both.tieback)).toMatchObject([{ state: 'due' }]);
});

test('a purchase that Meta detected is kept with its worth for each shop of the number', async () => {
  const { tieback, detects } = await withShop({});
  const other: Connection = await tieback.connect({ domain: 'outra-loja.myshopify.com' });
  await tieback.sendWhatsApp(detects(-5, 'Purchase'));
  await captureBatch(tieback.pipeline);
  const kept = await tieback.pipeline.db.automaticEvent.findMany({ orderBy: { shopId: 'asc' } });
  expect(kept).toMatchObject([{ eventName: 'Purchase', currency: 'USD' }, { shopId: other.shopId }]);
  expect(kept.map(({ value }) => Number(value))).toEqual([25000, 25000]);
});
