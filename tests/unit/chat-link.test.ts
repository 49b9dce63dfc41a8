import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CHAT_LINK_KINDS,
  mintToken,
  readChatLink,
  readToken,
  REFERENCE_PARAMETER,
  type ChatLinkRequest,
} from '../../app/domain/chat-link.ts';
import { chatLinkAddress, draftOrderReference, shortAddress } from '../../app/domain/chat-link-address.ts';

const SHOP = 'loja-exemplo.myshopify.com';
const TOKEN = 'k7Qx9mB2k7Qx9mB2';

/** The link's own address in the shop, or the fields that are wrong. */
function addressOf(request: ChatLinkRequest): string | string[] {
  const reading = readChatLink(request, SHOP);
  return reading.kind === 'readable'
    ? chatLinkAddress(SHOP, reading.link, TOKEN)
    : reading.problems.map(({ field }) => field);
}
const product = (text: string, variant: string | null = null) =>
  addressOf({ kind: 'product', product: text, variant });
const cart = (text: string, discount: string | null = null) =>
  addressOf({ kind: 'cart', cart: text, discount });
const discount = (code: string, to: string | null = null) => addressOf({ kind: 'discount', code, to });

test('a token has 16 base62 characters, reads back, and takes at least 12 random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 32 }), (bytes) => {
      const token = mintToken(bytes);
      expect(token).toMatch(/^[0-9A-Za-z]{16}$/);
      expect(readToken(` ${token}\n`)).toBe(token);
    }),
  );
  expect(() => mintToken(new Uint8Array(11))).toThrow(RangeError);
});

test('every random bit matters to a token', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.nat(95), (bytes, bit) => {
      const other = bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(mintToken(other)).not.toBe(mintToken(bytes));
    }),
  );
});

test.each(['', 'k7Qx9mB2', `${TOKEN}a`, 'k7Qx9mB2-7Qx9mB2', 'k7Qx9mB2 7Qx9mB2', '+5511987654321000'])(
  '%j is no token',
  (text) => expect(readToken(text)).toBeNull(),
);

test.each([
  ['camiseta-azul', `https://${SHOP}/products/camiseta-azul?wa_ref=${TOKEN}`],
  ['/products/camiseta-azul', `https://${SHOP}/products/camiseta-azul?wa_ref=${TOKEN}`],
  [
    `https://${SHOP}/products/camiseta-azul?utm_source=x#top`,
    `https://${SHOP}/products/camiseta-azul?wa_ref=${TOKEN}`,
  ],
  [
    'https://www.loja.com.br/pt-br/collections/novidades/products/camiseta-azul?variant=44100000000001',
    `https://${SHOP}/pt-br/products/camiseta-azul?variant=44100000000001&wa_ref=${TOKEN}`,
  ],
  ['loja.com.br/products/camiseta-azul/', `https://${SHOP}/products/camiseta-azul?wa_ref=${TOKEN}`],
  ['https://loja.jp/products/シャツ', `https://${SHOP}/products/%E3%82%B7%E3%83%A3%E3%83%84?wa_ref=${TOKEN}`],
])('the product %s is found whatever way it was given', (text, address) => {
  expect(product(text)).toBe(address);
});

test('a variant that is named counts before the one in a pasted address', () => {
  expect(product('https://loja.com.br/products/camiseta?variant=11', '22')).toBe(
    `https://${SHOP}/products/camiseta?variant=22&wa_ref=${TOKEN}`,
  );
  expect(product('camiseta', '22x')).toEqual(['variant']);
  expect(product('not a product', 'x')).toEqual(['product', 'variant']);
});

test.each([
  '',
  'https://loja.com.br/collections/novidades',
  'https://admin.shopify.com/store/loja/products/8123456789',
  'http://loja.com.br/products/camiseta',
  'javascript:alert(1)//products/camiseta',
  '//evil.example/products/..',
  'https://user:password@loja.com.br/products/camiseta',
  'https://loja.com.br/products/a%2F..%2F..',
  'https://loja.com.br/products/%E0%A4%A',
  '\\\\evil.example\\products\\camiseta',
])('%j is no product page', (text) => expect(product(text)).toEqual(['product']));

