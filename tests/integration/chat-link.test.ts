import { expect, test } from 'vitest';
import { readOrder } from '../../app/domain/order.ts';
import { applyOrders } from '../../app/pipeline/apply-orders.ts';
import { createChatLink, type ChatLinkOutcome } from '../../app/pipeline/chat-links.ts';
import { holdContacts } from '../../app/pipeline/contacts.ts';
import { shopFacts } from '../../app/pipeline/shop.ts';
import { shopifyOrder } from '../builders/shopify.ts';
import { CODE, JOAO, made, PRODUCT, withChats, withCode } from './chats.ts';
import { dumpTables } from './database.ts';
import { bought, gidOf } from './linking.ts';
import { untilItWaits } from './locks.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { MARIA, openTieback, SHOP, START } from './tieback.ts';

const NOBODY = '018f0000-0000-7000-8000-000000000000';

test('a link is known again by its token and nothing of it stands in the clear', async () => {
  const { tieback, maria, make, linksOf } = await withChats(await openTieback());
  const link = await made(make(maria, PRODUCT));
  expect(link).toMatchObject({
    contactId: maria,
    kind: 'product',
    target: '/products/camiseta',
    shortUrl: `https://${SHOP}/apps/tieback/l/${link.token}`,
    url: `https://${SHOP}/products/camiseta?wa_ref=${link.token}`,
  });
  expect(await linksOf(maria)).toEqual([
    { ...link, createdBy: 'test', createdAt: tieback.now.at, opened: 0, lastOpenedAt: null, orders: [] },
  ]);
  expect(await dumpTables(tieback.databaseUrl)).not.toContain(link.token);
});

test('two links of one conversation have different tokens, and another conversation sees neither', async () => {
  const { tieback, maria, joao, make, linksOf } = await withChats(await openTieback());
  const one = await made(make(maria, PRODUCT));
  tieback.now.forward(1_000);
  const two = await made(make(maria, PRODUCT));
  expect(one.token).not.toBe(two.token);
  expect((await linksOf(maria)).map(({ id }) => id)).toEqual([two.id, one.id]);
  expect(await linksOf(joao)).toEqual([]);
});

test('a discount code belongs to one conversation, in any spelling; for that one it may have several links', async () => {
  const { maria, joao, make, linksOf } = await withChats(await openTieback());
  await made(make(maria, CODE));
  expect(await make(joao, { ...CODE, code: 'vem-maria' })).toEqual({
    kind: 'discount_taken',
    contactId: maria,
  });
  await made(make(maria, { ...CODE, to: '/collections/new' }));
  expect((await linksOf(maria)).map(({ discountCode }) => discountCode)).toEqual(['VEM-MARIA', 'VEM-MARIA']);
  expect(await linksOf(joao)).toEqual([]);
});

test('of two who make a link for the same code at once, one conversation gets it', async () => {
  const { maria, joao, make } = await withChats(await openTieback());
  const outcomes = await Promise.all([maria, joao, maria, joao].map((id) => make(id, CODE)));
  const owners = outcomes.map((outcome) =>
    outcome.kind === 'created'
      ? outcome.link.contactId
      : outcome.kind === 'discount_taken'
        ? outcome.contactId
        : null,
  );
  expect(new Set(owners).size).toBe(1);
  expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual([
    'created',
    'created',
    'discount_taken',
    'discount_taken',
  ]);
});

test('a link for a conversation that was merged is made for the one it became', async () => {
  const { tieback, shop, maria, joao, make } = await withChats(await openTieback());
  await tieback.pipeline.db.contact.update({
    where: { shopId_id: { shopId: shop.id, id: joao } },
    data: { mergedInto: maria },
  });
  expect((await made(make(joao, PRODUCT))).contactId).toBe(maria);
});

