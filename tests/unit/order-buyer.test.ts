import { expect, test } from 'vitest';
import { CONSENT_ATTRIBUTE, readOrder } from '../../app/domain/order.ts';
import { shopifyAddress, shopifyCustomer, shopifyOrder } from '../builders/shopify.ts';

type Json = Record<string, unknown>;

function read(fields: Json = {}) {
  const result = readOrder(JSON.stringify(shopifyOrder(fields)));
  if (result.kind !== 'order') throw new Error(JSON.stringify(result));
  return result.order;
}

test('a person is who the parcel is for, else who pays, else the customer', () => {
  const shipping_address = shopifyAddress({ first_name: 'Ana', city: 'Recife', zip: '50010-000' });
  expect(read({ shipping_address }).person).toMatchObject({ firstName: 'Ana', city: 'Recife' });
  expect(
    read({ shipping_address: null, billing_address: shopifyAddress({ city: 'Olinda' }) }).person.city,
  ).toBe('Olinda');
  const nowhere = { shipping_address: null, billing_address: null };
  const customer = shopifyCustomer({ first_name: 'Bia', last_name: null, default_address: null });
  expect(read({ ...nowhere, customer })).toMatchObject({
    person: { firstName: 'Bia', lastName: null, city: null, state: null, postcode: null, country: null },
    region: { country: null, state: null },
  });
  expect(read({ ...nowhere, customer: shopifyCustomer() }).person.postcode).toBe('01310-100');
});

test('city, state and country are always of one place', () => {
  const shipping_address = shopifyAddress({ city: null, province: null, province_code: null });
  const billing_address = shopifyAddress({ city: 'Lima', province_code: 'LIM', country_code: 'PE' });
  expect(read({ shipping_address, billing_address })).toMatchObject({
    person: { city: null, state: null, country: 'BR' },
    region: { country: 'BR', state: null },
  });
});

test.each([
  ['US', 'Illinois', 'IL', 'IL'],
  ['CA', 'Ontario', 'ON', 'ON'],
  ['US', 'Illinois', null, null],
  ['DE', 'Bayern', 'BY', 'Bayern'],
  ['AU', null, 'NSW', 'NSW'],
])('in %s the state %s (%s) is known to Meta as %s', (country_code, province, province_code, state) => {
  const order = read({ shipping_address: shopifyAddress({ country_code, province, province_code }) });
  expect(order.person.state).toBe(state);
  expect(order.region).toEqual({ country: country_code, state: province_code });
});

test.each([
  ['/products/camiseta?utm_source=whatsapp&email=maria@example.com#top', '/products/camiseta'],
  ['/en-ca/collections/novo/products/caf%C3%A9', '/en-ca/collections/novo/products/caf%C3%A9'],
  ['/blogs/news/winter', '/blogs/news/winter'],
  ['/', '/'],
  ['?fbclid=x', '/'],
  ['/cart/c/hWN1aBcDeF?key=abc', '/'],
  ['/checkouts/cn/Z2NwLXVzLWVhc3QxOjAx', '/'],
  ['/account/activate/12345/abcdef', '/'],
  ['/apps/tieback/k7Qx9mB2k7Qx9mB2', '/'],
  ['/100000000/orders/aaaabbbbccccddddeeeeffff00001111', '/'],
  ['//evil.example/products/x', '/'],
  ['products/x', '/'],
  [null, '/'],
])('the landing site %s is told as the page %s of the shop', (landing_site, path) => {
  expect(read({ landing_site }).browser?.page).toBe(`https://loja.example.com${path}`);
});

test('the page is of the shop that was visited, else of the one that shows the order', () => {
  const landing_site = 'https://outra.example.com/pages/sobre?x=1';
  expect(read({ landing_site }).browser?.page).toBe('https://outra.example.com/pages/sobre');
  expect(read({ landing_site, order_status_url: null }).browser?.page).toBe(
    'https://outra.example.com/pages/sobre',
  );
  expect(read({ order_status_url: null }).browser).toBeNull();
  expect(read({ order_status_url: 'javascript:alert(1)' }).browser).toBeNull();
});

test('the browser is that of the checkout, and at a point of sale there is none', () => {
  expect(read({ client_details: null }).browser).toBeNull();
  expect(read({ client_details: { user_agent: null, browser_ip: '203.0.113.24' } }).browser).toBeNull();
  const v6 = { user_agent: 'Mozilla/5.0', browser_ip: '2001:db8::1' };
  expect(read({ client_details: v6 }).browser?.ip).toBe('2001:db8::1');
  const without = { client_details: { user_agent: 'Mozilla/5.0' }, browser_ip: '203.0.113.9' };
  expect(read(without).browser?.ip).toBe('203.0.113.9');
  expect(read({ ...without, browser_ip: 'unknown' }).browser?.ip).toBeNull();
  const odd = { client_details: { user_agent: 'Mozilla/5.0', browser_ip: '203.0.113.24, 10.0.0.1' } };
  expect(read({ ...odd, browser_ip: '203.0.113.9' }).browser?.ip).toBe('203.0.113.9');
});

test.each([
  ['/?fbclid=IwAR2F4-dbP0l7Mn1IawQQ_aem_x', 'fb.1.1795008151000.IwAR2F4-dbP0l7Mn1IawQQ_aem_x'],
  ['/products/a?utm_source=x&fbclid=IwAR2F4#top', 'fb.1.1795008151000.IwAR2F4'],
  ['/?fbclid=', null],
  ['/?fbclid=a%20b', null],
  ['/?gclid=IwAR2F4', null],
])('the ad click of %s is %s', (landing_site, fbc) => {
  expect(read({ landing_site }).browser?.fbc).toBe(fbc);
});

test.each([
  [[{ name: CONSENT_ATTRIBUTE, value: 'denied' }], 'denied'],
  [[{ name: CONSENT_ATTRIBUTE, value: 'granted' }], 'granted'],
  [[{ name: '_tieback_consent', value: ' No ' }], 'denied'],
  [[{ name: 'tieback_consent', value: 'TRUE' }], 'granted'],
  [[{ name: 'tieback_consent', value: 'yes' }, null, { name: '_tieback_consent', value: 'false' }], 'denied'],
  [[{ name: CONSENT_ATTRIBUTE, value: 'perhaps' }], null],
  [[{ name: 'consent', value: 'denied' }], null],
  [[], null],
])('the note attributes %j say %s', (note_attributes, consent) => {
  expect(read({ note_attributes }).consent).toBe(consent);
});
