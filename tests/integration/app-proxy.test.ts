import { expect, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { createChatLink, type MadeChatLink } from '../../app/pipeline/chat-links.ts';
import { openThroughProxy, proxyAddress, type ProxyVisit } from '../sandbox/shopify-proxy.ts';
import { cutDatabase } from './database.ts';
import { openTieback, SHOP, SHOPIFY_SECRET, type Tieback } from './tieback.ts';

const HOME = `https://${SHOP}/`;
const OTHER_SHOP = 'outra-loja.myshopify.com';
const CAMISETA = { kind: 'product', product: 'camiseta', variant: null } as const;

type Opened = { tieback: Tieback; link: MadeChatLink; visit: ProxyVisit };

/** A shop with one conversation and a chat link for it, and a visit that opens the link. */
async function withLink(env: Record<string, string> = {}): Promise<Opened> {
  const tieback = await openTieback({ env });
  await tieback.connect();
  await tieback.tapAd();
  await tieback.work();
  const { id: contactId, shopId } = await tieback.pipeline.db.contact.findFirstOrThrow();
  const shop = { id: shopId as ShopId, domain: SHOP };
  const made = await createChatLink(tieback.pipeline, { shop, contactId, request: CAMISETA, by: 'test' });
  if (made.kind !== 'created') throw new Error(made.kind);
  const visit = {
    appUrl: tieback.url,
    shop: SHOP,
    path: `/l/${made.link.token}`,
    secret: SHOPIFY_SECRET,
    now: tieback.now.at,
  };
  return { tieback, link: made.link, visit };
}

async function openings({ tieback, link }: Opened) {
  const row = await tieback.pipeline.db.chatLink.findFirstOrThrow({ where: { id: link.id } });
  return { opened: row.opened, lastOpenedAt: row.lastOpenedAt };
}

test('a chat link leads to its page with the token, and every opening by a person is counted', async () => {
  const opened = await withLink();
  const { tieback, link, visit } = opened;
  expect(await openThroughProxy(visit)).toEqual({
    status: 302,
    location: `https://${SHOP}/products/camiseta?wa_ref=${link.token}`,
  });
  tieback.now.forward(60_000);
  await openThroughProxy({
    ...visit,
    now: tieback.now.at,
    query: [
      ['fbclid', 'x'],
      ['a', '2'],
      ['a', '1'],
    ],
  });
  expect(await openings(opened)).toEqual({ opened: 2, lastOpenedAt: tieback.now.at });
});

test.each(['WhatsApp/2.24.20.89 A', 'facebookexternalhit/1.1'])(
  'the preview that %s fetches leads on but is no opening',
  async (userAgent) => {
    const opened = await withLink();
    expect((await openThroughProxy(opened.visit, userAgent)).location).toBe(opened.link.url);
    expect(await openings(opened)).toEqual({ opened: 0, lastOpenedAt: null });
  },
);

test.each(['/l/AAAAAAAAAAAAAAAA', '/l/short', '/l/', '/l/a%2Fb', '', '/anything/else'])(
  'a visitor who asks for %j is led to the shop’s home page',
  async (path) => {
    const { visit } = await withLink();
    expect(await openThroughProxy({ ...visit, path })).toEqual({ status: 302, location: HOME });
  },
);

test('a link of one shop is unknown in another', async () => {
  const { tieback, visit } = await withLink();
  await tieback.connect({ domain: OTHER_SHOP, phoneNumberId: '2', wabaId: '2', datasetId: '2' });
  expect(await openThroughProxy({ ...visit, shop: OTHER_SHOP })).toEqual({
    status: 302,
    location: `https://${OTHER_SHOP}/`,
  });
});

test('while a secret is rotated, what is signed with the previous one is taken too', async () => {
  const { visit, link } = await withLink({ SHOPIFY_API_SECRET_PREVIOUS: 'shpss-before' });
  expect((await openThroughProxy({ ...visit, secret: 'shpss-before' })).location).toBe(link.url);
});

test('a signature holds for 90 seconds, by a clock that is fast or slow', async () => {
  const { visit, tieback } = await withLink();
  const at = (seconds: number) =>
    openThroughProxy({ ...visit, now: new Date(tieback.now.at.getTime() + seconds * 1000) });
  expect((await at(-90)).status).toBe(302);
  expect((await at(90)).status).toBe(302);
  expect((await at(-91)).status).toBe(401);
  expect((await at(91)).status).toBe(401);
});

test('what Shopify has not signed is refused and counts nothing', async () => {
  const opened = await withLink();
  const address = proxyAddress(opened.visit);
  const refused = [
    address.replace(/signature=[0-9a-f]{64}/, `signature=${'0'.repeat(64)}`),
    address.replace(/&signature=.*/, ''),
    address.replace('signature=', 'signature=&signature='),
    address.replace(SHOP, OTHER_SHOP),
    `${address}&more=1`,
    proxyAddress({ ...opened.visit, secret: 'another secret' }),
    proxyAddress({ ...opened.visit, shop: 'evil.example' }),
    proxyAddress({ ...opened.visit, query: [['shop', OTHER_SHOP]] }),
  ];
  for (const url of refused) {
    const answer = await fetch(url, { redirect: 'manual' });
    expect([answer.status, await answer.text()]).toEqual([401, 'Shopify has not signed this request\n']);
  }
  expect(await openings(opened)).toEqual({ opened: 0, lastOpenedAt: null });
});

test('a visitor is led to the shop even while the database does not answer', async () => {
  const { tieback, visit } = await withLink();
  const restore = await cutDatabase(tieback.databaseUrl);
  expect(await openThroughProxy(visit)).toEqual({ status: 302, location: HOME });
  await restore();
});
