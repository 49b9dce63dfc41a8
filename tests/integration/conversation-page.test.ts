import { expect, test } from 'vitest';
import { isAdClick } from '../../app/domain/referral.ts';
import { actOnConversation, makeChatLink } from '../../app/pages/conversation/act.ts';
import { loadConversation, type ConversationDetail } from '../../app/pages/conversation/load.ts';
import { loadConversations } from '../../app/pages/conversations/load.ts';
import { findChats } from '../../app/pages/order/chats.ts';
import { loadOverview } from '../../app/pages/overview/load.ts';
import { contacts, merges, minutesAgo, order, tap, twoThenOne } from './conversations.ts';
import { jsonOf, openOperated } from './operator.ts';
import { openTieback, SHOP, START, type Connection, type Tieback } from './tieback.ts';

const ALL = { after: null, before: null };

const shopOf = ({ pipeline }: Tieback) => pipeline.db.shop.findUniqueOrThrow({ where: { domain: SHOP } });

async function detailOf(tieback: Tieback, id: string): Promise<ConversationDetail> {
  const loaded = await loadConversation(tieback.services, await shopOf(tieback), id);
  if (loaded.kind !== 'conversation') throw new Error(loaded.kind);
  return loaded.detail;
}

type Source = { sourceType: string | null; clickId: string | null };

/** A contact with one referral of each of these sources. */
async function addReferrals(
  { pipeline }: Tieback,
  { shopId, connectionId }: Connection,
  sources: readonly Source[],
): Promise<string> {
  const id = crypto.randomUUID();
  const times = { firstMessageAt: START, lastMessageAt: START };
  await pipeline.db.contact.create({ data: { shopId, id, maskedPhone: '+55 ••••• 1234', ...times } });
  await pipeline.db.referral.createMany({
    data: sources.map((source, index) => ({
      ...source,
      shopId,
      id: crypto.randomUUID(),
      contactId: id,
      connectionId,
      messageKey: `message ${index}`,
      clickedAt: new Date(START.getTime() - index * 1000),
      headline: `${source.sourceType} ${source.clickId}`,
      raw: '',
    })),
  });
  return id;
}

test('everywhere an ad click is what app/domain says it is: a post of a page is none', async () => {
  const { tieback, env } = await openOperated();
  const connection = await tieback.connect();
  const sources = ['ad', 'AD', 'post', 'Post', null].flatMap((sourceType) =>
    [null, 'sealed'].map((clickId) => ({ sourceType, clickId })),
  );
  const id = await addReferrals(tieback, connection, sources);
  const ads = sources.filter(isAdClick).map(({ sourceType, clickId }) => `${sourceType} ${clickId}`);
  expect(ads).toHaveLength(7);
  expect((await detailOf(tieback, id)).clicks.map(({ ad }) => ad)).toEqual(ads);
  const shop = await shopOf(tieback);
  expect((await loadConversations(tieback.services, shop, ALL)).lines).toMatchObject([{ clicks: '7' }]);
  expect(await findChats(tieback.services, shop, '')).toMatchObject({
    chats: [{ detail: expect.stringMatching(/ · 7 ad clicks$/) }],
  });
  expect(await jsonOf(['contacts', '--shop', SHOP], env)).toMatchObject([{ clicks: 7 }]);
});

test.each<[string, Source, boolean]>([
  ['of an ad, however it is spelled,', { sourceType: 'AD', clickId: null }, true],
  ['of a post', { sourceType: 'post', clickId: null }, false],
])('a referral %s is or is not the first chat from an ad', async (_, source, done) => {
  const tieback = await openTieback();
  await addReferrals(tieback, await tieback.connect(), [source]);
  const { setUp } = await loadOverview(tieback.services, await shopOf(tieback), false);
  const steps = setUp.kind === 'in_progress' ? setUp.steps : [];
  expect(steps.find(({ title }) => title === 'Receive the first chat from an ad')).toMatchObject({ done });
});

test('a list that is cut says so, and one that just fits does not', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { shopId } = connection;
  const clicks = Array.from({ length: 50 }, () => ({ sourceType: 'ad', clickId: null }));
  const id = await addReferrals(tieback, connection, clicks);
  const shop = await shopOf(tieback);
  const add = async (number: number) => {
    const gid = `gid://shopify/Order/${number}`;
    await order(tieback, shopId, { gid, placedAt: minutesAgo(number), phone: '1', contactId: id });
    const form = new FormData();
    form.set('kind', 'draft_order');
    await makeChatLink(tieback.services, { shop, contactId: id, form, by: 'test' });
  };
  for (let number = 1; number <= 50; number += 1) await add(number);
  expect((await detailOf(tieback, id)).cut).toEqual({
    clicks: null,
    orders: null,
    links: null,
    told: null,
  });

  await add(51);
  await tieback.pipeline.db.referral.create({
    data: {
      shopId,
      id: crypto.randomUUID(),
      contactId: id,
      connectionId: connection.connectionId,
      messageKey: 'one more',
      clickedAt: START,
      sourceType: 'ad',
      raw: '',
    },
  });
  const detail = await detailOf(tieback, id);
  const words = 'The latest 50 are shown.';
  expect(detail.cut).toEqual({ clicks: words, orders: words, links: words, told: null });
  expect([detail.clicks, detail.orders, detail.links].map((list) => list.length)).toEqual([50, 50, 50]);
});

