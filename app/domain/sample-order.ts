import { readOrderBody, type Order } from './order.ts';

/** An order that nobody placed, for a shop that wants to see what Meta is told before it has one. */
export function sampleOrder(currency = 'USD'): Order {
  const money = (amount: string) => {
    const one = { amount, currency_code: currency };
    return { shop_money: one, presentment_money: one };
  };
  const read = readOrderBody({
    id: 1000000000001,
    name: '#1001',
    created_at: '2026-01-15T12:00:00Z',
    financial_status: 'paid',
    source_name: 'web',
    checkout_token: '00000000000000000000000000000000',
    currency,
    total_price: '120.00',
    total_price_set: money('120.00'),
    subtotal_price_set: money('100.00'),
    total_shipping_price_set: money('10.00'),
    total_tax_set: money('10.00'),
    email: 'alex@example.com',
    customer: { id: 1000000000002, first_name: 'Alex', last_name: 'Example' },
    shipping_address: {
      first_name: 'Alex',
      last_name: 'Example',
      phone: '+1 202 555 0143',
      city: 'Springfield',
      province_code: 'IL',
      zip: '62701',
      country_code: 'US',
    },
    client_details: { user_agent: 'Mozilla/5.0 (an example)', browser_ip: '203.0.113.24' },
    order_status_url: 'https://shop.example.com/orders/1001',
    landing_site: '/products/example',
    line_items: [{ variant_id: 1000000000003, product_id: 1000000000004, quantity: 2, price: '50.00' }],
  });
  if (read.kind === 'unreadable') throw new RangeError(read.problem);
  return read.order;
}