test('no link for a conversation of another shop, for none at all, or for what cannot be read', async () => {
  const { tieback, maria, make } = await withChats(await openTieback());
  const other = await tieback.connect({
    domain: 'outra-loja.myshopify.com',
    wabaId: '2',
    phoneNumberId: '2',
    datasetId: '2',
  });
  const shop = { id: other.shopId, domain: other.domain };
  expect(
    await createChatLink(tieback.pipeline, { shop, contactId: maria, request: PRODUCT, by: 'test' }),
  ).toEqual({ kind: 'unknown_contact' });
  for (const id of [NOBODY, 'maria']) expect(await make(id, PRODUCT)).toEqual({ kind: 'unknown_contact' });
  expect(await make(maria, { ...PRODUCT, product: 'http://x' })).toMatchObject({
    kind: 'invalid',
    problems: [{ field: 'product' }],
  });
  expect(await tieback.pipeline.db.chatLink.count()).toBe(0);
});

test('an order that comes back with the token or with the code is shown at its link, once', async () => {
  const { tieback, maria, make, linksOf } = await withChats(await openTieback());
  const link = await made(make(maria, PRODUCT));
  const discount = await made(make(maria, CODE));
  await tieback.pay({
    id: 7001,
    name: '#7001',
    phone: null,
    note_attributes: [{ name: '__wa_ref', value: link.token }],
    discount_codes: [{ code: 'vem-maria', amount: '10.00', type: 'fixed_amount' }],
  });
  await tieback.pay({
    id: 7002,
    name: '#7002',
    note_attributes: [
      { name: '__wa_ref', value: discount.token },
      { name: 'gift', value: 'yes' },
    ],
    discount_codes: [{ code: 'VEM-MARIA', amount: '10.00', type: 'fixed_amount' }],
  });
  await tieback.work();
  const names = new Map((await linksOf(maria)).map(({ id, orders }) => [id, orders.map(({ name }) => name)]));
  expect(names.get(link.id)).toEqual(['#7001']);
  expect(names.get(discount.id)?.toSorted()).toEqual(['#7001', '#7002']);
});

test('an order that had the code before its link was made is decided again', async () => {
  const { tieback, maria, make } = await withChats(await openTieback());
  await tieback.pay({ ...bought(7001), ...withCode('VEM-MARIA') });
  await tieback.pay({ ...bought(7002), ...withCode('ZAP10') });
  await tieback.work();
  await made(make(maria, CODE));
  const orders = await tieback.pipeline.db.order.findMany({
    select: { gid: true, reconsider: true },
    orderBy: { gid: 'asc' },
  });
  expect(orders).toEqual([
    { gid: gidOf(7001), reconsider: true },
    { gid: gidOf(7002), reconsider: false },
  ]);
});

test('an order that is decided while its code’s link is made is decided again', async () => {
  const { tieback, shop, maria, make } = await withChats(await openTieback());
  const { pipeline } = tieback;
  const facts = shopFacts(await pipeline.db.shop.findUniqueOrThrow({ where: { id: shop.id } }));
  const read = readOrder(JSON.stringify(shopifyOrder({ ...bought(7001), ...withCode('VEM-MARIA') })));
  if (read.kind !== 'order') throw new Error(read.kind);
  let making: Promise<ChatLinkOutcome> | undefined;
  await pipeline.db.$transaction(async (deciding) => {
    const payment = { paidAt: START, toldBy: 'orders_paid' as const };
    await applyOrders(pipeline, deciding, [{ shop: facts, order: read.order, payment }]);
    making = make(maria, CODE);
    await untilItWaits(tieback, making);
  });
  expect(await making).toMatchObject({ kind: 'created' });
  expect(await pipeline.db.order.findMany()).toMatchObject([{ gid: gidOf(7001), reconsider: true }]);
});

test('a conversation that is just being forgotten gets no link, and both end', async () => {
  const { tieback, shop, maria, make } = await withChats(await openTieback());
  await tieback.pay({ ...bought(7001), ...withCode('VEM-MARIA') });
  await tieback.work();
  let making: Promise<ChatLinkOutcome> | undefined;
  await tieback.pipeline.db.$transaction(async (erasing) => {
    await holdContacts(erasing, [shop.id], 'alone');
    await erasing.order.updateMany({ data: { contactId: null } });
    making = make(maria, CODE);
    await untilItWaits(tieback, making);
    await erasing.contact.deleteMany({ where: { id: maria } });
  });
  expect(await making).toEqual({ kind: 'unknown_contact' });
});