test('what Meta is told of a conversation is listed with states and reasons, and what Meta noticed apart from it', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { shopId, connectionId } = connection;
  await tieback.tapAd();
  await tieback.pay();
  await tieback.work();
  const { db } = tieback.pipeline;
  const { id: referralId, contactId } = await db.referral.findFirstOrThrow();
  const lead = {
    shopId,
    referralId,
    subject: `click:${referralId}`,
    channel: 'business_messaging',
    connectionId,
  };
  const times = { eventTime: minutesAgo(30), deadline: START };
  await db.conversionEvent.create({
    data: {
      ...lead,
      ...times,
      id: crypto.randomUUID(),
      source: 'click',
      eventName: 'LeadSubmitted',
      datasetId: connection.datasetId,
      eventId: 'lead',
      payload: '',
      state: 'withheld',
      reason: 'reported_automatically',
    },
  });
  const clickHash = new Uint8Array([1, 2, 3]);
  await db.referral.updateMany({ data: { clickHash } });
  const seen = { shopId, connectionId, clickHash, receivedAt: START };
  await db.automaticEvent.create({
    data: { ...seen, key: '1', eventName: 'LeadSubmitted', at: minutesAgo(29) },
  });
  const { told, automatic, cut } = await detailOf(tieback, contactId);
  expect(told).toMatchObject([
    {
      label: 'Purchase',
      value: 'R$214.90',
      badge: { label: 'Reported' },
      sentence: null,
      order: { name: '#1042', url: '/app/orders/5512345678901' },
    },
    {
      label: 'Lead',
      name: 'LeadSubmitted',
      value: null,
      badge: { label: 'Not sent' },
      sentence: expect.stringContaining('Meta noticed this lead in the chat by itself.'),
      order: null,
    },
  ]);
  expect(automatic).toMatchObject([{ label: 'Lead', value: null }]);
  expect(cut.told).toBeNull();
});

test('an empty part of the list is told from a shop that nobody has written to', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const shop = await shopOf(tieback);
  expect(await loadConversations(tieback.services, shop, ALL)).toMatchObject({
    hasConversations: false,
    lines: [],
  });
  const id = await addReferrals(tieback, connection, []);
  const past = { after: { lastMessageAt: minutesAgo(60), id }, before: null };
  expect(await loadConversations(tieback.services, shop, past)).toMatchObject({
    hasConversations: true,
    lines: [],
  });
});

test('two people that were taken for one are taken apart on the page, once', async () => {
  const tieback = await openTieback();
  await twoThenOne(tieback, await tieback.connect());
  const [joined] = await contacts(tieback);
  const [merge] = await merges(tieback);
  const contactId = joined?.id ?? '';
  expect((await detailOf(tieback, contactId)).merges).toMatchObject([{ id: merge?.id, undone: false }]);
  const undo = submitter(tieback, contactId);
  expect(await undo({ intent: 'undo_merge', merge: merge?.id ?? '' })).toEqual({ kind: 'undone' });
  expect((await detailOf(tieback, contactId)).merges).toMatchObject([
    { undone: true, words: expect.stringContaining('They were taken apart again on') },
  ]);
  expect(await contacts(tieback)).toHaveLength(2);
  expect(await undo({ intent: 'undo_merge', merge: merge?.id ?? '' })).toEqual({ kind: 'already_undone' });
  expect(await undo({ intent: 'undo_merge', merge: 'no id' })).toEqual({ kind: 'not_found' });
  expect(await undo({ intent: 'undo_merge' })).toEqual({ kind: 'not_found' });
  expect(await undo({ intent: 'dance' })).toEqual({ kind: 'unknown_intent' });
  expect(await undo({ intent: 'make_link', kind: 'draft_order' })).toMatchObject({ kind: 'created' });
});

test('a merge that another rests on says which is to be taken back first', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await twoThenOne(tieback, connection);
  const [joined] = await contacts(tieback);
  const [merge] = await merges(tieback);
  await tap(tieback, { from: '5521900000000', messageId: 'wamid.ELSE', at: minutesAgo(90) });
  const [older] = await contacts(tieback);
  // As a merge of this moment would leave it, which the page did not show yet.
  await tieback.pipeline.db.contactMerge.create({
    data: {
      shopId: connection.shopId,
      id: crypto.randomUUID(),
      contactId: older?.id ?? '',
      mergedId: joined?.id ?? '',
      shownBy: 'changed',
      mergedAt: START,
      moved: {},
    },
  });
  const undo = submitter(tieback, joined?.id ?? '');
  expect(await undo({ intent: 'undo_merge', merge: merge?.id ?? '' })).toEqual({
    kind: 'merged_further',
    first: expect.stringMatching(/^Two chats became one on Nov 18, 2026.*number or user ID changed\.$/),
  });
  expect((await merges(tieback)).map(({ undoneAt }) => undoneAt)).toEqual([null, null]);
});

test('a merge of another shop is not found', async () => {
  const tieback = await openTieback();
  await twoThenOne(tieback, await tieback.connect());
  const [merge] = await merges(tieback);
  await tieback.connect({
    domain: 'outra-loja.myshopify.com',
    wabaId: '2',
    phoneNumberId: '2',
    datasetId: '2',
  });
  const undo = submitter(tieback, crypto.randomUUID(), 'outra-loja.myshopify.com');
  expect(await undo({ intent: 'undo_merge', merge: merge?.id ?? '' })).toEqual({ kind: 'not_found' });
  expect(await contacts(tieback)).toHaveLength(1);
});

function submitter({ pipeline, services }: Tieback, contactId: string, domain: string = SHOP) {
  return async (fields: Record<string, string>) => {
    const shop = await pipeline.db.shop.findUniqueOrThrow({ where: { domain } });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return actOnConversation(services, { shop, contactId, form, by: 'test' });
  };
}
