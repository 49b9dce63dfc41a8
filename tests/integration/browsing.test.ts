import { expect, test } from 'vitest';
import type { Settings } from '../../app/domain/settings.ts';
import { browsingBatch } from '../../app/pipeline/browsing.ts';
import { openChatLink } from '../../app/pipeline/chat-links.ts';
import { lifecycleBatch } from '../../app/pipeline/lifecycle.ts';
import { saveSettings } from '../../app/pipeline/shop.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { shopifyCart } from '../builders/browsing.ts';
import { CODE, made, PRODUCT, withChats } from './chats.ts';
import { CLICK_ID, openTieback, SHOP, type Tieback } from './tieback.ts';

const ON = { reportViewContent: true, reportAddToCart: true };
const CART = { kind: 'cart', cart: '44100000000001:2, 44100000000002:1', discount: null } as const;
const VARIANT = { ...PRODUCT, variant: '44100000000001' } as const;

async function withLinks(settings: Partial<Settings>) {
  const chats = await withChats(await openTieback());
  const { tieback, shop } = chats;
  await saveSettings(tieback.pipeline, shop.id, { ...DEFAULT_SETTINGS, ...settings });
  const open = (token: string, counted = true) =>
    openChatLink(tieback.pipeline, { shopDomain: SHOP, token, counted });
  return { ...chats, open };
}

/** What Meta took. */
const told = ({ meta }: Tieback) => meta.accepted().map(({ event }) => event);

const events = ({ pipeline }: Tieback) =>
  pipeline.db.conversionEvent.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });

async function sendCart(
  tieback: Tieback,
  topic: 'carts/create' | 'carts/update',
  fields = {},
): Promise<void> {
  expect((await tieback.sendShopify(topic, shopifyCart(fields))).status).toBe(200);
}

const carrying = (token: string) => ({ attributes: { __wa_ref: token } });

test('who opens a chat link sees something: told once, at the first opening, with the variant that it names', async () => {
  const { tieback, maria, make, open } = await withLinks(ON);
  const link = await made(make(maria, VARIANT));
  await open(link.token, false);
  tieback.now.forward(60_000);
  const openedAt = tieback.now.at;
  await open(link.token);
  tieback.now.forward(60_000);
  await open(link.token);
  await tieback.work();
  await open(link.token);
  await tieback.work();
  expect(told(tieback)).toMatchObject([
    {
      event_name: 'ViewContent',
      event_id: `tieback:chat-link:${link.id}:ViewContent`,
      event_time: openedAt.getTime() / 1000,
      user_data: { ctwa_clid: CLICK_ID },
      custom_data: { content_ids: ['44100000000001'] },
    },
  ]);
  expect(await events(tieback)).toMatchObject([{ subject: `chat-link:${link.id}`, source: 'chat_link' }]);
});

test.each([
  ['a discount', CODE, 'ViewContent'],
  ['a draft order', { kind: 'draft_order' }, 'ViewContent'],
  ['a cart', CART, 'AddToCart'],
] as const)('opening the link of %s is told as one event', async (_, request, eventName) => {
  const { tieback, maria, make, open } = await withLinks(ON);
  await open((await made(make(maria, request))).token);
  await tieback.work();
  expect(told(tieback).map(({ event_name }) => event_name)).toEqual([eventName]);
});

test('an opening that the shop does not tell of is done with: switching it on later tells nothing', async () => {
  const { tieback, shop, maria, make, open } = await withLinks({ reportAddToCart: true });
  await open((await made(make(maria, PRODUCT))).token);
  await tieback.work();
  await saveSettings(tieback.pipeline, shop.id, { ...DEFAULT_SETTINGS, ...ON });
  await tieback.work();
  expect(await events(tieback)).toEqual([]);
});

test('a link of somebody whose ad left no click id is written down as withheld, of whoever came by no ad not at all', async () => {
  const { tieback, joao, maria, make, open } = await withLinks(ON);
  await open((await made(make(joao, PRODUCT))).token);
  await tieback.pipeline.db.referral.deleteMany({ where: { contactId: maria } });
  await open((await made(make(maria, PRODUCT))).token);
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ state: 'withheld', reason: 'no_click_id', payload: '' }]);
});

test('a cart that a chat link led to is told once, whatever its later changes', async () => {
  const { tieback, maria, make } = await withLinks(ON);
  const { token } = await made(make(maria, PRODUCT));
  await sendCart(tieback, 'carts/create', { ...carrying(token), line_items: [] });
  await tieback.work();
  expect(told(tieback)).toEqual([]);
  await sendCart(tieback, 'carts/update', carrying(token));
  await sendCart(tieback, 'carts/update', { ...carrying(token), note: 'again' });
  await tieback.work();
  expect(told(tieback)).toMatchObject([
    {
      event_name: 'AddToCart',
      user_data: { ctwa_clid: CLICK_ID },
      custom_data: { content_type: 'product', contents: [{ id: '44100000000001', quantity: 1 }] },
    },
  ]);
  expect(await events(tieback)).toMatchObject([
    { source: 'cart', subject: expect.stringMatching(/^cart:[0-9a-f]{32}$/) as string },
  ]);
});

test('a cart from a cart permalink is told by the opening alone', async () => {
  const { tieback, maria, make, open } = await withLinks(ON);
  const { token } = await made(make(maria, CART));
  await open(token);
  await sendCart(tieback, 'carts/create', carrying(token));
  await tieback.work();
  expect(await events(tieback)).toMatchObject([{ source: 'chat_link', eventName: 'AddToCart' }]);
});

test('carts without a token are not even stored; those of unknown links or in shops that do not tell of them are done at once', async () => {
  const { tieback, shop, maria, make } = await withLinks(ON);
  const { token } = await made(make(maria, PRODUCT));
  await sendCart(tieback, 'carts/create');
  await sendCart(tieback, 'carts/create', carrying('AbCdEfGh01234567'));
  expect(await lifecycleBatch(tieback.pipeline)).toBe(0);
  expect(await browsingBatch(tieback.pipeline)).toBe(1);
  await saveSettings(tieback.pipeline, shop.id, DEFAULT_SETTINGS);
  await sendCart(tieback, 'carts/create', carrying(token));
  await tieback.work();
  const rows = await tieback.pipeline.db.delivery.findMany({ where: { source: 'shopify' } });
  expect(rows).toHaveLength(2);
  expect(rows.every(({ state, body }) => state === 'done' && body === null)).toBe(true);
  expect(await events(tieback)).toEqual([]);
});

test('what is due is found by its own index', async () => {
  const tieback = await openTieback();
  const plan = await tieback.pipeline.db.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
    return tx.$queryRaw<Record<string, string>[]>`
      EXPLAIN SELECT id FROM deliveries WHERE state = 'due' AND source = 'shopify' AND topic ~ '^(carts|checkouts)/'
      ORDER BY id LIMIT 200`;
  });
  expect(JSON.stringify(plan)).toContain('deliveries_browsing_due');
});