test('the command makes links by contact and by phone in any form', async () => {
  const { tieback, env } = await openOperated();
  const { maria, joao, linksOf } = await withChats(tieback);
  const run = (...args: string[]) => jsonOf(['chat-link', '--shop', SHOP, ...args], env);
  expect(await run('--contact', maria, '--product', 'https://loja.com.br/products/camiseta')).toMatchObject({
    contact_id: maria,
    kind: 'product',
    short_url: expect.stringMatching(`^https://${SHOP}/apps/tieback/l/[0-9A-Za-z]{16}$`),
    url: expect.stringContaining('/products/camiseta?wa_ref='),
  });
  expect(
    await run('--phone', '+55 11 98665-4321', '--cart', '44100000000001:2', '--discount', 'ZAP10'),
  ).toMatchObject({
    contact_id: maria,
    kind: 'cart',
    url: expect.stringContaining('/cart/44100000000001:2?discount=ZAP10&'),
  });
  expect(await run('--phone', MARIA.whatsapp, '--discount', 'VEM', '--to', '/pages/x')).toMatchObject({
    contact_id: maria,
    kind: 'discount',
  });
  expect(await run('--phone', JOAO, '--draft-order')).toMatchObject({
    contact_id: joao,
    kind: 'draft_order',
    tag: expect.stringMatching(/^wa_ref:[0-9A-Za-z]{16}$/),
    attribute: '__wa_ref',
  });
  expect(await linksOf(maria)).toHaveLength(3);
  expect((await linksOf(joao)).map(({ createdBy }) => createdBy)).toEqual(['operator']);

  const taken = ['chat-link', '--shop', SHOP, '--contact', joao, '--discount', 'vem'];
  expect(await tiebackCommand(taken, env)).toMatchObject({
    code: 1,
    words: expect.stringContaining(`the conversation ${maria} already`),
  });
  const stranger = ['chat-link', '--shop', SHOP, '--phone', '+5511900000000', '--draft-order'];
  expect(await tiebackCommand(stranger, env)).toMatchObject({
    code: 1,
    words: 'tieback chat-link: nobody with this number has written to the shop\n',
  });
});

test.each<[string, string[], string]>([
  ['no conversation', ['--draft-order'], 'give the conversation by --contact or by --phone'],
  ['two conversations', ['--contact', NOBODY, '--phone', JOAO, '--draft-order'], 'give the conversation by'],
  ['no target', ['--contact', NOBODY], 'give one of --product, --cart, --discount and --draft-order'],
  ['two targets', ['--contact', NOBODY, '--product', 'x', '--cart', '1:1'], 'give one of --product'],
  ['a target and a draft order', ['--contact', NOBODY, '--product', 'x', '--draft-order'], 'give one of'],
  [
    'a path without a code',
    ['--contact', NOBODY, '--product', 'x', '--to', '/x'],
    '--to belongs to --discount',
  ],
  ['a cart that is none', ['--contact', NOBODY, '--cart', 'x'], '--cart: Enter each product as variant ID'],
  [
    'another host',
    ['--contact', NOBODY, '--discount', 'X', '--to', '//evil.example'],
    '--to: Enter a page of',
  ],
])('%s is wrong use of the command, before anything is opened', async (_, args, words) => {
  const nowhere = {
    ENCRYPTION_KEYS: `test:${'A'.repeat(43)}=`,
    DATABASE_URL: 'postgresql://x@127.0.0.1:1/x',
  };
  const ended = await tiebackCommand(['chat-link', '--shop', SHOP, ...args, '--json'], nowhere);
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.words).toMatch(new RegExp(`^${words.replaceAll(/[/.]/g, '\\$&')}`));
});