test('a cart becomes a permalink that carries the token as a private attribute, and a code if there is one', () => {
  const reference = `attributes[__wa_ref]=${TOKEN}`;
  expect(cart('44100000000001:2')).toBe(`https://${SHOP}/cart/44100000000001:2?${reference}`);
  expect(cart(' 44100000000001:2,\n44100000000002:999 ', 'VEM10')).toBe(
    `https://${SHOP}/cart/44100000000001:2,44100000000002:999?discount=VEM10&${reference}`,
  );
});

test.each([
  '',
  '44100000000001',
  '44100000000001:0',
  '44100000000001:1000',
  'abc:1',
  '1:1;2:1',
  '-1:1',
  '1:1.5',
])('%j is no cart', (text) => expect(cart(text)).toEqual(['cart']));

test('a discount link leads to its page with the token inside', () => {
  expect(discount('VEM-MARIA')).toBe(
    `https://${SHOP}/discount/VEM-MARIA?redirect=${encodeURIComponent(`/?wa_ref=${TOKEN}`)}`,
  );
  expect(discount('vem', `https://${SHOP}/collections/new?sort=price&wa_ref=OLD`)).toBe(
    `https://${SHOP}/discount/vem?redirect=${encodeURIComponent(`/collections/new?sort=price&wa_ref=${TOKEN}`)}`,
  );
  expect(discount('vem', 'https://loja.com.br/products/camiseta')).toBe(
    `https://${SHOP}/discount/vem?redirect=${encodeURIComponent(`/products/camiseta?wa_ref=${TOKEN}`)}`,
  );
});

test.each(['', 'two words', 'a/b', '..', '.', 'a?b', 'a#b', '%2e', 'a\\b', 'a\u0000b', '\ud800'])(
  '%j is no discount code',
  (code) => expect(discount(code)).toEqual(['code']),
);

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  '/.//evil.example',
  '/%2e//evil.example',
  `https://${SHOP}//evil.example`,
  `https://${SHOP}@evil.example/`,
  `https://${SHOP}.evil.example/`,
  `http://${SHOP}/`,
  'javascript:alert(1)',
])('a discount link never leads on to %j', (to) => expect(discount('vem', to)).toEqual(['to']));

test('whatever is typed, a chat link stays in the shop, keeps its token and holds one of it', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc
      .array(
        fc.constantFrom(
          '/',
          '\\',
          '.',
          '//',
          'evil.example',
          '%2f',
          '@',
          ':',
          '?',
          'https:',
          'products',
          SHOP,
        ),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join('')),
  );
  const request = fc.constantFrom(...CHAT_LINK_KINDS).chain((kind): fc.Arbitrary<ChatLinkRequest> => {
    switch (kind) {
      case 'product':
        return fc.record({ kind: fc.constant(kind), product: text, variant: fc.option(text, { nil: null }) });
      case 'cart':
        return fc.record({ kind: fc.constant(kind), cart: text, discount: fc.option(text, { nil: null }) });
      case 'discount':
        return fc.record({
          kind: fc.constant(kind),
          code: fc.constantFrom('vem', 'É+1'),
          to: fc.option(text, { nil: null }),
        });
      case 'draft_order':
        return fc.constant({ kind });
    }
  });
  fc.assert(
    fc.property(request, (asked) => {
      const address = addressOf(asked);
      if (typeof address !== 'string') return;
      const url = new URL(address);
      expect(url.origin).toBe(`https://${SHOP}`);
      const redirect = url.searchParams.get('redirect');
      if (asked.kind === 'discount') expect(new URL(redirect ?? '', url).origin).toBe(`https://${SHOP}`);
      expect(decodeURIComponent(address).split(TOKEN)).toHaveLength(2);
    }),
    { numRuns: 500 },
  );
});

test('the short link and the reference for a draft order hold the token and nothing else', () => {
  expect(shortAddress(SHOP, TOKEN)).toBe(`https://${SHOP}/apps/tieback/l/${TOKEN}`);
  expect(draftOrderReference(TOKEN)).toEqual({
    tag: `${REFERENCE_PARAMETER}:${TOKEN}`,
    attribute: '__wa_ref',
    value: TOKEN,
  });
  expect(addressOf({ kind: 'draft_order' })).toBe(`https://${SHOP}/?wa_ref=${TOKEN}`);
});
