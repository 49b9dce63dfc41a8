import { expect, test } from 'vitest';
import { makeChatLink } from '../../app/pages/conversation/act.ts';
import { loadConversation, type ConversationDetail } from '../../app/pages/conversation/load.ts';
import { readConversationsFilter } from '../../app/pages/conversations/filter.ts';
import { loadConversations, searchConversations } from '../../app/pages/conversations/load.ts';
import { dumpTables } from './database.ts';
import { MARIA, openTieback, SHOP, START, type Tieback } from './tieback.ts';

const OTHER = { domain: 'outra-loja.myshopify.com', wabaId: '2', phoneNumberId: '2', datasetId: '2' };
const ALL = { after: null, before: null };
const HIDDEN = 'Number hidden by WhatsApp';
const MINUTE_MS = 60_000;

async function shopRow({ pipeline }: Tieback, domain = SHOP) {
  return pipeline.db.shop.findUniqueOrThrow({ where: { domain } });
}

/** Contacts written straight to the table: who wrote last stands first. */
async function addContacts(tieback: Tieback, shopId: number, count: number): Promise<string[]> {
  const data = Array.from({ length: count }, (_, index) => ({
    shopId,
    id: `018f0000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    maskedPhone: index % 2 === 0 ? `+55 ••••• ${String(1000 + index)}` : null,
    firstMessageAt: START,
    // Two at a time wrote in the same moment.
    lastMessageAt: new Date(START.getTime() - Math.floor(index / 2) * MINUTE_MS),
  }));
  await tieback.pipeline.db.contact.createMany({ data });
  return data.map(({ id }) => id);
}

async function detailOf(tieback: Tieback, id: string): Promise<ConversationDetail> {
  const loaded = await loadConversation(tieback.services, await shopRow(tieback), id);
  if (loaded.kind !== 'conversation') throw new Error(loaded.kind);
  return loaded.detail;
}

test('a conversation is listed with its clicks, its orders and what they brought, each currency by itself', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.tapAd({ messageId: 'wamid.TWO', at: new Date(START.getTime() - 12 * MINUTE_MS) });
  await tieback.tapAd({ from: null, userId: 'BR.1', messageId: 'wamid.HIDDEN', clid: null });
  await tieback.pay({ id: 1 });
  await tieback.pay({ id: 2, total_price: '10.10', current_total_price: '5.05' });
  await tieback.pay({ id: 3, total_price: '1000.00', test: true });
  await tieback.work();
  const { lines } = await loadConversations(tieback.services, await shopRow(tieback), ALL);
  expect(lines).toMatchObject([
    { name: '+55 ••••• 4321', clicks: '2', orders: '3', revenue: 'R$219.95' },
    { name: HIDDEN, clicks: '1', orders: '0', revenue: null },
  ]);
});

test('the list is paged by last message without losing or doubling anybody, forwards and back', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  await addContacts(tieback, shopId, 120);
  const shop = await shopRow(tieback);
  const read = async (url: string | null) =>
    loadConversations(
      tieback.services,
      shop,
      readConversationsFilter(new URL(url ?? '/', 'https://tieback.test').searchParams),
    );
  const first = await read('/app/conversations');
  const second = await read(first.nextUrl);
  const third = await read(second.nextUrl);
  expect([first, second, third].map(({ lines }) => lines.length)).toEqual([50, 50, 20]);
  expect(new Set([first, second, third].flatMap(({ lines }) => lines.map(({ id }) => id))).size).toBe(120);
  expect([first.previousUrl, third.nextUrl]).toEqual([null, null]);
  const names = ({ lines }: { lines: { id: string }[] }) => lines.map(({ id }) => id);
  expect(names(await read(third.previousUrl))).toEqual(names(second));
  expect(names(await read(second.previousUrl))).toEqual(names(first));
});

test('a conversation that was merged into another, and one of another shop, are not listed or found', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  await tieback.connect(OTHER);
  const [stays = '', merged = ''] = await addContacts(tieback, shopId, 2);
  await tieback.pipeline.db.contact.update({
    where: { shopId_id: { shopId, id: merged } },
    data: { mergedInto: stays },
  });
  const [shop, other] = [await shopRow(tieback), await shopRow(tieback, OTHER.domain)];
  expect((await loadConversations(tieback.services, shop, ALL)).lines.map(({ id }) => id)).toEqual([stays]);
  expect((await loadConversations(tieback.services, other, ALL)).lines).toEqual([]);
  expect(await loadConversation(tieback.services, shop, merged)).toEqual({ kind: 'merged', into: stays });
  expect(await loadConversation(tieback.services, other, stays)).toEqual({ kind: 'not_found' });
  expect(await loadConversation(tieback.services, shop, 'not-an-id')).toEqual({ kind: 'not_found' });
});

test.each([MARIA.order, MARIA.digits, MARIA.whatsapp, '+55 11 98665-4321', '0055 (11) 8665-4321'])(
  'typing %j finds who wrote from that number',
  async (phone) => {
    const tieback = await openTieback();
    await tieback.connect();
    await tieback.tapAd();
    await tieback.work();
    const found = await searchConversations(tieback.services, await shopRow(tieback), phone);
    expect(found).toMatchObject({ kind: 'found', lines: [{ name: '+55 ••••• 4321' }] });
  },
);

test('a number that nobody wrote from finds nobody, what is no number says so, and neither is kept', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.work();
  const shop = await shopRow(tieback);
  const search = (phone: string) => searchConversations(tieback.services, shop, phone);
  expect(await search('(11) 98888-7777')).toEqual({ kind: 'found', lines: [] });
  for (const phone of ['', 'maria', '12']) expect(await search(phone)).toEqual({ kind: 'unreadable_phone' });
  expect(await dumpTables(tieback.databaseUrl)).not.toContain('88887777');
});

test('a conversation shows its clicks, its orders with their states, its merges and its links', async () => {
  const tieback = await openTieback();
  await tieback.connect();
  await tieback.tapAd();
  await tieback.tapAd({
    messageId: 'wamid.STATUS',
    clid: null,
    at: new Date(START.getTime() - 30 * MINUTE_MS),
  });
  await tieback.pay({ id: 1, name: '#1' });
  await tieback.work();
  const { id, shopId } = await tieback.pipeline.db.contact.findFirstOrThrow();
  await tieback.pipeline.db.contactMerge.create({
    data: {
      shopId,
      id: crypto.randomUUID(),
      contactId: id,
      mergedId: id,
      shownBy: 'changed',
      mergedAt: START,
      moved: {},
    },
  });
  const shop = await shopRow(tieback);
  const form = new FormData();
  form.set('kind', 'product');
  form.set('product', 'camiseta');
  const made = await makeChatLink(tieback.services, { shop, contactId: id, form, by: 'staff member 1' });
  expect(made).toMatchObject({ kind: 'created', pasted: { kind: 'link' } });

  const detail = await detailOf(tieback, id);
  expect(detail).toMatchObject({
    name: '+55 ••••• 4321',
    messages: '2',
    orders: [{ name: '#1', url: '/app/orders/1', total: 'R$214.90', badge: { state: 'reported' } }],
    merges: [{ words: expect.stringMatching(/^Two chats became one on Nov 18, 2026/), undone: false }],
    links: [{ heading: 'Product: camiseta', opened: 'Not opened yet', orders: [] }],
  });
  expect(detail.clicks.map(({ hasClickId }) => hasClickId)).toEqual([true, false]);
});

test('what the form says wrongly is told at its field, a code of another conversation too', async () => {
  const tieback = await openTieback();
  const { shopId } = await tieback.connect();
  const [one = '', two = ''] = await addContacts(tieback, shopId, 2);
  const shop = await shopRow(tieback);
  const submit = (contactId: string, fields: Record<string, string>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return makeChatLink(tieback.services, { shop, contactId, form, by: 'staff member 1' });
  };
  const fields = async (outcome: ReturnType<typeof submit>) => {
    const result = await outcome;
    return result.kind === 'invalid' ? result.problems.map(({ field }) => field) : result.kind;
  };
  expect(await fields(submit(one, { kind: 'product', product: ' ', variant: 'x' }))).toEqual([
    'product',
    'variant',
  ]);
  expect(await fields(submit(one, { kind: 'cart', cart: '1:1', discount: 'a b' }))).toEqual(['discount']);
  expect(await fields(submit(one, { kind: 'discount', code: 'VEM' }))).toBe('created');
  expect(await fields(submit(two, { kind: 'discount', code: 'vem', to: '/' }))).toEqual(['code']);
  expect(await fields(submit(two, { kind: 'draft_order' }))).toBe('created');
  expect(await fields(submit(two, { kind: 'gift' }))).toBe('unknown_kind');
  expect(await fields(submit(crypto.randomUUID(), { kind: 'draft_order' }))).toBe('not_found');
});
