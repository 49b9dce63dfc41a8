import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChatLinkKind } from '../../app/domain/chat-link.ts';
import type { ChatLinkId, ContactId, OrderGid } from '../../app/domain/ids.ts';
import { linkLine } from '../../app/pages/conversation/link-line.ts';
import { mergeLine, mergeWords } from '../../app/pages/conversation/merge-words.ts';
import {
  conversationsUrl,
  conversationUrl,
  readConversationsFilter,
} from '../../app/pages/conversations/filter.ts';
import { shopClock } from '../../app/pages/format.ts';
import { pageAt } from '../../app/pages/page-skeleton.tsx';

const CLOCK = shopClock('America/Sao_Paulo');
const AT = new Date('2026-11-18T13:30:00Z');
const TOKEN = 'k7Qx9mB2k7Qx9mB2';

const place = fc.record({
  lastMessageAt: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  id: fc.uuid(),
});
const filter = fc
  .tuple(fc.option(place, { nil: null }), fc.boolean())
  .map(([at, above]) => ({ after: above ? null : at, before: above ? at : null }));

test('the address of a part of the list reads back as that part, and a conversation keeps it', () => {
  fc.assert(
    fc.property(filter, fc.uuid(), (asked, id) => {
      const base = 'https://tieback.test';
      expect(readConversationsFilter(new URL(conversationsUrl(asked), base).searchParams)).toEqual(asked);
      const one = new URL(conversationUrl(id, asked), base);
      expect(one.pathname).toBe(`/app/conversations/${id}`);
      expect(readConversationsFilter(one.searchParams)).toEqual(asked);
    }),
  );
});

test.each(['', '12', '12-x', `x-${crypto.randomUUID()}`, `1-${crypto.randomUUID()}'`])(
  'the place %j is left out',
  (text) => {
    const parameters = new URLSearchParams({ after: text, before: text });
    expect(readConversationsFilter(parameters)).toEqual({ after: null, before: null });
  },
);

test('each address shows the skeleton of its own page', () => {
  expect(
    ['/app/conversations', '/app/conversations/', '/app/conversations/018f', '/app/orders'].map(pageAt),
  ).toEqual(['conversations', 'conversations', 'conversation', 'orders']);
});

function lineOf(kind: ChatLinkKind, target: string, fields: { opened?: number; discountCode?: string } = {}) {
  const { opened = 0, discountCode = null } = fields;
  return linkLine(
    {
      id: 'link' as ChatLinkId,
      contactId: 'contact' as ContactId,
      kind,
      target,
      discountCode,
      token: TOKEN,
      shortUrl: `https://loja.myshopify.com/apps/tieback/l/${TOKEN}`,
      url: `https://loja.myshopify.com${target}?wa_ref=${TOKEN}`,
      createdBy: 'staff member 1',
      createdAt: AT,
      opened,
      lastOpenedAt: opened === 0 ? null : AT,
      orders: [{ gid: 'gid://shopify/Order/42' as OrderGid, name: '#1042' }],
    },
    CLOCK,
  );
}

test('a link is told by what it leads to, how often it was opened and what came back', () => {
  expect(lineOf('product', '/pt-br/products/%E3%82%B7%E3%83%A3%E3%83%84?variant=1')).toEqual({
    id: 'link',
    heading: 'Product: シャツ?variant=1',
    pasted: { kind: 'link', url: `https://loja.myshopify.com/apps/tieback/l/${TOKEN}` },
    made: 'Made Nov 18, 2026, 10:30 AM',
    opened: 'Not opened yet',
    orders: [{ name: '#1042', url: '/app/orders/42' }],
  });
  expect(lineOf('cart', '/cart/1:2,3:4?discount=ZAP%2B10', { opened: 1 })).toMatchObject({
    heading: 'Cart: 1:2,3:4?discount=ZAP%2B10',
    opened: 'Opened once, Nov 18, 2026, 10:30 AM',
  });
  expect(
    lineOf('discount', '/discount/VEM?redirect=%2F', { discountCode: 'VEM', opened: 1200 }),
  ).toMatchObject({
    heading: 'Discount: VEM',
    opened: 'Opened 1,200 times, last Nov 18, 2026, 10:30 AM',
  });
});

test('a draft order has a tag and an attribute to take over, and nothing to open', () => {
  expect(lineOf('draft_order', '/')).toMatchObject({
    heading: 'Draft order',
    pasted: { kind: 'reference', tag: `wa_ref:${TOKEN}`, attribute: '__wa_ref', value: TOKEN },
    opened: null,
  });
});

test('a merge is told with its day and its reason, and that it was taken back', () => {
  const merge = { shownBy: 'contact_request', mergedAt: AT, undoneAt: null } as const;
  const merged =
    'Two chats became one on Nov 18, 2026, 10:30 AM: the customer shared their number when they were asked for it.';
  expect(mergeWords(merge, CLOCK)).toBe(merged);
  expect(mergeWords({ ...merge, undoneAt: AT }, CLOCK)).toBe(
    `${merged} They were taken apart again on Nov 18, 2026, 10:30 AM.`,
  );
  expect(mergeLine({ ...merge, id: 'm' }, CLOCK)).toEqual({ id: 'm', words: merged, undone: false });
  expect(mergeLine({ ...merge, id: 'm', undoneAt: AT }, CLOCK)).toMatchObject({ undone: true });
});
