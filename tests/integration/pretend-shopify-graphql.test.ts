import { expect, test } from 'vitest';
import { shopifyOrder } from '../builders/shopify.ts';
import { SHOP, ask, signedIn, start } from './shopify-session.ts';

test('answers the shop and the installation, with the cost of the query', async () => {
  const stage = await start();
  const query = `query ShopInfo { shop { id name myshopifyDomain primaryDomain { host url } currencyCode
    enabledPresentmentCurrencies ianaTimezone timezoneOffsetMinutes shopAddress { countryCodeV2 }
    plan { publicDisplayName partnerDevelopment shopifyPlus } } currentAppInstallation { accessScopes { handle } } }`;
  const { body } = await ask(stage, await signedIn(stage), query);
  expect(body).toMatchObject({
    data: {
      shop: { name: 'Loja Exemplo', myshopifyDomain: SHOP, currencyCode: 'BRL', timezoneOffsetMinutes: -180 },
      currentAppInstallation: { accessScopes: [{ handle: 'read_orders' }, { handle: 'read_customers' }] },
    },
    extensions: {
      cost: { requestedQueryCost: 6, throttleStatus: { maximumAvailable: 2000, restoreRate: 100 } },
    },
  });
  expect(body['errors']).toBeUndefined();
  expect(stage.shopify.graphqlCalls()).toEqual([{ operation: 'ShopInfo', shop: SHOP }]);
});

test('refuses a field that Shopify’s schema does not have', async () => {
  const stage = await start();
  const { status, body } = await ask(stage, await signedIn(stage), '{ shop { name whatsapp } }');
  expect([status, body['data']]).toEqual([200, undefined]);
  expect(body['errors']).toMatchObject([{ message: 'Cannot query field "whatsapp" on type "Shop".' }]);
});

test('gives an order from its webhook, and names a field it has no data for instead of inventing it', async () => {
  const stage = await start();
  const gid = 'gid://shopify/Order/820982911946154508';
  stage.shopify.placeOrder(
    SHOP,
    shopifyOrder({ id: 820982911946154508n, note_attributes: [{ name: 'k', value: 'v' }] }),
  );
  const query = `query OrderById($id: ID!) { order(id: $id) { id legacyResourceId createdAt cancelledAt fullyPaid
    displayFinancialStatus totalPriceSet { shopMoney { amount currencyCode } } netPaymentSet { shopMoney { amount } }
    customAttributes { key value } shippingAddress { phone countryCodeV2 } customer { id defaultPhoneNumber { phoneNumber } }
    lineItems(first: 5) { nodes { id quantity variant { id } } pageInfo { hasNextPage } } } }`;
  const token = await signedIn(stage);
  expect((await ask(stage, token, query, { id: gid })).body['data']).toEqual({
    order: {
      id: gid,
      legacyResourceId: '820982911946154508',
      createdAt: '2026-11-18T13:22:31Z',
      cancelledAt: null,
      fullyPaid: true,
      displayFinancialStatus: 'PAID',
      totalPriceSet: { shopMoney: { amount: '214.9', currencyCode: 'BRL' } },
      netPaymentSet: { shopMoney: { amount: '214.9' } },
      customAttributes: [{ key: 'k', value: 'v' }],
      shippingAddress: { phone: '(11) 98665-4321', countryCodeV2: 'BR' },
      customer: { id: 'gid://shopify/Customer/8700000000001', defaultPhoneNumber: null },
      lineItems: {
        nodes: [
          {
            id: 'gid://shopify/LineItem/14800000000001',
            quantity: 1,
            variant: { id: 'gid://shopify/ProductVariant/44100000000001' },
          },
        ],
        pageInfo: { hasNextPage: false },
      },
    },
  });
  const weight = `query($id: ID!) { order(id: $id) { currentTotalWeight } }`;
  expect((await ask(stage, token, weight, { id: gid })).body).toMatchObject({
    errors: [{ message: 'The pretend Shopify has no data for Order.currentTotalWeight.' }],
  });
});

test('counts and pages orders by date and payment, oldest update first', async () => {
  const stage = await start();
  for (let day = 1; day <= 5; day += 1) {
    const at = `2026-11-0${day}T12:00:00Z`;
    const status = day === 3 ? 'pending' : 'paid';
    stage.shopify.placeOrder(
      SHOP,
      shopifyOrder({ id: day, created_at: at, updated_at: at, processed_at: at, financial_status: status }),
    );
  }
  const token = await signedIn(stage);
  const count = async (query: string) =>
    (
      await ask(stage, token, 'query($q: String) { ordersCount(query: $q) { count precision } }', {
        q: query,
      })
    ).body;
  expect(await count('financial_status:paid')).toMatchObject({
    data: { ordersCount: { count: 4, precision: 'EXACT' } },
  });
  expect(
    await count(
      "created_at:>='2026-11-02T12:00:00Z' AND (financial_status:pending OR financial_status:refunded)",
    ),
  ).toMatchObject({
    data: { ordersCount: { count: 1 } },
  });
  expect(await count('-financial_status:paid')).toMatchObject({ data: { ordersCount: { count: 1 } } });
  expect(await count('phone:+55')).toMatchObject({
    errors: [{ message: expect.stringContaining('cannot filter') }],
  });

  const page = `query Page($after: String) { orders(first: 2, after: $after, sortKey: UPDATED_AT,
    query: "updated_at:>'2026-11-01T12:00:00Z'") { nodes { id } pageInfo { hasNextPage endCursor } } }`;
  const seen: string[] = [];
  let after: string | null = null;
  for (let more = true; more;) {
    const { body } = await ask(stage, token, page, { after });
    const { orders } = body['data'] as {
      orders: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
    seen.push(...orders.nodes.map(({ id }) => id));
    ({ hasNextPage: more, endCursor: after } = orders.pageInfo);
  }
  expect(seen).toEqual([2, 3, 4, 5].map((id) => `gid://shopify/Order/${id}`));
});

test('denies orders to a shop that did not grant them', async () => {
  const stage = await start({ scopes: ['read_products'] });
  const { body } = await ask(stage, await signedIn(stage), '{ ordersCount { count } }');
  expect(body['errors']).toMatchObject([{ extensions: { code: 'ACCESS_DENIED' } }]);
});
