import { expect, test } from 'vitest';
import { makeChatLink } from '../../app/pages/conversation/act.ts';
import { Prisma } from '../../app/storage/database.ts';
import { CODE, made, withChats, withCode } from './chats.ts';
import { bought, gidOf } from './linking.ts';
import { openOperated, tiebackCommand } from './operator.ts';
import { openTieback, SHOP } from './tieback.ts';

const JOAOS = { phone: '(21) 91234-5678', buyer: 2 };
const NOBODYS = { phone: '(31) 95555-4444', buyer: 3 };

test('a code that one customer has ordered with makes a link for their conversation and for no other', async () => {
  const { tieback, maria, joao, make } = await withChats(await openTieback());
  await tieback.pay({ ...bought(1, JOAOS), ...withCode('vem-maria') });
  await tieback.pay({ ...bought(2, JOAOS), ...withCode('VEM-MARIA') });
  await tieback.work();
  expect(await make(maria, CODE)).toEqual({ kind: 'code_in_use' });
  expect(await tieback.pipeline.db.chatLink.count()).toBe(0);
  await made(make(joao, CODE));
  expect(await make(maria, CODE)).toEqual({ kind: 'discount_taken', contactId: joao });
});

test('a code of an order that is tied to no conversation makes no link', async () => {
  const { tieback, maria, make } = await withChats(await openTieback());
  await tieback.pay({ ...bought(1, NOBODYS), ...withCode('VEM-MARIA') });
  await tieback.work();
  expect(await make(maria, CODE)).toEqual({ kind: 'code_in_use' });
  await made(make(maria, { ...CODE, code: 'ANOTHER' }));
});

test('a code that several customers have ordered with makes no link for any of them', async () => {
  const { tieback, maria, joao, make } = await withChats(await openTieback());
  await tieback.pay({ ...bought(1), ...withCode('VEM-MARIA') });
  await tieback.work();
  await made(make(maria, CODE));
  await tieback.pay({ ...bought(2, JOAOS), ...withCode('VEM-MARIA') });
  await tieback.work();
  expect(await make(maria, CODE)).toEqual({ kind: 'code_in_use' });
  expect(await make(joao, CODE)).toEqual({ kind: 'discount_taken', contactId: maria });
});

test('the conversation’s page says that a code is in use, at the code', async () => {
  const { tieback, shop, maria } = await withChats(await openTieback());
  await tieback.pay({ ...bought(1, NOBODYS), ...withCode('WELCOME10') });
  await tieback.work();
  const form = new FormData();
  form.set('kind', 'discount');
  form.set('code', 'welcome10');
  const made = await makeChatLink(tieback.services, { shop, contactId: maria, form, by: 'staff' });
  const problem = expect.stringContaining('Other orders carry this code already.');
  expect(made).toEqual({ kind: 'invalid', problems: [{ field: 'code', problem }] });
});

test('the command says that a code is in use', async () => {
  const { tieback, env } = await openOperated();
  const { maria } = await withChats(tieback);
  await tieback.pay({ ...bought(1, NOBODYS), ...withCode('WELCOME10') });
  await tieback.work();
  const args = ['chat-link', '--shop', SHOP, '--contact', maria, '--discount', 'welcome10'];
  expect(await tiebackCommand(args, env)).toMatchObject({
    code: 1,
    words:
      'tieback chat-link: other orders carry this code already; make one in Shopify for this customer alone\n',
  });
});

test('a link whose code is on very many orders shows the latest 50 of them', async () => {
  const { tieback, shop, maria, make, linksOf } = await withChats(await openTieback());
  await made(make(maria, CODE));
  const { db, index } = tieback.pipeline;
  const hash = index(shop.id, 'discount_code', 'VEM-MARIA');
  await tieback.pay({ ...bought(1000), ...withCode('VEM-MARIA') });
  await tieback.work();
  expect(await db.orderClue.count({ where: { hash } })).toBe(1);
  await db.$executeRaw(Prisma.sql`
    WITH copied AS (
      INSERT INTO orders (shop_id, gid, name, currency, total, presentment_currency, presentment_total, placed_at,
        shopify_updated_at)
      SELECT o.shop_id, 'gid://shopify/Order/' || n, '#' || n, o.currency, o.total, o.presentment_currency,
        o.presentment_total, o.placed_at + n * interval '1 second', o.shopify_updated_at
      FROM orders o CROSS JOIN generate_series(1001, 1060) n
      RETURNING shop_id, gid, placed_at
    )
    INSERT INTO order_clues (shop_id, hash, gid, kind, source, buyer, placed_at)
    SELECT shop_id, ${hash}, gid, 'discount_code', 'discount_code', gid, placed_at FROM copied`);
  const [link] = await linksOf(maria);
  expect(link?.orders).toHaveLength(50);
  expect(link?.orders[0]).toEqual({ gid: gidOf(1060), name: '#1060' });
});
